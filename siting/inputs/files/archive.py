"""Archives → their parts, behind a check of the directory before anything is unpacked; nothing is written."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, NoReturn, Protocol
from xml.parsers import expat

from siting.inputs.files.raw import refuse
from siting.types import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_UNPACKED_MB = 256
MAX_RATIO = 100
"""Largest compression of one part, as Apache POI has it."""
RATIO_COUNTS_MB = 20
"""Size of a part from which its compression is looked at: thousands of equal styles pack 200 : 1."""
MAX_MEMBERS = 100_000
"""A picture beside every firm makes three parts a row."""
MAX_SMALL_PART_MB = 16

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)


class Reader(Protocol):
    """What `Parts.stream` hands the pieces of a part to."""

    def root(self, prefix: str) -> None:
        """Learn the prefix of the names from the root element."""

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Open an element."""

    def end(self, name: str) -> None:
        """Close an element."""

    def text(self, piece: str) -> None:
        """Keep a piece of text."""


class Enough(Exception):  # noqa: N818
    """What was wanted of a part is in; the rest need not be parsed."""


def open_archive(data: bytes, file: str) -> Parts:
    """Open an archive after a look at its directory: sizes, ratios, names; nothing is unpacked."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _BROKEN:
        refuse(file, "E540")
    members = archive.infolist()
    total_mb = sum(member.file_size for member in members if not _is_picture(member)) / 2**20
    if len(members) > MAX_MEMBERS:
        refuse(file, "E541", count=len(members), limit=MAX_MEMBERS)
    if total_mb > MAX_UNPACKED_MB:
        refuse(file, "E542", size=f"{total_mb:.0f}", limit=MAX_UNPACKED_MB)
    parts: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = member.filename.replace("\\", "/")
        size = member.file_size
        if size > RATIO_COUNTS_MB * 2**20 and size > MAX_RATIO * member.compress_size:
            refuse(file, "E543", part=name[:60], limit=MAX_RATIO)
        if member.flag_bits & 1:
            refuse(file, "E520")
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            refuse(file, "E544", part=name[:60])
        if name in parts:
            refuse(file, "E545", part=name[:60])
        parts[name] = member
    return Parts(archive, file, parts)


def _is_picture(member: zipfile.ZipInfo) -> bool:
    """Tell whether a part is a picture of a workbook, which is never unpacked."""
    return "/media/" in member.filename.replace("\\", "/").lower()


@dataclass(slots=True)
class Parts:
    """The parts of an archive that passed the check, read within the sizes it declares."""

    archive: zipfile.ZipFile
    file: str
    members: Mapping[str, zipfile.ZipInfo]
    """By name, with slashes whatever the program wrote that packed them."""
    _folded: dict[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        """List the parts that are files."""
        return [name for name in self.members if not name.endswith("/")]

    def find(self, name: str) -> str | None:
        """Give the name under which a part stands; Office does not tell capitals from small letters."""
        if name in self.members:
            return name
        if not self._folded:
            self._folded.update({own.lower(): own for own in reversed(self.names())})
        return self._folded.get(name.lower())

    def read(self, name: str) -> bytes:
        """Read a part whole; its checksum tells a lying directory."""
        try:
            return self.archive.read(self.members[name])
        except _BROKEN:
            self.damaged(name)

    def head(self, name: str, size: int) -> bytes:
        """Read the beginning of a part; its checksum is not looked at."""
        try:
            with self.archive.open(self.members[name]) as part:
                return part.read(size)
        except _BROKEN:
            self.damaged(name)

    def damaged(self, name: str) -> NoReturn:
        """Refuse the file for one broken part."""
        refuse(self.file, "E546", part=name[:60])

    def declares_entities(self, name: str) -> NoReturn:
        """Refuse the file for a part with a document type, where entities are declared."""
        refuse(self.file, "E547", part=name[:60])

    def tree(self, name: str) -> Element:
        """Parse a small part; document types, and with them entities, are refused."""
        from defusedxml import DefusedXmlException, ElementTree

        content = self.read(name)
        if len(content) > MAX_SMALL_PART_MB * 2**20:
            refuse(self.file, "E548", part=name[:60], limit=MAX_SMALL_PART_MB)
        try:
            return ElementTree.fromstring(content, forbid_dtd=True)
        except DefusedXmlException:
            self.declares_entities(name)
        except (ElementTree.ParseError, LookupError, ValueError):
            self.damaged(name)

    def stream(self, name: str, reader: Reader) -> None:
        """Run `reader`'s ``root``, ``start``, ``end`` and ``text`` over a part, a piece at a time."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = lambda *_: self.declares_entities(name)
        parser.EndElementHandler, parser.CharacterDataHandler = reader.end, reader.text

        def root(tag: str, attributes: dict[str, str]) -> None:
            reader.root(tag[: -len(tag.rpartition(":")[2])])
            parser.StartElementHandler = reader.start
            reader.start(tag, attributes)

        parser.StartElementHandler = root
        try:
            with self.archive.open(self.members[name]) as part:
                while piece := part.read(1 << 18):
                    parser.Parse(piece)
                parser.Parse(b"", True)
        except (Enough, InputError) as error:
            if isinstance(error, InputError):
                raise
        except (expat.ExpatError, *_BROKEN):
            self.damaged(name)
