"""Values and weights → how sure the ranking is: the readout of a study, from parts that stand beside it."""

from __future__ import annotations

from pydantic import Field

from siting.analysis.acceptability import WeightConstraints, rank_acceptability  # noqa: F401
from siting.analysis.flips import stability_intervals  # noqa: F401
from siting.types import Settings


class RobustnessSettings(Settings):
    """``[robustness]``: how many draws, and what counts as a tie."""

    draws: int = Field(default=2000, ge=100, le=10_000_000)
    """Random weightings (SMAA-2), number."""
    seed: int = Field(default=20110801, ge=0)
    """Seed of the weight draws."""
    near_tie: float = Field(default=0.01, ge=0, le=1)
    """Scores this close count as equally good, points of a score 0..1."""
    correlation: float = Field(default=0.95, gt=0, le=1)
    """Criteria that correlate above this over the options are named, Pearson's r."""
    anchor_change: float = Field(default=0.25, gt=0, lt=1)
    """Share by which anchors are moved to see whether the winner stays."""
    seeds: int = Field(default=200, ge=1, le=100_000)
    """Illustrative registers drawn under each spread rule for the long ensemble, number."""
    weights: WeightConstraints = WeightConstraints()
    """What is agreed about the weights; default: nothing."""
