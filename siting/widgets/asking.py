"""What only the planner can say of a list → a field for each answer, and the settings that answers make."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from siting.inputs.dictionary.words import fold
from siting.messages import refusal
from siting.outputs.text.conclusion import question_texts
from siting.outputs.text.wording import say
from siting.scenario.toml_files import parse_overrides
from siting.study.adapt import ASKED, open_questions
from siting.widgets.panel import HALF, WIDE, toolkit

if TYPE_CHECKING:
    from siting.planner import Study
    from siting.types import Json, Language

WORDS = {
    "demand.expansion_factor": "form.number",
    "study_year": "form.year",
    "weights_record.set_by": "form.set_by",
    "weights_record.set_on": "form.set_on",
    "register.origin": "form.origin",
}
"""Setting that takes an answer → the word for what goes into its field."""

FURTHER = {"weights": ("weights_record.set_on",)}
"""Open question → what is asked beside the setting that answers it."""

NUMBERS = frozenset({"demand.expansion_factor", "study_year"})
"""Settings that take a number."""

RECORD = "weights_record"
"""Section that is stated as a whole: nothing of the example's stays in it."""


class Questions:
    """A field for each question that a list leaves open; what stays blank stays open.

    Attributes
    ----------
    fields : setting → the field for its answer
    box : all questions in words, each with its fields
    """

    def __init__(self, lang: Language) -> None:
        self.lang, self.box = lang, toolkit().VBox([])
        self.clear()

    def clear(self) -> None:
        """Forget what was answered, for another list."""
        self.fields: dict[str, Json] = {}
        self.box.children = []

    def ask(self, study: Study) -> None:
        """Lay out what a study of the list leaves open; answers already given stay."""
        w = toolkit()
        asked = open_questions(study.scenario, study.inputs)
        self.fields = {
            setting: self.fields.get(setting) or self._field(WORDS[setting])
            for question in asked
            for setting in _settings_of(question)
        }
        texts = question_texts(study.scenario, asked, self.lang)
        rows = []
        for question, text in zip(asked, texts, strict=True):
            answer = w.HBox([self.fields[setting] for setting in _settings_of(question)])
            rows.append(w.VBox([w.HTML(html.escape(text)), answer]))
        self.box.children = rows

    def settings(self) -> dict[str, Json]:
        """Give the settings that the answers make; what cannot be is refused where the scenario is read.

        Raises
        ------
        InputError
            Of the weights it is said who set them or when, but not both.
        """
        texts = {setting: fold(field.value) for setting, field in self.fields.items()}
        record = {part: texts.pop(f"{RECORD}.{part}", "") for part in ("set_by", "set_on")}
        if any(record.values()) and not all(record.values()):
            raise refusal("", "E861")
        stated: dict[str, Json] = {RECORD: record} if any(record.values()) else {}
        for setting, text in texts.items():
            if text:
                is_number = setting in NUMBERS
                stated[setting] = parse_overrides([f"{setting}={text}"])[0][1] if is_number else text
        return stated

    def _field(self, word: str) -> Json:
        return toolkit().Text(description=say(word, self.lang), style=WIDE, layout=HALF)


def _settings_of(question: str) -> tuple[str, ...]:
    return (ASKED[question], *FURTHER.get(question, ()))
