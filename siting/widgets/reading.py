"""How a list is to be read → controls, and the keys of ``[register]`` that they state."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from siting.inputs.dictionary.columns import columns_of
from siting.inputs.tables.codes import SECTIONS
from siting.outputs.text.wording import say
from siting.scenario.own_list import SYSTEMS
from siting.widgets.panel import HALF, WIDE, toolkit

if TYPE_CHECKING:
    from siting.types import Json, Language, Table

SOURCE = {
    "GCJ-02": "form.gcj02",
    "BD-09": "form.bd09",
    "WGS84": "form.wgs84",
    "CGCS2000": "form.cgcs2000",
}
"""System that a list may be in → whose maps use it."""

FIELDS = ("name", "uscc", "industry", "town", "lon", "lat", "employees", "output_wan", "equipment")
"""Fields of a register whose column may be named."""


class Reading:
    """Controls that say how a list is read; what is left alone is read as the list itself says.

    Attributes
    ----------
    system, standard, locate : asked of most lists
    sheet, rows, columns : asked where a list leaves them open; columns by field of the register
    more : the latter three, folded
    """

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        w = toolkit()
        systems = [
            (say("form.crs", lang, name=name, where=say(SOURCE[name], lang)), name) for name in SYSTEMS
        ]
        self.system = self._choice("form.system", systems)
        self.system.layout.width = "26em"
        years = [(f"GB/T 4754-{year}", year) for year in sorted(SECTIONS, reverse=True)]
        self.standard = self._choice("form.standard", years)
        self.locate = w.Checkbox(
            value=False, description=say("form.locate", lang), indent=False, layout={"width": "auto"}
        )
        self.sheet = w.Text(description=say("form.sheet", lang), style=WIDE, layout=HALF)
        kinds = [(say("form.firms", lang), "firms"), (say("form.devices", lang), "devices")]
        self.rows = self._choice("form.rows", kinds)
        labels = {name: columns_of("enterprises")[name] for name in FIELDS}
        self.columns = {
            name: w.Text(
                description=column.label_zh if lang == "zh" else column.column, style=WIDE, layout=HALF
            )
            for name, column in labels.items()
        }
        hint = w.HTML(f"<p>{html.escape(say('form.more.hint', lang))}</p>")
        folded = w.VBox([hint, self.sheet, self.rows, *self.columns.values()])
        self.more = w.Accordion([folded], titles=(say("form.more", lang),), selected_index=None)

    def settings(self) -> dict[str, Json]:
        """Give the keys of ``[register]`` that the controls state."""
        named = {name: field.value.strip() for name, field in self.columns.items()}
        stated: dict[str, Json] = {
            "crs": self.system.value,
            "industry_standard": self.standard.value,
            "locate": "town" if self.locate.value else None,
            "sheet": self.sheet.value.strip(),
            "rows": self.rows.value,
            "columns": {name: heading for name, heading in named.items() if heading},
        }
        return {key: value for key, value in stated.items() if value}

    def show(self, table: Table) -> None:
        """Show beside each field the heading that it was read from."""
        for name, field in self.columns.items():
            used = table.mapping.get(name)
            field.placeholder = used.heading if used else say("form.no_column", self.lang)

    def _choice(self, word: str, options: list[tuple[str, Json]]) -> Json:
        unstated = (say("form.stated", self.lang), "")
        return toolkit().Dropdown(options=[unstated, *options], description=say(word, self.lang), style=WIDE)
