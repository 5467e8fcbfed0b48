"""Bytes → files in one folder: all of them, or none.

All files of a run are first written beside their targets and flushed to the disk, then renamed into place,
the manifest last. No system renames a folder over another in one step, so a run that dies between two renames
leaves files of both: the next one to write there finishes it first.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from siting.messages import refusal, text_of
from siting.scenario.toml_files import RESERVED_NAME
from siting.types import OutputError, SitingError

if TYPE_CHECKING:
    from xlsxwriter import Workbook

_FIXED_DATE = datetime(2000, 1, 1)
"""Of a workbook, instead of today's, which xlsxwriter would put in."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST_NAME = 100
WHAT = {"output folder": "P101", "output file": "P102", "name of the study": "P103", "name": "P104"}
"""What a name may stand for → code of the words."""


def workbook_bytes(title: str, fill: Callable[[Workbook], None]) -> bytes:
    """Return an XLSX file; what is filled in alike gives the same bytes, and no text runs as a formula.

    Parameters
    ----------
    title : of the file
    fill : adds the sheets to a workbook of xlsxwriter

    Examples
    --------
    >>> workbook_bytes("x", lambda book: book.add_worksheet())[:2]
    b'PK'
    """
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": _FIXED_DATE, "title": title})
        fill(book)
    return stream.getvalue()


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
    """Write several files into a folder: all of them, or none.

    The files are first written whole beside their targets and listed; then they take their places one by
    one. What fails before the end puts the old files back; a process that dies in between is finished by
    whoever writes there next (`finish_interrupted`).

    Parameters
    ----------
    folder : made if it is not there
    contents : bytes by file name, or by path within the folder with ``/``

    Raises
    ------
    InputError
        A name is none that every system takes.
    OutputError
        Full disk, no permission, or a file that another program holds open.
    """
    _check_places(contents)
    _try(lambda: folder.mkdir(parents=True, exist_ok=True), folder.name)
    finish_interrupted(folder)
    # A name of its own for each write: another process may still be clearing away the one before.
    stage, taken = folder / _temporary("run", f"{os.getpid()}-{next(_WRITES)}"), 0
    try:
        for number, (name, content) in enumerate(contents.items()):
            _try(partial(_write, _made(stage / NEW) / str(number), content), name)
        _try(partial(_write, stage / LISTED, to_json(list(contents))), folder.name)
        for taken, name in enumerate(contents):
            _try(partial(_take_place, stage, taken, folder / name), name)
    except BaseException:
        _put_back(stage, [folder / name for name in contents], taken)
        raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def finish_interrupted(folder: Path) -> bool:
    """Put files into their places that a run had written whole when it died; tell whether there were any."""
    found = False
    for stage in sorted(folder.glob(_temporary("run", "*"))):
        names = _listed(stage)
        found |= any((stage / NEW / str(number)).exists() for number in range(len(names)))
        for number, name in enumerate(names):
            _try(partial(_take_place, stage, number, folder / name), name)
        if names:
            shutil.rmtree(stage, ignore_errors=True)
    return found


_WRITES = count(1)
"""Numbers the writes of this process."""

NEW, OLD, LISTED = "new", "old", "list.json"
"""Within the folder of a run that is being written: its files by number, those replaced, and their names.

Once the list is whole the run counts as written.
"""


def _listed(stage: Path) -> list[str]:
    """Names of the files that a run has written whole; none where it has not, or writes at this moment."""
    try:
        names: list[str] = json.loads((stage / LISTED).read_text(encoding="utf-8"))
        _check_places(names)
    except (OSError, ValueError, AttributeError, TypeError):
        return []
    return names


def _check_places(places: Iterable[str]) -> None:
    for place in places:
        for part in place.split("/"):
            check_name(part, "output file")


def _take_place(stage: Path, number: int, target: Path) -> None:
    """Move a new file into its place and keep the old one; done already where a run beside did it."""
    new = stage / NEW / str(number)
    if not new.exists():
        return
    _made(target.parent)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    _keep(target, _made(stage / OLD) / str(number))
    with contextlib.suppress(FileNotFoundError):
        new.replace(target)


def _keep(target: Path, kept: Path) -> None:
    """Keep the old file under a second name, so that at no moment its place is empty."""
    if kept.exists() or not target.exists():
        return
    try:
        os.link(target, kept)
    except (FileNotFoundError, FileExistsError):
        # A run beside keeps it too, or has finished this one and cleared it away.
        return
    except OSError:
        # No second names on this disk, as on a memory stick.
        shutil.copyfile(target, kept)


def _put_back(stage: Path, targets: Iterable[Path], taken: int) -> None:
    """Undo what was moved: old files back into their places, the first `taken` new ones away."""
    with contextlib.suppress(OSError):
        (stage / LISTED).unlink()
    for number, target in enumerate(targets):
        with contextlib.suppress(OSError):
            if (stage / OLD / str(number)).exists():
                (stage / OLD / str(number)).replace(target)
            elif number < taken:
                target.unlink()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _temporary(name: str, process: int | str | None = None) -> str:
    """Return a name of this process beside the target: two runs at once do not meet in one file."""
    return f".{name[:_LONGEST_NAME]}.{process or os.getpid()}.part"


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
