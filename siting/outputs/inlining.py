"""Scripts, styles and data → what a page without requests carries: escaped JSON, a content policy, Leaflet.

Both pages are made of these: nothing but a page's own scripts runs, and no text of a user can end an element.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.types import InstallationError, Json, Language

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def json_text(data: Json) -> str:
    r"""Write JSON in which no character can end a script or open a comment.

    >>> print(json_text({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", text)


def policy(scripts: Iterable[str], **sources: str) -> str:
    """Word a content policy: these very scripts, and the `sources` by directive; nothing else.

    >>> policy([], style_src="'unsafe-inline'")
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    """
    directives: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": hashes(scripts) or "'none'",
        **{name.replace("_", "-"): allowed for name, allowed in sources.items()},
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {allowed}" for name, allowed in directives.items())


def document(title: str, body: str, style: str, admitted: str, lang: Language) -> str:
    """Write a page of one style and no scripts of its own.

    Parameters
    ----------
    title : as text
    body : HTML
    admitted : a content policy, see `policy`

    Examples
    --------
    >>> document("a < b", "<p>1</p>", "p{margin:0}", policy([]), "en").count("a &lt; b")
    1
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{admitted}">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>"
        f"<body>{body}</body></html>\n"
    )


def hashes(texts: Iterable[str]) -> str:
    """List the hashes by which a policy admits scripts or styles."""
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
        for text in texts
    )


def leaflet_folder() -> Traversable:
    """Folder of Leaflet's script, style sheet and ``images`` in the installed package."""
    return files("js_lib_leaflet").joinpath("static", "js_lib_leaflet")


@cache
def leaflet(name: str) -> str:
    """Leaflet's script or style sheet, fit to be inlined."""
    return inlined(leaflet_folder().joinpath(name).read_text(encoding="utf-8"), name)


def inlined(text: str, name: str) -> str:
    """Text fit to stand inside a script or style element, line ends as a browser counts them.

    Raises
    ------
    InstallationError
        The text would end its own element.
    """
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise refusal(
            "",
            "E901",
            kind=InstallationError,
            detail=f"{name} would end its own element; it cannot be inlined",
        )
    return re.sub(r"\n//# sourceMappingURL=\S*\s*$", "", text.replace("\r\n", "\n"))
