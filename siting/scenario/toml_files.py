"""A scenario's TOML files → one nested dictionary of settings, and the file and line of each key.

Precedence, last wins: ``base = "…"`` < the file itself < ``--set key=value``.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.common.file_bytes import file_bytes
from siting.common.near_words import suggestion
from siting.messages import Text, refusal, text_of
from siting.types import Json, ScenarioError, SitingError

if TYPE_CHECKING:
    from siting.inputs.places.region import Region

_PACKAGE = Path(str(files("siting"))).resolve()
_IN_WHEEL = _PACKAGE / "default_study"
DEFAULT_STUDY = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent / "data"
"""Folder of the default study: the copy that a wheel carries, ``data`` of a checkout else."""
SCENARIOS = Path("data", "scenarios")
"""Folder of the scenarios of a study, below the study's own."""
BASE = SCENARIOS / "base.toml"
"""The scenario of a study that the others are laid over."""
DEFAULT = DEFAULT_STUDY / SCENARIOS.name / BASE.name
"""The base scenario of the default study."""
RECORDS = ("weights_record", "anchors_record", "demonstration")
"""Sections that are one statement: a file that writes one takes nothing of it from its base."""
_MAX_BYTES = 1_000_000
_MAX_DEPTH = 12
RESERVED_NAME = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names of files and folders that Windows keeps for itself."""


_HALF_WIDTH = dict(zip("“”„‘’、。【】《》", '"""\'\',.[]<>', strict=True))
"""Chinese punctuation that Unicode does not itself count as a wide form of what TOML wants."""

_refusal = partial(refusal, kind=ScenarioError)


def base_in(*folders: Path) -> Path:
    """Return the base scenario of the first of some folders that is a study, else the default study's.

    >>> base_in(Path("nowhere")) == DEFAULT
    True
    """
    return next((path for folder in folders if (path := folder / BASE).is_file()), DEFAULT)


def read_chain(path: Path, above: tuple[Path, ...]) -> tuple[dict[str, Json], dict[str, str]]:
    """Lay a file's settings over those of its bases; say where each key comes from."""
    raw, lines = _read_toml(path)
    origins = {key: f"{path.name}:{line}" for key, line in lines.items()}
    if "base" not in raw:
        return raw, origins
    base = raw.pop("base")
    where = origins.get("base", path.name)
    if not isinstance(base, str):
        raise _refusal(where, "E600", base=base)
    parent = inside(path.parent, base, "base", where, path)
    if parent in above or parent == path.resolve():
        raise _refusal(where, "E601", base=base)
    below, below_origins = read_chain(parent, (*above, path.resolve()))
    _rebase_paths(below.get("data"), parent.parent, path.parent)
    views, layers = below.get("viewpoints"), below.get("red_lines")
    entries = [(view, "judgements") for view in (views.values() if isinstance(views, dict) else ())]
    entries += [(layer, "file") for layer in (layers if isinstance(layers, list) else ())]
    entries.append((below.get("register"), "aliases"))
    for entry, key in entries:
        if isinstance(entry, dict) and isinstance(entry.get(key), str):
            named = {key: entry[key]}
            _rebase_paths(named, parent.parent, path.parent)
            entry |= named
    record = below.get("weights_record")
    if isinstance(record, dict) and isinstance(record.get("records"), list):
        files = {str(number): text for number, text in enumerate(record["records"])}
        _rebase_paths(files, parent.parent, path.parent)
        record["records"] = list(files.values())
    replaced = tuple(form for name in RECORDS if name in raw for form in (f"{name}.", f"[{name}]"))
    kept = {key: place for key, place in below_origins.items() if not key.startswith(replaced)}
    return _merge(below, raw), kept | origins


def chain_files(path: Path) -> list[Path]:
    """List a scenario's file and those of its bases, the base of all last."""
    raw, _ = _read_toml(path)
    base = raw.get("base")
    if not isinstance(base, str):
        return [path]
    return [path, *chain_files(inside(path.parent, base, "base", path.name, path))]


