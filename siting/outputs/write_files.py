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

from siting.scenario.toml_files import RESERVED_NAME
from siting.types import InputError

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST_NAME = 100


class OutputError(OSError):
    """An output cannot be written; the text names it and says what to do."""


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
        raise OutputError(f"{nearest.name}: is a file, not a folder; name another output folder with --out")
    probe = nearest / _temporary("probe")
    try:
        _write(probe, b"")
    except OSError as error:
        raise OutputError(_explain(error, nearest.name or str(nearest))) from error
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
        (not name.strip(), "empty"),
        (bool(_FORBIDDEN.search(name)), 'a name with one of < > : " / \\ | ? * or a control character'),
        (bool(RESERVED_NAME.fullmatch(name)), "a name that Windows reserves"),
        (name != name.rstrip(". "), "a name that ends in a dot or a blank"),
        (len(name) > _LONGEST_NAME, f"longer than {_LONGEST_NAME} characters"),
    )
    for wrong, fault in faults:
        if wrong:
            raise InputError(f"{what}: {name[:80]!r} is {fault}; choose another name")


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
        raise OutputError(_explain(error, name)) from error


def _explain(error: OSError, name: str) -> str:
    if isinstance(error, PermissionError):
        cause = "cannot be written; if it is open in Excel, WPS or a browser, close it there and run again"
    elif isinstance(error, FileExistsError | NotADirectoryError):
        cause = "a file stands where the output folder should be; name another folder with --out"
    elif isinstance(error, IsADirectoryError):
        cause = "a folder of this name stands where the file should be; move it away and run again"
    elif error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)):
        cause = "the disk is full; free some space and run again. Outputs of earlier runs are as they were"
    else:
        cause = f"cannot be written: {error.strerror or error}"
    return f"{name}: {cause}"
