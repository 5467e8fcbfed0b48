"""Several evaluations → one page without scripts: what changed, where, what that did, and the scores.

However many rows changed, the page stays short: the largest effects are listed, the rest is summed.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from siting.outputs.comparison.change_marks import LOOKS, Look, placed_changes
from siting.outputs.inlining import document, hashes, policy
from siting.outputs.page.figure import Mark, mark_shape, site_keys, static_map
from siting.outputs.tables.comparison_tables import scenario_table, score_effects, score_table
from siting.outputs.text.cells import heading, is_missing, native, plain
from siting.outputs.text.changes import (
    book_lines,
    change_text,
    conclusions,
    counts_line,
    deciding_line,
    drawn_label,
    drawn_lines,
    kind_label,
    kinds_of,
    lead_line,
    method_lines,
    row_lines,
    share_points,
    signed_points,
    signed_share,
    unit_name,
)
from siting.outputs.text.wording import grouped, join, option_name, points, say, speaks
from siting.study.changes.verdicts import DRAWS
from siting.study.compare import Evaluations, is_of_register, rows_changed, settings_changed
from siting.types import Cell, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.leave_one_out import Regret
    from siting.study.changes.differences import Difference
    from siting.study.changes.verdicts import VerdictShares

MOST_FIRMS, MOST_TOWNS, MOST_DECIDING, MOST_CELLS = 8, 5, 5, 8
"""Lines that the page lists of each; the rest is summed or counted."""
MOST_BESIDE = 3
"""Scenarios of which scores, ranks and regrets stand side by side; of more the workbook has them all."""
LEAST_SHARE = 0.005
"""Share of draws that a site has to win, before or after, to be shown."""
LONGEST_TEXT = 60
"""Characters of a cell that are shown; the workbook has all."""
MOST_DOTS = 3000
"""Enterprises drawn apart on a map."""

_STYLE = """
*{box-sizing:border-box}
body{margin:0;color:#1b2733;background:#fff;font:14px/1.45 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",
"Noto Sans SC",system-ui,sans-serif}
main{max-width:1320px;margin:0 auto;padding:.8rem 1.2rem}
h1{font-size:1.4rem;line-height:1.3;margin:0 0 .3rem}
h2{font-size:1.05rem;margin:.9rem 0 .3rem;padding-left:.6rem;border-left:4px solid #1f4e79}
p{margin:0 0 .3rem}
.counts{font-size:1.25rem;font-weight:700;color:#1f4e79}
.note{color:#52606d;font-size:.85rem}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 1rem}
.figure{width:100%;height:auto;max-height:520px;display:block;background:#efece4}
figure{margin:0}
figcaption,.keys{font-size:.85rem;display:flex;flex-wrap:wrap;gap:0 .8rem}
.keys b{margin-right:.3rem}
.keys svg{width:18px;height:18px;vertical-align:-4px;margin-right:.2rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{border:1px solid #d9d4c9;padding:.12rem .45rem;text-align:left;vertical-align:top}
th{background:#f5f3ee;font-weight:600}
td.n{text-align:right;white-space:nowrap}
tr.sum td{font-weight:700;border-top:2px solid #52606d}
p bdi{overflow-wrap:anywhere}
td bdi{display:inline-block;max-width:24em;overflow-wrap:break-word}
@media(max-width:700px){.pair{grid-template-columns:minmax(0,1fr)}main{padding:.6rem}th,td{min-width:4.6em}
th:first-child,td:first-child{min-width:7.5em}td bdi{max-width:10em}}
@media print{@page{size:A4;margin:12mm}body{font-size:9.5pt}main{padding:0}figure,tr{break-inside:avoid}
h2{break-after:avoid}.figure{max-height:90mm}th,td{padding:.5mm 1mm}.scroll{overflow:visible}}
"""


@speaks
def comparison_page(
    evaluations: Evaluations,
    scores: pd.DataFrame,
    regret: Regret,
    differences: Sequence[Difference],
    lang: Language = "zh",
) -> str:
    """Return a page that stands by itself, nothing to load; the last evaluation is held against the first."""
    first = next(iter(evaluations.values()))
    names = join(map(plain, evaluations), lang)
    title = say("pair.colon", lang, a=heading("sheet_comparison", first, lang), b=names)
    parts = [f"<h1>{html.escape(title)}</h1>"]
    is_book = len(evaluations) > 2
    changed = any(len(frame) for one in differences for frame in one.registers.listed().values())
    is_told = bool(differences) and (changed or not is_book)
    if is_told:
        parts += _difference(differences[-1], lang)
    if is_book:
        parts += _book(evaluations, scores, regret, lang)
    parts += _side_by_side(evaluations, scores, regret, lang)
    if is_told:
        parts += [f'<p class="note">{html.escape(line)}</p>' for line in method_lines(differences[-1], lang)]
    admitted = policy([], style_src=hashes([_STYLE]))
    return document(title, f"<main>{''.join(parts)}</main>", _STYLE, admitted, lang)


def _book(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language) -> list[str]:
    """Show what each scenario comes to, a line each: first site, lead, build verdict, ranks and shifts."""
    first = next(iter(evaluations.values()))
    table = scenario_table(evaluations, scores, lang)
    options = [name.removeprefix("rank.") for name in map(str, table) if name.startswith("rank.")]
    plain_columns = ["scenario_title", "first_site", "lead_points", "build_verdict"]
    heads = [_escaped(heading(name, first, lang)) for name in plain_columns]
    heads += [_escaped(heading(option, first, lang)) for option in options]
    rows = [
        [
            *(_cell(row[name], name) for name in plain_columns),
            *(_rank_cell(row[f"rank.{option}"], row[f"rank_shift.{option}"], lang) for option in options),
        ]
        for _, row in table.iterrows()
    ]
    lines = [f"<p>{html.escape(line)}</p>" for line in book_lines(evaluations, scores, regret, lang)]
    return [_title("book", lang), *lines, _table(heads, rows)]


def _rank_cell(rank: Cell, shift: Cell, lang: Language) -> str:
    """Write a rank, and by how many it moved from the first scenario."""
    if is_missing(rank) or is_missing(shift):
        return "<td></td>"
    text = f"{rank:.0f}"
    if shift:
        text = say("book.up" if shift < 0 else "book.down", lang, rank=text, n=f"{abs(shift):.0f}")
    return f'<td class="n">{html.escape(text)}</td>'


# what changed ----------------------------------------------------------------------------


def _difference(difference: Difference, lang: Language) -> list[str]:
    """Tell what became of the enterprises, where they are, and what each change did."""
    has_changes = bool(len(difference.shares.rows)) or any(
        len(frame) for frame in difference.registers.listed().values()
    )
    deciding = deciding_line(difference, lang, MOST_DECIDING)
    lines = [*row_lines(difference, lang), lead_line(difference, lang), *filter(None, [deciding])]
    parts = [
        f'<p class="counts">{html.escape(counts_line(difference, lang))}</p>',
        *(f"<p><bdi>{html.escape(line)}</bdi></p>" for line in lines),
        *_conclusions(difference, lang),
        *(f"<p>{html.escape(line)}</p>" for line in drawn_lines(difference, lang, by_kind=False)),
    ]
    if has_changes:
        parts += _maps(difference, lang)
    parts += _kinds(difference, lang)
    if has_changes:
        parts += _draws(difference, lang)
        parts += _firms(difference, lang)
        parts += _towns(difference, lang)
    return parts


def _conclusions(difference: Difference, lang: Language) -> list[str]:
    heads = [f"<bdi>{_escaped(name)}</bdi>" for name in difference.names]
    rows = [[f"<td>{_escaped(said)}</td>" for said in pair] for pair in conclusions(difference, lang)]
    return [_title("changes.conclusion", lang), _table(heads, rows)]


def _kinds(difference: Difference, lang: Language) -> list[str]:
    """Tabulate what each kind did to the scores, from the score before to the score after."""
    shares = difference.shares
    options = list(shares.before.index[shares.before["score"].notna()])

    def line(label: str, cells: Iterable[str]) -> list[str]:
        return [_text(label), *(f'<td class="n">{cell}</td>' for cell in cells)]

    def effect(kind: str) -> list[str]:
        return line(kind_label(kind, lang), map(signed_points, shares.kinds.loc[kind]["score"][options]))

    def result(key: str, frame: pd.DataFrame) -> list[str]:
        ends = zip(frame["score"][options], frame["rank"][options], strict=True)
        return line(say(key, lang), (f"{points(score)} ({rank:.0f})" for score, rank in ends))

    *held, last = shares.kinds.index.unique("kind")
    rows = [
        result("changes.before", shares.before),
        *map(effect, held),
        result("changes.after", shares.after),
        effect(last),
        result("changes.own", shares.own),
    ]
    ends = (0, len(held) + 1, len(held) + 3)
    return [
        _title("changes.by_kind", lang),
        _table(["", *_options(difference, options, lang)], rows, sums=ends),
    ]


def _draws(difference: Difference, lang: Language) -> list[str]:
    """Tabulate what each kind did to the shares of draws; nothing where no line can be told."""
    found = difference.verdicts
    if found is None or not found.clear.any(axis=None):
        return []
    shown = [
        name for name in map(str, found.kinds) if max(found.before[name], found.after[name]) >= LEAST_SHARE
    ]

    def line(label: str, cells: Iterable[str]) -> list[str]:
        return [_text(label), *(f'<td class="n">{cell}</td>' for cell in cells)]

    def end(key: str, shares: pd.Series) -> list[str]:
        return line(say(key, lang), (share_points(float(shares[name])) for name in shown))

    lines = [
        line(kind_label(str(kind), lang), (_drawn_cell(found, str(kind), name) for name in shown))
        for kind in found.kinds.index
    ]
    rows = [end("changes.drawn.before", found.before), *lines, end("changes.drawn.after", found.after)]
    note = say("changes.drawn.note", lang, n=grouped(found.n_draws))
    if DRAWS in found.kinds.index:
        note += say("changes.drawn.rest", lang)
    heads = ["", *(_escaped(drawn_label(difference, name, lang)) for name in shown)]
    return [
        _title("changes.drawn", lang),
        _table(heads, rows, sums=(0, len(rows) - 1)),
        f'<p class="note">{html.escape(note)}</p>',
    ]


def _drawn_cell(found: VerdictShares, line: str, outcome: str) -> str:
    """Write a share with its standard error, in brackets where it cannot be told from nothing."""
    share, error = float(found.kinds[outcome][line]), float(found.errors[outcome][line])
    text = signed_share(share)
    if math.isnan(error) or not (share or error):
        return text
    text = f"{text} ±{share_points(error)}"
    return text if found.clear[outcome][line] else f"({text})"


def _firms(difference: Difference, lang: Language) -> list[str]:
    """List the enterprises with the largest effect, and what the others came to together."""
    effects = score_effects(difference, "unit")
    texts = _texts_by_unit(difference, set(effects.index[:MOST_FIRMS]), lang)
    rows = []
    for unit in map(int, effects.index[:MOST_FIRMS]):
        kinds = join((kind_label(kind, lang) for kind in kinds_of(difference, unit)), lang)
        named = map(_text, (unit_name(difference, unit, lang), kinds, texts.get(unit, "")))
        rows.append([*named, *map(_signed, effects.loc[unit])])
    rows += _rest(effects, MOST_FIRMS, lang, blank=2)
    heads = [say(key, lang) for key in ("changes.name", "changes.kind_of", "changes.what")]
    heads = [*map(html.escape, heads), *_options(difference, effects.columns, lang)]
    return [_title("changes.by_firm", lang), _table(heads, rows)]


def _texts_by_unit(difference: Difference, units: set[object], lang: Language) -> Mapping[int, str]:
    """Say of some enterprises what changed, all kinds together."""
    found: dict[int, list[str]] = {}
    for kind, frame in difference.registers.listed().items():
        for _, row in frame[frame["unit"].isin(units)].iterrows():
            found.setdefault(int(row["unit"]), []).append(change_text(difference, kind, row, lang))
    return {unit: join(filter(None, texts), lang) for unit, texts in found.items()}


def _towns(difference: Difference, lang: Language) -> list[str]:
    effects = score_effects(difference, "town")
    rows = [
        [_text(str(town) or say("changes.no_town", lang)), *map(_signed, row)]
        for town, row in effects.head(MOST_TOWNS).iterrows()
    ]
    rows += _rest(effects, MOST_TOWNS, lang)
    heads = ["", *_options(difference, effects.columns, lang)]
    return [_title("changes.by_town", lang), _table(heads, rows)]


def _rest(effects: pd.DataFrame, most: int, lang: Language, blank: int = 0) -> list[list[str]]:
    rest = effects.iloc[most:]
    if rest.empty:
        return []
    head = say("changes.rest", lang, n=grouped(len(rest)))
    return [[_text(head), *["<td></td>"] * blank, *map(_signed, rest.sum())]]


# maps ------------------------------------------------------------------------------------


def _maps(difference: Difference, lang: Language) -> list[str]:
    """Draw both registers side by side on one section of the map."""
    sides = (difference.first, difference.second)
    area = difference.first.evidence.inputs.area
    drawn = []
    for name, evaluation, is_after in zip(difference.names, sides, (False, True), strict=True):
        marks = _marks(difference, is_after)
        figure = static_map(evaluation, lang, marks=marks, most_dots=MOST_DOTS, area=area)
        drawn.append(f"<figure><figcaption><b><bdi>{_escaped(name)}</bdi></b></figcaption>{figure}</figure>")
    found = difference.registers.listed()
    keys = "".join(
        f'<span><svg viewBox="-10 -10 20 20">{_key(look)}</svg>{_escaped(kind_label(look.kind, lang))}</span>'
        for look in LOOKS
        if len(found[look.kind])
    )
    keys += site_keys(difference.first, lang)
    return [
        _title("changes.maps", lang),
        f'<div class="pair">{"".join(drawn)}</div><p class="keys">{keys}</p>',
    ]


def _key(look: Look) -> str:
    return mark_shape(Mark(look.form, look.colour, [(0.0, 0.0)]), lambda x, y: (int(x), int(y)))


def _marks(difference: Difference, is_after: bool) -> list[Mark]:
    """Mark the changes on the map of one side."""
    return [
        Mark(placed.look.form, placed.look.colour, placed.places, placed.origins)
        for placed in placed_changes(difference, is_after)
    ]


# all side by side ------------------------------------------------------------------------


def _side_by_side(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language
) -> list[str]:
    """Show scores, ranks and regret of all, and what is set otherwise or stands in other tables."""
    first = next(iter(evaluations.values()))
    settings = settings_changed(evaluations)
    settings = settings.loc[[key for key in settings.index if not is_of_register(key)]]
    tables = {
        "comparison": score_table(evaluations, scores, regret, lang).loc[:, _shown(evaluations, scores)],
        "settings_changed": settings.reset_index(),
        "rows_changed": rows_changed(evaluations).reset_index(),
    }
    parts = []
    for name, table in tables.items():
        if len(table):
            most = len(table) if name == "comparison" else MOST_CELLS
            parts.append(f"<h2>{_escaped(heading(f'sheet_{name}', first, lang))}</h2>")
            heads = [_escaped(heading(str(column), first, lang)) for column in table]
            columns = list(map(str, table))
            rows = [list(map(_cell, row, columns)) for row in table.head(most).to_numpy(object)]
            parts.append(_table(heads, rows))
            if len(table) > most:
                more = say("changes.more", lang, n=grouped(len(table) - most))
                parts.append(f'<p class="note">{html.escape(more)}</p>')
    return parts


def _shown(evaluations: Evaluations, scores: pd.DataFrame) -> list[str] | slice:
    """Name the columns of scores that the page shows: of many scenarios no ranks, as `_book` has them."""
    if len(evaluations) <= MOST_BESIDE:
        return slice(None)
    return ["option_name", *(f"score.{name}" for name in scores), "regret_largest"]


def _options(difference: Difference, options: Iterable[object], lang: Language) -> list[str]:
    named = difference.first.evidence.options
    return [_escaped(option_name(named, str(option), lang)) for option in options]


def _title(key: str, lang: Language) -> str:
    return f"<h2>{html.escape(say(key, lang))}</h2>"


def _table(heads: list[str], rows: list[list[str]], sums: Sequence[int] = ()) -> str:
    """Put finished cells into a table; `sums` are rows that others add up to."""
    head = "".join(f"<th>{text}</th>" for text in heads)
    lines = [
        f"<tr{' class=sum' if number in sums else ''}>{''.join(row)}</tr>" for number, row in enumerate(rows)
    ]
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="scroll"><table>{body}</table></div>'


def _escaped(text: object) -> str:
    return html.escape(plain(str(text)))


def _text(text: str) -> str:
    cut = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    return f"<td><bdi>{_escaped(cut)}</bdi></td>"


def _signed(share: float) -> str:
    return f'<td class="n">{signed_points(share)}</td>'


def _cell(value: Cell, column: str) -> str:
    """Write a value; scores and points to one decimal, ranks whole."""
    value = native(value)
    if is_missing(value):
        return "<td></td>"
    if not isinstance(value, float):
        return _text(str(value))
    family = column.partition(".")[0]
    form = {"rank": ".0f", "before": ".6g", "after": ".6g"}.get(family, ".1f")
    return f'<td class="n">{value:{form}}</td>'
