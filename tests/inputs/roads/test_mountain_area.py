"""Hills as a layer of polygons or a column of the road layer: which share of which stretch is slowed."""

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import FREE_FLOW
from siting.inputs.roads.mountain_area import mark_mountains
from siting.inputs.roads.read_roads import read_roads
from siting.outputs.tables.road_layer import write_road_layer
from siting.scenario.build import read_scenario
from siting.study.read_inputs import read_inputs
from siting.types import InputError
from tests.analysis.roads import METRES_PER_DEGREE, layer
from tests.paths import ROOT

# Three roads of 2 km to the north, 1 km apart.
ROADS = layer([(x, y) for x in (0, 1000, 2000) for y in (0, 2000)], [(0, 1), (2, 3), (4, 5)], speed_kmh=60.0)


def area(folder, *shapes, name="hills.gpkg", crs=4326):
    """Polygons from metres north and east of the roads' corner."""
    path = folder / name
    gpd.GeoDataFrame({"name": ["x"] * len(shapes)}, geometry=list(shapes), crs=4326).to_crs(crs).to_file(path)
    return path


def north_of(metres, width=0.05):
    """A box from some metres north of the begin of the roads, over the first `width` degrees."""
    return box(-0.001, metres / METRES_PER_DEGREE, width, 0.05)


def codes(found):
    return {issue.code: issue.action for issue in found.issues}


@pytest.mark.parametrize(
    ("name", "crs"),
    [("hills.gpkg", 4326), ("hills.gpkg", 3857), ("hills.geojson", 4326), ("hills.shp", 4326)],
)
def test_a_stretch_is_slowed_on_the_share_inside_the_area(tmp_path, name, crs):
    path = area(tmp_path, north_of(1500), north_of(-100, width=0.001), name=name, crs=crs)
    marked = mark_mountains(ROADS, path, 0.8)
    assert marked.edges["mountain"].tolist() == pytest.approx([1.0, 0.25, 0.25], abs=2e-3)
    assert ROADS.share_in_mountains.tolist() == [0, 0, 0]
    graph = build_graph(marked, FREE_FLOW.model_copy(update={"mountain_factor": 0.8}))
    assert graph.minutes[0].tolist() == pytest.approx([2.5, 2.125, 2.125], abs=2e-3)
    assert codes(marked)["R203"].startswith("3.0 km of the roads lie in the hills")


def test_an_area_without_roads_is_told_and_one_without_polygons_refused(tmp_path):
    marked = mark_mountains(ROADS, area(tmp_path, north_of(5000)), 0.8)
    assert {"R204"} == set(codes(marked))
    assert marked.share_in_mountains.tolist() == [0, 0, 0]
    with pytest.raises(InputError, match=r"points\.gpkg: holds no polygon"):
        mark_mountains(ROADS, area(tmp_path, Point(0, 0), name="points.gpkg"), 0.8)
    table = tmp_path / "hills.csv"
    table.write_text("name,lon,lat\nx,117.4,40\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"hills\.csv: holds no polygon"):
        mark_mountains(ROADS, table, 0.8)


def test_roads_stay_as_they_are_where_nothing_speaks_of_hills():
    assert mark_mountains(ROADS, None, 0.8).issues == ROADS.issues


@pytest.mark.parametrize(
    ("column", "words", "code"),
    [("地形", ["平原", "山岭", "重丘", "海滨"], "R201"), ("坡度级别", ["1", "4", "5", "9"], "R202")],
)
def test_a_column_of_the_road_layer_says_where_hills_are(tmp_path, column, words, code):
    lines = [LineString([(0, k / 100), (0.01, k / 100)]) for k in range(4)]
    columns = {"公路等级": ["三级公路"] * 4, column: words}
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame(columns, geometry=lines, crs=4326).to_file(path)
    roads = read_roads(path)
    assert roads.edges["mountain"].tolist() == [False, True, True, False]
    assert words[3] in codes(roads)[code]
    marked = mark_mountains(roads, area(tmp_path, north_of(-100, width=0.005)), 0.8)
    assert marked.share_in_mountains.tolist() == pytest.approx([0.5, 1.0, 1.0, 0.5], abs=2e-3)
    compact = tmp_path / "compact.gpkg"
    write_road_layer(roads, compact)
    assert read_roads(compact).edges["mountain"].tolist() == [False, True, True, False]


def test_a_study_names_its_hills(tmp_path):
    path = area(tmp_path, box(117.0, 40.1, 118.0, 40.4), name="hills.geojson")
    file = ROOT / "data" / "scenarios" / "base.toml"
    flat = read_inputs(read_scenario(file))
    scenario = read_scenario(file, [f"data.mountain_area={path}", "travel_time.mountain_factor=0.9"])
    roads = read_inputs(scenario).roads
    share = roads.share_in_mountains
    assert 0 < share.mean() < 1
    assert flat.roads.share_in_mountains.tolist() == [0] * len(share)
    assert "multiplied by 0.9" in codes(roads)["R203"]
    assert str(tmp_path) not in scenario.canonical()
