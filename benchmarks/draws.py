"""Joint draws: milliseconds each, on one core and on several; runs with and without them; a thorough run.

    python benchmarks/draws.py [--draws 400] [--jobs 2]

Goals: 5 ms a draw on one core, net present values included; the default run at most 1.5 times a run without
draws; a thorough run 8 s on two cores. Wall seconds, best of three; of the thorough run, one.
"""

import argparse
import time

import siting
from siting.outputs.page.page import render_page
from siting.outputs.tables.draws_table import draws_files
from siting.outputs.tables.results_workbook import workbook
from siting.outputs.tables.table_files import table_files
from siting.study import ensembles, prepared
from siting.study.draws.executor import evaluate_all, started
from siting.study.draws.frozen import freeze
from siting.study.draws.unknowns import draw_unknowns
from siting.study.evaluate import evaluate


def seconds(job, repeats=3):
    """Time a job, best of some repeats."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return min(times)


def written(study, jobs=1, *, thorough=False):
    """Evaluate a study and lay out its page and tables, as a run does."""
    evaluation = evaluate(study.scenario, inputs=study.inputs, jobs=jobs, thorough=thorough)
    render_page(evaluation)
    workbook(evaluation)
    table_files(evaluation)
    draws_files(evaluation)


def main():
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    study = siting.load()
    setting = prepared.prepare(study.scenario, study.inputs)
    frozen = freeze(setting, prepared.evidence_of(setting))
    unknowns = draw_unknowns(frozen.laws, asked.draws, 1, 0)
    one = seconds(lambda: evaluate_all(frozen, unknowns))

    def spread():
        with started(asked.jobs) as processes:
            return evaluate_all(frozen, unknowns, executor=processes)

    many = seconds(spread)
    print(f"one core: {1000 * one / asked.draws:.2f} ms a draw (goal 5)")
    print(f"{asked.jobs} processes, their start included: {1000 * many / asked.draws:.2f} ms a draw")
    drawn = seconds(lambda: written(study))
    joint, ensembles.joint_draws = ensembles.joint_draws, lambda *_, **__: None
    without = seconds(lambda: written(study))
    ensembles.joint_draws = joint
    print(f"default run {drawn:.2f} s, without draws {without:.2f} s: {drawn / without:.2f} × (goal 1.5)")
    whole = seconds(lambda: written(study, asked.jobs, thorough=True), 1)
    print(f"thorough run on {asked.jobs} processes: {whole:.1f} s (goal 8)")


if __name__ == "__main__":
    main()
