"""Assumptions with a range → whether building pays when all of them move at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.money.flows import flows_of
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.quantities import quantities_of
from siting.analysis.money.sensitivity import EXPANSION, Lever, Moved, levers
from siting.option_kinds import having
from siting.types import Evidence

SURE = 0.9
"""Share of the draws in which the sign of the net present value has to hold."""

HELD = frozenset(
    f"economics.{field}"
    for field in ("discount_rate", "horizon_years", "building_optimism", "equipment_optimism", "co2_kg_km")
)
"""Choices of method, and what is no money: their ranges are shown, not drawn."""

Verdict = Literal["pays", "does_not_pay", "open"]


@dataclass(frozen=True)
class BuildingDraws:
    """National net present values of the options that build, all assumptions drawn together."""

    npv_wan: pd.DataFrame
    """n_draws × n_options that build."""
    assumptions: pd.DataFrame
    """n_draws × n_assumptions, the values drawn, by key."""

    @property
    def positive(self) -> pd.Series:
        """By option, share of the draws in which its benefits cover its costs."""
        return (self.npv_wan >= 0).mean()

    @property
    def pays_share(self) -> float:
        """Share of the draws in which some option that builds covers its costs."""
        return float((self.npv_wan >= 0).any(axis=1).mean())

    @property
    def verdict(self) -> Verdict:
        """Whether the sign holds in at least nine tenths of the draws."""
        share, enough = self.pays_share, SURE - 1e-9
        return "pays" if share >= enough else "does_not_pay" if 1.0 - share >= enough else "open"

    @property
    def expansion(self) -> tuple[float, float] | None:
        """Lowest and highest of the firms that a row was drawn to stand for; None where that is known."""
        if EXPANSION not in self.assumptions:
            return None
        return float(self.assumptions[EXPANSION].min()), float(self.assumptions[EXPANSION].max())


def draw_building(
    evidence: Evidence,
    settings: EconomicsSettings,
    trip_settings: TripSettings,
    feasible: pd.Index,
    *,
    draws: int,
    seed: int,
) -> BuildingDraws | None:
    """Draw every assumption of the appraisal that has a range, and appraise the options that build.

    Choices of method (`HELD`) stay as they are. Each assumption is triangular around the study's own value,
    years rounded. The firms that a row of an illustrative register stands for are uniform over their range,
    since nothing says which figure is likely; of a register of real firms they are held. Who travels where
    is held too.

    Parameters
    ----------
    evidence, settings, trip_settings : of the study
    feasible : options that pass their conditions
    draws, seed : how many, and the seed of the generator

    Returns
    -------
    None where no option builds.
    """
    options = evidence.options
    building = having(options["kind"], lambda kind: kind.has_place) & options.index.isin(feasible)
    if not building.any():
        return None
    inputs = evidence.inputs
    amounts = quantities_of(
        inputs.sites,
        inputs.services,
        inputs.pledges,
        evidence.demand,
        evidence.travel,
        evidence.trips,
        settings,
    )
    is_drawn = (inputs.enterprises["basis"] == "illustrative").any()
    ranged = [
        lever
        for lever in levers(evidence, amounts, settings, trip_settings)
        if lever.low < lever.high and lever.key not in HELD and (is_drawn or lever.key != EXPANSION)
    ]
    values = _drawn(ranged, draws, np.random.default_rng(seed))
    rows = [_npv_wan(ranged, row, (amounts, settings))[building] for row in values]
    return BuildingDraws(
        pd.DataFrame(np.array(rows), columns=options.index[building]),
        pd.DataFrame(values, columns=[lever.key for lever in ranged]),
    )


def _drawn(ranged: Sequence[Lever], draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw n_draws × n_assumptions."""
    columns = []
    for lever in ranged:
        if lever.key == EXPANSION:
            column = rng.uniform(lever.low, lever.high, draws)
        else:
            low, high = min(lever.low, lever.value), max(lever.high, lever.value)
            column = rng.triangular(low, lever.value, high, draws)
        columns.append(np.round(column) if lever.whole else column)
    return np.stack(columns, axis=1) if columns else np.zeros((draws, 0))


def _npv_wan(ranged: Sequence[Lever], values: NDArray[np.float64], start: Moved) -> NDArray[np.float64]:
    moved = start
    for lever, value in zip(ranged, values.tolist(), strict=True):
        moved = lever.move(moved, value)
    return flows_of(*moved).present()
