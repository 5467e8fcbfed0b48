"""Questions on a study's own ranges → what a person is asked for weights, in both languages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.analysis.decision.criteria import BY_ID, GROUP_OF
from siting.analysis.decision.swing import value_gained
from siting.messages import Text
from siting.outputs.text.wording import (
    LANGUAGES,
    criterion_label,
    form_of,
    grouped,
    join,
    label,
    option_name,
    say,
)

if TYPE_CHECKING:
    from siting.study.weighting import Contest, Questions
    from siting.types import Language

CHECK = "check"
"""Item of the trade-off that is asked directly."""

ALONE = {"swing": "100", "direct": "100", "ranked": "1"}
"""Answer, by method, of what has nothing beside it to be compared with."""

HEADER = ("department", "who", "given_on", "before_results")
"""Items on the person, asked before all others; the last takes yes or no."""


NARROW = 0.05
"""Share of the anchors below which a range is called narrow: people tend to judge the name, not the range."""


@dataclass(frozen=True)
class Question:
    """One thing asked."""

    item: str
    """Group, criterion, `CHECK` or one of `HEADER`."""
    text: Text
    level: str
    """Answers of one level are compared with one another: ``groups``, or the group of a criterion."""
    unit: Text
    ends: tuple[float, float] | None = None
    """Worst and best figure of the range, as shown."""
    settled: str = ""
    """The answer where it is not asked: alone in its level, or no matter of the person's."""


def questions_of(asked: Questions, found: Contest, *, method: str, blind: bool) -> list[Question]:
    """Word all questions: the person, the groups, the criteria within each, and the cross-check.

    Parameters
    ----------
    asked, found : from `siting.study.weighting`
    method : ``swing``, ``ranked`` or ``direct``
    blind : leave out which sites stand at the ends of a range
    """
    steps = {name: _step(name, asked, None if blind else found) for name in asked.ranges.index}
    rows = [Question(item, _both(f"weigh.header.{item}"), "", Text("", "")) for item in HEADER]
    unit = _both(f"weigh.unit.{method}")
    alone = ALONE[method]
    of_groups = alone if len(asked.groups) == 1 else ""
    for group in asked.groups:
        text = _group_text(group, steps, asked)
        rows.append(Question(group, text, "groups", unit, settled=of_groups))
    rows += list(_criteria(asked, steps, unit, alone))
    if asked.check is not None and method != "direct":
        first, second = asked.check
        text = _both("weigh.check", step=steps[first], second=_name(second), unit=_unit(second))
        rows.append(Question(CHECK, text, CHECK, _unit(second)))
    kept = {"method": method, "blind": "yes" if blind else "no", "study": found.scenario.name}
    kept["pair"] = " ".join(asked.check or ())
    nothing = Text("", "")
    rows += [Question(i, _both(f"weigh.settled.{i}"), "", nothing, None, text) for i, text in kept.items()]
    return rows


def _criteria(asked: Questions, steps: Mapping[str, Text], unit: Text, alone: str) -> Iterator[Question]:
    ordered = sorted(asked.ranges.index, key=lambda name: asked.groups.index(GROUP_OF[name]))
    for name in ordered:
        beside = [other for other in ordered if GROUP_OF[other] == GROUP_OF[name]]
        row = asked.ranges.loc[name]
        ends = float(row["worst"]), float(row["best"])
        text = _both("weigh.criterion", step=steps[name])
        yield Question(name, text, GROUP_OF[name], unit, ends, alone if len(beside) == 1 else "")


def _group_text(group: str, steps: Mapping[str, Text], asked: Questions) -> Text:
    inside = [steps[name] for name in asked.ranges.index if GROUP_OF[name] == group]
    items = Text("; ".join(step.en for step in inside), "；".join(step.zh for step in inside))
    return _both("weigh.group", name=_both_labels("group", group), items=items)


def _step(name: str, asked: Questions, found: Contest | None) -> Text:
    """Say a range: from the worst to the best figure, with the sites there unless they are hidden."""
    row = asked.ranges.loc[name].to_dict()
    span = abs(row["best"] - row["worst"])
    worst, best = (
        Text(*(figure(name, row[end], span, lang) for lang in ("en", "zh"))) for end in ("worst", "best")
    )
    if found is not None and "worst_option" in row:
        worst, best = (
            _both("weigh.at", figure=shown, site=_site(found, row[f"{end}_option"]))
            for shown, end in ((worst, "worst"), (best, "best"))
        )
    return _both("weigh.step", name=_name(name), worst=worst, best=best)


def figure(criterion: str, value: float, span: float, lang: Language) -> str:
    """Write a raw figure with as many digits as tell the ends of its range apart."""
    if math.isinf(value):
        return say("weigh.any", lang)
    scale = 100 if form_of(criterion) == "share" else 1
    digits = 2 - math.floor(math.log10(span * scale)) if span > 0 else 0
    return say(f"number.{form_of(criterion)}", lang, n=grouped(scale * value, max(0, digits)))


def remarks(asked: Questions, found: Contest) -> list[Text]:
    """Say which scored criteria are not asked about, and on which ranges the sites differ by little."""
    uses = {use.name: use for use in found.scenario.criteria}
    gained = {
        str(name): value_gained(uses[str(name)], row["worst"], row["best"])
        for name, row in asked.ranges.iterrows()
    }
    narrow = [name for name, gain in gained.items() if gain < NARROW]
    told = (("weigh.left_out", asked.left_out), ("weigh.narrow", narrow))
    return [
        _both(key, names=Text(*(_joined(names, lang) for lang in ("en", "zh"))))
        for key, names in told
        if names
    ]


def _joined(criteria: Iterable[str], lang: Language) -> str:
    return join((criterion_label(name, lang) for name in criteria), lang)


def _name(criterion: str) -> Text:
    return Text(*(criterion_label(criterion, lang) for lang in ("en", "zh")))


def _both_labels(kind: str, key: str) -> Text:
    return Text(*(label(kind, key, lang) for lang in ("en", "zh")))


def _site(found: Contest, option: str) -> Text:
    return Text(*(option_name(found.names, option, lang) for lang in ("en", "zh")))


def _unit(criterion: str) -> Text:
    form = form_of(criterion)
    shown = "%" if form == "share" else BY_ID[criterion].unit
    words = {lang: say(f"number.{form}", lang, n="").strip() or shown for lang in LANGUAGES}
    return Text(words["en"], words["zh"])


def _both(key: str, **words: Text) -> Text:
    """Say one template in both languages."""
    en, zh = (
        say(key, lang, **{name: text.spoken(lang) for name, text in words.items()}) for lang in ("en", "zh")
    )
    return Text(en, zh)
