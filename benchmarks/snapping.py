"""Points laid on the nearest road, beside shapely's STRtree with line_locate_point, as ratios of time.

    python benchmarks/snapping.py [--nodes 250000] [--points 200000]

Processor seconds of one process, one run each (index included).
"""

import argparse
import tempfile
import time
from pathlib import Path

import generate
import numpy as np
import shapely

from siting.analysis.network.graph import build_graph
from siting.analysis.network.snapping import mercator
from siting.inputs.roads.read_roads import read_roads


def seconds(job):
    """Time a job once and keep its result."""
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def main():
    """Print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=250_000)
    parser.add_argument("--points", type=int, default=200_000)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roads.osm.pbf"
        generate.write_extract(generate.county(options.nodes), path)
        layer = read_roads(path)
    graph = build_graph(layer)
    rng = np.random.default_rng(0)
    near = layer.shape[rng.integers(0, len(layer.shape), options.points)]
    lon, lat = (near + rng.normal(0, 150 / generate.METRES_PER_DEGREE, near.shape)).T

    xy = np.stack(mercator(*layer.shape.T), axis=1)
    inner = np.ones(len(xy), bool)
    inner[layer.shape_start[1:] - 1] = False
    segments = np.stack([xy[:-1], xy[1:]], axis=1)[inner[:-1]]

    def strtree():
        lines = shapely.linestrings(segments)
        points = shapely.points(*mercator(lon, lat))
        nearest = shapely.STRtree(lines).nearest(points)
        shapely.line_locate_point(lines[nearest], points)
        return shapely.distance(lines[nearest], points) * np.cos(np.radians(lat))

    graph.is_main  # noqa: B018 - once a network, not part of snapping
    own_s, laid = seconds(lambda: graph.snap(lon, lat))
    peer_s, distance = seconds(strtree)
    off = np.abs(laid.snap_m - distance)[laid.on_main]
    print(f"{options.points} points, {len(segments)} segments in {len(layer.edges)} stretches")
    print(f"largest difference of distances on the main network: {off.max():.6f} m")
    print(f"{'siting':28s} {own_s:8.2f} s {1.0:8.1f} ×")
    print(f"{'STRtree + line_locate_point':28s} {peer_s:8.2f} s {peer_s / own_s:8.1f} ×")


if __name__ == "__main__":
    main()
