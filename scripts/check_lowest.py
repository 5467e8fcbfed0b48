"""Declared lower bounds → an environment that holds just them → the tests that touch every dependency.

``python scripts/check_lowest.py [arguments for pytest]``; with none, ``CHOSEN`` is run. The package index is
the one that pip or uv is set up for. The environment lies in ``build/lowest`` and is made anew each time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import go  # noqa: E402

go.PYTHON = Path(sys.executable)  # whose pip tells the package index; this may run outside .venv
VENV = ROOT / "build" / "lowest"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST_PYTHON = "3.11"
CHOSEN = (
    "tests/inputs",
    "tests/analysis",
    "tests/scenario",
    "tests/study",
    "tests/outputs",
    "tests/test_cli.py",
    "tests/test_data.py",
)
"""What reads, computes and writes; the page needs a browser, which has no lower bound."""


def install() -> None:
    """Make the environment with the lowest version that each requirement allows."""
    uv = [sys.executable, "-m", "uv"]
    env = go.uv_environment()
    go.call(*uv, "venv", "-q", "--clear", "--python", OLDEST_PYTHON, VENV, env=env)
    lowest = ["--resolution", "lowest-direct", "--python", PYTHON]
    go.call(*uv, "pip", "install", *lowest, f"{ROOT}[test]", env=env)


def main(arguments: list[str]) -> int:
    """Install, run the tests and return their exit code."""
    install()
    # Old packages warn about new neighbours; that is theirs to mend, and no reason to raise a bound.
    command = [PYTHON, "-m", "pytest", "-m", "not browser", "-W", "default", *(arguments or CHOSEN)]
    return subprocess.run([str(part) for part in command], check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
