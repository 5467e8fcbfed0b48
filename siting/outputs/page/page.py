"""Evaluation → the decision page: one HTML text that opens from disk and asks the network for nothing.

Names reach the page by two ways only: escaped into the plain HTML, or in one JSON block that the panel
shows as text. A content policy admits the page's own scripts and styles by their hashes, nothing else.
"""

from __future__ import annotations

import html
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.outputs.inlining import hashes, inlined, json_text, leaflet, policy
from siting.outputs.page.figure import letters, site_keys, static_map
from siting.outputs.page.payload import payload
from siting.outputs.page.road_notes import road_texts
from siting.outputs.page.winners_table import winners_table
from siting.outputs.text.conclusion import conclusion, headlines, open_questions, weights_basis
from siting.outputs.text.ground import has_ranking, is_nothing_to_serve, ranked
from siting.outputs.text.sentences import verdict_text
from siting.outputs.text.wording import LANGUAGES, option_name, points, say, speaks
from siting.types import Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

UNUSED = re.compile(
    r"popup|control-layers|attribution|vml|oldie|leaflet-(tile|image|shadow|ruler|cluster|div-icon)|@"
    r"|marker-shadow|zoom-box|crosshair|draggable|overlay-pane|marker-pane img"
)
"""Selectors of Leaflet's style sheet that the page has no use for."""


@speaks
def render_page(evaluation: Evaluation, *, lang: Language = "zh") -> str:
    """Render the decision page as one self-contained HTML text, the same bytes for the same evaluation.

    Parameters
    ----------
    evaluation : what a scenario comes to; robustness, explanation and economics may be None
    lang : language in which the page opens; the reader can switch
    """
    data = {"lang": lang, **payload(evaluation)}
    styles = [slim(_used_rules(leaflet("leaflet.css"))), slim(_own("static/panel.css"))]
    scripts = [_own("bundle.js")]
    admitted = policy(scripts, style_src=hashes(styles))
    title = data["title"][LANGUAGES.index(lang)]
    if "选址" not in data["title"][0]:
        title = f"{title} · {say('title.suffix', lang)}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{"zh-CN" if lang == "zh" else "en"}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{admitted}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="renderer" content="webkit">',
            f"<title>{html.escape(title)}</title>",
            *(f"<style>{style}</style>" for style in styles),
            "</head>",
            "<body>",
            _skeleton(evaluation, data, lang),
            f'<script type="application/json" id="data">{json_text(data)}</script>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body>",
            "</html>",
            "",
        ]
    )


@cache
def _own(name: str) -> str:
    """Read the style sheet, or the script that ``npm run build`` makes of the sources in ``static``."""
    return inlined(files("siting.outputs.page").joinpath(name).read_text(encoding="utf-8"), name)


