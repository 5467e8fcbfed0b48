"""A study ready to be varied → the same as arrays, and the function that evaluates draws of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.annual_tests import (
    Rates,
    as_stated,
    industry_position,
    likely_tests,
    services_for,
    stated_tests,
    units_known,
)
from siting.analysis.demand.synthetic import SPREAD_RULES, DrawnFirms, Profile
from siting.analysis.frames import numbers
from siting.analysis.kernel import Arrays, Firms, Traffic, Version, options_of, sizes_of, values_of_raw
from siting.analysis.money.sensitivity import EXPANSION, Lever, levers
from siting.analysis.network.delays import MinuteParts, minute_parts
from siting.analysis.network.graph import RoadGraph
from siting.analysis.network.snapping import Snapped
from siting.analysis.network.travel import drive, drive_each, driven_as_given
from siting.analysis.robustness.building import HELD
from siting.study.draws.unknowns import TWO_SIDED_95, Laws, Unknowns, ranges_of_times
from siting.study.prepared import Setting
from siting.study.variants import (
    is_redrawn,
    moved_points,
    placed_by_town_error_m,
    stand_with_town,
    uncertain_places,
)
from siting.types import Evidence, Ways

Figures = NDArray[np.float64]

_CHUNK = 25
"""Most draws evaluated at once, whose points are laid on the roads together."""

_CHUNK_POINTS = 200_000
"""Most points laid on the roads together."""


@dataclass(frozen=True)
class Register:
    """Enterprises of a study as arrays; the first rows stay, the others may be drawn anew."""

    tests: Figures
    """n_enterprises × n_services, estimated at the likely figures."""
    stated: Figures
    """Tests a year that an enterprise states; NaN: none."""
    pillar: NDArray[np.int64]
    output_wan: Figures
    employees: Figures
    lon: Figures
    lat: Figures
    moves_with: NDArray[np.int64]
    """Position among the uncertain places; −1: stays."""
    own_error_m: Figures
    """Error of a firm that stands at its township's point; else 0."""
    own_number: NDArray[np.int64]
    """Which of the errors of a draw is a firm's own: the row of its list."""

    def firms(self, factor: Figures) -> Firms:
        """Return the enterprises with the likely tests of each service multiplied."""
        tests = as_stated(self.tests * factor, self.stated)
        return Firms(tests, self.pillar, self.output_wan, self.employees)

    def placed_surely(self) -> Register:
        """Return the same without doubt about where an enterprise stands."""
        return replace(self, own_error_m=np.zeros_like(self.own_error_m))

    def rows(self, chosen: NDArray[np.bool_]) -> Register:
        """Return some of the enterprises."""
        return Register(*(getattr(self, part.name)[chosen] for part in fields(self)))

    def joined(self, other: Register) -> Register:
        """Return both, one after the other, as one list."""
        both = ((getattr(self, part.name), getattr(other, part.name)) for part in fields(self))
        found = Register(*(np.concatenate(pair) for pair in both))
        return replace(found, own_number=np.arange(len(found.lon)))


@dataclass(frozen=True)
class Redrawing:
    """What the illustrative part of a register is drawn from, by class code and place."""

    profile: Profile
    applies: NDArray[np.bool_]
    """n_codes × n_services."""
    pillar: NDArray[np.int64]
    """By code."""
    moves_with: NDArray[np.int64]
    """By row of the table ``places``."""
    rates: Rates

    def register(self, drawn: DrawnFirms) -> Register:
        """Turn a drawn register into the arrays that a study works with."""
        units = units_known(drawn.employees, drawn.equipment, drawn.output_wan)
        nothing = np.zeros(len(drawn.code))
        return Register(
            tests=self.rates.tests(self.applies[drawn.code], units),
            stated=np.full(len(nothing), np.nan),
            pillar=self.pillar[drawn.code],
            output_wan=drawn.output_wan,
            employees=drawn.employees.astype(float),
            lon=drawn.lon,
            lat=drawn.lat,
            moves_with=self.moves_with[drawn.place],
            own_error_m=nothing,
            own_number=np.arange(len(nothing)),
        )


