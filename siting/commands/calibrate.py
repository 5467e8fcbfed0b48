"""Roads and measured trips → share of the limit and delays, as lines for people and keys for a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.analysis.network.calibration import Calibration, calibrate
from siting.analysis.network.delays import minute_parts
from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from siting.commands.console import print_lines, say_aside
from siting.inputs.roads.read_roads import read_roads
from siting.inputs.tables.times.measured_trips import read_trips
from siting.messages import Text, refusal, text_of
from siting.outputs.write_files import check_folder, write_file
from siting.scenario.toml_files import DEFAULT, region_of, toml_lines
from siting.study.read_inputs import read_inputs

if TYPE_CHECKING:
    import pandas as pd

    from siting.inputs.places.region import Region
    from siting.inputs.roads.rules import Tracks
    from siting.inputs.roads.ways import Bbox
    from siting.scenario.model import Scenario
    from siting.types import Json, Language, RoadLayer, Table

BUSY_HOURS = (7, 8, 17, 18)
"""Hours of departure whose trips are set beside the others'."""


@dataclass(frozen=True)
class CalibrationRun:
    """A calibration with the trips that it rests on."""

    result: Calibration
    trips: pd.DataFrame
    """Trips used."""
    lost: int
    """Trips without a way between their ends."""
    table: Table
    settings: TravelTimeSettings
    crs_is_stated: bool


@dataclass(frozen=True)
class FitOptions:
    """What the command line says of a fit."""

    extract: Path | None
    """Road file; None: the study's roads."""
    bbox: Bbox | None
    tracks: Tracks
    scenario: Path | None
    """Study that the user names; None: of the default study the places count alone, unless it is changed."""
    has_overrides: bool
    crs: str | None
    date: str | None
    out: Path | None
    """None: print the keys."""


def print_calibration(times: Path, options: FitOptions, study: Scenario, lang: Language) -> None:
    """Fit share of the limit and delays to measured trips, and write them as keys of a scenario.

    Parameters
    ----------
    times
        Table of measured trips.
    options
    study
    lang
    """
    out, extract = options.out, options.extract
    if out is not None:
        if out.suffix.lower() != ".toml":
            raise refusal("", "E776", name=out.name)
        check_folder(out.parent)
    is_chosen = options.scenario is not None or options.has_overrides or extract is None
    if extract is None:
        roads = read_inputs(study).roads
    else:
        roads = read_roads(extract, bbox=options.bbox, tracks=options.tracks)
    run = run_calibration(
        roads,
        times,
        study.travel_time if is_chosen else TravelTimeSettings(),
        region_of(options.scenario or DEFAULT),
        crs=options.crs,
        year=study.study_year if is_chosen else None,
    )
    for line in report(run):
        say_aside(line.spoken(lang))
    text = fragment(run, options.date)
    if out is not None:
        write_file(out, text.encode("utf-8"))
    print_lines([text.rstrip() if out is None else str(out)])


def run_calibration(
    roads: RoadLayer,
    times: Path,
    settings: TravelTimeSettings,
    region: Region | None,
    *,
    crs: str | None = None,
    year: int | None = None,
) -> CalibrationRun:
    """Fit the settings of a network to a table of measured trips.

    Raises
    ------
    InputError
        The table has faults, or its trips do not settle the figures.
    """
    trips, table = read_trips(times, _names(roads, region), crs=crs or "WGS84")
    graph = build_graph(roads, settings, year=year)
    parts = minute_parts(roads, settings, graph.is_open)
    if not (parts.moves_freely & graph.is_open).any():
        raise refusal("", "E775", file=roads.file)
    starts, ends = (
        graph.snap(trips[f"{end}_lon"].to_numpy(float), trips[f"{end}_lat"].to_numpy(float))
        for end in ("origin", "destination")
    )
    is_open = np.isfinite(graph.minutes)

    def times_of(driving: float, junctions: float, signals: float) -> NDArray[np.float64]:
        minutes = parts.total(
            limit_share=1.0 / driving, class_share=1.0 / driving, junctions=junctions, signals=signals
        )
        changed = graph.with_minutes(np.where(is_open, minutes, np.inf))
        return changed.travel_times(starts, ends).diagonal()[used]

    used = np.ones(len(trips), bool)
    used = np.isfinite(times_of(1.0, 1.0, 1.0))
    result = calibrate(times_of, trips["minutes"].to_numpy(float)[used])
    return CalibrationRun(result, trips[used], int((~used).sum()), table, settings, crs is not None)


def _names(roads: RoadLayer, region: Region | None) -> dict[str, tuple[float, float]]:
    """Return the places that a trip may name: those of the study before nodes of the roads."""
    nodes = roads.nodes[roads.nodes["name"].astype(str) != ""]
    found = dict(zip(nodes["name"].astype(str), zip(nodes["lon"], nodes["lat"], strict=True), strict=True))
    if region is not None and region.places is not None:
        for _, place in region.places.iterrows():
            names = [place.get("name"), place.get("name_en"), place.get("name_2011")]
            names += str(place.get("aliases") or "").split(";")
            at = float(place["lon"]), float(place["lat"])
            found |= {str(name).strip(): at for name in names if isinstance(name, str) and name.strip()}
    return found


