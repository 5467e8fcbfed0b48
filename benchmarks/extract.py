"""OSM extract → routable graph, beside pyrosm's nodes and edges, as ratios of time and memory.

    python benchmarks/extract.py [--nodes 1000000] [--extract FILE.osm.pbf]

Each reader in a process of its own; processor seconds without imports, those of the processes it starts
included; memory is the most that it and they held together (read from /proc, so on Linux only). The sizes of
extract and compact layers stand above the table. The extract generated holds nothing but roads, packed by
differences: a layer of plain coordinates, which any GIS reads, is larger than that, zipped too. With
--extract the sizes and times of another one are told.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GENERATE = Path(__file__).with_name("generate.py")
COMPACT, ZIPPED = "roads.gpkg", "roads.gpkg.zip"


def siting_reader():
    """Read into a directed graph with siting."""
    from siting.analysis.network.graph import build_graph
    from siting.inputs.roads.read_roads import read_roads

    return lambda path: build_graph(read_roads(path)).n_nodes


def contracted_reader():
    """Read likewise, and contract the graph as the first search does."""
    from siting.analysis.network.graph import build_graph
    from siting.inputs.roads.read_roads import read_roads

    return lambda path: build_graph(read_roads(path)).chains.n_core


def compact_reader():
    """Load the compact layer into a graph instead, as ``siting roads`` wrote it beside the extract."""
    read = siting_reader()
    return lambda path: read(Path(path).with_name(COMPACT))


def zipped_reader():
    """Load the same, zipped."""
    read = siting_reader()
    return lambda path: read(Path(path).with_name(ZIPPED))


def pyrosm_reader():
    """Read nodes and edges with pyrosm (no graph yet)."""
    import pyrosm

    return lambda path: len(pyrosm.OSM(path).get_network(network_type="driving", nodes=True)[0])


READERS = {
    "siting": siting_reader,
    "contracted": contracted_reader,
    "compact layer": compact_reader,
    "zipped": zipped_reader,
    "pyrosm": pyrosm_reader,
}


def held_mb(process: int | str, field: str = "VmRSS:") -> float:
    """Return the memory that a process holds (``VmHWM:``: held at most), MB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(field)), 0.0)


def together_mb(process: int) -> float:
    """Return the memory that a process and its children hold now, MB."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    except OSError:
        children = []
    return held_mb(process) + sum(held_mb(int(child)) for child in children)


def processor_s() -> float:
    """Return the processor seconds of this process and its ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measured(reader: str, path: Path) -> tuple[float, float]:
    """Return processor seconds and the most memory held, MB, of a reader in a process of its own."""
    command = [sys.executable, __file__, "--reader", reader, "--path", str(path)]
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            most = max(most, together_mb(process.pid))
            time.sleep(0.005)
        taken, own = map(float, process.stdout.read().splitlines()[-1].split())
    return taken, max(most, own)


def run(*command):
    """Run Python in a process of its own."""
    subprocess.run([sys.executable, *command], check=True, capture_output=True)


def main():
    """Print the table of ratios; with --reader, time one reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--extract", type=Path)
    parser.add_argument("--reader", choices=tuple(READERS), help=argparse.SUPPRESS)
    parser.add_argument("--path", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        read = READERS[options.reader]()
        start = processor_s()
        read(options.path)
        print(f"\n{processor_s() - start} {held_mb('self', 'VmHWM:')}")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roads.osm.pbf"
        # In processes of their own: what a parent held counts as held by its children.
        if options.extract:
            shutil.copy(options.extract, path)
        else:
            run(GENERATE, path, "--nodes", str(options.nodes))
        for name in (COMPACT, ZIPPED):
            run("-m", "siting", "roads", path, "--out", path.with_name(name))
        sizes = [
            f"{file.name} {file.stat().st_size / 2**20:.1f} MB" for file in sorted(Path(folder).iterdir())
        ]
        what = options.extract.name if options.extract else f"about {options.nodes} nodes"
        print(f"{what}; {', '.join(sizes)}")
        found = {reader: measured(reader, path) for reader in READERS}
    for reader, (taken, most_mb) in found.items():
        print(f"{reader:14s} {taken:8.2f} s {most_mb:8.0f} MB {taken / found['siting'][0]:6.1f} ×")


if __name__ == "__main__":
    main()
