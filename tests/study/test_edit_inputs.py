"""Sites, options, conditions and red lines given in a notebook obey the rules that files obey."""

import json
import shutil

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import siting
from siting.scenario.toml_files import DEFAULT
from siting.types import InputError

SQUARE = [[117.38, 39.89], [117.40, 39.89], [117.40, 39.91], [117.38, 39.91], [117.38, 39.89]]


def test_one_more_candidate_is_ranked_and_the_rest_stays(base_study):
    study = base_study.with_site(lon=117.39, lat=39.95, name="=虚构地块", land_price_wan=9, land_area_mu=12)
    site = study.sites.loc["candidate-1"]
    assert (site["name"], site["kind"], site["land_provision"]) == ("=虚构地块", "build", "undecided")
    assert (site["land_area_mu"], site["land_price_wan"]) == (12, 9)
    assert "candidate-1" not in base_study.sites.index
    twice = study.with_site(lon=117.41, lat=40.0, name="虚构地块二")
    assert [*twice.sites.index[-2:]] == ["candidate-1", "candidate-2"]
    others = twice.sites.loc[base_study.sites.index]
    assert_frame_equal(pd.DataFrame(others), pd.DataFrame(base_study.sites), check_dtype=False)
    new = twice.inputs.conditions.query("site == 'candidate-2'")
    assert len(new) == base_study.inputs.conditions.query("site == 'shangcang'")["condition"].nunique()
    assert set(new["verdict"]) == {"pending"}
    assert twice.run().table.loc[["candidate-1", "candidate-2"], "score"].between(0, 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lon": 117.2, "lat": 39.13}, "E101"),
        ({"site": "shangcang"}, "has a site shangcang already"),
        ({"town": "某某乡"}, "某某乡"),
        ({"land_price_wan": -3}, "-3"),
    ],
)
def test_a_candidate_that_cannot_be_is_refused(base_study, change, message):
    with pytest.raises(InputError, match=message):
        base_study.with_site(**{"lon": 117.39, "lat": 39.95, "name": "虚构地块"} | change)


def test_marks_that_nobody_sees_leave_a_name_and_stop_no_run(base_study, tmp_path):
    """`siting check` says that nothing has to be done: a study's own tables take the same verdict."""
    sites = base_study.sites.assign(name="\u202e虚构\u200b地块")
    assert set(base_study.with_(sites=sites).sites["name"]) == {"虚构地块"}
    data = tmp_path / "data"
    shutil.copytree(DEFAULT.parent.parent, data)
    file = data / "raw" / "sites.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("邦均镇,Bangjun", "邦均\u200b镇\u202e,Bangjun"), encoding="utf-8")
    study = siting.load(data / "scenarios" / "base.toml")
    assert study.sites["name"].equals(base_study.sites["name"])
    assert [issue.row for issue in study.inputs.tables["sites"].issues if issue.code == "E213"] == [6]


def test_options_are_left_out_and_prices_changed(base_study):
    sites = base_study.sites.drop(index="shangcang")
    sites.loc["county_seat", "land_price_wan"] = 21
    study = base_study.with_(sites=sites, name="fewer")
    assert [*study.sites.index] == [*sites.index]
    assert study.sites["land_price_wan"]["county_seat"] == 21
    assert study.sites["services"].map(str).equals(sites["services"].map(str))
    assert "shangcang" not in {*study.inputs.conditions["site"], *study.inputs.pledges["site"]}
    assert study.run().table.index.isin(sites.index).all()
    with pytest.raises(InputError, match="no-such-kind"):
        base_study.with_(sites=sites.assign(kind="no-such-kind"))
    with pytest.raises(InputError, match="no rows"):
        base_study.with_(sites=sites.iloc[:0])


def test_conditions_are_replaced_whole(base_study):
    stated = base_study.inputs.conditions
    at = (stated["site"] == "shangcang") & (stated["condition"] == "power")
    changed = stated.assign(verdict=stated["verdict"].mask(at, "fail"))
    study = base_study.with_(conditions=changed)
    assert study.inputs.conditions.loc[at, "verdict"].tolist() == ["fail"]
    with pytest.raises(InputError, match="nowhere"):
        base_study.with_(conditions=changed.assign(site="nowhere"))


def test_red_lines_drawn_rule_a_site_out(base_study, tmp_path):
    file = tmp_path / "红线.geojson"
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    feature = {
        "type": "Feature",
        "properties": {"条件": "water_source", "名称": "虚构红线"},
        "geometry": shape,
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    study = base_study.with_red_lines(file, column="条件", label="名称")
    verdicts = study.inputs.conditions.query("condition == 'water_source'").set_index("site")["verdict"]
    assert verdicts["shangcang"] == "fail"
    assert (verdicts.drop("shangcang") != "fail").all()
    assert study.scenario.red_lines[-1].label == "名称"
    with pytest.raises(InputError, match="no column 没有"):
        base_study.with_red_lines(file, column="没有")
