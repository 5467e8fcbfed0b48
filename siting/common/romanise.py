"""Names that a study gives in Chinese only → pinyin, so that an English reader can say and search them."""

from __future__ import annotations

import re
from functools import cache

HAN = re.compile("[\u3400-\u9fff]+")

KIND = re.compile(
    "(高速公路|高速|公路|连接线|大道|大街|开发区|工业园|园区|水库|地块|街道|道路|[县镇乡村路街厂]"
    "|(?:股份|集团)*有限(?:责任)?公司|公司)$"
)
"""Ends of names that say what a thing is: written apart, as on road signs (GB 17733)."""
WORDS = re.compile("有限|责任|股份|集团|公司|.+")
LONGEST_WORD = 6
"""Syllables that are joined to a word; where words end in a longer run only a dictionary could tell."""

MARKS = str.maketrans("（）／，、·：", "()/,, :")


@cache
def romanised(name: str) -> str:
    """Write the Chinese of a name in pinyin without tones; empty where it has none.

    >>> romanised("宝平公路"), romanised("西安路（支线）"), romanised("S1")
    ('Baoping Gonglu', "Xi'an Lu (Zhixian)", '')
    """
    if not HAN.search(name):
        return ""
    spelt = HAN.sub(lambda run: f" {_spelt(run[0])} ", name.translate(MARKS))
    tight = re.sub(r" *([/—–×-]) *|(?<=\() +| +(?=[),])", r"\1", spelt)
    return re.sub(" +", " ", tight).strip()


def _spelt(run: str) -> str:
    head, kind, _ = [*KIND.split(run), "", ""][:3]
    return " ".join(_joined(part) for part in (head, *WORDS.findall(kind)) if part)


def _joined(part: str) -> str:
    """Join syllables; one that begins with a vowel is set off, since it would be read with the one before."""
    from pypinyin import lazy_pinyin

    first, *others = lazy_pinyin(part)
    if len(part) > LONGEST_WORD:
        return " ".join([first, *others]).capitalize()
    return "".join([first, *(f"'{s}" if s[0] in "aoe" else s for s in others)]).capitalize()
