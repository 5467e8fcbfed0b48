"""A page of its own → what a notebook shows of it: a frame that holds it packed, words where it cannot be.

A page is mostly Leaflet and figures; packed it takes a third of the room in the notebook's file. A notebook
that is not trusted shows neither frames nor scripts: there the words and the picture behind the frame stand.
"""

from __future__ import annotations

import base64
import gzip
import html

from siting.outputs.text.wording import say
from siting.types import Language

_UNPACKING = """
const packed = document.getElementById('packed').textContent;
const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
new Response(unpacked).text().then((page) => {
  document.open();
  document.write(page);
  document.close();
});
"""
"""The policy that a page states for itself holds for it as if it had been there from the start."""


def notebook_frame(
    page: str, title: str, lang: Language, *, height: str, width: str = "100%", picture: str = ""
) -> str:
    """Return the frame of a page, the same text for the same page.

    Parameters
    ----------
    page : a whole document that needs nothing from elsewhere
    title : of the frame, for readers who hear the page
    lang : of the words behind the frame
    height, width : as a style sheet has them
    picture : an SVG to show where the page cannot be

    Examples
    --------
    >>> notebook_frame("<p>1</p>", "a < b", "en", height="9px").count("a &lt; b")
    1
    """
    source = (
        '<!DOCTYPE html><meta charset="utf-8">'
        f"<p>{html.escape(say('frame.old', lang))}</p>"
        f'<script type="text/plain" id="packed">{_packed(page)}</script><script>{_UNPACKING}</script>'
    )
    return (
        f'<div style="position:relative;width:{width};height:{height};overflow:hidden">'
        f"<p>{html.escape(say('frame.untrusted', lang))}</p>{_image(picture)}"
        f'<iframe srcdoc="{html.escape(source)}" title="{html.escape(title)}" '
        'style="position:absolute;top:0;left:0;width:100%;height:100%;border:0;background:#fff" '
        "allowfullscreen></iframe></div>"
    )


def _packed(page: str) -> str:
    return base64.b64encode(gzip.compress(page.encode("utf-8"), mtime=0)).decode("ascii")


def _image(picture: str) -> str:
    """Show an SVG as an image, in which nothing runs; as markup an untrusted notebook would drop it."""
    if not picture:
        return ""
    named = picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    data = base64.b64encode(named.encode("utf-8")).decode("ascii")
    return f'<img alt="" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'
