"""A scenario's TOML text and anchors → the text with these anchors and what they were made for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from siting.scenario.model import AnchorsRecord
from siting.scenario.toml_files import to_toml, toml_lines

_HEADER = re.compile(r"\s*\[")
_ENTRY = re.compile(r"\s*\[\[\s*criteria\s*\]\]")
_RECORD = re.compile(r"\s*\[\s*anchors_record\s*\]")
_NAME = re.compile(r"""\s*name\s*=\s*["']([\w-]+)["']""")
_ANCHORS = re.compile(r"(\s*anchors\s*=\s*)\[[^\]]*\](.*)", re.DOTALL)


def with_anchors(text: str, anchors: Mapping[str, tuple[float, float]], record: AnchorsRecord) -> str:
    """Write anchors into a scenario's text; comments and all other lines stay.

    Entries of ``[[criteria]]`` that the text lacks (a base has them) are added at its end, with nothing but
    their name and anchors; ``[anchors_record]`` is replaced or added.

    Parameters
    ----------
    text : a valid scenario
    anchors : by criterion, the raw figures that score 0 and 1
    record : what the anchors were made for
    """
    blocks = _blocks(text)
    left, written = dict(anchors), []
    for block in blocks:
        if _RECORD.match(block[0]):
            continue
        name = next((found[1] for line in block if (found := _NAME.match(line))), None)
        if _ENTRY.match(block[0]) and name in left:
            block = _anchored(block, left.pop(name))
        written += block
    body = "".join(written).rstrip("\n") + "\n"
    for name, pair in left.items():
        body += f"\n[[criteria]]\nname = {to_toml(name)}\nanchors = {to_toml(pair)}\n"
    lines = toml_lines({key: value for key, value in record if key != "remade"})
    return body + "\n[anchors_record]\n" + "\n".join(lines) + "\n"


def _blocks(text: str) -> list[list[str]]:
    """Cut a text before each header; the first block has what stands above all headers."""
    blocks: list[list[str]] = [[""]]
    depth = 0
    for line in text.splitlines(keepends=True):
        if depth == 0 and _HEADER.match(line):
            blocks.append([])
        blocks[-1].append(line)
        code = line.partition("#")[0]
        # A list of several lines may hold lines that begin with a bracket.
        depth = max(0, depth + code.count("[") - code.count("]"))
    return blocks


def _anchored(block: list[str], pair: tuple[float, float]) -> list[str]:
    """Replace the anchors of one entry, or add them below its name."""
    pair_text = to_toml(pair)
    if any(_ANCHORS.match(line) for line in block):
        return [_ANCHORS.sub(lambda found: found[1] + pair_text + found[2], line) for line in block]
    at = next(i for i, line in enumerate(block) if _NAME.match(line)) + 1
    return [*block[:at], f"anchors = {pair_text}\n", *block[at:]]
