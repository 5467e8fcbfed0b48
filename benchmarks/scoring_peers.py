"""Times of pyrepo-mcda and pyDecision on given matrices, run by the interpreter that has them.

    PYTHON benchmarks/scoring_peers.py MATRICES.npz DRAWS

Called by ``scoring.py --peers PYTHON``; needs numpy and the two peers only, as they are under the GPL or pin
their own libraries. Prints one JSON object: method → peer → processor seconds (SMAA-2: scaled to all draws).
"""

import contextlib
import io
import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
SAMPLE = {"pyDecision": 20, "pyrepo-mcda": 200}
"""Draws that are timed and scaled."""


def seconds(job, calls=20):
    """Return processor seconds of one call, best of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        for _ in range(calls):
            with contextlib.redirect_stdout(io.StringIO()):
                job()
        times.append((time.process_time() - start) / calls)
    return min(times)


def main():
    """Time what the peers have of it."""
    from pyDecision.algorithm import ahp_method, critic_method, entropy_method, saw_method, topsis_method
    from pyrepo_mcda.additions import rank_preferences
    from pyrepo_mcda.mcda_methods import SAW, TOPSIS
    from pyrepo_mcda.weighting_methods import critic_weighting, entropy_weighting

    given, draws = np.load(sys.argv[1]), int(sys.argv[2])
    values, weights = given["values"] + 1e-3, given["weights"]
    matrix, weight, senses, judged = (given[k] for k in ("matrix", "weight", "senses", "judged"))
    kinds = ["max" if sense > 0 else "min" for sense in senses]
    ones, saw, topsis = np.ones(values.shape[1]), SAW(), TOPSIS()
    one_draw = {
        "pyDecision": lambda: saw_method(values, ["max"] * len(ones), weights[0], graph=False, verbose=False),
        "pyrepo-mcda": lambda: rank_preferences(saw(values, weights[0], ones), reverse=True),
    }
    found = {
        "SMAA-2": {name: seconds(job, SAMPLE[name]) * draws for name, job in one_draw.items()},
        "TOPSIS": {
            "pyDecision": seconds(lambda: topsis_method(matrix, weight, kinds, graph=False, verbose=False)),
            "pyrepo-mcda": seconds(lambda: topsis(matrix, weight, senses)),
        },
        "entropy": {
            "pyDecision": seconds(lambda: entropy_method(matrix, kinds)),
            "pyrepo-mcda": seconds(lambda: entropy_weighting(matrix)),
        },
        "CRITIC": {
            "pyDecision": seconds(lambda: critic_method(matrix, kinds)),
            "pyrepo-mcda": seconds(lambda: critic_weighting(matrix)),
        },
        "AHP": {"pyDecision": seconds(lambda: ahp_method(judged, wd="me"))},
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
