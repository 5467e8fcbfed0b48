"""Joint draws: milliseconds each, on one core and on several; runs with and without them; whole commands.

    python benchmarks/draws.py [--draws 400] [--jobs 2]

Goals: 5 ms a draw on one core, net present values included; the default run with all its files at most 1.5
times a run without draws, and as a command 5.7 s of processor time; a thorough run 8 s on two cores. Of draws
and runs wall seconds, of commands, loading included, processor and wall seconds; the best of three each time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import siting
from siting.outputs.save import save
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


def written(study):
    """Evaluate a study and write all its files, as a run does."""
    with tempfile.TemporaryDirectory() as folder:
        save(evaluate(study.scenario, inputs=study.inputs), Path(folder))


def command(*options):
    """Run the default study as a command; processor seconds of all its processes, and wall seconds."""
    spent, start = sum(os.times()[2:4]), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        call = [sys.executable, "-m", "siting", "run", "--out", folder, *options]
        subprocess.run(call, check=True, capture_output=True)
    return sum(os.times()[2:4]) - spent, time.perf_counter() - start


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
    spent = min(command()[0] for _ in range(3))
    print(f"default run as a command: {spent:.1f} s of processor time (goal 5.7)")
    runs = [command("--thorough", "--jobs", str(asked.jobs)) for _ in range(3)]
    spent, wall = (min(times) for times in zip(*runs, strict=True))
    print(f"thorough run on {asked.jobs} processes: {wall:.1f} s, {spent:.1f} s of processor time (goal 8)")


if __name__ == "__main__":
    main()
