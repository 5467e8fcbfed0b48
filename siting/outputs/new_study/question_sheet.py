"""Questions for weights → a workbook to send to a department: one column to fill in, all else locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siting.inputs.dictionary.columns import columns_of
from siting.outputs.new_study.templates import heading
from siting.outputs.text.cells import plain
from siting.outputs.text.wording import LANGUAGES, say
from siting.outputs.write_files import workbook_bytes

if TYPE_CHECKING:
    from siting.messages import Text
    from siting.outputs.text.weighing.weight_questions import Question

_WIDTHS = {"item": 16, "question": 62, "question_en": 62, "unit": 22, "worst": 12, "best": 12, "answer": 20}


def question_sheet(questions: Sequence[Question], notes: Sequence[Text], method: str) -> bytes:
    """Return the workbook: a sheet to fill in, and one that explains it.

    Equal questions give equal bytes. Names are written as text, never as a formula.

    Parameters
    ----------
    questions : in their order; what is settled stands there locked
    notes : remarks for the sheet of explanations
    method : ``swing``, ``ranked`` or ``direct``
    """
    title = say("template.weight_answers", "zh")

    def fill(book: Any) -> None:
        _sheet_to_fill(book, title, questions, method)
        _sheet_of_explanations(book, notes, method)

    return workbook_bytes(title, fill)


def _sheet_to_fill(book: Any, title: str, questions: Sequence[Question], method: str) -> None:
    page = book.add_worksheet(title)
    locked = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#E8EEF4"})
    look = {"locked": False, "border": 1, "bg_color": "#FFF7D6", "valign": "top"}
    answered, stated = book.add_format(look), book.add_format({**look, "num_format": "@"})
    columns = columns_of("weight_answers")
    for place, (name, width) in enumerate(_WIDTHS.items()):
        page.set_column(place, place, width)
        page.write_string(0, place, heading(columns[name]), head)
    at = len(_WIDTHS) - 1
    for row, question in enumerate(questions, start=1):
        texts = (question.item, question.text.zh, question.text.en, _unit(question))
        for place, text in enumerate(texts):
            page.write_string(row, place, plain(text), locked)
        for place, end in enumerate(question.ends or ("", ""), start=len(texts)):
            page.write(row, place, end, locked)
        if question.settled:
            page.write_string(row, at, plain(question.settled), locked)
            continue
        page.write_blank(row, at, None, answered if question.level else stated)
        if rule := _rule(question, questions, method):
            page.data_validation(row, at, row, at, rule)
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.protect("", {"format_columns": True, "format_rows": True})


def _unit(question: Question) -> str:
    return " / ".join(dict.fromkeys(text for text in (question.unit.zh, question.unit.en) if text))


def _rule(question: Question, questions: Sequence[Question], method: str) -> dict[str, Any] | None:
    """Give what Excel is to accept as an answer."""
    if question.item == "before_results":
        return {"validate": "list", "source": [say("yes", "zh"), say("no", "zh")]}
    if not question.level:
        return None
    least, most = 0.0, 1e9
    if question.ends or question.level == "groups":
        beside = sum(other.level == question.level for other in questions)
        least, most = (1.0, float(beside)) if method == "ranked" else (0.0, 100.0)
    return {
        "validate": "integer" if method == "ranked" and most < 1e9 else "decimal",
        "criteria": "between",
        "minimum": least,
        "maximum": most,
        "error_message": f"{least:g} – {most:g}",
    }


def _sheet_of_explanations(book: Any, notes: Sequence[Text], method: str) -> None:
    page = book.add_worksheet(say("template.explanations", "zh"))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 110)
    intro = "weigh.intro.direct" if method == "direct" else "weigh.intro.sites"
    keys = (intro, f"weigh.how.{method}", "weigh.order", "weigh.blank")
    texts = [say(key, lang) for lang in LANGUAGES for key in keys]
    texts += [note.spoken(lang) for lang in LANGUAGES for note in notes]
    for row, text in enumerate(texts):
        page.write_string(row, 0, plain(f"▪ {text}"), wrapped)
    page.protect()
