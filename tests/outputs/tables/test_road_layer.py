"""The compact road layer: read back it is the layer that was written, byte for byte the same each time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.network.graph import build_graph
from siting.inputs.roads.read_roads import read_roads
from siting.outputs.tables.road_layer import road_layer, write_road_layer
from tests.paths import ROOT

RAW = ROOT / "data" / "raw"
CASE = ROOT / "tests" / "inputs" / "cases" / "roads" / "dirty_96_roads.geojson"


@pytest.mark.parametrize("source", [RAW / "trunk.osm.pbf", CASE], ids=lambda path: path.name)
def test_round_trip(tmp_path, source):
    layer = read_roads(source)
    path = tmp_path / "roads.gpkg"
    write_road_layer(layer, path)
    again = read_roads(path)
    pd.testing.assert_frame_equal(
        again.edges.drop(columns=["tail", "head"]),
        layer.edges.drop(columns=["tail", "head"]),
        check_dtype=False,
        check_categorical=False,
    )
    np.testing.assert_array_equal(again.shape, layer.shape)
    assert again.counts == layer.counts
    # Parts are counted again as the layer is loaded, so that a bounding box may change them.
    assert [replace(issue, file="") for issue in again.issues] == [
        replace(issue, file="") for issue in layer.issues
    ]
    pd.testing.assert_frame_equal(again.set_aside, layer.set_aside, check_dtype=False)
    for end in ("tail", "head"):
        ids = [some.nodes["id"].to_numpy()[some.edges[end]].astype(str).tolist() for some in (layer, again)]
        assert ids[0] == ids[1]
    places = layer.nodes[["lon", "lat"]].to_numpy()
    tables = [build_graph(some).travel_times(places, places) for some in (layer, again)]
    np.testing.assert_array_equal(*tables)


def test_same_bytes_twice(tmp_path):
    layer = read_roads(RAW / "trunk.osm.pbf")
    first = road_layer(layer)
    assert road_layer(layer) == first
    path = tmp_path / "roads.gpkg"
    write_road_layer(layer, path)
    assert road_layer(read_roads(path)) == first


def test_bounding_box_of_a_compact_layer(tmp_path):
    path = tmp_path / "roads.gpkg"
    write_road_layer(read_roads(CASE), path)
    part = read_roads(path, bbox=(117.28, 39.94, 117.30, 39.95))
    assert part.edges["way"].tolist() == ["r4"]
    assert len(part.nodes) == 2
    assert "R120" not in {issue.code for issue in part.issues}
