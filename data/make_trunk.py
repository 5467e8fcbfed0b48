"""Write the curated trunk network as an OSM extract: trunk_nodes.csv and trunk_edges.csv to trunk.osm.pbf.

The extract takes the same way through the importer as any other, so that importer and tables can be compared.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import osmium
import pandas as pd
from osmium.osm import mutable

RAW = Path(__file__).parent / "raw"
HIGHWAY = {"urban": "secondary", "access": "tertiary", "mountain": "tertiary"}
"""OSM class of the road classes that OSM has no word for; the others keep their name."""


def node_tags(node: pd.Series) -> dict[str, str]:
    """Return the tags of a node: its name, and the number that the tables know it by."""
    return {"name": node["name"], "siting:node": node.name, "siting:confidence": node["confidence"]}


def way_tags(edge: pd.Series) -> dict[str, str]:
    """Return the tags of a way; ``siting:`` tags carry what OSM has no key for."""
    tags = {
        "highway": HIGHWAY.get(edge["class"], edge["class"]),
        "name": edge["road"],
        "ref": edge["ref"],
        "maxspeed": edge["speed_kmh"],
        # A motorway without this tag is one-way by OSM's rules; the tables' edges run both ways.
        "oneway": edge["oneway"],
        "start_date": edge["opened"],
        "siting:class": edge["class"],
        "siting:length_km": edge["length_km"],
        "siting:belief": edge["belief"],
    }
    return {key: value for key, value in tags.items() if value}


def write_extract(nodes: pd.DataFrame, edges: pd.DataFrame, path: Path) -> None:
    """Write nodes (indexed by node) and edges as a PBF whose bytes depend on the tables alone."""
    number = {node: i for i, node in enumerate(nodes.index, start=1)}
    header = osmium.io.Header()
    header.set("generator", "siting")
    path.unlink(missing_ok=True)
    # Uncompressed: the bytes must not depend on the machine's zlib.
    target = osmium.io.File(str(path), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(target, header=header) as writer:
        for node, row in nodes.iterrows():
            place = (float(row["lon"]), float(row["lat"]))
            writer.add_node(mutable.Node(id=number[node], location=place, tags=node_tags(row), version=1))
        for i, edge in enumerate(edges.itertuples(index=False), start=1):
            row = pd.Series(edge, index=edges.columns)
            ends = [number[row["from"]], number[row["to"]]]
            writer.add_way(mutable.Way(id=i, nodes=ends, tags=way_tags(row), version=1))


def main() -> None:
    """Read the two tables beside this script and write the extract."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RAW / "trunk.osm.pbf", help="extract to write")
    out = parser.parse_args().out
    nodes = pd.read_csv(RAW / "trunk_nodes.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    edges = pd.read_csv(RAW / "trunk_edges.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    write_extract(nodes.set_index("node"), edges, out)


if __name__ == "__main__":
    main()
