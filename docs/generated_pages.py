"""Tables and code of the package → pages of the documentation, in one language; nothing is read twice.

Pure: `pages` gives the text of every generated page by its name, `build.py` writes them.
"""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import siting
from siting.analysis.decision.criteria import BY_ID, CRITERIA, Criterion
from siting.inputs.dictionary.columns import Column, dictionary
from siting.messages import messages, text_of
from siting.outputs.new_study.templates import choices
from siting.outputs.text import wording
from siting.scenario.describe import describe_keys

if TYPE_CHECKING:
    from siting.types import Language

DOCS = Path(__file__).resolve().parent
PARAMETERS = DOCS.parent / "data" / "raw" / "parameters.csv"

PARTS = {
    "desk": ("planner", "comparison", "result"),
    "interactive": ("widgets", "outputs"),
    "reading": ("scenario", "inputs"),
    "network": ("analysis.network", "analysis.access"),
    "scoring": ("analysis.decision", "analysis.robustness"),
    "records": ("study", "types"),
}
"""Parts of the page on the Python interface, and the rooms whose public names stand in each."""
BESIDE = {"desk": ("comparison.Comparison",)}
"""What is no public name, but comes out of one."""

_KINDS = {"float": "P147", "int": "P148", "str": "P149", "bool": "P150", "list": "P155", "date": "P240"}
_SEVERITIES = ("set_aside", "changed", "note", "refused", "fault", "report")
"""Parts of sentences (severity ``part``) say nothing by themselves."""
NO_DEFAULT = ("null", '""', "[]", "{}")
"""Defaults that say no more than that a key may be left out."""
_SPAN = re.compile(r"(`+[^`]+`+)")


