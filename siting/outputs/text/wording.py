"""Every word that an official sees, from one table (`wording.csv`), and numbers as written.

Chinese follows the usage of feasibility studies and site selection reports (选址论证).
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache, wraps
from importlib.resources import files
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from siting.common.romanise import romanised

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.demand.demand_kinds import Served
    from siting.study.evaluation import Evaluation
    from siting.types import Language

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound="Evaluation | Mapping[str, Evaluation]")

LANGUAGES: tuple[Language, ...] = ("zh", "en")

FORMS: dict[str, str] = {"share": "share", "h/a": "hours", "min": "minutes", "10^4 CNY": "wan", "万元": "wan"}
"""Unit of a criterion → the way its raw value is written."""

BASES = ("sourced", "curated", "assumed", "unstated", "illustrative")
"""What a row may rest on, the firmest first; ``unstated`` where the table says nothing."""


Slots = tuple[tuple[str, str, str], ...]
"""Place to fill in a table of words (``<name>``), Chinese and English word."""
Speech = tuple["Served", Slots, Slots]
"""Whom a study serves, its own words for what it sites (none: those of a testing centre), and the multiple
of today's demand that it is about (none: today's)."""

_SPEECH: ContextVar[Speech] = ContextVar("speech", default=("enterprises", (), ()))
"""How the study at hand calls rows of its register, gains, the facility and its demand."""


@contextmanager
def speaking_of(evaluation: Evaluation) -> Iterator[None]:
    """Word what is said inside for those whom the study serves, what it sites and the demand it is about."""
    scenario = evaluation.scenario
    facility = scenario.facility.words if scenario.facility else ()
    times = f"{Decimal(str(scenario.demand.multiple)).normalize():f}"
    multiple = () if times == "1" else (("multiple", times, times),)
    before = _SPEECH.set((scenario.demand.of, facility, multiple))
    try:
        yield
    finally:
        _SPEECH.reset(before)


def speaks(of: Callable[Concatenate[E, P], R]) -> Callable[Concatenate[E, P], R]:
    """Let a function of an evaluation, or of several, speak as `speaking_of`."""

    @wraps(of)
    def worded(evaluations: E, /, *args: P.args, **kwargs: P.kwargs) -> R:
        one = next(iter(evaluations.values())) if isinstance(evaluations, Mapping) else evaluations
        with speaking_of(one):
            return of(evaluations, *args, **kwargs)

    return worded


def words(lang: Language) -> dict[str, str]:
    """Return all templates of one language, by key, as the study at hand words them."""
    return _words(lang, _SPEECH.get())


@cache
def _words(lang: Language, speech: Speech) -> dict[str, str]:
    own = {key: texts[lang] for key, texts in _own_words(speech).items()}
    found = {row["key"]: row[lang] for row in _rows("wording.csv")}
    return {key: own.get(key, text) for key, text in found.items()}


def own_words() -> dict[str, dict[Language, str]]:
    """Return what the study at hand calls otherwise, by key and language."""
    return _own_words(_SPEECH.get())


@cache
def _own_words(speech: Speech) -> dict[str, dict[Language, str]]:
    served, facility, multiple = speech
    return {
        **filled_words("facility_words.csv", facility),
        **filled_words("multiple_words.csv", multiple),
        **served_words(served),
    }


def filled_words(file: str, slots: Slots) -> dict[str, dict[Language, str]]:
    """Return the words of a table with its places filled, by key and language; none without slots."""
    found: dict[str, dict[Language, str]] = {}
    for row in _rows(file) if slots else ():
        zh, en = row["zh"], row["en"]
        for slot, own_zh, own_en in slots:
            zh, en = zh.replace(f"<{slot}>", own_zh), en.replace(f"<{slot}>", own_en)
        found[row["key"]] = {"zh": zh, "en": en}
    return found


@cache
def served_words(served: Served) -> dict[str, dict[Language, str]]:
    """Return what a study of some is called otherwise than one of enterprises, by key and language."""
    rows = (row for row in _rows("served_words.csv") if row["served"] == served)
    return {row["key"]: {"zh": row["zh"], "en": row["en"]} for row in rows}


def _rows(file: str) -> Iterable[dict[str, str]]:
    table = files("siting.outputs.text").joinpath("words", file).read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(table))


def say(key: str, lang: Language, **values: object) -> str:
    """Fill one template; values are text already, so user text in them is never read as a template."""
    return fill(words(lang)[key], values)


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put `values` in the places of a template, as the live panel does."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), template)


def number(value: float | None, form: str, lang: Language) -> str:
    """Write a number with its unit: ``share, hours, minutes, wan, number``."""
    if value is None or math.isnan(value):
        return say("number.missing", lang)
    if math.isinf(value):
        return say("number.unreachable", lang)
    scaled = 100 * value if form == "share" else value
    digits = 0 if form in ("hours", "wan") or abs(scaled) >= 1000 else 1
    return say(f"number.{form}", lang, n=grouped(scaled, digits))


def grouped(value: float, digits: int = 0) -> str:
    """Write a number with separators of thousands, a true minus sign and no negative zero.

    >>> grouped(-1234.5, 1), grouped(-0.001)
    ('−1,234.5', '0')
    """
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")


def times_text(multiple: float) -> str:
    """Write a multiple with one decimal, or as many more as tell it from 0 and from 1.

    >>> times_text(2.486), times_text(0.0249), times_text(1.04), times_text(1.0)
    ('2.5', '0.02', '1.04', '1.0')
    """
    digits = next((n for n in (1, 2, 3) if round(multiple, n) not in (0, 1)), 1)
    return grouped(multiple, digits)


def amount(wan: float, lang: Language) -> str:
    """Write a sum of money without its sign: 万元, or million yuan in English."""
    text = grouped(abs(wan)) if lang == "zh" else grouped(abs(wan) / 100, 1)
    return say("number.amount", lang, n=text)


def points(value: float) -> str:
    """Write a score of 0..1 as points of 100."""
    return grouped(100 * value, 1)


def bilingual(zh: object, en: object = None) -> dict[str, str]:
    """Pair a text with its English; each stands in where the other is missing."""
    first = zh if isinstance(zh, str) else ""
    second = en if isinstance(en, str) else ""
    return {"zh": first or second, "en": second or first}


def named(zh: object, en: object = None) -> dict[str, str]:
    """Pair a name with its English; where none is given, pinyin stands beside the Chinese.

    >>> named("宝平公路")["en"], named("宝平公路", "Baoping Road")["en"], named("S1")["en"]
    ('宝平公路 (Baoping Gonglu)', 'Baoping Road', 'S1')
    """
    pair = bilingual(zh, en)
    spelt = "" if isinstance(en, str) and en else romanised(pair["zh"])
    return pair | {"en": f"{pair['zh']} ({spelt})"} if spelt else pair


def label(kind: str, key: str, lang: Language, stated: str = "") -> str:
    """Name of a group or condition; what a table states for one that `wording.csv` does not know."""
    return words(lang).get(f"{kind}.{key}", stated or key)


def criterion_label(criterion: str, lang: Language) -> str:
    """Name of a criterion, as its record says it."""
    from siting.analysis.decision.criteria import BY_ID

    record = BY_ID[criterion]
    return record.label_zh if lang == "zh" else record.label_en


def criterion_short(criterion: str, lang: Language) -> str:
    """Name of a criterion where there is little room."""
    from siting.analysis.decision.criteria import BY_ID

    record = BY_ID[criterion]
    return record.short_zh if lang == "zh" else record.short_en


def option_name(options: pd.DataFrame, option: str, lang: Language) -> str:
    """Name of an option in reports."""
    row = options.loc[option]
    return named(row["name"], row["name_en"])[lang]


def form_of(criterion: str) -> str:
    """Way the raw value of a criterion is written."""
    from siting.analysis.decision.criteria import BY_ID

    return FORMS.get(BY_ID[criterion].unit, "number")


def join(items: Iterable[str], lang: Language) -> str:
    """List items as one text."""
    return say("joiner", lang).join(items)
