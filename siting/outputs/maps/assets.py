"""Address of a script or style sheet that folium links → its text, out of an installed package."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from siting.outputs.inlining import inlined, json_text, leaflet, leaflet_folder

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DROPPED = {
    "bootstrap", "bootstrap_css", "glyphicons_css", "awesome_markers", "awesome_markers_css",
    "awesome_markers_font_css", "awesome_rotate_css", "jquery", "jquery3.7.1", "highlight.js_css",
}  # fmt: skip
"""Links of every folium map that this one does without, or has a few lines for (`folium.js`)."""

LEGEND_DRAGGING = "https://code.jquery.com/ui/1.12.1/jquery-ui.js"
"""Lets the legend of `GeoDataFrame.explore` be dragged; it stays where it is."""

ICONS = {
    "iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png",
}  # fmt: skip


@cache
def own(name: str) -> str:
    """Read a script or style sheet of ours."""
    return inlined(files("siting.outputs.maps").joinpath("static", name).read_text(encoding="utf-8"), name)


@cache
def asset(name: str, address: str) -> str | None:
    """Text of a script or style sheet; None: no installed package has it."""
    if name == "leaflet":
        return f"{leaflet('leaflet.js')}\n{own('folium.js')}\n{_default_icon()}"
    if name == "leaflet_css":
        return _with_images(leaflet("leaflet.css"), leaflet_folder())
    text = _of_plugins().get(address)
    if text is None:
        return None
    text = re.sub(r"<(?=/script|/style|!--)", r"\\x3c", text, flags=re.IGNORECASE)
    return inlined(_with_images(text, None) if name.endswith("css") else text, name)


@cache
def _of_plugins() -> Mapping[str, str]:
    """Texts by address from `folium-offline`, a copy of folium of which only this table is used."""
    try:
        from offlinefolium.elements import _res
    except ImportError:
        return {}
    texts: Mapping[str, str] = _res
    return texts


def _with_images(css: str, folder: Traversable | None) -> str:
    """Style sheet whose pictures stand in it; those of which only the address is known are left out."""

    def data(match: re.Match[str]) -> str:
        address = match[2]
        if address.startswith(("data:", "#")):
            return match[0]
        picture = None if folder is None else folder.joinpath(*address.split("/"))
        return f"url({_data_address(picture)})" if picture is not None and picture.is_file() else "none"

    return re.sub(r"url\(\s*(['\"]?)([^)'\"]+)\1\s*\)", data, css)


def _data_address(picture: Traversable) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode('ascii')}"


def _default_icon() -> str:
    """Set Leaflet's pin, which it would ask for beside its style sheet."""
    images = leaflet_folder().joinpath("images")
    icons = {option: _data_address(images.joinpath(name)) for option, name in ICONS.items()}
    return f"L.Icon.Default.imagePath = ''; L.Icon.Default.mergeOptions({json_text(icons)});"
