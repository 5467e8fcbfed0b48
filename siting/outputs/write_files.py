"""Bytes → files in one folder: each whole or untouched.

All files of a run are first written beside their targets under temporary names and flushed to the disk, then
renamed into place: a full disk or an interruption leaves the outputs of the last run as they were.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from siting.messages import refusal, text_of
from siting.scenario.toml_files import RESERVED_NAME
from siting.types import OutputError, SitingError

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST_NAME = 100
WHAT = {"output folder": "P101", "output file": "P102", "name of the study": "P103", "name": "P104"}
"""What a name may stand for → code of the words."""


def to_json(value: object) -> bytes:
    """Return readable JSON, UTF-8; values that JSON lacks (inf, NaN) are refused."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def check_folder(folder: Path) -> None:
    """Refuse an output folder that cannot be written to, before any computation; leave nothing behind.

    Raises
    ------
    InputError
        A part of the path is no name that Windows, macOS and Linux all take.
    OutputError
        The path is a file, or its nearest existing folder lets nothing be written.
    """
    for part in folder.parts[1 if folder.anchor else 0 :]:
        if part not in (".", ".."):
            check_name(part, "output folder")
    nearest = next(parent for parent in (folder, *folder.absolute().parents) if os.path.lexists(parent))
    if not nearest.is_dir():
        raise refusal(nearest.name, "E680", kind=OutputError)
    probe = nearest / _temporary("probe")
    try:
        _write(probe, b"")
    except OSError as error:
        raise _explained(error, nearest.name or str(nearest)) from error
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def check_name(name: str, what: str) -> None:
    """Refuse a file or folder name that some system does not take.

    Raises
    ------
    InputError
        Names the fault.
    """
    faults = (
        (not name.strip(), "P105"),
        (bool(_FORBIDDEN.search(name)), "P106"),
        (bool(RESERVED_NAME.fullmatch(name)), "P15"),
        (name != name.rstrip(". "), "P107"),
        (len(name) > _LONGEST_NAME, "P108"),
    )
    for wrong, code in faults:
        if wrong:
            fault = text_of(code, limit=_LONGEST_NAME)
            raise refusal("", "E681", what=text_of(WHAT[what]), name=name[:80], fault=fault)


def write_file(path: Path, content: bytes) -> None:
    """Write one file whole or not at all.

    Raises
    ------
    OutputError
    """
    write_files(path.parent, {path.name: content})


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files into a folder, each whole or not at all, the last one last.

    Parameters
    ----------
    folder : made if it is not there
    contents : bytes by file name, no folders in the names

    Raises
    ------
    InputError
        A name is none that every system takes.
    OutputError
        Full disk, no permission, or a file that another program holds open.
    """
    for name in contents:
        check_name(name, "output file")
    _try(lambda: folder.mkdir(parents=True, exist_ok=True), folder.name)
    staged = {name: folder / _temporary(name) for name in contents}
    try:
        for name, content in contents.items():
            _try(partial(_write, staged[name], content), name)
        for name in contents:
            _try(partial(os.replace, staged[name], folder / name), name)
    finally:
        for path in staged.values():
            with contextlib.suppress(OSError):
                path.unlink()


def _temporary(name: str) -> str:
    """Return a name of this process beside the target: two runs at once do not meet in one file."""
    return f".{name[:_LONGEST_NAME]}.{os.getpid()}.part"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _try(action: Callable[[], object], name: str) -> None:
    try:
        action()
    except OSError as error:
        raise _explained(error, name) from error


def _explained(error: OSError, name: str) -> SitingError:
    if isinstance(error, PermissionError):
        code = "E682"
    elif isinstance(error, FileExistsError | NotADirectoryError):
        code = "E683"
    elif isinstance(error, IsADirectoryError):
        code = "E684"
    elif error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)):
        code = "E685"
    else:
        code = "E686"
    return refusal(name, code, kind=OutputError, reason=error.strerror or error)
