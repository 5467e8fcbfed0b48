"""Net present values of many draws → whether building pays when everything uncertain moves at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from siting.analysis.money.sensitivity import EXPANSION

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
    """National net present values of the options that need a place, everything uncertain drawn together."""

    npv_wan: pd.DataFrame
    """n_draws × n_options that need a place."""
    assumptions: pd.DataFrame
    """n_draws × n_assumptions of the appraisal, the values drawn, by key."""

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
