"""The order of a register's rows changes no figure: only references to rows, and hashes of files, differ."""

import json
import random
import re

import pytest

import siting
from siting.outputs.save import save
from siting.outputs.tables.table_files import run_record
from siting.scenario.toml_files import DEFAULT

HEADING = "企业名称,行业代码,经度,纬度,从业人员,年产值（万元）\n"
CODES = ("1512", "3484", "1810", "2110", "3011", "2641", "4411")
ROWS = [
    f"虚构{n:02}号厂,{code},{117.25 + 0.0113 * n:.4f},{39.85 + 0.0071 * (7 * n % 40):.4f},{25 + 9 * n},"
    f"{'' if n % 5 == 2 else 800.1 + 170.7 * n}\n"
    for n, code in enumerate(CODES * 5)
]
TWINS = ["虚构双子厂,1512,117.4003,39.9507,31,\n"] * 2


def own_list(seed):
    rows = [*ROWS, *(row.replace("双子", f"双子{n}") for n, row in enumerate(TWINS))]
    random.Random(seed).shuffle(rows)
    return HEADING + "".join(rows)


def demonstration(seed):
    heading, *rows = (DEFAULT.parents[1] / "raw" / "register-committees.csv").read_text("utf-8").splitlines()
    random.Random(seed).shuffle(rows)
    return "\n".join([heading, *rows, ""])


def results(folder, text):
    """Run a list; return ranking, page and JSON, with names of enterprises in place of rows' numbers."""
    folder.mkdir()
    path = folder / "名单.csv"
    path.write_text(text, encoding="utf-8")
    study = siting.load(settings={"data.enterprises": str(path), "register.crs": "WGS84"})
    result = study.run()
    record = run_record(result.evaluation, save(result.evaluation, folder / "out"))
    names = result.evaluation.evidence.inputs.enterprises["name"].to_dict()
    said = json.dumps(record, ensure_ascii=False)
    said = re.sub(r"row-\d+", lambda found: names[found[0]], said)
    found = json.loads(re.sub(r'"sha256": "\w+"|"bytes": \d+', '"left": 0', said))
    ranking = (folder / "out" / "ranking.csv").read_bytes()
    return ranking, json.dumps(found, ensure_ascii=False, sort_keys=True), result.evaluation


@pytest.mark.parametrize("text_of", [own_list, demonstration])
def test_shuffled_rows_give_the_same_bytes(tmp_path, text_of):
    first, *others = (results(tmp_path / str(seed), text_of(seed)) for seed in (1, 2, 3))
    for ranking, record, evaluation in others:
        assert ranking == first[0]
        assert record == first[1]
        assert (evaluation.values == first[2].values).all(axis=None)
        assert (evaluation.economics.summary.fillna(0) == first[2].economics.summary.fillna(0)).all(axis=None)


def test_a_list_with_one_other_figure_differs(tmp_path):
    """The comparison above can tell lists apart."""
    changed = own_list(1).replace(",25,", ",26,")
    assert changed != own_list(1)
    assert results(tmp_path / "a", own_list(1))[1] != results(tmp_path / "b", changed)[1]