def to_toml(value: object) -> str:
    """Write a value in TOML notation."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_toml, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{to_toml(k)} = {to_toml(v)}' for k, v in value.items())}}}"
    return str(value)


def toml_lines(values: Mapping[str, Json]) -> list[str]:
    """Write keys with their values, a line each, as files and overrides have them.

    >>> toml_lines({"study_year": 2024, "name": "north"})
    ['study_year = 2024', 'name = "north"']
    """
    return [f"{key} = {to_toml(value)}" for key, value in values.items()]


def region_of(path: Path, aliases: str | Path | None = None) -> Region | None:
    """Read the county outline and the places of a scenario; None where there is no such scenario.

    The rest of the scenario is not looked at, so checking a table waits for nothing that it does not need.
    `aliases` names a table of further names of the places.

    Raises
    ------
    ScenarioError
        ``data.places`` is missing, or it or ``data.boundary`` leads out of the study.
    InputError
        Either file is refused.
    """
    from siting.inputs.tables.read_table import read_region

    if not path.exists():
        return None
    raw, origins = read_chain(path, ())
    data = raw.get("data")
    files: list[Path | None] = []
    for name in ("boundary", "places"):
        key = f"data.{name}"
        where, text = origins.get(key, path.name), data.get(name) if isinstance(data, dict) else None
        if text is None and name == "boundary":
            files.append(None)
            continue
        if not isinstance(text, str):
            raise _refusal(where, "E602", key=key)
        files.append(inside(path.parent, text, key, where, path))
    return read_region(files[0], files[1], aliases)


def may_name(path: Path, file: Path) -> bool:
    """Tell at once whether a scenario may name a file among its data, as far as its name goes."""
    try:
        raw, _ = read_chain(path, ())
    except SitingError:
        return False
    parts = [raw.get("data")]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, str):
            pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(re.split(r"[\\/]", part)[-1]))
            if re.fullmatch(pattern, file.name):
                return True
    return False


def _read_toml(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        blob = file_bytes(path)
    except FileNotFoundError:
        raise _refusal(path.name, "E603", folder=path.parent.name or ".") from None
    except OSError as error:
        raise _refusal(path.name, "E604", reason=error.strerror) from None
    if len(blob) > _MAX_BYTES:
        raise _refusal(path.name, "E605", size=len(blob), limit=_MAX_BYTES)
    try:
        text = blob.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = blob.count(b"\n", 0, error.start) + 1
        raise _refusal(f"{path.name}:{line}", "E606") from None
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(path.name, text, str(error)) from None
    except RecursionError:
        raise _refusal(path.name, "E609") from None
    if _is_deep(raw):
        raise _refusal(path.name, "E609")
    _refuse_twice(raw, path)
    return raw, _key_lines(text)


def _no_toml(name: str, text: str, reason: str) -> SitingError:
    """Name the Chinese or full-width character that is to blame, else what the parser says."""
    found = re.search(r"at line (\d+)", reason)
    lines = text.split("\n")
    line = lines[int(found[1]) - 1] if found else text.rstrip().rpartition("\n")[2]
    where = f"{name}:{found[1]}" if found else name
    # Within a sound string or a comment any character is right.
    bare = re.sub(r'"[^"]*"|\'[^\']*\'|#.*', lambda sound: " " * len(sound[0]), line)
    for column, character in enumerate(bare, start=1):
        wanted = _HALF_WIDTH.get(character) or unicodedata.normalize("NFKC", character)
        if not character.isascii() and wanted.isascii() and len(wanted) == 1:
            shown = "U+3000" if character.isspace() else character
            return _refusal(where, "E608", found=shown, column=column, wanted=wanted)
    return _refusal(where, "E607", reason=reason)


def _is_deep(raw: Any) -> bool:
    """Whether settings nest deeper than any scenario does; found without recursion."""
    level = [raw]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return bool(level)


def _refuse_twice(raw: Mapping[str, Any], path: Path) -> None:
    """Refuse two ``[[criteria]]`` entries of one name: neither can be the one that is meant."""
    entries = raw.get("criteria")
    names = [entry_name(entry) for entry in entries] if isinstance(entries, list) else []
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _refusal(path.name, "E610", names=", ".join(twice))


def _key_lines(text: str) -> dict[str, int]:
    """Line of each dotted key of a valid TOML text, ``[table]`` for headers; ``[[criteria]]`` go by name."""
    lines: dict[str, int] = {}
    table, entry, started = "", False, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$", line):
            table, entry, started = header[2].replace('"', ""), header[1] == "[[", number
            lines.setdefault(f"[{table}]", number)
        elif pair := re.match(r"""\s*([\w."'-]+)\s*=\s*(.*)""", line):
            key = pair[1].replace('"', "").replace("'", "")
            if entry and key == "name":
                table = f"{table}.{pair[2].strip(chr(34) + chr(39) + ' ')}"
                lines[f"[{table}]"] = started
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines


def _merge(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `above` over `below`; tables merge key by key, ``[[criteria]]`` by name."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if key in RECORDS:
            merged[key] = value
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(dict(old), value)
        elif key == "criteria" and isinstance(old, list) and isinstance(value, list):
            merged[key] = _merge_entries(old, value)
        else:
            merged[key] = value
    return merged


def _merge_entries(below: list[Any], above: list[Any]) -> list[Any]:
    entries = {entry_name(entry): entry for entry in below}
    for entry in above:
        name = entry_name(entry)
        entries[name] = _merge(dict(entries[name]), entry) if name in entries else entry
    return list(entries.values())


def entry_name(entry: object) -> str:
    """Name of an entry of ``[[criteria]]``."""
    return str(entry.get("name", "?")) if isinstance(entry, Mapping) else repr(entry)


def _rebase_paths(data: Any, old: Path, new: Path) -> None:
    """Rewrite a base's relative paths so that they hold from the child's folder."""
    if not isinstance(data, dict) or old.resolve() == new.resolve():
        return
    for key, value in data.items():
        if isinstance(value, str):
            data[key] = Path(os.path.relpath(old / value, new)).as_posix()
        else:
            _rebase_paths(value, old, new)


def parse_overrides(overrides: Iterable[str]) -> list[tuple[str, Json]]:
    """Split ``key=value`` texts; values in TOML notation, or plain text."""
    pairs: dict[str, Any] = {}
    for text in overrides:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key:
            raise _refusal("", "E611", given=text)
        if key in pairs:
            raise _refusal("", "E612", key=key)
        try:
            read = tomllib.loads(f"x = {value}")
        except (tomllib.TOMLDecodeError, RecursionError):
            read = {}
        # A value with a line break could bring keys of its own.
        pairs[key] = read["x"] if set(read) == {"x"} and not _is_deep(read) else value.strip()
    return list(pairs.items())


def set_key(raw: dict[str, Json], key: str, value: Json) -> None:
    """Set a dotted key in nested settings; ``criteria.<name>.…`` finds the entry by name."""
    *parents, last = key.split(".")
    if len(parents) > _MAX_DEPTH:
        raise _refusal("", "E613", key=key[:80])
    here: Any = raw
    for part in parents:
        if isinstance(here, list):
            found = next((entry for entry in here if entry_name(entry) == part), None)
            if found is None:
                known = [entry_name(entry) for entry in here]
                raise _refusal("", "E615", key=key, name=part, suggestion=suggestion(part, known))
            here = found
        else:
            here = here.setdefault(part, {})
        if not isinstance(here, dict | list):
            raise _refusal("", "E616", key=key, part=part)
    if isinstance(here, list):
        raise _refusal("", "E617", key=key, last=last)
    here[last] = value


def inside(folder: Path, text: str, key: str, where: str, scenario_file: Path) -> Path:
    """Resolve a path of a scenario; it must stay in the study: the scenario's folder or its parent."""
    study = folder.resolve().parent
    words: dict[str, Any] = {"key": key, "path": text[:80], "study": study.name, "file": scenario_file.name}
    bring = text_of("P06" if key == "base" else "P07", file=scenario_file.name, key=key)
    if re.match(r"^([A-Za-z]:[/\\]|[/\\~])", text):
        raise _refusal(where, "E618", bring=bring, **words)
    if fault := path_fault(text):
        raise _refusal(where, "E619", fault=fault, **words)
    target = (folder / text.replace("\\", "/")).resolve()
    if not target.is_relative_to(study):
        raise _refusal(where, "E620", bring=bring, **words)
    return target


def path_fault(text: str) -> Text | None:
    """Say what keeps a text from being the path of a file on every system; None if nothing does."""
    parts = re.split(r"[/\\]", text)
    local = re.sub(r"^[A-Za-z]:(?=[/\\])", "", text)
    faults = (
        (not text.strip() or "\0" in text, "P11"),
        (re.match(r"^[A-Za-z][A-Za-z0-9+.-]+:", text), "P12"),
        (parts[-1] in ("", ".", ".."), "P13"),
        (re.search(r'[<>"|?*:\x00-\x1f]', local), "P14"),
        (any(RESERVED_NAME.fullmatch(part) for part in parts), "P15"),
        (
            any(part not in ("..", ".") and part.endswith((".", " ")) for part in parts),
            "P16",
        ),
        (len(text) > 400 or any(len(part) > 200 for part in parts), "P17"),
    )
    return next((text_of(code) for wrong, code in faults if wrong), None)
