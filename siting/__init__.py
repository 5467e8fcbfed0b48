"""Settle where a public facility goes, and show its reasons.

Data flows one way, and so do the imports::

    types ← inputs, analysis ← scenario ← judgements ← reading, setting ← variants ← ensembles ← study
    ← outputs ← planner ← cli

``inputs`` turns files into checked tables, ``analysis`` holds pure functions on tables and arrays,
``scenario`` freezes the settings, ``study`` is the one recipe that calls them in order, ``outputs``
writes what people open, ``planner`` is the desk that notebooks use. Names load when first used, so that
``import siting`` and ``siting --help`` stay quick.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "InputError": "types",
    "ScenarioError": "types",
    "Evaluation": "types",
    "Location": "types",
    "Table": "types",
    "load": "planner",
    "read_enterprises": "planner",
    "compare": "planner",
    "sweep": "planner",
    "Study": "planner",
    "Result": "planner",
    "evaluate": "study",
    "read_scenario": "scenario",
    "read_roads": "planner",
    "car_rules": "inputs.roads",
    "parse_maxspeed": "inputs.roads",
    "to_wgs84": "inputs.coordinates",
    "from_wgs84": "inputs.coordinates",
    "RoadGraph": "analysis.network",
    "weighted_sum": "analysis.scoring",
    "topsis": "analysis.scoring",
    "ahp_weights": "analysis.weights",
    "entropy_weights": "analysis.weights",
    "critic_weights": "analysis.weights",
    "rank_acceptability": "analysis.robustness",
    "stability_intervals": "analysis.robustness",
    "two_step_floating_catchment": "analysis.coverage",
    "huff_shares": "analysis.coverage",
    "gini": "analysis.inequality",
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
