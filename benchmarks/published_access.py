"""Published accessibility, Huff and inequality cases → which of them `siting` reproduces, and how closely.

    python benchmarks/published_access.py CASES_FOLDER

The folder holds ``cases.json`` (records with ``id, method, inputs, expected, tolerance``) and the data
files that the records name. Ends with 1 if a case fails.
"""

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import siting

BELOW = 1 - 1e-12
"""Turns a cutoff that a peer excludes into one that counts."""


def closeness(found, expected, tolerance):
    """Return the largest error in units of what is allowed; 1 or less passes."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    allowed = tolerance.get("abs", 0) + tolerance.get("rel", 0) * np.abs(expected)
    return float(np.max(np.abs(found - expected) / allowed))


def decay_of(inputs):
    """Return cutoff and decay as the case words them."""
    words = inputs["decay"]
    if words.startswith("steps"):
        pairs = [part.split(":") for part in words.removeprefix("steps").replace("<=", "").split(",")]
        steps = {float(end): float(weight) for end, weight in pairs}
        return max(steps), steps
    if words.startswith("binary"):
        cutoff = inputs.get("threshold") or float(words.split("<")[1].split("=")[-1])
        return (cutoff if "<=" in words else cutoff * BELOW), None
    beta = inputs.get("beta", 1)
    return np.inf, lambda minutes: minutes**-beta


def catchment(inputs, expected, tolerance, _):
    """Check 2SFCA and E2SFCA on a small matrix."""
    cutoff, decay = decay_of(inputs)
    found = siting.two_step_floating_catchment(
        inputs["demand"], inputs["supply"], inputs["cost"], cutoff_min=cutoff, decay=decay
    )
    return closeness(found, expected["access"], tolerance)


def hospital(inputs, expected, tolerance, _):
    """Check 2SFCA of PySAL's example."""
    cutoff, arguments = (
        inputs["max_cost_exclusive"] * BELOW,
        (inputs[k] for k in ("demand", "supply", "cost")),
    )
    found = siting.two_step_floating_catchment(*arguments, cutoff_min=cutoff, decay=lambda t: 1 / t)
    return closeness(found, expected["access"], tolerance)


def bho(inputs, expected, tolerance, _):
    """Check 2SFCA on the cells that the case prints."""
    cutoff, weigh = decay_of({**inputs, "decay": inputs["decay"].replace("binary t", "binary, t")})
    found = siting.two_step_floating_catchment(
        inputs["population"], inputs["jobs"], inputs["minutes"], cutoff_min=cutoff, decay=weigh
    )
    return closeness(found, expected["access"], tolerance)


def chicago(inputs, expected, tolerance, folder):
    """Check 2SFCA of all Chicago tracts by straight-line distance."""
    people, places = (
        gpd.read_file(folder / inputs[name]).set_index("geoid").to_crs(inputs["crs_to"])
        for name in ("demand", "supply")
    )
    at, of = (np.column_stack([g.geometry.centroid.x, g.geometry.centroid.y]) for g in (people, places))
    metres = np.hypot(*(at[:, None, k] - of[:, k] for k in (0, 1)))
    found = siting.two_step_floating_catchment(
        people["pop"], places[inputs["supply_column"]], metres, cutoff_min=inputs["threshold"] * BELOW
    )
    total = closeness([found @ people["pop"]], [expected["identity_sum_access_x_pop"]], tolerance)
    return max(total, closeness(found[:5], expected["first5"], tolerance))


def huff(inputs, expected, tolerance, _):
    """Check Huff shares."""
    size = np.asarray(inputs["size"], float) ** inputs["alpha"]
    return closeness(
        siting.huff_shares(size, inputs["cost"], exponent=inputs["beta"]), expected["p"], tolerance
    )


def gini(inputs, expected, tolerance, folder):
    """Check the Gini coefficient."""
    values = pd.read_csv(folder / inputs["file"])[inputs["column"]] if "file" in inputs else inputs["values"]
    return closeness([siting.gini(values, inputs.get("weights"))], [expected["gini"]], tolerance)


METHODS = {
    "fca2": catchment,
    "fca_variant": catchment,
    "fca_hospital": hospital,
    "fca_bho": bho,
    "fca2_chicago": chicago,
    "huff": huff,
    "gini": gini,
}


def main(folder):
    """Run every case that a method is here for; print its error in units of what is allowed."""
    folder = Path(folder)
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    failed = 0
    for case in cases:
        method, inputs = METHODS.get(case["method"]), case["inputs"]
        # A third stage of the catchment is a model that no study uses.
        if method and inputs.get("stages", 2) == 2:
            error = method(inputs, case["expected"], case["tolerance"], folder)
            failed += error > 1
            print(f"{'ok  ' if error <= 1 else 'FAIL'} {case['id']:<36} {error:.2g} of what is allowed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