def _used_rules(css: str) -> str:
    """Rules of Leaflet for what the page has: no popups, tiles, pictures, layer control, old browsers."""
    kept = []
    for rule in re.finditer(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        selectors = [selector.strip() for selector in rule[1].split(",") if not UNUSED.search(selector)]
        if selectors and rule[2].strip() and "url(" not in rule[2]:
            body = re.sub(r"[\w-]+\s*:\s*-moz-[^;]*;|(?<![\w-])-(?:moz|ms|webkit-t)[^;]*;", "", rule[2])
            kept.append(f"{','.join(selectors)} {{{body}}}\n")
    return "".join(kept)


def slim(css: str) -> str:
    """Leave out the blanks of a style sheet that mean nothing.

    >>> slim("a , b { color: red; } ")
    'a,b{color:red}'
    """
    packed = re.sub(r"\s*([{};,])\s*", r"\1", css)
    return re.sub(r"(?<=[{;])([a-z-]+):\s+", r"\1:", packed).replace(";}", "}")


# --- What stands without scripts -----------------------------------------------------------------------


def _skeleton(evaluation: Evaluation, data: dict[str, Any], lang: Language) -> str:
    """Body: title, conclusion, ranking table and map in plain HTML; the panel fills the rest."""
    template = files("siting.outputs.page").joinpath("static", "skeleton.html").read_text(encoding="utf-8")
    template = re.sub(r"^ +", "", template, flags=re.MULTILINE)
    heads, reasons = _conclusion(evaluation, lang)
    plain = {
        "title": html.escape(data["title"][LANGUAGES.index(lang)]),
        "prepared": _prepared(data, lang),
        "subtitle": _subtitle(data, lang),
        "demo": _banner(data, lang),
        "tag": _tag(data, lang),
        "heads": heads,
        "reasons": reasons,
        "questions": _questions(evaluation, lang),
        "winners": winners_table(evaluation, data["winners"], lang),
        "unsure": _hidden(not evaluation.winners),
        "basis": html.escape(weights_basis(evaluation, lang)),
        "ranking": _ranking_table(evaluation, lang),
        "ranked": _ranking_title(evaluation),
        "ranks": _hidden(not has_ranking(evaluation)),
        "pledged": _hidden(evaluation.evidence.inputs.pledges.empty),
        "asked": _hidden(not (data["concerns"]["said"] or data["concerns"]["services"])),
        "figure": static_map(evaluation, lang),
        "keys": site_keys(evaluation, lang),
    }
    of_roads = road_texts(evaluation.evidence.inputs, lang, data["layers"]["roads"]["classes"])
    filled = re.sub(r"\[\[(\w+)\]\]", lambda match: plain[match[1]], template)
    return re.sub(
        r'data-t="([\w.]+)"></',
        lambda match: f'data-t="{match[1]}">{html.escape(of_roads.get(match[1]) or say(match[1], lang))}</',
        filled,
    )


def _prepared(data: dict[str, Any], lang: Language) -> str:
    """Write who prepared the study and when, as stated; room for the pen where it is not."""
    by, on = (text or say("prepared.blank", lang) for text in data["prepared"])
    return html.escape(say("prepared", lang, by=by, on=on, version=data["version"]))


def _subtitle(data: dict[str, Any], lang: Language) -> str:
    counts = {"year": data["year"], "options": len(data["options"]["id"]), "firms": data["firms"]["all"]}
    return html.escape(say("subtitle", lang, **counts))


def _banner(data: dict[str, Any], lang: Language) -> str:
    """Headline rule: while any of the demand is illustrative, the page says so first."""
    why = html.escape(data["demo"][LANGUAGES.index(lang)])
    if not why:
        return ""
    return (
        f'<p class="demo" id="demo"><strong>{html.escape(say("demo", lang))}</strong> <span>{why}</span></p>'
    )


def _tag(data: dict[str, Any], lang: Language) -> str:
    """Mark a demonstration in the bar that stays in sight."""
    return (
        f'<strong class="tag" data-t="demo.tag">{say("demo.tag", lang)}</strong>' if data["demo"][0] else ""
    )


def _conclusion(evaluation: Evaluation, lang: Language) -> tuple[str, str]:
    """Write the conclusion's sentences: the headlines, and the others, which the panel folds."""
    large = len(headlines(evaluation, lang))
    texts = [html.escape(text) for text in conclusion(evaluation, lang)]
    heads = "".join(f'<p class="head">{text}</p>' for text in texts[:large])
    reasons = "".join(f"<p>{text}</p>" for text in texts[large:])
    return heads, reasons


def _questions(evaluation: Evaluation, lang: Language) -> str:
    """List what the planner has still to say, if anything."""
    asked = open_questions(evaluation, lang)
    if not asked:
        return ""
    items = "".join(f"<li>{html.escape(text)}</li>" for text in asked)
    return f'<h3 data-t="questions"></h3><ul id="questions">{items}</ul>'


def _ranking_title(evaluation: Evaluation) -> str:
    """Key of the heading above the options: why they are not ranked, if so."""
    if has_ranking(evaluation):
        return "ranking"
    return "unranked" if is_nothing_to_serve(evaluation) else "unranked.none"


def _hidden(is_empty: bool) -> str:
    """Hide a part of the page that would show nothing."""
    return " hidden" if is_empty else ""


def _ranking_table(evaluation: Evaluation, lang: Language) -> str:
    ranking, options = ranked(evaluation), evaluation.evidence.options.index
    letter_of = dict(zip(options, letters(len(options)), strict=True))
    unranked = say("number.missing" if is_nothing_to_serve(evaluation) else "unranked.place", lang)
    head = "".join(
        f'<th scope="col">{html.escape(say(key, lang))}</th>'
        for key in ("rank", "option", "score", "conditions")
    )
    rows = "".join(
        f"<tr><td>{html.escape(_rank(row, unranked, lang))}</td>"
        f"<td>{letter_of[option]} {html.escape(option_name(evaluation.evidence.options, option, lang))}</td>"
        f"<td>{_points(row['score'], lang)}</td>"
        f"<td>{html.escape(verdict_text(evaluation, option, lang))}</td></tr>"
        for option, (_, row) in zip(ranking.index, ranking.iterrows(), strict=True)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _rank(row: Any, unranked: str, lang: Language) -> str:
    """Rank as written: a failed option has none, and of what is not ranked it is said."""
    if pd.isna(row["rank"]):
        return unranked
    return say("number.missing", lang) if row["verdict"] == "fail" else str(row["rank"])


def _points(score: float, lang: Language) -> str:
    """Score as written; without demand there is none."""
    return say("number.missing", lang) if pd.isna(score) else points(score)