def pages(lang: Language, shown: Collection[str] = ()) -> dict[str, str]:
    """Write the generated pages of one language, by file name; `shown` are the notebooks of the gallery."""
    return {
        "reference/columns.md": columns_page(lang),
        "reference/settings.md": settings_page(lang),
        "reference/parameters.md": parameters_page(lang),
        "reference/messages.md": messages_page(lang),
        "reference/commands.md": commands_page(lang),
        "reference/criteria.md": criteria_page(lang),
        "reference/api.md": api_page(lang),
        "gallery.md": gallery_page(lang, shown),
        "decisions/index.md": decisions_page(lang),
    }


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    with (DOCS / "words.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def word(key: str, lang: Language) -> str:
    """Give one phrase of the generated pages.

    >>> word("commands.title", "zh")
    '命令'
    """
    return _words()[key][lang]


def literal(text: str) -> str:
    r"""Write text so that Markdown reads no mark in it.

    >>> literal("a_b <i>*")
    'a\\_b \\<i\\>\\*'
    """
    return re.sub(r"([\\`*_{}\[\]<>#+$|~&!@:-])", r"\\\1", " ".join(text.split()))


def prose(text: str) -> str:
    r"""Write text of docstrings and tables, whose code between backticks stays code.

    >>> prose("``[demand]``: a_b")
    '`[demand]`\\: a\\_b'
    """
    parts = _SPAN.split(" ".join(text.split()))
    return "".join(f"`{p.strip('`')}`" if p.startswith("`") else literal(p) for p in parts)


def _page(key: str, lang: Language, parts: Iterable[str]) -> str:
    lead = word(f"{key}.lead", lang)
    return "\n\n".join([f"# {word(f'{key}.title', lang)}", lead, *parts]) + "\n"


def _entry(term: str, *lines: str) -> str:
    """Write a term with what is said of it: an item of a definition list."""
    said = [line for line in lines if line]
    return f"{term}\n: " + "\n\n  ".join(said)


def _joined(items: Iterable[str], lang: Language) -> str:
    return ("，" if lang == "zh" else ", ").join(filter(None, items))


def _unit(unit: str, lang: Language) -> str:
    """Name a unit as the reader does; ids of units are in English."""
    return literal(word(f"unit.{unit}", lang) if f"unit.{unit}" in _words() else unit)


def columns_page(lang: Language) -> str:
    """Write the data dictionary."""
    parts = []
    for table, columns in dictionary().items():
        parts.append(f"## {word(f'table.{table}', lang)} `{table}`")
        parts += [_column(column, lang) for column in columns.values()]
    return _page("dictionary", lang, parts)


def _column(column: Column, lang: Language) -> str:
    low, high = column.minimum, column.maximum
    bounds = [f"≥ {low:g}" if low > -float("inf") else "", f"≤ {high:g}" if high < float("inf") else ""]
    need = word("dictionary.required" if column.required else "dictionary.optional", lang)
    kind = text_of(_KINDS[column.dtype]).spoken(lang)
    facts = _joined([kind, _unit(column.unit, lang), *bounds, need], lang)
    meaning = column.meaning_zh if lang == "zh" else column.meaning_en
    allowed = _allowed(column, lang)
    headings = "、".join(literal(heading) for heading in (column.label_zh, *column.synonyms))
    return _entry(
        f"`{column.column}` {literal(column.label_zh)} — {facts}",
        prose(meaning),
        word("dictionary.allowed", lang) + allowed if allowed else "",
        word("dictionary.headings", lang) + headings,
    )


def _allowed(column: Column, lang: Language) -> str:
    if lang == "en":
        return ", ".join(f"`{value}`" for value in column.allowed)
    pairs = zip(choices(column), column.allowed, strict=True)
    return "、".join(
        f"{literal(said)}（`{value}`）" if said != value else f"`{value}`" for said, value in pairs
    )


def settings_page(lang: Language) -> str:
    """Write every key of a scenario, section by section."""
    rows = describe_keys()
    parts = [f"## {word('settings.top', lang)}"]
    parts += [_setting(row, lang) for row in rows if "." not in row["key"]]
    nested = [row for row in rows if "." in row["key"]]
    for section, found in groupby(nested, lambda row: row["key"].split(".")[0]):
        parts.append(f"## `[{section}]`")
        parts += [_setting(row, lang) for row in found]
    return _page("settings", lang, parts)


def _setting(row: Mapping[str, str], lang: Language) -> str:
    own = "_zh" if lang == "zh" else ""
    default, kind = row["default"], literal(row[f"type{own}"])
    if default.startswith("required"):
        kind = _joined([kind, word("settings.required", lang)], lang)
    elif default not in NO_DEFAULT:
        kind += f" = `{default}`"
    return _entry(f"`{row['key']}` — {kind}", prose(row[f"meaning{own}"]))


def parameters_page(lang: Language) -> str:
    """Write the parameters of the default study with their range, basis and source."""
    with PARAMETERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = []
    for family, found in groupby(rows, lambda row: row["parameter"].split(".")[0]):
        parts.append(f"## `{family}`")
        parts += [_parameter(row, lang) for row in found]
    return _page("parameters", lang, parts)


def _parameter(row: Mapping[str, str], lang: Language) -> str:
    words = wording.words(lang)
    name = words.get(f"parameter.{row['parameter']}", "")
    span = f"{word('parameters.range', lang)} {row['low']}–{row['high']}" if row["low"] else ""
    unit, source = (wording.bilingual(row[f"{of}_zh"], row[of])[lang] for of in ("unit", "source"))
    facts = [f"{row['value']} {unit}", span, words[f"basis.{row['basis']}"], row["year"]]
    told = f"{word('parameters.confidence', lang)} {word('confidence.' + row['confidence'], lang)}"
    return _entry(
        f"`{row['parameter']}` {literal(name)}",
        literal(_joined([*facts, told], lang)),
        word("parameters.source", lang) + literal(source),
        word("parameters.note", lang) + literal(row["note"]) if row["note"] else "",
    )


def messages_page(lang: Language) -> str:
    """Write all messages, by what they do to a row or file."""
    own = "_zh" if lang == "zh" else ""
    parts = []
    for severity in _SEVERITIES:
        parts.append(f"## {word(f'messages.{severity}', lang)}")
        rows = [row for row in messages().values() if row["severity"] == severity]
        parts += [
            _entry(f"`{row['code']}`", literal(row[f"action{own}"]), literal(row[f"hint{own}"]))
            for row in rows
        ]
    return _page("messages", lang, parts)


def commands_page(lang: Language) -> str:
    """Write the help of the program and of every command, as the program gives it."""
    from typer.main import get_command
    from typer.testing import CliRunner

    from siting.cli import app

    runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1"})
    parts = []
    for name in ("", *get_command(app).commands):
        asked = [*filter(None, [name]), "--help", "--lang", lang]
        shown = runner.invoke(app, asked, prog_name="siting", catch_exceptions=False)
        parts.append(f"## `siting{' ' * bool(name)}{name}`\n\n```text\n{shown.output.strip()}\n```")
    return _page("commands", lang, parts)


def criteria_page(lang: Language) -> str:
    """Write the criteria, group by group."""
    parts = []
    for group in dict.fromkeys(criterion.group for criterion in CRITERIA):
        parts.append(f"## {wording.words(lang)[f'group.{group}']} `{group}`")
        parts += [_criterion(criterion, lang) for criterion in CRITERIA if criterion.group == group]
    return _page("criteria", lang, parts)


def _criterion(criterion: Criterion, lang: Language) -> str:
    sense = word("criteria.more" if criterion.sense > 0 else "criteria.less", lang)
    name = criterion.label_zh if lang == "zh" else criterion.label_en
    set_by = ", ".join(f"`{key} = {value}`" for key, value in criterion.parameters.items())
    held, said = criterion.counted_in, (inspect.getdoc(criterion.compute) or "").partition("\n\n")[0]
    return _entry(
        f"`{criterion.id}` {name} — {_joined([_unit(criterion.unit, lang), sense], lang)}",
        word(f"criterion.{criterion.id}", lang) or prose(said),
        word(f"criteria.{criterion.serves}", lang)
        + (" " * (lang == "en") + word("criteria.scales", lang) if criterion.scales_with_demand else ""),
        word("criteria.parameters", lang) + set_by if set_by else "",
        word("criteria.counted_in", lang).format(criterion=_named(BY_ID[held], lang)) if held else "",
    )


def _named(criterion: Criterion, lang: Language) -> str:
    return f"“{criterion.label_zh}”" if lang == "zh" else criterion.label_en


def api_page(lang: Language) -> str:
    """Write what autodoc fills in from the docstrings."""
    parts = []
    for part, rooms in PARTS.items():
        parts.append(f"## {word(f'api.{part}', lang)}")
        names = [name for name in siting.__all__ if _room(name).startswith(rooms)]
        parts += [_documented(name) for name in (*names, *BESIDE.get(part, ()))]
    return _page("api", lang, parts)


def _room(name: str) -> str:
    """Return the module that a public name lives in, without the package."""
    return getattr(siting, name).__module__.removeprefix("siting.")


def _documented(name: str) -> str:
    thing: object = siting
    for step in name.split("."):
        thing = getattr(thing, step)
    if not inspect.isclass(thing):
        return f"```{{eval-rst}}\n.. autofunction:: siting.{name}\n```"
    return f"```{{eval-rst}}\n.. autoclass:: siting.{name}\n   :members:\n```"


def gallery_page(lang: Language, shown: Collection[str]) -> str:
    """Write what each notebook teaches, with a link to its executed page."""
    parts = [] if shown else [word("gallery.missing", lang)]
    for name in (key.partition(".")[2] for key in _words() if key.startswith("notebook.")):
        title = word(f"notebook_title.{name}", lang)
        linked = f'<a href="../gallery/{name}.html">{title}</a>' if name in shown else title
        parts.append(_entry(linked, word(f"notebook.{name}", lang)))
    return _page("gallery", lang, parts)


def decisions_page(lang: Language) -> str:
    """List the records of decisions, which stand beside this page."""
    names = sorted(path.stem for path in (DOCS / "decisions").glob("[0-9]*.md"))
    toctree = "\n".join(["```{toctree}", ":maxdepth: 1", "", *names, "```"])
    return _page("decisions", lang, [toctree])
