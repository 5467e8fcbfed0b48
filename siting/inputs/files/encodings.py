"""Bytes of a text file → its physical lines: byte-order mark, then UTF-8, then GB18030, each strict."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

import numpy as np

from siting.inputs.files.raw import refuse

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f\x7f]")
_UTF8_CHINESE = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")


def decode(data: bytes, file: str) -> tuple[str, Iterator[str]]:
    """Settle the encoding and give the physical lines; lines in another encoding come with U+FFFD in them.

    Byte-order mark, then UTF-8, then GB18030, each strict; no guessing by statistics. Where two exports were
    glued together, the encoding of most lines counts and the other lines are marked as lost.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            while name == "utf-8-sig" and data.startswith(mark):  # joined exports have one each
                data = data[len(mark) :]
            if name == "utf-8-sig":
                return name, _lines(data, "utf-8", errors="replace")
            return name, _wide_lines(data, name, file)
    if wide := _unmarked_utf16(data):
        return wide, _wide_lines(data, wide, file)
    if len(_CONTROL.findall(data[:65536])) > min(len(data), 65536) // 100 + 8:
        refuse(file, "E512")
    if _decodes(data, "utf-8"):
        return "utf-8", _lines(data, "utf-8")
    if _decodes(data, "gb18030") and not holds_utf8(data):
        return "gb18030", _lines(data, "gb18030")
    main = _main_encoding(data)
    return main, _mixed_lines(data, main)


def _lines(data: bytes, encoding: str, errors: str = "strict") -> Iterator[str]:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors=errors, newline="")


def _wide_lines(data: bytes, encoding: str, file: str) -> Iterator[str]:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        refuse(file, "E513", encoding=encoding, at=error.start + 1)
    return io.StringIO(text.lstrip("\ufeff"), newline="")


def _unmarked_utf16(data: bytes) -> str | None:
    """Recognise UTF-16 without a mark by the zero byte beside each separator, digit and line end."""
    sample = np.frombuffer(data[: 4096 * 2 // 2 * 2], dtype=np.uint8)
    pairs = sample[: len(sample) // 2 * 2].reshape(-1, 2)
    if len(data) % 2 or not len(pairs):
        return None
    low, high = (pairs == 0).mean(axis=0)  # 一 is U+4E00: a zero byte on the other side, now and then
    if high > 0.1 and low < high / 5:
        return "utf-16-le"
    return "utf-16-be" if low > 0.1 and high < low / 5 else None


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    step = 1 << 20
    try:
        for start in range(0, len(data), step):
            decoder.decode(view[start : start + step], final=start + step >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def holds_utf8(data: bytes) -> bool:
    """Tell whether two Chinese characters in UTF-8 stand side by side anywhere."""
    step = 1 << 22
    for start in range(0, len(data), step):
        piece = np.frombuffer(data[start : start + step + 5], dtype=np.uint8)
        lead, trail = (piece >= 0xE3) & (piece <= 0xE9), (piece >= 0x80) & (piece <= 0xBF)
        one = lead[:-2] & trail[1:-1] & trail[2:]
        if (one[:-3] & one[3:]).any():
            return True
    return False


def is_garbled(lines: list[str], encoding: str) -> bool:
    """Tell text that decodes but makes no sense; English headings do not betray it as Chinese ones do.

    Big5 and Shift-JIS decode as GB18030: then most characters are not in GB 2312. Text decoded wrongly and
    saved as UTF-8 becomes Chinese when the step is undone.
    """
    foreign = "".join(character for line in lines for character in line if not character.isascii())
    if encoding == "gb18030" and len(foreign.encode("gb2312", "ignore")) / 2 < len(foreign) / 2:
        return True
    letters = re.sub("[^\u3400-\u9fff\ue000-\uf8ff]", "", foreign)
    if letters:
        return _is_chinese(letters, "gb18030", "utf-8", 0.33)
    wrong = (("cp1252", "utf-8", 0.17), ("latin-1", "utf-8", 0.17), ("latin-1", "gb18030", 0.25))
    return any(_is_chinese(foreign, *way) for way in wrong)


def _is_chinese(foreign: str, taken_for: str, meant: str, share: float) -> bool:
    """Tell whether characters read in one encoding are Chinese when read in the one meant.

    ``share`` is half of the characters that sound text would give back for each of the wrong ones.
    """
    undone = foreign.encode(taken_for, "ignore").decode(meant, "ignore")
    chinese = len(re.findall("[\u4e00-\u9fff]", undone))
    return chinese >= max(2, share * len(foreign))


def _main_encoding(data: bytes) -> str:
    """Return the encoding of most lines with Chinese in them."""
    votes = {"utf-8": 0, "gb18030": 0}
    for line in data.splitlines():
        if not line.isascii():
            name = next((name for name in votes if _decodes(line, name)), None)
            if name:
                votes[name] += 1
    return "utf-8" if votes["utf-8"] >= votes["gb18030"] else "gb18030"


def _mixed_lines(data: bytes, main: str) -> Iterator[str]:
    """Decode line by line; a line that is not `main`, or that is Chinese in UTF-8 as well, is marked lost."""
    for line in data.splitlines(keepends=True):
        try:
            text = line.decode(main)
            if main == "gb18030" and _UTF8_CHINESE.search(line) and _decodes(line, "utf-8"):
                text = line.decode("ascii", "replace")
        except UnicodeDecodeError:
            text = line.decode("ascii", "replace")
        yield text
