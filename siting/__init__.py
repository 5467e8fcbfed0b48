"""Settle where a public facility goes, and show its reasons.

Data flows one way, and so do the imports::

    types ← messages, option_kinds ← common ← inputs | analysis ← scenario ← study ← outputs ← result
    ← comparison | planner ← widgets ← commands ← cli

``messages`` words what users read, ``option_kinds`` is the table of the kinds of option, ``inputs`` turns
files into checked tables, ``analysis`` holds pure functions on tables and arrays, ``scenario`` freezes the
settings, ``study`` is the one recipe that calls them in order, ``outputs`` writes what people open,
``result``, ``comparison`` and ``planner`` are the desk that notebooks use, ``widgets`` what moves on it.
Names load when first used, so that ``import siting`` and ``siting --help`` stay quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

_HOME = {
    "InputError": "types",
    "ScenarioError": "types",
    "Evaluation": "study.evaluation",
    "Location": "types",
    "Table": "types",
    "load": "planner",
    "read_enterprises": "planner",
    "compare": "comparison",
    "sweep": "planner",
    "form": "widgets.form",
    "slide": "widgets.sliders",
    "slide_weights": "widgets.sliders",
    "Study": "planner",
    "Result": "result",
    "OfflineMap": "outputs.maps.offline_map",
    "use_chinese_font": "outputs.plots.drawing",
    "evaluate": "study.evaluate",
    "read_scenario": "scenario.build",
    "read_roads": "planner",
    "car_rules": "inputs.roads.rules",
    "parse_maxspeed": "inputs.roads.rules",
    "to_wgs84": "inputs.places.crs",
    "from_wgs84": "inputs.places.crs",
    "RoadGraph": "analysis.network.graph",
    "TravelTimeSettings": "analysis.network.speeds",
    "weighted_sum": "analysis.decision.scoring",
    "topsis": "analysis.decision.scoring",
    "ahp_weights": "analysis.decision.weights",
    "roc_weights": "analysis.decision.swing",
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


if TYPE_CHECKING:  # what `_HOME` says, for editors and checkers
    from siting.analysis.access.coverage import huff_shares as huff_shares
    from siting.analysis.access.coverage import two_step_floating_catchment as two_step_floating_catchment
    from siting.analysis.access.inequality import gini as gini
    from siting.analysis.decision.scoring import topsis as topsis
    from siting.analysis.decision.scoring import weighted_sum as weighted_sum
    from siting.analysis.decision.swing import roc_weights as roc_weights
    from siting.analysis.decision.weights import ahp_weights as ahp_weights
    from siting.analysis.decision.weights import critic_weights as critic_weights
    from siting.analysis.decision.weights import entropy_weights as entropy_weights
    from siting.analysis.network.graph import RoadGraph as RoadGraph
    from siting.analysis.network.speeds import TravelTimeSettings as TravelTimeSettings
    from siting.analysis.robustness.acceptability import rank_acceptability as rank_acceptability
    from siting.analysis.robustness.flips import stability_intervals as stability_intervals
    from siting.comparison import compare as compare
    from siting.inputs.places.crs import from_wgs84 as from_wgs84
    from siting.inputs.places.crs import to_wgs84 as to_wgs84
    from siting.inputs.roads.rules import car_rules as car_rules
    from siting.inputs.roads.rules import parse_maxspeed as parse_maxspeed
    from siting.outputs.maps.offline_map import OfflineMap as OfflineMap
    from siting.outputs.plots.drawing import use_chinese_font as use_chinese_font
    from siting.planner import Study as Study
    from siting.planner import load as load
    from siting.planner import read_enterprises as read_enterprises
    from siting.planner import read_roads as read_roads
    from siting.planner import sweep as sweep
    from siting.result import Result as Result
    from siting.scenario.build import read_scenario as read_scenario
    from siting.study.evaluate import evaluate as evaluate
    from siting.study.evaluation import Evaluation as Evaluation
    from siting.types import InputError as InputError
    from siting.types import Location as Location
    from siting.types import ScenarioError as ScenarioError
    from siting.types import Table as Table
    from siting.widgets.form import form as form
    from siting.widgets.sliders import slide as slide
    from siting.widgets.sliders import slide_weights as slide_weights
else:

    def __getattr__(name: str) -> object:
        """Load a public name on first use (PEP 562)."""
        if name not in _HOME:
            raise AttributeError(f"module 'siting' has no attribute {name!r}")
        return getattr(import_module(f"siting.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
