"""Run the published routing cases of a folder and print what agrees.

    python benchmarks/published.py CASES_FOLDER

The folder holds ``cases.json`` and its data files (distances by GraphHopper on real extracts, tag tables
of OSRM, a DIMACS graph, spellings of maxspeed); they have their own licences and are no part of this project.
"""

import argparse
import json
from functools import cache
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components

import siting
from siting.inputs.roads.rules import road_classes


@cache
def graph_of(path):
    """Read an extract once."""
    return siting.read_roads(path)


def distance(case, folder):
    """Compare one road distance."""
    given = case["inputs"]
    start, end = (given[key][::-1] for key in ("from_latlon", "to_latlon"))
    metres = graph_of(folder / given["file"]).travel_times([start], [end], weight="metres")[0, 0]
    wanted = case["expected"]["metres"]
    return abs(metres - wanted) <= case["tolerance"]["abs"], f"{metres:.1f} m, published {wanted}"


def tag_rows(case, folder):
    """Compare access and direction of tag rows; None means that the table does not say."""
    rows = json.loads((folder / case["inputs"]["file"]).read_text(encoding="utf-8"))
    wrong = []
    for row in rows:
        found = siting.car_rules(row["tags"])[:2]
        said = (row["forward"], row["backward"])
        if any(want is not None and have != want for have, want in zip(found, said, strict=True)):
            wrong.append(f"{row['tags']}: {found}, table {said}")
    share = 1 - len(wrong) / len(rows)
    return share >= case["tolerance"]["min_share"], "; ".join([f"{share:.1%} of {len(rows)} rows", *wrong])


def maxspeed(case, _):
    """Compare one spelling."""
    found, wanted = siting.parse_maxspeed(case["inputs"]["value"]), case["expected"]["kmh"]
    good = (
        found is wanted
        if wanted is None
        else found is not None and abs(found - wanted) <= case["tolerance"]["abs"]
    )
    return good, f"{case['inputs']['value']!r}: {found}, published {wanted}"


def class_speeds(case, _):
    """Compare class speeds with the range of three routers, widened by 30 %."""
    outside = [
        f"{kind} {road_classes()[kind].travel_kmh:g} outside {low * 0.7:g} to {high * 1.3:g}"
        for kind, (low, high) in case["expected"]["range_kmh"].items()
        if not low * 0.7 <= road_classes()[kind].travel_kmh <= high * 1.3
    ]
    return not outside, "; ".join(outside) or "all within"


def dimacs(case, folder):
    """Compare sizes, components and the longest of all shortest paths."""
    lines = (folder / case["inputs"]["file"]).read_text(encoding="utf-8").splitlines()
    arcs = np.array([line.split()[1:] for line in lines if line.startswith("a ")], float)
    n = next(int(line.split()[2]) for line in lines if line.startswith("p "))
    roads = siting.RoadGraph.from_edges(n, arcs[:, 0] - 1, arcs[:, 1] - 1, arcs[:, 2])
    table = roads.travel_times(np.arange(n), np.arange(n))
    found = {
        "nodes": n,
        "arcs": len(arcs),
        "strong_components": connected_components(np.isfinite(table), connection="strong")[0],
        "longest_shortest_path": table.max(),
    }
    return found == case["expected"], str(found)


def tiny(case, _):
    """Compare distances from one node."""
    arcs = np.array(case["inputs"]["edges"])
    n = len(case["expected"]["dist"])
    table = siting.RoadGraph.from_edges(n, *arcs.T).travel_times([case["inputs"]["source"]], np.arange(n))
    return np.allclose(table[0], case["expected"]["dist"], atol=case["tolerance"]["abs"]), str(
        table[0].round(4)
    )


CHECKS = {
    "osm_car_distance": distance,
    "osm_tag_rows": tag_rows,
    "maxspeed": maxspeed,
    "speed_table": class_speeds,
    "graph_facts": dimacs,
    "dijkstra_small": tiny,
}


def main():
    """Run every routing case; exit 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    failed = 0
    for case in cases:
        if case["topic"] == "routing":
            good, detail = CHECKS[case["method"]](case, folder)
            failed += not good
            print(f"{'ok  ' if good else 'FAIL'} {case['id']:28s} {detail}")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
