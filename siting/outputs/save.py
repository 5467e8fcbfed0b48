"""Evaluation → one folder of outputs, with a manifest of settings, inputs, versions and checksums.

No output tells a clock, host, user or path.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple, cast

from siting.messages import refusal
from siting.outputs.write_files import check_folder, to_json, write_files
from siting.study.evaluation import Evaluation
from siting.types import InputError, Json

MANIFEST = "manifest.json"
_LIBRARIES = (
    "branca",
    "folium",
    "geopandas",
    "numpy",
    "pandas",
    "pyogrio",
    "pyproj",
    "scipy",
    "shapely",
    "siting",
    "xlsxwriter",
)


def save(
    evaluation: Evaluation, folder: Path, *, study: Mapping[str, bytes] | None = None
) -> dict[str, Json]:
    """Write everything that a run gives into a folder and return the manifest.

    Parameters
    ----------
    evaluation : what `siting.study.evaluate` returns
    folder : made if it is not there; files of other names in it are left alone
    study : files of the study itself, by path within ``study/``

    Raises
    ------
    InputError
        The folder's name would not work on every system.
    OutputError
        A file cannot be written; the outputs of an earlier run are then as they were.
    """
    from siting.outputs.maps.result_map import result_map
    from siting.outputs.maps.study_gpkg import study_gpkg
    from siting.outputs.page.page import render_page
    from siting.outputs.tables.draws_table import draws_files
    from siting.outputs.tables.results_workbook import workbook
    from siting.outputs.tables.table_files import table_files

    check_folder(folder)
    contents = {
        "index.html": render_page(evaluation).encode("utf-8"),
        "map.html": result_map(evaluation).get_root().render().encode("utf-8"),
        "results.xlsx": workbook(evaluation),
        "study.gpkg": study_gpkg(evaluation),
        **table_files(evaluation),
        **draws_files(evaluation),
    }
    record = manifest(evaluation, contents)
    own = {f"study/{place}": content for place, content in (study or {}).items()}
    write_files(folder, {**own, **contents, MANIFEST: to_json(record)})
    return record


def free_folder(folder: Path, list_sha256: str) -> Path:
    """Return the folder of a list's run: `folder`, or one beside it where another list's run lies there."""
    try:
        is_own = read_manifest(folder).list_sha256 == list_sha256
    except InputError:
        return folder
    return folder if is_own else folder.with_name(f"{folder.name}-{list_sha256[:6]}")


class RunRecord(NamedTuple):
    """What the manifest of a run tells of it."""

    scenario: str
    """Name of the scenario."""
    list_sha256: Json
    """Hash of the register."""
    inputs: Mapping[str, Json]
    """Hash of all that was read, the register too, by what it holds."""
    settings: Mapping[str, Json]
    """As `Scenario.canonical` wrote them; empty in a manifest without them."""
    settings_sha256: str | None


def read_manifest(folder: Path) -> RunRecord:
    """Read the manifest of a run.

    Raises
    ------
    InputError
        No run lies in the folder.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        inputs, settings = input_hashes(found), found.get("settings")
        return RunRecord(
            str(found["scenario"]),
            inputs["enterprises"],
            inputs,
            settings if isinstance(settings, dict) else {},
            found.get("scenario_sha256"),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise refusal(folder.name, "E674", manifest=MANIFEST) from None


def input_hashes(provenance: Mapping[str, Json]) -> dict[str, Json]:
    """Return the hash of each table, of the roads and of given travel times, whatever their files are called.

    Parameters
    ----------
    provenance : of an evaluation, or a manifest
    """
    files = cast("Mapping[str, Mapping[str, Json]]", provenance["files"])
    found = {name: file["sha256"] for name, file in files.items()}
    for name in ("roads", "time_matrix"):
        if name in provenance:
            found[name] = cast("Mapping[str, Json]", provenance[name])["sha256"]
    return found


def manifest(evaluation: Evaluation, contents: Mapping[str, bytes]) -> dict[str, Json]:
    """Describe a run so that another can be held against it: settings, inputs, outputs, versions."""
    scenario = evaluation.scenario
    return {
        "scenario": scenario.name,
        "settings": json.loads(scenario.canonical()),
        **evaluation.provenance,
        "outputs": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(contents.items())
        },
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of all that can change a result."""
    import platform

    import pyogrio
    import pyproj
    import shapely

    found = {name: metadata.version(name) for name in _LIBRARIES}
    return found | {
        "python": platform.python_version(),
        "GDAL": ".".join(map(str, pyogrio.__gdal_version__)),
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
    }
