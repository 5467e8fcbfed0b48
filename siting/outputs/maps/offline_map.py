"""`folium.Map` → one HTML text that opens from disk, asks for nothing and shows names as text.

All that folium offers can be added to an `OfflineMap`; only its rendering differs. Scripts and styles stand
in the page, out of installed packages; a content policy admits these very scripts. Online tiles are asked
for where a tile layer is added, and from its host alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

import folium
from branca.element import CssLink, Element, Figure, Link

from siting.messages import refusal
from siting.outputs.inlining import json_text, policy
from siting.outputs.maps.assets import DROPPED, LEGEND_DRAGGING, asset, own
from siting.outputs.maps.rendering import rendered_once, walk
from siting.outputs.notebook_frame import notebook_frame
from siting.outputs.text.wording import say
from siting.types import InstallationError, Json, Language

EVALUATING = "leaflet_measure_js"
"""A script that makes functions out of text; a map with it has to allow that."""

OLD_JQUERY = "jqueryui"
"""Scripts whose name begins so need the whole of jQuery."""

FARTHEST_ZOOM = 18
"""Clusters and bounds need an end of zooming; without tiles nothing states one."""

HEIGHT = "620px"
"""Of a map in a notebook."""

_ID = re.compile(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])")


class OfflineMap(folium.Map):
    """A `folium.Map` that opens without internet and shows names as text.

    Parameters
    ----------
    tiles : none unless named; tiles are the one thing that needs the network
    lang : language in which the map opens
    title : of the page
    picture : an SVG that stands for the map in a notebook that is not trusted
    **kwargs : as for `folium.Map`

    Examples
    --------
    >>> import folium
    >>> m = OfflineMap(location=[40.05, 117.4])
    >>> _ = folium.Marker([40.05, 117.4], tooltip="{{ 7 * 7 }}").add_to(m)
    >>> page = m.get_root().render()
    >>> "{{ 7 * 7 }}" in page, "https:" in page.partition("<body>")[0].partition("<style>")[0]
    (True, False)
    """

    def __init__(
        self,
        location: Sequence[float] | None = None,
        *,
        tiles: str | folium.TileLayer | None = None,
        lang: Language = "zh",
        title: str = "",
        picture: str = "",
        **kwargs: Json,
    ) -> None:
        super().__init__(location, tiles=tiles, **kwargs)
        self.options.setdefault("maxZoom", FARTHEST_ZOOM)
        OfflineFigure(lang, title, picture).add_child(self)

    def render(self, **kwargs: Json) -> str:
        """Add the map's texts to its page, and give none itself.

        Raises
        ------
        InputError
            The map was put into a figure of another kind, which would ask the network for scripts.
        """
        if not isinstance(self.get_root(), OfflineFigure):
            raise refusal("", "E598")
        super().render(**kwargs)
        return ""

    def __repr__(self) -> str:
        page = self.get_root()
        lang: Language = page.lang if isinstance(page, OfflineFigure) else "zh"
        layers = [child for child in self._children.values() if isinstance(child, folium.map.Layer)]
        title = (page.title if isinstance(page, OfflineFigure) else "") or say("map", lang)
        return f"<{say('card.map', lang, title=title, n=sum(layer.control for layer in layers))}>"

    def _repr_html_(self, **kwargs: Json) -> str:
        page = self.get_root()
        return page._repr_html_(**kwargs) if isinstance(page, Figure) else ""


class OfflineFigure(Figure):
    """The page of an `OfflineMap`."""

    def __init__(self, lang: Language, title: str, picture: str, height: str = HEIGHT) -> None:
        super().__init__(width="100%", height=height)
        self.lang: Language = lang
        self.title, self.picture = title, picture

    def render(self, **kwargs: Json) -> str:
        """Write the page, the same text for the same map.

        Raises
        ------
        InstallationError
            No installed package has a script that a plugin needs.
        """
        elements = walk(self)
        laid = {id(e) for slot in (self.header, self.html, self.script) for e in slot._children.values()}
        with rendered_once(elements):
            _controls_last(elements)
            for child in list(self._children.values()):
                child.render(**kwargs)
            return _Page(self, laid).text(elements)

    def _repr_html_(self, **kwargs: Json) -> str:
        """Show the map in a frame; where it cannot be, the words and the picture behind it."""
        title = self.title or say("map", self.lang)
        return notebook_frame(
            self.render(**kwargs),
            title,
            self.lang,
            width=self.width,
            height=self.height or HEIGHT,
            picture=self.picture,
        )


def _controls_last(elements: Iterable[Element]) -> None:
    """Layers may be added after the control that lists them; its script has to come after theirs."""
    for element in elements:
        for name in [n for n, child in element._children.items() if isinstance(child, folium.LayerControl)]:
            element._children.move_to_end(name)


class _Page:
    """The texts of a figure whose elements have rendered, parted by what a page may do with them."""

    def __init__(self, figure: OfflineFigure, laid: set[int]) -> None:
        self.figure, self.laid = figure, laid
        self.styles: list[str] = []
        self.assets: list[str] = []
        self.scripts: list[str] = []
        self.switches: list[str] = []
        self.names = {name for name, child in figure.header._children.items() if isinstance(child, Link)}
        self.uses_jquery = any(name.startswith(OLD_JQUERY) for name in self.names)
        for name, child in figure.header._children.items():
            if isinstance(child, Link):
                self._take_link(name, child)
            else:
                self._take_markup(child)
        self.scripts += [child.render() for child in figure.script._children.values()]

    def _take_link(self, name: str, link: Link) -> None:
        if name in DROPPED and not (name.startswith("jquery") and self.uses_jquery):
            return
        text = asset(name, link.url)
        if text is None:
            raise refusal("", "E599", kind=InstallationError, address=link.url)
        texts = self.styles if isinstance(link, CssLink) else self.assets
        if text not in texts:
            texts.append(text)

    def _take_markup(self, child: Element) -> None:
        """Take styles of the header, and scripts of folium's templates; a planner's own text runs none."""
        text = child.render()
        self.styles += re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL)
        if id(child) in self.laid:
            return
        for address in re.findall(r"<(?:script|link)[^>]*(?:src|href)=[\"']([^\"']+)", text):
            if address != LEGEND_DRAGGING:
                raise refusal("", "E599", kind=InstallationError, address=address)
        own_scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        (self.switches if "L_NO_TOUCH" in text else self.scripts).extend(own_scripts)

    def text(self, elements: list[Element]) -> str:
        maps = {e.get_name(): e for e in elements if isinstance(e, OfflineMap)}
        slot = self.figure.html._children
        body = [child.render() for name, child in slot.items() if name in maps]
        laid = [child.render() for name, child in slot.items() if name not in maps]
        # Names reach a script as JSON, in which no character can end it.
        script = "\n".join([f"siting.place({json_text(laid)});", *self.scripts])
        numbered = _numbered(elements)
        script, *rest = [numbered(text) for text in (script, *self.styles, *body)]
        styles, body = rest[: len(self.styles)], rest[len(self.styles) :]
        scripts = [*self.switches, *self.assets, script]
        lang = self.figure.lang
        return "\n".join(
            [
                "<!DOCTYPE html>",
                f'<html lang="{"zh-CN" if lang == "zh" else "en"}">',
                "<head>",
                '<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{self._policy(scripts, elements)}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                '<meta name="referrer" content="no-referrer">',
                f"<title>{html.escape(self.figure.title or say('map', lang))}</title>",
                *(f"<style>{style}</style>" for style in (*styles, own("map.css"))),
                "</head>",
                "<body>",
                *body,
                *(f"<script>{text}</script>" for text in scripts),
                "</body>",
                "</html>",
                "",
            ]
        )

    def _policy(self, scripts: list[str], elements: Iterable[Element]) -> str:
        hosts = sorted({host for element in elements for host in _hosts(element)})
        admitted = policy(
            scripts,
            # Leaflet's popups and folium's legends carry their styles with them.
            style_src="'unsafe-inline'",
            img_src=" ".join(["data:", "blob:", *hosts]),
            font_src="data:",
            frame_src="data:",
        )
        if EVALUATING in self.names:
            admitted = admitted.replace("script-src ", "script-src 'unsafe-eval' ")
        return admitted


def _hosts(element: Element) -> list[str]:
    """Hosts of the tiles that a layer asks for: the planner added it to have them."""
    given = [getattr(element, name, None) for name in ("tiles", "url")]
    if not isinstance(element, folium.map.Layer):
        return []
    parts = [urlsplit(address) for address in given if isinstance(address, str)]
    hosts = [f"{p.scheme}://{p.netloc.replace('{s}', '*')}" for p in parts if p.scheme in ("http", "https")]
    return [host for host in hosts if re.fullmatch(r"https?://[\w.*:-]+", host)]


def _numbered(elements: Iterable[Element]) -> Callable[[str], str]:
    """Return what numbers folium's random ids in order of appearance: same map, same bytes."""
    known = {element._id for element in elements}
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], f"{len(numbers):032x}") if match[0] in known else match[0]

    return lambda text: _ID.sub(number, text)
