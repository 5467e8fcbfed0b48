"""The bytes of a file that somebody names: a regular file of bounded size, nothing else.

A pipe or a device never ends, and an address or a network path would be asked of another computer.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path

MOST_MB = 32
"""Size up to which a small file of a study (scenario, outline, context) is read."""


def is_elsewhere(name: str) -> bool:
    """Tell whether a name leads off this computer, or into a file system of GDAL's."""
    return "://" in name or name.startswith(("/vsi", "//", "\\\\"))


def file_bytes(path: Path, most_mb: int = MOST_MB) -> bytes:
    """Read a file whole.

    Raises
    ------
    OSError
        There is none, it is no regular file, or it is larger than `most_mb`.
    """
    if is_elsewhere(str(path)):
        raise OSError(errno.EINVAL, "an address, not a file on this computer")
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "no regular file")
    if found.st_size > most_mb * 2**20:
        raise OSError(errno.EFBIG, f"larger than {most_mb} MB")
    return path.read_bytes()
