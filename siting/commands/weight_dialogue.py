"""Questions for weights, asked one by one on a terminal → answers as they would stand on a sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from siting.commands.console import print_lines
from siting.messages import said
from siting.outputs.text.cells import plain
from siting.outputs.text.weighing.weight_questions import CHECK, HEADER, Question
from siting.outputs.text.wording import label, say
from siting.scenario.weight_answers import amount_of, number_of, yes_or_no
from siting.types import InputError

if TYPE_CHECKING:
    from siting.types import Language

TOP = "100"
"""Points of the step that matters most."""


def ask(
    questions: Sequence[Question], known: Mapping[str, str], method: str, lang: Language
) -> dict[str, str]:
    """Ask every question that is not answered yet.

    Parameters
    ----------
    questions : in their order
    known : answers by item that the command line gave
    method : ``swing``, ``ranked`` or ``direct``
    lang : language of the questions
    """
    answers = {question.item: question.settled for question in questions if question.settled}
    answers |= {item: text for item, text in known.items() if text}
    pair = answers.get("pair", "").split()
    for level, rows in groupby(questions, attrgetter("level")):
        open_ones = [question for question in rows if not answers.get(question.item)]
        if not open_ones:
            continue
        if level in ("", CHECK):
            answers |= {q.item: _single(q, pair, lang) for q in open_ones if q.item in (*HEADER, CHECK)}
        else:
            name = say("weigh.level.groups", lang) if level == "groups" else label("group", level, lang)
            print_lines(["", say("weigh.level", lang, name=name)])
            answers |= _compared(open_ones, method, lang)
    return answers


def _single(question: Question, pair: Sequence[str], lang: Language) -> str:
    """Ask one question by itself; the cross-check and yes or no may be left blank."""
    prompt = plain(f"{question.text.spoken(lang)}{say('weigh.ask.colon', lang)}")
    if question.item == "before_results":
        return _asked(prompt, lambda text: yes_or_no(text, question.item, ""), lang)
    if question.item == CHECK:
        return _asked(prompt, lambda text: not text or amount_of(text, pair[1], ""), lang)
    return _asked(prompt, lambda text: text or number_of(text, question.item, ""), lang)


def _compared(rows: Sequence[Question], method: str, lang: Language) -> dict[str, str]:
    """Ask the questions of one level: for points first which matters most, then the others beside it."""
    print_lines(plain(f"{n}. {question.text.spoken(lang)}") for n, question in enumerate(rows, start=1))
    answers = {}
    if method == "swing":
        numbers = partial(_within, low=1, high=len(rows), whole=True)
        most = _asked(say("weigh.ask.most", lang), numbers, lang)
        answers[rows[round(number_of(most, "", "")) - 1].item] = TOP
    for number, question in enumerate(rows, start=1):
        if question.item in answers:
            continue
        unit = question.unit.spoken(lang)
        text = say("weigh.ask.answer", lang, number=number, text=_short(question, lang), unit=unit)
        reads = partial(_within, low=1, high=len(rows), whole=True)
        if method != "ranked":
            reads = partial(_within, low=0, high=100, whole=False)
        answers[question.item] = _asked(plain(text), reads, lang)
    return answers


def _short(question: Question, lang: Language) -> str:
    from siting.outputs.text.wording import criterion_label

    name = question.item
    return label("group", name, lang) if question.level == "groups" else criterion_label(name, lang)


def _within(text: str, *, low: float, high: float, whole: bool) -> float:
    """Read a number between two limits; refuse any other."""
    from siting.messages import refusal

    value = number_of(text, f"{low:g}–{high:g}", "")
    if not low <= value <= high or (whole and not value.is_integer()):
        raise refusal("", "E792", item=f"{low:g}–{high:g}", found=text[:80])
    return value


def _asked(prompt: str, read: Callable[[str], object], lang: Language) -> str:
    """Ask until an answer can be read."""
    while True:
        text = input(prompt).strip()
        try:
            read(text)
        except InputError as fault:
            print_lines([said(fault).spoken(lang), say("weigh.ask.again", lang)])
        else:
            return text
