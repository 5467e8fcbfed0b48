"""An eighth site needs a name, a place, an area and a price: no Python, no copy of the whole table."""

import pytest

import siting
from siting.types import InputError

CANDIDATES = "地块名称,经度,纬度,亩,万元/亩\n虚构地块,117.39,39.95,12,9\n"


def write(tmp_path, text):
    path = tmp_path / "地块.csv"
    path.write_text(text, encoding="utf-8")
    return {"data.more_sites": str(path)}


def test_a_candidate_is_ranked_beside_the_studys_own_sites(tmp_path, base_study):
    study = siting.load(settings=write(tmp_path, CANDIDATES))
    site = study.sites.loc["candidate-1"]
    assert (site["name"], site["kind"], site["land_provision"]) == ("虚构地块", "build", "undecided")
    assert (site["land_area_mu"], site["land_price_wan"]) == (12, 9)
    assert len(study.sites) == len(base_study.sites) + 1
    ranking = study.run().table
    assert 0 < ranking.loc["candidate-1", "score"] < 1


def test_a_candidate_outside_the_county_is_refused_by_row(tmp_path):
    with pytest.raises(InputError, match=r"地块\.csv:2:.*E101"):
        siting.load(settings=write(tmp_path, CANDIDATES.replace("117.39,39.95", "117.2,39.13")))


def test_an_id_of_the_study_is_refused(tmp_path):
    text = "方案编号,地块名称,经度,纬度\nshangcang,虚构地块,117.39,39.95\n"
    with pytest.raises(InputError, match="has a site shangcang already"):
        siting.load(settings=write(tmp_path, text))