@dataclass(frozen=True)
class Frozen:
    """A study as arrays: all that a draw needs, small enough to send to another process."""

    arrays: Arrays
    laws: Laws
    graph: RoadGraph
    parts: MinuteParts
    class_of_edge: NDArray[np.int64]
    has_peak: NDArray[np.bool_]
    """By edge, whether the peak factor holds there."""
    snapped: Mapping[str, Snapped]
    ways: Ways
    """As the study has them, given minutes included."""
    register: Register
    kept: Register
    """Enterprises that are never drawn."""
    redrawing: Redrawing | None
    site_lon: Figures
    site_lat: Figures
    site_moves_with: NDArray[np.int64]
    given: Figures | None
    """Minutes given by the study between enterprises and sites, NaN where by road."""
    sizes: Figures
    """By criterion, size of the study as it is, see `sizes_of`."""

    @property
    def chunk(self) -> int:
        """Draws evaluated at once: the same however many processes there are."""
        return max(1, min(_CHUNK, _CHUNK_POINTS // max(1, len(self.register.lon))))


def freeze(setting: Setting, evidence: Evidence) -> Frozen:
    """Turn a study into arrays."""
    scenario, inputs = setting.scenario, setting.inputs
    points, served = setting.points["site"], scenario.demand.kind
    arrays = Arrays.of(
        inputs,
        points.index,
        uses=scenario.criteria,
        coverage=scenario.coverage,
        trips=scenario.trips,
        economics=scenario.economics,
        expansion_factor=evidence.demand.expansion_factor,
        is_appraised=served.is_appraised,
    )
    parts = minute_parts(inputs.roads, scenario.travel_time, setting.graph.is_open)
    kinds = inputs.roads.edges["class"].astype(str)
    classes, of_edge = np.unique(kinds, return_inverse=True)
    illustrative = is_redrawn(setting)
    uncertain = uncertain_places(setting)
    register = _register(setting, uncertain["name"])
    ways = Ways.of(evidence.travel)
    start = Version(Traffic(arrays, register.firms(np.ones(len(arrays.travelling))), ways))
    laws = _laws(setting, evidence, classes, parts, uncertain)
    return Frozen(
        arrays=arrays,
        laws=replace(laws, levers=_levers(evidence, arrays, start, laws.is_redrawn)),
        graph=setting.graph,
        parts=parts,
        class_of_edge=of_edge,
        has_peak=~kinds.isin(list(scenario.travel_time.peak_by_class)).to_numpy(bool),
        snapped=setting.snapped,
        ways=ways,
        register=register,
        kept=register.rows(~illustrative),
        redrawing=_redrawing(setting, uncertain["name"], int(illustrative.sum())),
        site_lon=points["lon"].to_numpy(float),
        site_lat=points["lat"].to_numpy(float),
        site_moves_with=_positions(points["town"], uncertain["name"]),
        given=_given(setting),
        sizes=sizes_of(start.raw, arrays.uses),
    )


def _laws(
    setting: Setting,
    evidence: Evidence,
    classes: NDArray[np.str_],
    parts: MinuteParts,
    uncertain: pd.DataFrame,
) -> Laws:
    services, scenario = evidence.inputs.services, setting.scenario
    tests = [services[f"tests_{bound}"].to_numpy(float) for bound in ("low", "likely", "high")]
    return Laws(
        classes=tuple(map(str, classes)),
        speed_sigma=float(np.log1p(scenario.robustness.speed_spread) / 1.96),
        times=ranges_of_times(parts, scenario, evidence.inputs.parameters),
        services=tuple(map(str, services.index)),
        tests=np.stack(tests, axis=1),
        places=tuple(map(str, uncertain["name"])),
        error_m=uncertain["position_error_m"].to_numpy(float),
        is_redrawn=bool(is_redrawn(setting).any()),
        levers=(),
    )


def _levers(evidence: Evidence, arrays: Arrays, start: Version, is_redrawn: bool) -> tuple[Lever, ...]:
    """Take the assumptions of the appraisal that have a range, those of the options that are evaluated."""
    if not arrays.is_appraised:
        return ()
    options = options_of(evidence.inputs, arrays.sites)
    narrowed = replace(evidence, inputs=replace(evidence.inputs, sites=options))
    return tuple(
        lever
        for lever in levers(narrowed, *start.now, arrays.trips)
        if lever.low < lever.high and lever.key not in HELD and (is_redrawn or lever.key != EXPANSION)
    )


def _register(setting: Setting, uncertain: pd.Series) -> Register:
    inputs, firms = setting.inputs, setting.inputs.enterprises
    return Register(
        tests=likely_tests(firms, inputs.services, inputs.industries, setting.scenario.demand),
        stated=stated_tests(firms, setting.scenario.demand),
        pillar=industry_position(firms["industry"], inputs.industries),
        output_wan=numbers(firms, "output_wan", 0.0),
        employees=numbers(firms, "employees", 0.0),
        lon=firms["lon"].to_numpy(float),
        lat=firms["lat"].to_numpy(float),
        moves_with=_positions(firms["town"].where(stand_with_town(firms), None), uncertain),
        own_error_m=placed_by_town_error_m(firms),
        own_number=np.arange(len(firms)),
    )


def _redrawing(setting: Setting, uncertain: pd.Series, n_firms: int) -> Redrawing | None:
    """Prepare the drawing of registers; None where no row is illustrative."""
    if not n_firms:
        return None
    inputs = setting.inputs
    profile = Profile.of(
        inputs.places,
        inputs.industries,
        SPREAD_RULES,
        boundary=inputs.boundary,
        settings=setting.scenario.illustrative.model_copy(update={"n_firms": n_firms}),
    )
    codes = pd.Series(profile.codes, dtype=object)
    return Redrawing(
        profile=profile,
        applies=services_for(codes, inputs.services),
        pillar=industry_position(codes, inputs.industries),
        moves_with=_positions(inputs.places["name"], uncertain),
        rates=Rates.of(inputs.services, times=setting.scenario.demand.multiple),
    )


def _positions(names: pd.Series, among: pd.Series) -> NDArray[np.int64]:
    """Return where each name stands in a list; −1 where it does not."""
    found: NDArray[np.int64] = pd.Index(among).get_indexer(pd.Index(names))
    return found


def _given(setting: Setting) -> Figures | None:
    matrix = setting.inputs.time_matrix
    if matrix is None:
        return None
    minutes = pd.DataFrame(matrix.minutes, matrix.origins, matrix.destinations)
    sites = setting.points["site"].index
    table: Figures = minutes.reindex(setting.inputs.enterprises.index).reindex(columns=sites).to_numpy(float)
    return table


# draws ------------------------------------------------------------------------------------


def evaluate_draws(frozen: Frozen, unknowns: Unknowns) -> tuple[Figures, Figures]:
    """Evaluate some draws.

    Returns
    -------
    values : n_draws × n_sites × n_criteria, 0..1
    npv_wan : n_draws × n_sites
    """
    raw, npv_wan = [], []
    for version in drawn_versions(frozen, unknowns):
        raw.append(version.raw)
        npv_wan.append(version.npv_wan)
    return values_of_raw(np.stack(raw), frozen.arrays.uses, frozen.sizes), np.stack(npv_wan)


def drawn_versions(frozen: Frozen, unknowns: Unknowns) -> Iterator[Version]:
    """Give the version of the study in each of some draws, one after the other."""
    registers = [_register_of(frozen, unknowns, draw) for draw in range(len(unknowns))]
    traffic: Traffic | None = None
    ways_of_draws = _ways(frozen, unknowns, _laid(frozen, unknowns, registers))
    for draw, (register, ways) in enumerate(zip(registers, ways_of_draws, strict=True)):
        at = unknowns.levers[draw].tolist()
        moves = tuple(zip(frozen.laws.levers, at, strict=True))
        if traffic is None or not _differ_in_money(unknowns, draw, ways, traffic):
            traffic = Traffic(frozen.arrays, register.firms(unknowns.tests[draw]), ways)
        yield Version(traffic, moves)


def _differ_in_money(unknowns: Unknowns, draw: int, ways: Ways, before: Traffic) -> bool:
    """Whether a draw differs from the one before in nothing but assumptions of the appraisal."""
    drawn = (unknowns.tests, unknowns.rule, unknowns.seed)
    return ways is before.ways and all(np.array_equal(part[draw], part[draw - 1]) for part in drawn)


def _ways(frozen: Frozen, unknowns: Unknowns, laid: Sequence[Mapping[str, Snapped]]) -> Iterator[Ways]:
    """Drive between the points of every draw; where neither they nor the roads changed, as the study does."""
    on_own_roads = (unknowns.speed == 1.0).all(axis=1) & (unknowns.times == 1.0).all(axis=1)
    # In registers drawn on the study's own roads only the enterprises differ.
    is_register = [
        own and points is not frozen.snapped and points["site"] is frozen.snapped["site"]
        for own, points in zip(on_own_roads.tolist(), laid, strict=True)
    ]
    registers = [points["enterprise"] for points, found in zip(laid, is_register, strict=True) if found]
    of_registers = drive_each(frozen.graph, registers, frozen.snapped)
    for draw, points in enumerate(laid):
        if points is frozen.snapped and on_own_roads[draw]:
            yield frozen.ways
            continue
        if is_register[draw]:
            ways = next(of_registers)
        else:
            ways = drive(_graph(frozen, unknowns.speed[draw], unknowns.times[draw]), points, frozen.graph)
        yield ways if frozen.given is None or frozen.redrawing else driven_as_given(ways, frozen.given)


def _register_of(frozen: Frozen, unknowns: Unknowns, draw: int) -> Register:
    if frozen.redrawing is None:
        return frozen.register
    rule, seed = SPREAD_RULES[unknowns.rule[draw]], int(unknowns.seed[draw])
    return frozen.kept.joined(frozen.redrawing.register(frozen.redrawing.profile.draw(rule, seed)))


def _laid(frozen: Frozen, unknowns: Unknowns, registers: Sequence[Register]) -> list[Mapping[str, Snapped]]:
    """Lay firms and sites of all draws on the roads, at once; where nothing moves they lie as they did."""
    places_move = bool(unknowns.moves_m.any())
    moves = places_move or any(register.own_error_m.any() for register in registers)
    if not moves and frozen.redrawing is None:
        return [frozen.snapped] * len(registers)
    points = [_points(frozen, unknowns, draw, register) for draw, register in enumerate(registers)]
    n_sites, goes = len(frozen.site_lon) if places_move else 0, _moving(frozen, len(registers[0].lon))
    moved = [part[:, np.append(goes, np.full(len(frozen.site_lon), places_move))] for part in points]
    whole = frozen.graph.snap(*np.concatenate(moved, axis=1))
    ends = np.cumsum([0, *(part.shape[1] for part in moved)])
    firms, sites = frozen.snapped["enterprise"], frozen.snapped["site"]
    return [
        {
            **frozen.snapped,
            "enterprise": firms.put(goes, whole.part(first, end - n_sites)),
            "site": whole.part(end - n_sites, end) if places_move else sites,
        }
        for first, end in pairwise(ends.tolist())
    ]


def _moving(frozen: Frozen, n_firms: int) -> NDArray[np.bool_]:
    """Mark enterprises that do not lie on the roads in every draw as in the study."""
    if frozen.redrawing is not None:
        return np.ones(n_firms, bool)
    return (frozen.register.moves_with >= 0) | (frozen.register.own_error_m > 0)


def _points(frozen: Frozen, unknowns: Unknowns, draw: int, register: Register) -> Figures:
    """Return lon and lat of the firms and sites of a draw, 2 × n_points."""
    by_m = np.concatenate([unknowns.moves_m[draw], np.zeros((1, 2))])
    firms = moved_points(register.lon, register.lat, by_m[register.moves_with])
    if register.own_error_m.any():
        rng = np.random.default_rng([int(unknowns.seed[draw]), 1])
        errors = rng.normal(0, 1 / TWO_SIDED_95, (register.own_number.max() + 1, 2))
        own = errors[register.own_number] * register.own_error_m[:, None]
        firms = moved_points(firms[0], firms[1], own)
    sites = moved_points(frozen.site_lon, frozen.site_lat, by_m[frozen.site_moves_with])
    return np.concatenate([firms, sites], axis=1)


def _graph(frozen: Frozen, speed: Figures, times: Figures) -> RoadGraph:
    """Return the roads with the minutes of every open direction under drawn factors."""
    if (speed == 1.0).all() and (times == 1.0).all():
        return frozen.graph
    factor = dict(zip(frozen.laws.times, times.tolist(), strict=True))
    parts = replace(frozen.parts, driving=frozen.parts.driving / speed[frozen.class_of_edge])
    total = parts.total(
        limit_share=factor.get("posted_factor", 1.0),
        junctions=factor.get("junction_delay", 1.0),
        signals=factor.get("signal_delay", 1.0),
        mountain=factor.get("mountain_factor", 1.0),
    )
    total = np.where(frozen.has_peak, total * factor.get("peak", 1.0), total)
    return frozen.graph.with_minutes(np.where(np.isfinite(frozen.graph.minutes), total, np.inf))
