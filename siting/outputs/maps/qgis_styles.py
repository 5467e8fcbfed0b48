"""A layer of a result → the style with which QGIS opens it (QML), as a GeoPackage carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

VERSION = "3.28.0"
"""QGIS whose format the styles are written in; later ones read it."""

KINDS = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
"""Kind of symbol → its layer."""


@dataclass(frozen=True)
class Style:
    """How a layer is drawn."""

    kind: str
    """``marker, line, fill``."""
    options: Mapping[str, str]
    """Of the symbol, as QGIS names them; colours as ``r,g,b,a``."""
    by: str = ""
    """Column by whose value it is coloured; all alike if none."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Value → colour, in the order of the legend."""
    label: str = ""
    """Column that is written beside each feature."""


def colour(text: str, opacity: float = 1.0) -> str:
    """Write a colour as QGIS does.

    >>> colour("#1f4e79", 0.5)
    '31,78,121,128'
    """
    parts = [int(text[at : at + 2], 16) for at in (1, 3, 5)]
    return ",".join(map(str, [*parts, round(255 * opacity)]))


def qml(style: Style) -> str:
    """Write the style; texts of users are escaped."""
    root = Element("qgis", version=VERSION, styleCategories="Symbology|Labeling")
    kind = "categorizedSymbol" if style.by else "singleSymbol"
    renderer = SubElement(root, "renderer-v2", type=kind, symbollevels="0", enableorderby="0")
    if style.by:
        renderer.set("attr", style.by)
        categories = SubElement(renderer, "categories")
        for number, value in enumerate(style.colours):
            SubElement(categories, "category", symbol=str(number), value=value, label=value, render="true")
    symbols = SubElement(renderer, "symbols")
    fill = "line_color" if style.kind == "line" else "color"
    for number, drawn in enumerate(style.colours.values() if style.by else [style.options[fill]]):
        _symbol(symbols, str(number), style.kind, {**style.options, fill: drawn}.items())
    if style.label:
        _labels(root, style.label)
    return tostring(root, encoding="unicode")


def _symbol(parent: Element, name: str, kind: str, options: Iterable[tuple[str, str]]) -> None:
    symbol = SubElement(parent, "symbol", name=name, type=kind, alpha="1", clip_to_extent="1")
    layer = SubElement(symbol, "layer", {"class": KINDS[kind], "enabled": "1", "locked": "0", "pass": "0"})
    entries = SubElement(layer, "Option", type="Map")
    for key, value in options:
        SubElement(entries, "Option", name=key, type="QString", value=value)


def _labels(root: Element, column: str) -> None:
    labelling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labelling, "settings", calloutType="simple")
    text = SubElement(
        settings, "text-style", fieldName=column, isExpression="0", fontSize="9", fontSizeUnit="Point"
    )
    SubElement(text, "text-buffer", bufferDraw="1", bufferSize="1", bufferSizeUnits="MM")
    SubElement(settings, "placement", placement="1", dist="1")
