"""Areas around all roads of a county, beside widening every road and joining all with shapely, as ratios.

    python benchmarks/isochrones.py [--nodes 50000 250000] [--width 500]

The whole county is reached, so that both sides draw the same area; theirs stays in metres and is not
simplified. Processor seconds of one process, one run each.
"""

import argparse
import tempfile
import time
from pathlib import Path

import generate
import numpy as np
import shapely

from siting.analysis.network.isochrones import QUARTER_CIRCLE, Reach, areas
from siting.analysis.network.snapping import from_mercator, mercator
from siting.inputs.roads.read_roads import read_roads


def seconds(job):
    """Time a job once and keep its result."""
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def compare(n_nodes, width_m):
    """Time both sides on one county and say by how much their areas differ."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roads.osm.pbf"
        generate.write_extract(generate.county(n_nodes), path)
        layer = read_roads(path)
    n = len(layer.edges)
    everywhere = Reach(np.zeros(n), np.zeros(n), np.ones(n), np.ones(n), own_edge=-1, own_position=0.0)

    def ours():
        return areas(layer, [everywhere], [[1.0]], width_m)[0][0]

    def theirs():
        scale = 1.0 / np.cos(np.radians(np.median(layer.shape[:, 1])))
        points = np.stack(mercator(*layer.shape.T), axis=1)
        lines = shapely.linestrings(points, indices=np.repeat(np.arange(n), np.diff(layer.shape_start)))
        return shapely.union_all(shapely.buffer(lines, width_m * scale, quad_segs=QUARTER_CIRCLE))

    own_s, own = seconds(ours)
    peer_s, plain = seconds(theirs)
    plain = shapely.transform(plain, lambda xy: np.stack(from_mercator(*xy.T), axis=1))
    off = own.symmetric_difference(plain).area / plain.area
    print(f"{n_nodes} nodes, {n} stretches, {width_m:g} m; areas differ by {off:.2%} (outlines simplified)")
    print(f"{'siting':28s} {own_s:8.2f} s {1.0:8.1f} ×")
    print(f"{'shapely buffer + union_all':28s} {peer_s:8.2f} s {peer_s / own_s:8.1f} ×")


def main():
    """Print a table of ratios for each county."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, nargs="+", default=[50_000, 250_000])
    parser.add_argument("--width", type=float, default=500.0, help="metres")
    options = parser.parse_args()
    for n_nodes in options.nodes:
        compare(n_nodes, options.width)


if __name__ == "__main__":
    main()
