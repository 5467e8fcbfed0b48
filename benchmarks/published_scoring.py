"""Published multi-criteria and SMAA cases → which of them `siting` reproduces, and how closely.

    python benchmarks/published_scoring.py CASES_FOLDER

The folder holds ``cases.json`` (records with ``id, method, inputs, expected, tolerance``) and the data
files that the records name. Ends with 1 if a case fails.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

import siting
from siting.analysis.robustness.acceptability import acceptability_under
from siting.analysis.robustness.weight_draws import draw_weights

DRAWS = 200_000
SIGMAS = 4.0


def number(text):
    """Read a fraction, a number or nothing."""
    return np.nan if text is None else float(Fraction(text)) if isinstance(text, str) else float(text)


def table(rows):
    """Read rows of numbers; a missing row is all NaN."""
    width = max(len(row) for row in rows if row)
    return np.array([[number(x) for x in (row or [None] * width)] for row in rows])


def closeness(found, expected, tolerance):
    """Return the largest error in units of what is allowed; 1 or less passes."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    allowed = tolerance.get("abs", tolerance.get("abs_exact", 0)) + tolerance.get("rel", 0) * np.abs(expected)
    return float(np.nanmax(np.abs(found - expected) / allowed))


def topsis(inputs, expected, tolerance, _):
    """Check TOPSIS scores."""
    scores = siting.topsis(
        inputs["matrix"], inputs["weights"], inputs["types"], normalization=inputs["normalization"]
    )
    return closeness(scores, expected["score"], tolerance)


def wsm(inputs, expected, tolerance, _):
    """Check weighted sums, with the normalisation that the case names."""
    matrix, senses = np.array(inputs["matrix"], float), np.array(inputs["types"])
    if inputs["normalization"].startswith("sum"):
        matrix[:, senses < 0] = 1 / matrix[:, senses < 0]
        matrix /= matrix.sum(axis=0)
    return closeness(siting.weighted_sum(matrix, inputs["weights"]), expected["score"], tolerance)


def ahp(inputs, expected, tolerance, _):
    """Check the principal eigenvector and the consistency ratio."""
    weights, ratio = siting.ahp_weights(inputs["matrix"])
    worst = closeness(weights, expected["weights"], tolerance)
    return max(worst, closeness(ratio, expected["CR"], tolerance)) if "CR" in expected else worst


def ahp_hierarchy(inputs, expected, tolerance, _):
    """Check scores put together from local weights."""
    local = np.array([siting.ahp_weights(judged)[0] for judged in inputs["alternatives"]]).T
    scores = siting.weighted_sum(local, siting.ahp_weights(inputs["criteria"])[0])
    return closeness(scores, expected["score"], tolerance)


def entropy(inputs, expected, tolerance, _):
    """Check entropy weights."""
    return closeness(siting.entropy_weights(inputs["matrix"]), expected["weights"], tolerance)


def critic(inputs, expected, tolerance, _):
    """Check CRITIC weights."""
    return closeness(siting.critic_weights(inputs["matrix"], inputs["types"]), expected["weights"], tolerance)


def centroid(inputs, expected, _tolerance, _):
    """Check rank order centroid weights: the mean under a full order."""
    n = inputs["n"]
    drawn = draw_weights(n, draws=DRAWS, seed=1, constraints={"order": tuple(range(n))})
    error = SIGMAS * drawn.std(axis=0) / np.sqrt(DRAWS)
    return float(np.max(np.abs(drawn.mean(axis=0) - [number(w) for w in expected["weights"]]) / error))


def samples(inputs, expected, tolerance, folder):
    """Check every digit: the draws are given."""
    drawn = np.load(folder / inputs["file"])
    found = acceptability_under(drawn["meas"], drawn["weights"])
    return max(
        closeness(found.acceptability, expected["rank_acceptability"], tolerance),
        closeness(found.central_weights, expected["central_weight"], tolerance),
        closeness(found.confidence, expected["confidence"], tolerance),
    )


def exact(inputs, expected, _tolerance, _):
    """Check exact shares against sampled ones, in units of 4 standard errors."""
    values = table(inputs["values"])
    k = values.shape[1]
    constraints = {
        "uniform": None,
        "ordinal": {"order": tuple(range(k))},
        # The cases do not print the bound; one tenth reproduces them.
        "lower": {"lower": dict.fromkeys(range(k), 0.1)},
    }[inputs["weights"]]
    found = siting.rank_acceptability(values, draws=DRAWS, seed=2, weight_constraints=constraints)
    worst = [0.0]
    for key, share in (("rank_acceptability", found.acceptability), ("pairwise_winning", found.pairwise)):
        if key in expected:
            p = table(expected[key])
            allowed = SIGMAS * np.sqrt(p * (1 - p) / DRAWS) + 1 / DRAWS
            worst.append(float(np.nanmax(np.abs(share - p) / allowed)))
    if "central_weight" in expected:
        p = table(expected["central_weight"])
        wins = np.maximum(found.first[:, None] * DRAWS, 1)
        worst.append(float(np.nanmax(np.abs(found.central_weights - p) / (SIGMAS * 0.5 / np.sqrt(wins)))))
    return max(worst)


def identity(inputs, expected, _tolerance, _):
    """Check options that are each best at one criterion."""
    n = inputs["n"]
    found = siting.rank_acceptability(np.eye(n), draws=DRAWS, seed=2)
    worst = np.abs(found.acceptability - number(expected["rank_acceptability"])).max()
    own = np.abs(np.diag(found.central_weights) - number(expected["central_weight_own"])).max()
    return float(max(worst, own) / (SIGMAS * 0.5 / np.sqrt(DRAWS / n)))


METHODS = {
    "topsis": topsis,
    "wsm": wsm,
    "ahp": ahp,
    "ahp_hierarchy": ahp_hierarchy,
    "entropy_weights": entropy,
    "critic_weights": critic,
    "roc_weights": centroid,
    "smaa_samples": samples,
    "smaa_exact": exact,
    "smaa_identity": identity,
}


def main(folder):
    """Run every case that has a function here."""
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    cases = cases["cases"] if isinstance(cases, dict) else cases
    failed = 0
    for case in cases:
        if not case["id"].startswith(("mcda.", "smaa.")):
            continue
        if case["method"] not in METHODS:
            print(f"{case['id']:40s} -      no function for {case['method']}")
            continue
        used = METHODS[case["method"]](case["inputs"], case["expected"], case["tolerance"], folder)
        failed += used > 1
        print(f"{case['id']:40s} {'ok' if used <= 1 else 'FAILED':6s} {used:7.1%} of the error allowed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
