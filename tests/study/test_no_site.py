"""No site at all, one alone, or every site ruled out: the appraisal and a conclusion all the same."""

import json
import re
from dataclasses import replace

import pytest

import siting
from siting.outputs.text.conclusion import conclusion, conclusion_record
from siting.outputs.text.condition_texts import summaries


def study_of(keep=None, failed=()):
    """Load the default study with some of its options, and some of the sites ruled out."""
    study = siting.load()
    inputs = study.inputs
    sites = inputs.sites if keep is None else inputs.sites.loc[list(keep)]
    conditions, pledges = inputs.conditions, inputs.pledges
    conditions = conditions[conditions["site"].isin(sites.index)].copy()
    conditions.loc[conditions["site"].isin(failed), "verdict"] = "fail"
    pledges = pledges[pledges["site"].isna() | pledges["site"].isin(sites.index)]
    return replace(study, inputs=replace(inputs, sites=sites, conditions=conditions, pledges=pledges))


def page_data(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', html, re.DOTALL)[1])


@pytest.mark.parametrize("thorough", [False, True])
def test_without_a_site_the_appraisal_speaks(tmp_path, thorough):
    result = study_of(keep=("mobile", "city")).run(thorough=thorough)
    assert result.best is None
    assert result.table.empty
    assert result.robustness is None
    assert list(result.appraisal.summary.index) == ["mobile", "city"]
    where = conclusion_record(result.evaluation)["where"]
    assert (where["verdict"], where["sites"]) == ("undecided", [])
    assert "没有需要选址的方案" in where["text_zh"]
    result.save(tmp_path / "out")
    assert page_data(tmp_path / "out")["nothing"][0][0] == conclusion(result.evaluation, "zh")[0]


def test_where_every_site_failed_none_is_left_to_rank(tmp_path):
    sites = [site for site in siting.load().sites.index if site not in ("mobile", "city")]
    result = study_of(failed=sites).run()
    assert (result.table["verdict"] == "fail").all()
    assert set(result.table.index) == set(sites)
    assert result.robustness is None
    record = conclusion_record(result.evaluation)
    assert record["where"]["sites"] == []
    assert "没有可供排序的场址" in record["where"]["text_zh"]
    result.save(tmp_path / "out")


def test_one_site_is_ranked_alone(tmp_path):
    result = study_of(keep=("yinliu", "mobile", "city")).run()
    assert result.table["rank"].tolist() == [1]
    assert result.best == "yinliu"
    where = conclusion_record(result.evaluation)["where"]
    assert where["sites"] == ["yinliu"]
    assert not re.search("居首|改取另一合理值", where["text_zh"]), "there is nobody to be ahead of"
    assert result.evaluation.winners == ()
    verdicts = summaries(result.evaluation, "en")
    assert verdicts["water_source"] == "to be verified: Development zone at Yinliu"
    assert "参与排序的场址只有一个。" in conclusion(result.evaluation, "zh")
    result.save(tmp_path / "out")
