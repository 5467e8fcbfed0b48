"""What a study lays onto an `OfflineMap`: layers whose texts come as JSON, and the frame around the map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import folium
from branca.element import Element, Figure

from siting.outputs.maps.assets import own
from siting.outputs.maps.rendering import SafeTemplate
from siting.types import Json, Language

_ID_NAME = re.compile(r"_[0-9a-f]{32}\Z")

Pair = Sequence[str]
"""A text in Chinese and English."""

PANES = {"names": 610, "sites": 640}
"""Panes above the planner's pins (600) and below tooltips (650), by height."""


@dataclass(frozen=True)
class Key:
    """A line of the legend."""

    mark: str
    """``line, area, dot, edge, form``."""
    colour: str
    text: Pair
    form: str = ""
    """Path around the point of a ``form``, in pixels."""


class StudyLayer(folium.map.Layer):
    """A layer of the study.

    Parameters
    ----------
    name : in Chinese and English
    group : heading under which the layer control lists it
    spec : what ``layers.js`` draws; texts are shown as text
    keys : its lines in the legend
    show : whether it is on when the map opens
    """

    _template = SafeTemplate(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = siting.layer({{ this.spec|safe_json }});"
        "{% endmacro %}"
    )

    def __init__(
        self, name: Pair, group: Pair, spec: Json, *, keys: Iterable[Key] = (), show: bool = True
    ) -> None:
        super().__init__(name=name[0], overlay=True, control=True, show=show)
        self._name = "StudyLayer"
        self.pair, self.group, self.spec, self.keys = list(name), list(group), spec, list(keys)


class StudyFrame(folium.LayerControl):
    """Title, banner, language switch, layers by group, legend, scale, north and note of a map.

    Parameters
    ----------
    lang : language in which the map opens
    **content : ``title, subtitle, demo, note, words, bounds`` as ``frame.js`` takes them
    """

    _template = SafeTemplate(
        "{% macro script(this, kwargs) %}"
        "siting.frame({{ this._parent.get_name() }}, {...{{ this.content|safe_json }},"
        "overlays: [{% for layer in this.layers(True) %}[{{ layer.get_name() }},"
        "{{ this.name_of(layer)|safe_json }},"
        "{{ (layer.group or none)|safe_json }}],{% endfor %}],"
        "bases: [{% for layer in this.layers(False) %}[{{ layer.get_name() }},"
        "{{ this.name_of(layer)|safe_json }}],{% endfor %}],"
        "legend: [{% for layer in this.layers(True) if layer.keys %}{layer: {{ layer.get_name() }},"
        "title: {{ layer.pair|safe_json }}, keys: {{ this.keys_of(layer)|safe_json }}},{% endfor %}]});"
        "{% endmacro %}"
    )

    def __init__(self, lang: Language, **content: Json) -> None:
        super().__init__()
        self._name = "StudyFrame"
        self.content = {"lang": lang, "options": {"position": "topright"}, **content}

    def layers(self, overlay: bool) -> list[folium.map.Layer]:
        """List the layers of the map that stand in the control, those of planners included."""
        parent = self._parent
        children = [] if parent is None else list(parent._children.values())
        return [
            child
            for child in children
            if isinstance(child, folium.map.Layer) and child.control and child.overlay == overlay
        ]

    def name_of(self, layer: folium.map.Layer) -> Pair:
        """Return what a layer is called; folium calls one without a name by its random id."""
        if isinstance(layer, StudyLayer):
            return layer.pair
        unnamed: Pair = self.content["words"]["unnamed"]
        return unnamed if _ID_NAME.search(layer.layer_name) else [layer.layer_name] * 2

    def keys_of(self, layer: StudyLayer) -> list[dict[str, Json]]:
        """Return a layer's lines of the legend."""
        return [
            {"mark": key.mark, "colour": key.colour, "text": list(key.text)}
            | ({"form": key.form} if key.form else {})
            for key in layer.keys
        ]


class Scripted(folium.map.Layer):
    """What brings scripts of ours to the page of a map; the control does not list it."""

    scripts: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(control=False, show=False)
        self._name = type(self).__name__

    def render(self, **kwargs: Json) -> str:
        """Add the scripts to the page."""
        figure = self.get_root()
        if isinstance(figure, Figure):
            texts = "".join(f"<script>{own(name)}</script>" for name in self.scripts)
            figure.header.add_child(Element(texts), name=f"scripts of {self._name}")
        super().render(**kwargs)
        return ""


class StudyScripts(Scripted):
    """The scripts that draw a study's layers, and the panes that they stand in; first on the map."""

    scripts = ("layers.js", "frame.js")

    _template = SafeTemplate(
        "{% macro script(this, kwargs) %}"
        "{% for name, height in this.panes.items() %}"
        "{{ this._parent.get_name() }}.createPane({{ name|safe_json }}).style.zIndex = {{ height }};"
        "{% endfor %}"
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.panes = PANES
