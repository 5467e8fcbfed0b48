"""Results as layers: what they hold, and that they draw offline with their columns in words."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from siting.outputs.maps import result_layers as layers
from siting.outputs.maps.offline_map import OfflineMap
from siting.types import InstallationError
from tests.outputs import toy
from tests.outputs.browsing import noise
from tests.outputs.maps.test_offline_map import page_of


@pytest.fixture(scope="module")
def evaluation():
    """The toy, a quarter of whose trips still lead to the city."""
    base = toy.evaluation()
    trips = replace(base.evidence.trips, city_trips=base.evidence.trips.trips / 4)
    return replace(base, evidence=replace(base.evidence, trips=trips))


@pytest.mark.parametrize("name", layers.LAYERS)
def test_layers_are_frames_of_geopandas_with_a_system_and_words(evaluation, name):
    layer = layers.LAYERS[name](evaluation)
    assert isinstance(layer, gpd.GeoDataFrame)
    assert layer.crs.to_epsg() == 4326
    assert len(layer) > 0
    named = layer.attrs["headings"]
    assert list(named) == list(layer.columns.drop("geometry"))
    assert len(set(named.values())) == len(named)
    unworded = [column for column, words in named.items() if column == words]
    assert unworded == []


def test_isochrones_lie_under_one_another(evaluation):
    found = layers.isochrones(evaluation)
    assert list(dict.fromkeys(found["site"])) == list(toy.SITES)
    assert all(own["drive_min"].is_monotonic_decreasing for _, own in found.groupby("site"))
    assert set(found.columns) == {"site", "site_name", "drive_min", "geometry"}


def test_flows_carry_the_trips_of_a_site_and_no_other(evaluation):
    found = layers.flows(evaluation)
    trips = evaluation.evidence.trips
    for site in toy.SITES:
        own = found[found["site"] == site]
        expected = (trips.trips[site] - trips.city_trips[site]).sum()
        assert own["trips"].sum() == pytest.approx(expected)
        ends = {Point(line.coords[-1]) for line in own.geometry}
        assert ends <= {Point(evaluation.evidence.options.at[site, "geometry"])}


def test_townships_add_up_to_the_register(evaluation):
    found = layers.townships(evaluation)
    evidence = evaluation.evidence
    assert found["firms"].sum() == len(evidence.inputs.enterprises)
    assert found["tests"].sum() == pytest.approx(evidence.demand.tests.to_numpy().sum())
    saved = evidence.trips.hours["city"] - evidence.trips.hours["bangjun"]
    assert found["saved.bangjun"].sum() == pytest.approx(saved.sum())
    # 五百户镇 stands at the point of the place that bore this name.
    assert found.geometry["五百户镇"].equals(Point(117.55, 39.98))


def test_an_enterprise_without_a_place_is_kept(evaluation):
    inputs = evaluation.evidence.inputs
    firms = inputs.enterprises.copy()
    firms.loc["e000", ["lon", "lat"]] = np.nan
    firms.loc["e001", "town"] = None
    lost = replace(
        evaluation, evidence=replace(evaluation.evidence, inputs=replace(inputs, enterprises=firms))
    )
    found = layers.enterprises(lost)
    assert len(found) == len(firms)
    assert found.geometry["e000"] is None
    assert layers.townships(lost).loc["—", "firms"] == 1


def test_parts_of_a_layer_stay_layers(evaluation):
    found = layers.isochrones(evaluation)
    assert isinstance(found[found["drive_min"] <= 10], layers.ResultLayer)
    assert type(found.drop(columns="geometry")) is pd.DataFrame


def test_explore_draws_offline_and_onto_a_map(evaluation, opened):
    found = layers.isochrones(evaluation)
    drawn = found[found["site"] == "bangjun"].explore("drive_min")
    assert isinstance(drawn, OfflineMap)
    tab = opened(page_of(drawn))
    tab.evaluate(
        """() => Object.values(window).find((v) => v instanceof L.Map)
            .eachLayer((l) => { if (l instanceof L.GeoJSON) l.openTooltip(); })"""
    )
    assert "行车时间（分钟）" in tab.locator(".leaflet-tooltip").last.inner_text()
    assert noise(tab) == []
    m = OfflineMap([40, 117.4])
    assert found.explore(m=m) is m
    assert noise(opened(page_of(m))) == []


def test_explore_says_what_is_missing(evaluation, monkeypatch):
    monkeypatch.setattr(layers, "EXPLORING", ("siting_no_such_package",))
    with pytest.raises(InstallationError, match=r"siting\[maps\]"):
        layers.sites(evaluation).explore()


def test_layers_plot_and_write_themselves(evaluation, tmp_path):
    import matplotlib as mpl

    mpl.use("Agg")
    found = layers.flows(evaluation)
    assert found.plot() is not None
    found.to_file(tmp_path / "flows.gpkg")
    assert len(gpd.read_file(tmp_path / "flows.gpkg")) == len(found)
