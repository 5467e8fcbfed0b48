"""A tree of folium elements → its texts, in which no name is a template and no text a script.

* branca parses rendered text as a template once more, so that a firm called ``{{ … }}`` would run Python:
  while a map renders, `branca.element.Template` takes text as it is (`rendered_once`).
* Popups and tooltips lay text into JavaScript: here they pass it as JSON (`TEMPLATES`).
* What rendering leaves on the elements is taken off again, so that a second time gives the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import branca.element
import folium
from branca.element import Element, Figure, MacroElement
from folium.features import GeoJsonPopup, GeoJsonTooltip
from folium.template import Environment
from jinja2 import Template

from siting.messages import refusal
from siting.outputs.inlining import json_text
from siting.types import InstallationError

_RENDERING = threading.RLock()
_DETAIL = """
    {%% macro script(this, kwargs) %%}
        {{ this._parent.get_name() }}.%s(layer => siting.table(layer.feature.properties,
            {{ this.fields|safe_json }}, {{ this.aliases|safe_json }}, {{ this.labels|safe_json }},
            {{ this.localize|safe_json }}, {{ this.class_name|safe_json }}), {{ this.%s|tojavascript }});
    {%% endmacro %%}"""
_TOOLTIP = """
    {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.bindTooltip(
            () => siting.content({{ this.text|safe_json }}, {{ (this.style or '')|safe_json }}),
            {{ this.options|tojavascript }});
    {% endmacro %}"""
_POPUP = """
    var {{ this.get_name() }} = L.popup({{ this.options|tojavascript }});
    {% for element in this.html._children.values() %}
        {{ this.get_name() }}.setContent(() => siting.content({{ element|markup|safe_json }}, ''));
    {% endfor %}
    {{ this._parent.get_name() }}.bindPopup({{ this.get_name() }}){% if this.show %}.openPopup(){% endif %};
    {% for element in this.script._children.values() %}{{ element.render() }}{% endfor %}"""


class _Literal:
    """Text where branca wants a template: it renders to itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, **_: Any) -> str:
        return self.text


class _SafeEnvironment(Environment):
    """Environment of folium's templates, with filters that keep text inside a script."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters |= {"safe_json": json_text, "markup": _markup}


class SafeTemplate(Template):
    """A template whose ``safe_json`` writes any text into a script as JSON."""

    environment_class = _SafeEnvironment


def _markup(element: Element) -> str:
    """HTML of a popup; folium has put a backslash before its backticks."""
    text: str = element.render()
    return text.replace("\\`", "`")


@cache
def _replacements() -> dict[type[Element], Template]:
    """Templates by class that stand in for those of folium which lay text into JavaScript."""
    return {
        folium.Tooltip: SafeTemplate(_TOOLTIP),
        folium.Popup: SafeTemplate(_POPUP),
        GeoJsonPopup: SafeTemplate(_DETAIL % ("bindPopup", "popup_options")),
        GeoJsonTooltip: SafeTemplate(_DETAIL % ("bindTooltip", "tooltip_options")),
    }


def walk(element: Element) -> list[Element]:
    """List an element and all that hang on it, each once, whether child, icon, legend or marker."""
    found: dict[int, Element] = {}
    left = [element]
    while left:
        current = left.pop()
        if id(current) not in found:
            found[id(current)] = current
            hanging = [value for name, value in vars(current).items() if name != "_parent"]
            left += [e for e in (*current._children.values(), *hanging) if isinstance(e, Element)]
    return list(found.values())


@contextmanager
def rendered_once(elements: Iterable[Element]) -> Iterator[None]:
    """Let elements render their text as text; afterwards they, and branca, are as they were.

    Raises
    ------
    InstallationError
        branca renders in another way than it did: names would not be safe.
    """
    elements = list(elements)
    children = [dict(element._children) for element in elements]
    own = [element.__dict__.get("_template") for element in elements]
    with _RENDERING:
        parse = vars(branca.element)["Template"]
        vars(branca.element)["Template"] = _literal_in(threading.get_ident(), parse)
        try:
            _check_hook()
            for element in elements:
                _keep_as_text(element)
            yield
        finally:
            vars(branca.element)["Template"] = parse
            for element, kept, compiled in zip(elements, children, own, strict=True):
                element._children.clear()
                element._children.update(kept)
                element.__dict__.pop("_template", None)
                if compiled is not None:
                    element._template = compiled


def _literal_in(thread: int, parse: type[Template]) -> Callable[[str], Any]:
    """Take text as it is in one thread; maps that others render meanwhile are parsed as ever."""
    return lambda text: _Literal(text) if threading.get_ident() == thread else parse(text)


def _keep_as_text(element: Element) -> None:
    if type(element) is Element and element._template_str is not None:
        vars(element)["_template"] = _Literal(element._template_str)
        return
    for kind, safe in _replacements().items():
        if isinstance(element, kind) and element._template is kind._template:
            element._template = safe


def _check_hook() -> None:
    """Refuse to render where text that an element gives would be parsed as a template after all."""
    figure, probe = Figure(), MacroElement()
    probe._template = SafeTemplate("{% macro script(this, kwargs) %}{{ '{{ 1 + 1 }}' }}{% endmacro %}")
    figure.add_child(probe)
    probe.render()
    if figure.script.render().strip() != "{{ 1 + 1 }}":
        raise refusal("", "E597", kind=InstallationError)
