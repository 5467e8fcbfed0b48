"""A scenario's TOML files → one nested dictionary of settings, and the file and line of each key.

Precedence, last wins: ``base = "…"`` < the file itself < ``--set key=value``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.near_words import suggestion
from siting.types import Json, ScenarioError

if TYPE_CHECKING:
    from siting.inputs.places.region import Region

DEFAULT = Path(__file__).resolve().parents[2] / "data" / "scenarios" / "base.toml"
"""The checkout's base scenario."""
_MAX_BYTES = 1_000_000
_MAX_DEPTH = 12
RESERVED_NAME = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names of files and folders that Windows keeps for itself."""


def read_chain(path: Path, above: tuple[Path, ...]) -> tuple[dict[str, Json], dict[str, str]]:
    """Lay a file's settings over those of its bases; say where each key comes from."""
    raw, lines = _read_toml(path)
    origins = {key: f"{path.name}:{line}" for key, line in lines.items()}
    if "base" not in raw:
        return raw, origins
    base = raw.pop("base")
    where = origins.get("base", path.name)
    if not isinstance(base, str):
        raise ScenarioError(f'{where}: base: {base!r} is not a path; write base = "parent.toml"')
    parent = inside(path.parent, base, "base", where, path)
    if parent in above or parent == path.resolve():
        raise ScenarioError(f"{where}: base: {base} leads back to itself")
    below, below_origins = read_chain(parent, (*above, path.resolve()))
    _rebase_paths(below.get("data"), parent.parent, path.parent)
    views = below.get("viewpoints")
    for view in views.values() if isinstance(views, dict) else ():
        if isinstance(view, dict) and isinstance(view.get("judgements"), str):
            sheet = {"judgements": view["judgements"]}
            _rebase_paths(sheet, parent.parent, path.parent)
            view |= sheet
    return _merge(below, raw), below_origins | origins


def region_of(path: Path) -> Region | None:
    """Read the county outline and the places of a scenario; None where there is no such scenario.

    The rest of the scenario is not looked at, so checking a table waits for nothing that it does not need.

    Raises
    ------
    ScenarioError
        ``data.boundary`` or ``data.places`` is missing or leads out of the study.
    InputError
        Either file is refused.
    """
    from siting.inputs.tables.read_table import read_region

    if not path.exists():
        return None
    raw, origins = read_chain(path, ())
    data = raw.get("data")
    files = []
    for name in ("boundary", "places"):
        key = f"data.{name}"
        where, text = origins.get(key, path.name), data.get(name) if isinstance(data, dict) else None
        if not isinstance(text, str):
            raise ScenarioError(f"{where}: {key}: missing or no path; name the file")
        files.append(inside(path.parent, text, key, where, path))
    return read_region(*files)


def _read_toml(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        blob = path.read_bytes()
    except FileNotFoundError:
        raise ScenarioError(f"{path.name}: no such scenario file in {path.parent.name or '.'}") from None
    except OSError as error:
        raise ScenarioError(f"{path.name}: cannot be read: {error.strerror}") from None
    if len(blob) > _MAX_BYTES:
        raise ScenarioError(f"{path.name}: {len(blob):,} bytes; a scenario has at most {_MAX_BYTES:,}")
    try:
        text = blob.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line: int | str | None = blob.count(b"\n", 0, error.start) + 1
        raise ScenarioError(f"{path.name}:{line}: not UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = (found := re.search(r"at line (\d+)", str(error))) and f":{found[1]}"
        raise ScenarioError(
            f"{path.name}{line or ''}: not TOML: {error}; a scenario is lines of key = value"
        ) from None
    except RecursionError:
        raise ScenarioError(f"{path.name}: nested too deeply to be a scenario") from None
    if _is_deep(raw):
        raise ScenarioError(f"{path.name}: nested too deeply to be a scenario")
    _refuse_twice(raw, path)
    return raw, _key_lines(text)


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
        raise ScenarioError(f"{path.name}: criteria: {', '.join(twice)} listed twice; keep one entry each")


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
        if isinstance(old, Mapping) and isinstance(value, Mapping):
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
            raise ScenarioError(f"--set {text}: write key=value, such as coverage.cutoff_min=45")
        if key in pairs:
            raise ScenarioError(f"--set {key}: given twice; keep one")
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
        raise ScenarioError(f"{key[:80]}: unknown key; see `siting keys`")
    here: Any = raw
    for part in parents:
        if isinstance(here, list):
            found = next((entry for entry in here if entry_name(entry) == part), None)
            if found is None:
                known = [entry_name(entry) for entry in here]
                raise ScenarioError(f"{key}: no criterion {part!r}{suggestion(part, known)}")
            here = found
        else:
            here = here.setdefault(part, {})
        if not isinstance(here, dict | list):
            raise ScenarioError(f"{key}: {part} is a value, not a section")
    if isinstance(here, list):
        raise ScenarioError(f"{key}: name what to set, such as criteria.{last}.weight")
    here[last] = value


def inside(folder: Path, text: str, key: str, where: str, scenario_file: Path) -> Path:
    """Resolve a path of a scenario; it must stay in the study: the scenario's folder or its parent."""
    study = folder.resolve().parent
    bring = (
        f"copy the file into that folder and name it from there, such as ../raw/name in {scenario_file.name}"
    )
    if key != "base":
        bring += f"; for a single run --set {key}=… takes any path"
    if re.match(r"^([A-Za-z]:[/\\]|[/\\~])", text):
        raise ScenarioError(
            f"{where}: {key}: {text[:80]!r} is an absolute path, and a scenario names files of its study's "
            f"folder {study.name!r}, so that it runs wherever that is copied to; {bring}"
        )
    if fault := path_fault(text):
        raise ScenarioError(
            f"{where}: {key}: {text[:80]!r} is {fault}; write a path relative to {scenario_file.name}"
        )
    target = (folder / text.replace("\\", "/")).resolve()
    if not target.is_relative_to(study):
        raise ScenarioError(
            f"{where}: {key}: {text!r} leads out of the study's folder {study.name!r}; {bring}"
        )
    return target


def path_fault(text: str) -> str | None:
    """Say what keeps a text from being the path of a file on every system; None if nothing does."""
    parts = re.split(r"[/\\]", text)
    local = re.sub(r"^[A-Za-z]:(?=[/\\])", "", text)
    faults = (
        (not text.strip() or "\0" in text, "empty or has a NUL"),
        (re.match(r"^[A-Za-z][A-Za-z0-9+.-]+:", text), "an address, not a file"),
        (parts[-1] in ("", ".", ".."), "a folder, not a file"),
        (re.search(r'[<>"|?*:\x00-\x1f]', local), "a name with characters that not every system allows"),
        (any(RESERVED_NAME.fullmatch(part) for part in parts), "a name that Windows reserves"),
        (
            any(part not in ("..", ".") and part.endswith((".", " ")) for part in parts),
            "a name ending in a dot or blank",
        ),
        (len(text) > 400 or any(len(part) > 200 for part in parts), "too long"),
    )
    return next((fault for wrong, fault in faults if wrong), None)
