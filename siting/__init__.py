"""Settle where a public facility goes, and show its reasons.

Data flows one way, and so do the imports::

    types ← messages, option_kinds ← inputs | analysis ← scenario ← study ← outputs ← planner ← cli

``messages`` words what users read, ``option_kinds`` is the table of the kinds of option, ``inputs`` turns
files into checked tables, ``analysis`` holds pure functions on tables and arrays, ``scenario`` freezes the
settings, ``study`` is the one recipe that calls them in order, ``outputs`` writes what people open,
``planner`` is the desk that notebooks use. Names load when first used, so that ``import siting`` and
``siting --help`` stay quick.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "InputError": "types",
    "ScenarioError": "types",
    "Evaluation": "study.evaluation",
    "Location": "types",
    "Table": "types",
    "load": "planner",
    "read_enterprises": "planner",
    "compare": "planner",
    "sweep": "planner",
    "Study": "planner",
    "Result": "planner",
    "evaluate": "study.evaluate",
    "read_scenario": "scenario.build",
    "read_roads": "planner",
    "car_rules": "inputs.roads.rules",
    "parse_maxspeed": "inputs.roads.rules",
    "to_wgs84": "inputs.places.crs",
    "from_wgs84": "inputs.places.crs",
    "RoadGraph": "analysis.network.graph",
    "weighted_sum": "analysis.decision.scoring",
    "topsis": "analysis.decision.scoring",
    "ahp_weights": "analysis.decision.weights",
    "entropy_weights": "analysis.decision.weights",
    "critic_weights": "analysis.decision.weights",
    "rank_acceptability": "analysis.robustness.acceptability",
    "stability_intervals": "analysis.robustness.flips",
    "two_step_floating_catchment": "analysis.access.coverage",
    "huff_shares": "analysis.access.coverage",
    "gini": "analysis.access.inequality",
}
"""Public names and the modules they live in."""

__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'siting' has no attribute {name!r}")
    return getattr(import_module(f"siting.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