def report(run: CalibrationRun) -> Iterator[Text]:
    """Say what the fit rests on, what it comes to, and how well it predicts."""
    result, trips = run.result, run.trips
    yield text_of("R20", file=run.table.file, n=len(trips), lost=run.lost)
    if not run.crs_is_stated and run.table.frame[["origin_lon", "destination_lon"]].notna().any(axis=None):
        yield text_of("R29")
    (low, high), share = _share_range(run), _share(run)
    yield text_of(
        "R21", share=f"{share:.3f}", low=f"{low:.3f}", high=f"{high:.3f}", classes=f"{_class_share(run):.3f}"
    )
    for code, k in (("R22", 1), ("R23", 2))[: 1 + result.own_signals]:
        yield text_of(code, factor=f"{result.factors[k]:.2f}", half=f"{result.half_width[k]:.2f}")
    if not result.own_signals:
        yield text_of("R24")
    errors = {key: f"{value:.1f}" for key, value in _errors(run).items()}
    yield text_of("R25", **errors)
    ratio = trips["minutes"].to_numpy(float) / result.after_min
    busy = trips["hour"].isin(BUSY_HOURS).to_numpy()
    calm = trips["hour"].notna().to_numpy() & ~busy
    if busy.any() and calm.any():
        medians = {"busy": f"{np.median(ratio[busy]):.2f}", "calm": f"{np.median(ratio[calm]):.2f}"}
        yield text_of("R26", **medians, n_busy=int(busy.sum()), n_calm=int(calm.sum()))
    if not result.settled:
        yield text_of("R27", rounds=result.rounds)
    far = trips["row"][~result.kept]
    if len(far):
        yield text_of("R28", rows=", ".join(map(str, far.tolist())))


def _share(run: CalibrationRun) -> float:
    return run.settings.posted_factor / float(run.result.factors[0])


def _class_share(run: CalibrationRun) -> float:
    return run.settings.class_factor / float(run.result.factors[0])


def _share_range(run: CalibrationRun) -> tuple[float, float]:
    """Return the ends of the share's 95 % interval."""
    factor, half = float(run.result.factors[0]), float(run.result.half_width[0])
    return run.settings.posted_factor / (factor + half), run.settings.posted_factor / max(factor - half, 0.1)


def _errors(run: CalibrationRun) -> dict[str, float]:
    """Return mean errors in minutes, and as a share of the time in percent, before and held out."""
    measured = run.trips["minutes"].to_numpy(float)
    found: dict[str, float] = {}
    for name, minutes in (("before", run.result.before_min), ("held_out", run.result.held_out_min)):
        error = np.abs(minutes - measured)
        found |= {name: float(error.mean()), f"{name}_share": float(100.0 * (error / measured).mean())}
    return found


def fragment(run: CalibrationRun, set_on: str | None) -> str:
    """Write the fitted keys for a scenario, with their record; the date is the caller's."""
    junctions, signals = (float(run.result.factors[k]) for k in (1, 2))
    delays = {key: round(s * junctions, 2) for key, s in run.settings.junction_delay_s.model_dump().items()}
    errors = _errors(run)
    sections: dict[str, dict[str, Json]] = {
        "travel_time": {
            "posted_factor": round(_share(run), 4),
            "class_factor": round(_class_share(run), 4),
            "junction_delay_s": delays,
            "signal_delay_s": round(run.settings.signal_delay_s * signals, 2),
        },
        "robustness": {
            "posted_factor_range": [round(end, 4) for end in _share_range(run)],
            "junction_delay_range": _relative_range(run, 1),
            "signal_delay_range": _relative_range(run, 2),
        },
        "calibration_record": {
            "file": run.table.file,
            "sha256": run.table.sha256,
            "trips": len(run.trips),
            "mean_error_before_min": round(errors["before"], 3),
            "mean_error_held_out_min": round(errors["held_out"], 3),
            "mean_error_before_percent": round(errors["before_share"], 2),
            "mean_error_held_out_percent": round(errors["held_out_share"], 2),
            **({"set_on": set_on} if set_on else {}),
        },
    }
    heading = text_of("P192")
    lines = [f"# {heading.zh} / {heading.en}"]
    for name, keys in sections.items():
        lines += ["", f"[{name}]", *toml_lines(keys)]
    return "\n".join(lines) + "\n"


def _relative_range(run: CalibrationRun, k: int) -> list[float]:
    """Return the 95 % interval of a delay as factors on the fitted one; a delay of 0 has none."""
    factor, half = float(run.result.factors[k]), float(run.result.half_width[k])
    if factor < 1e-6:
        return [1.0, 1.0]
    return [round(max(factor - half, 0.0) / factor, 4), round((factor + half) / factor, 4)]
