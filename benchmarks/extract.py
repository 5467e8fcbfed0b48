"""OSM extract → routable graph, beside pyrosm's nodes and edges, as ratios of time and memory.

    python benchmarks/extract.py [--nodes 1000000]

Each reader in a process of its own; processor seconds without imports, peak memory of the process.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import generate


def siting_reader():
    """Read into a directed graph with siting."""
    from siting.analysis.network import build_graph
    from siting.inputs.roads import read_roads

    return lambda path: build_graph(read_roads(path)).n_nodes


def contracted_reader():
    """Read likewise, and contract the graph as the first search does."""
    from siting.analysis.network import build_graph
    from siting.inputs.roads import read_roads

    return lambda path: build_graph(read_roads(path)).chains.n_core


def pyrosm_reader():
    """Read nodes and edges with pyrosm (no graph yet)."""
    import pyrosm

    return lambda path: len(pyrosm.OSM(path).get_network(network_type="driving", nodes=True)[0])


READERS = {"siting": siting_reader, "contracted": contracted_reader, "pyrosm": pyrosm_reader}


def main():
    """Print the table of ratios; with --reader, time one reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--reader", choices=tuple(READERS), help=argparse.SUPPRESS)
    parser.add_argument("--path", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        read = READERS[options.reader]()
        start = time.process_time()
        nodes = read(options.path)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"\n{time.process_time() - start} {peak_mb} {nodes}")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roads.osm.pbf"
        ways = generate.write_extract(generate.county(options.nodes), path)
        print(f"{options.nodes} nodes, {ways} ways, {path.stat().st_size / 2**20:.1f} MB")
        found = {}
        for reader in READERS:
            command = [sys.executable, __file__, "--reader", reader, "--path", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[reader] = [float(value) for value in done.stdout.splitlines()[-1].split()]
    for reader, (taken, peak_mb, _) in found.items():
        print(f"{reader:10s} {taken:8.2f} s {peak_mb:8.0f} MB {taken / found['siting'][0]:6.1f}")


if __name__ == "__main__":
    main()
