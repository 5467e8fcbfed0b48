"""A study's map on which candidate sites and red lines are put, then handed over as files it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.inputs.dictionary.columns import columns_of
from siting.option_kinds import DEFAULT
from siting.outputs.maps.elements import Scripted
from siting.outputs.maps.rendering import SafeTemplate
from siting.outputs.maps.result_map import pair, study_map
from siting.types import Language

if TYPE_CHECKING:
    from siting.outputs.maps.offline_map import OfflineMap
    from siting.study.evaluation import Evaluation

_SAID = (
    *("title", "start", "add", "draw", "finish", "click", "corners", "name", "site", "line", "lon", "lat"),
    *("area", "price", "condition", "remove", "save_sites", "save_lines", "sites_file", "lines_file", "then"),
)
_LINES = {
    "sites": ".with_sites({file})",
    "red": '.with_red_lines({file}, column="condition", label="name")',
}
"""What a study is told to read each file."""


def edit_map(evaluation: Evaluation, lang: Language = "zh") -> OfflineMap:
    """Draw what a study is made of, with the panel that adds to it."""
    made = study_map(evaluation, lang)
    Editor().add_to(made)
    return made


class Editor(Scripted):
    """The panel that puts sites and red lines onto a map; what it makes is downloaded as GeoJSON."""

    scripts = ("edit.js",)
    _template = SafeTemplate(
        "{% macro script(this, kwargs) %}"
        "siting.edit({{ this._parent.get_name() }}, {{ this.content|safe_json }});"
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()
        conditions = columns_of("conditions")["condition"].allowed
        self.content = {
            "said": {name: pair(f"mapedit.{name}") for name in _SAID},
            "conditions": [[name, pair(f"condition.{name}")] for name in conditions],
            "kind": DEFAULT.id,
            "lines": _LINES,
        }
