"""Scenarios, lists and folders of runs as typed → scenarios to compare, under names of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from siting.messages import refusal, text_of
from siting.outputs.save import input_hashes, read_manifest
from siting.scenario.as_run import as_run
from siting.scenario.build import read_scenario
from siting.scenario.own_list import settings_of_list
from siting.scenario.toml_files import BASE, DEFAULT, SCENARIOS, chain_files
from siting.types import Json, SitingError

if TYPE_CHECKING:
    from siting.messages import Text
    from siting.scenario.model import Scenario
    from siting.study.evaluation import Evaluation

Read = Callable[[Path | None, Mapping[str, Json] | None], "Scenario"]
"""Reads a scenario file, the one that ``--scenario`` names if None, with further settings."""


def chosen_scenarios(paths: list[Path], read: Read, reading: Mapping[str, Json]) -> list[Scenario]:
    """Read what is to be compared; two of one name are told apart by the folders they lie in.

    Parameters
    ----------
    paths : scenario files, lists, folders of runs
    read : reads a scenario with the settings that the command line gives
    reading : how lists are to be read

    Raises
    ------
    InputError
        Fewer than two, one of them twice, or a folder without a run.
    """
    places = [path.resolve() for path in paths]
    chosen = [_scenario_of(path, read, reading) for path in paths]
    if len(chosen) < 2 or len(set(places)) < len(places):
        names = ", ".join(scenario.name for scenario in chosen)
        raise refusal("", "E692", what=text_of("P110"), names=names)
    taken: list[str] = []
    for scenario, place in zip(chosen, places, strict=True):
        taken.append(_own_name(scenario.name, place, taken))
    return [
        scenario if scenario.name == name else scenario.model_copy(update={"name": name})
        for scenario, name in zip(chosen, taken, strict=True)
    ]


def with_folders(paths: Iterable[Path]) -> list[Path]:
    """Put in place of a folder of scenarios all that it holds; other paths stay as they are."""
    return [file for path in paths for file in _book(path)]


def _book(path: Path) -> list[Path]:
    """List the scenarios of a folder, what others are laid over first.

    A file that the first one itself is laid over holds no study of its own.
    """
    files = sorted(path.glob("*.toml")) if path.is_dir() else []
    if not files:
        return [path]
    below: dict[Path, int] = {}
    for file in files:
        for base in chain_files(file)[1:]:
            below[base.resolve()] = below.get(base.resolve(), 0) + 1
    first = max(files, key=lambda file: (file.name == BASE.name, below.get(file.resolve(), 0)))
    under = {base.resolve() for base in chain_files(first)[1:]}
    return [first, *(file for file in files if file != first and file.resolve() not in under)]


def _own_name(name: str, place: Path, taken: Iterable[str]) -> str:
    """Give a name that none before has: its own, with its folder's, or with a number."""
    folder = place.name if place.is_dir() else f"{place.parent.name}-{name}"
    names = (name, folder, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(own for own in names if own not in taken)


def _scenario_of(path: Path, read: Read, reading: Mapping[str, Json]) -> Scenario:
    if path.is_dir():
        return _scenario_of_run(path)
    if path.suffix.lower() == ".toml":
        return read(path, None)
    return read(None, settings_of_list(path, reading=reading))


# folders of runs ------------------------------------------------------------------------


def _scenario_of_run(folder: Path) -> Scenario:
    """Read the study in the folder of a run, else the scenario of its name that it was made of.

    Settings are those of the run, given by ``--set`` or changed in the file since, where no other file
    was read.
    """
    record = read_manifest(folder)
    found = []
    for file in _scenario_files(folder, record.scenario):
        try:
            scenario = read_scenario(file)
        except SitingError:
            continue  # no such file, or another scenario that is of no concern here
        if scenario.name == record.scenario:
            found.append(scenario)
            if restored := as_run(scenario, record.settings):
                return restored
    if not found:
        raise refusal(folder.name, "E675", name=record.scenario)
    return found[0]


def _scenario_files(folder: Path, name: str) -> Iterator[Path]:
    """List where the scenario of a run may stand, the likeliest first."""
    own = folder / "study" / SCENARIOS.name
    # A list that is called like the study that it was laid over has its settings in ``…-list.toml``.
    yield from (own / f"{name}-list.toml", own / f"{name}.toml")
    for above in (*folder.resolve().parents, Path.cwd()):
        yield from sorted((above / SCENARIOS).glob("*.toml"))
    yield from sorted(DEFAULT.parent.glob("*.toml"))


def differing_runs(paths: list[Path], evaluations: Iterable[Evaluation]) -> list[Text]:
    """Say which folders hold runs of other data or settings than are there now."""
    told = []
    for path, evaluation in zip(paths, evaluations, strict=True):
        if not path.is_dir():
            continue
        record = read_manifest(path)
        scenario = evaluation.scenario.model_copy(update={"name": record.scenario})
        now = (input_hashes(evaluation.provenance), scenario.sha256)
        if now != (record.inputs, record.settings_sha256):
            told.append(text_of("P260", path.name))
    return told
