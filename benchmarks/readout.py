"""What the readout of a run costs beside the evaluation itself, on the default study.

Times the evaluation without readout (travel times, criteria, scores, economics, explanation, isochrones),
the readout that every run makes (variants, weights, influence), and one more set of values, in process.
"""

import time
from collections.abc import Callable
from typing import Any

import siting
from siting.analysis.robustness import assess as robustness
from siting.scenario.model import weights_of
from siting.study import ensembles
from siting.study import evaluate as study
from siting.study import prepared as setting

REPEATS = 5


def seconds(call: Callable[[], Any]) -> float:
    """Return the least of a few runs, after one that is not counted."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print seconds, and the ratio of readout to evaluation."""
    base = siting.load()
    scenario, inputs = base.scenario, base.inputs
    ready = setting.prepare(scenario, inputs)
    evidence = setting.evidence_of(ready)
    matrix, _, values = setting.evaluate_criteria(scenario, evidence)
    weights = weights_of(scenario)

    def readout() -> None:
        more = ensembles.quick(ready, evidence, values, values.index)
        settings = scenario.robustness
        robustness.assess(values, weights, matrix, scenario.criteria, settings=settings, ensembles=more)

    number = len(ensembles.quick(ready, evidence, values, values.index).variants)
    whole = seconds(lambda: study.evaluate(scenario, inputs=inputs))
    alone = seconds(readout)
    once = seconds(lambda: study.score(scenario, inputs))
    rest = whole - alone
    print(f"evaluation with readout {whole:.3f} s, without {rest:.3f} s; readout {alone:.3f} s")
    print(f"one set of scores from the tables {once:.3f} s; {number} variants in the readout")
    print(f"readout : evaluation without readout {alone / rest:.2f} times")
    print(f"readout : its variants, each from the tables {alone / (number * once):.2f} times")


if __name__ == "__main__":
    main()
