"""A command of `siting` that serves pages, started as a planner types it and stopped again."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

from tests.paths import ROOT

LONG_MS = 60_000
"""Milliseconds that a kernel or an evaluation may take on a slow machine; nothing waits that long else."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(folder, *command):
    """Give the address at which a command serves the study of a folder."""
    port = free_port()
    on_windows = sys.platform == "win32"
    group = subprocess.CREATE_NEW_PROCESS_GROUP if on_windows else 0
    process = subprocess.Popen(
        [sys.executable, "-m", "siting", *command, "--no-browser", f"--port={port}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=not on_windows,
        creationflags=group,
    )
    lines = []
    for line in process.stderr:
        lines.append(line)
        if f":{port}/" in line:
            break
    assert process.poll() is None, "".join(lines)
    try:
        yield f"http://localhost:{port}/"
    finally:
        if on_windows:
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            # A shell that runs the tests in the background has them ignore an interrupt.
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)
