"""A list and how to read it → settings laid over a scenario, and the files of a study of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain, count
from pathlib import Path

from siting.analysis.demand.demand_kinds import DEMAND_KINDS
from siting.messages import text_of
from siting.scenario.model import Scenario
from siting.scenario.toml_files import SCENARIOS, chain_files, parse_overrides, read_chain, toml_lines
from siting.types import Json, Settings

LONGEST_NAME = 60
"""Characters of a list's file name that name its study; paths on Windows are short."""

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')

_LIST = "data.enterprises"
"""Key under which a list is stated until it is known whom the study serves."""

_ANSWERS = {
    "year": ("study_year = 2024", "P137"),
    "expansion": ("demand.expansion_factor = 1", "P138"),
    "origin": ('register.origin = ""', "P139"),
    "weights": ('weights_record = { set_by = "", set_on = "" }', "P140"),
}
"""Open question → setting of a scenario that answers it, and the message that explains it."""


def settings_of_list(
    path: Path | None,
    *,
    reading: Mapping[str, Json] | None = None,
    sites: Path | None = None,
    year: int | None = None,
    expansion: float | None = None,
) -> dict[str, Json]:
    """Give the dotted keys that a list and its options state; what is None is left to the scenario.

    Parameters
    ----------
    path : the list; None where the scenario names its register
    reading : keys of ``[register]`` and their values
    sites : further candidate sites
    year : year of the study
    expansion : enterprises that a row stands for
    """
    stated = {
        "name": None if path is None else study_name(path),
        _LIST: None if path is None else str(path),
        "data.more_sites": None if sites is None else str(sites),
        "study_year": year,
        "demand.expansion_factor": expansion,
    }
    stated |= {f"register.{key}": value for key, value in (reading or {}).items()}
    return {key: value for key, value in stated.items() if value not in (None, {}, "")}


def of_those_served(
    stated: Mapping[str, Json], source: Path, overrides: Iterable[str] = ()
) -> dict[str, Json]:
    """Name a list as the register of the scenario that it is laid over: whoever its study serves.

    Parameters
    ----------
    stated : what `settings_of_list` gave
    source : the scenario's file
    overrides : ``key=value`` texts, which may say otherwise whom the study serves
    """
    raw, _ = read_chain(source, ())
    demand = raw.get("demand")
    given = [value for key, value in parse_overrides(overrides) if key == "demand.of"]
    served = [*([demand.get("of")] if isinstance(demand, Mapping) else []), *given]
    kind = DEMAND_KINDS.get(str(served[-1])) if served else None
    return dict(stated) if kind is None else _as_register(stated, kind.register)


def _as_register(stated: Mapping[str, Json], register: str) -> dict[str, Json]:
    return {f"data.{register}" if key == _LIST else key: value for key, value in stated.items()}


SYSTEMS = ("GCJ-02", "BD-09", "WGS84", "CGCS2000")
"""Systems that a list may be in, those of online maps first: most lists are placed by one."""


def study_name(path: Path) -> str:
    """Name a study after its list: the file name without its ending, safe on every system."""
    name = _UNSAFE.sub("_", path.stem).strip(". ")[:LONGEST_NAME].rstrip(". ")
    return name or "list"


def maps_folder(scenario: Path) -> Path:
    """Return ``maps`` beside the ``data`` that holds the scenario, else below the current folder."""
    folder = scenario.absolute().parent
    if folder.parts[-2:] == SCENARIOS.parts:
        return folder.parent.parent / "maps"
    return Path("maps")


def own_study(
    scenario: Scenario, source: Path, stated: Mapping[str, Json], questions: tuple[str, ...]
) -> dict[str, bytes]:
    """Give the files of a study that stands by itself, by path within it: go on from there.

    Parameters
    ----------
    scenario : as read, before it was adapted to the list
    source : the scenario's file; it and its bases come along
    stated : what `settings_of_list` gave, and other keys set on the spot
    questions : open questions of the run; each becomes a line to fill in
    """
    root, stated = source.resolve().parent.parent, _as_register(stated, scenario.demand.kind.register)
    given = {f"data.{key}": path for key, path in _data_files(scenario).items()}
    given |= {f"red_lines.{n}.file": layer.file for n, layer in enumerate(scenario.red_lines)}
    if (aliases := scenario.register_.aliases) is not None:
        given["register.aliases"] = aliases
    placed = _places([*chain_files(source), *given.values()], root)
    places = {key: placed[path.resolve()] for key, path in given.items()}
    contents = {
        place.removesuffix(path.suffix) + part.suffix: part.read_bytes()
        for path, place in placed.items()
        for part in _parts(path)
    }
    own = {key: f"../{places[key]}" if key in places else value for key, value in stated.items()}
    own_name = f"scenarios/{scenario.name}.toml"
    if own_name in contents:
        own_name = f"scenarios/{scenario.name}-list.toml"
    contents[own_name] = _scenario_text(source.name, own, questions).encode("utf-8")
    return contents


def _data_files(scenario: Scenario) -> dict[str, Path]:
    """Files of ``[data]`` by key, those of inline tables by their dotted key."""
    found: dict[str, Path] = {}
    for key, value in scenario.data:
        parts = {key: value} if isinstance(value, Path) else {}
        if isinstance(value, Settings):
            parts = {f"{key}.{name}": part for name, part in value if isinstance(part, Path)}
        found |= parts
    return found


def _parts(path: Path) -> Iterable[Path]:
    """Files that are read as one: a shapefile's, else the file alone."""
    from siting.inputs.files.layers.shapefile import PARTS, parts_beside

    return parts_beside(path).values() if path.suffix.lower() in PARTS else [path]


def _places(paths: Iterable[Path], root: Path) -> dict[Path, str]:
    """Place each file within the study: as it lies in the scenario's folder, or in ``raw/``.

    A file from elsewhere that is called like one that lies there gets a number behind its name.
    """
    files = list(dict.fromkeys(path.resolve() for path in paths))
    placed = {path: path.relative_to(root).as_posix() for path in files if path.is_relative_to(root)}
    # Windows and macOS tell no capitals apart.
    taken = {place.casefold() for place in placed.values()}
    for path in files:
        if path not in placed:
            numbers = chain([""], map("-{}".format, count(2)))
            names = (f"raw/{path.stem}{number}{path.suffix}" for number in numbers)
            placed[path] = next(name for name in names if name.casefold() not in taken)
            taken.add(placed[path].casefold())
    return placed


def _scenario_text(base: str, stated: Mapping[str, Json], questions: tuple[str, ...]) -> str:
    lines = toml_lines({"base": base, **stated})
    asked = [_ANSWERS[question] for question in questions if question in _ANSWERS]
    if asked:
        ask = text_of("P136")
        lines += ["", f"# {ask.zh}", f"# {ask.en}"]
    for setting, code in asked:
        meaning = text_of(code)
        lines.append(f"# {setting}   # {meaning.zh} / {meaning.en}")
    return "\n".join(lines) + "\n"
