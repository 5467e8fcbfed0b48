"""Two lists of the same firms: who is who, and what became of each."""

import pytest

import siting
from siting.study.changes.registers import register_changes
from tests.study import monthly_lists as lists


def evaluated(study, path, name):
    table = siting.read_enterprises(path, crs="WGS84")
    return study.with_(enterprises=table, name=name).run().evaluation


@pytest.fixture(scope="module")
def months(base_study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    first = lists.write(folder / "十月.csv", lists.october())
    second = lists.write(folder / "十一月.csv", lists.november(), shuffle=7, again=20)
    return evaluated(base_study, first, "十月"), evaluated(base_study, second, "十一月")


@pytest.fixture(scope="module")
def changes(months):
    return register_changes(*months)


KINDS = ("new", "gone", "moved", "resized", "renamed", "placed", "unplaced", "other")


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_is_named_and_no_other(changes, kind):
    assert tuple(changes.listed()) == KINDS
    found = getattr(changes, kind)
    assert set(found["name"]) == lists.november().changed.get(kind, set())
    assert len(found) == found["name"].nunique()


def test_a_change_says_which_from_and_to(changes):
    moved = changes.moved.set_index("name")
    assert set(moved["town_before"]) == {"上仓镇", "洇溜镇", "邦均镇"}
    assert moved["distance_m"].between(1000, 20000).all()
    sizes = changes.resized.set_index("name")
    assert sizes["fields"].to_dict() == {
        "虚构12号厂": "employees",
        "虚构13号厂": "output_wan;equipment",
    }
    assert sizes.loc["虚构12号厂", ["employees_before", "employees_after"]].tolist() == [104, 500]
    assert changes.renamed["name_before"].tolist() == ["虚构14号厂"]
    assert changes.other[["industry_before", "industry_after"]].values.tolist() == [["2231", "2641"]]


def test_all_rows_take_part_and_a_repeated_one_is_no_firm(changes):
    assert changes.counts["before"] == {"rows": 30, "enterprises": 30, "used": 28}
    assert changes.counts["after"] == {"rows": 32, "enterprises": 31, "used": 29}
    assert changes.repeated["name"].tolist() == ["虚构20号厂"]
    assert changes.repeated["register"].tolist() == ["after"]
    assert changes.ambiguous.empty


def test_looking_back_turns_every_change_round(months, changes):
    back = register_changes(*months[::-1])
    for there, here in (("new", "gone"), ("placed", "unplaced"), ("moved", "moved"), ("resized", "resized")):
        assert len(getattr(back, here)) == len(getattr(changes, there))


def test_nothing_changed_between_a_list_and_itself(months):
    same = register_changes(months[0], months[0])
    assert all(frame.empty for frame in same.listed().values())
    assert len(same.units) == 30


def made(base_study, folder, first, second):
    """Compare two lists given as rows."""
    found = []
    for name, rows in (("a", first), ("b", second)):
        month = lists.Month(dict(enumerate({**dict.fromkeys(lists.HEADINGS), **row} for row in rows)))
        found.append(evaluated(base_study, lists.write(folder / f"{name}.csv", month), name))
    return register_changes(*found)


def without_code(number, **cells):
    return lists.firm(number, **{"uscc": None, **cells})


def test_without_codes_name_and_township_then_name_then_place_tell(base_study, tmp_path):
    lon, lat = lists.TOWNS["上仓镇"]
    first = [without_code(n) for n in range(6)]
    second = [without_code(n) for n in range(6)]
    second[1] |= {"town": "上仓镇", "lon": lon, "lat": lat}
    second[2] |= {"name": "虚构新名厂", "lat": second[2]["lat"] + 0.0002}
    found = made(base_study, tmp_path, first, second)
    assert found.moved["name"].tolist() == ["虚构01号厂"]
    assert found.moved["matched_by"].tolist() == ["name"]
    assert found.renamed[["name_before", "name"]].values.tolist() == [["虚构02号厂", "虚构新名厂"]]
    assert found.renamed["matched_by"].tolist() == ["place"]
    assert found.new.empty
    assert found.gone.empty
    assert found.ambiguous["reason"].tolist() == ["name_alone"]


def test_two_codes_are_two_firms_whatever_else_agrees(base_study, tmp_path):
    first = [lists.firm(n) for n in range(5)]
    second = [lists.firm(n) for n in range(5)]
    second[3] |= {"uscc": lists.credit_code(99)}
    found = made(base_study, tmp_path, first, second)
    assert found.gone["uscc"].tolist() == [lists.credit_code(3)]
    assert found.new["uscc"].tolist() == [lists.credit_code(99)]
    assert found.ambiguous[["name", "reason"]].values.tolist() == [["虚构03号厂", "other_code"]]


def test_a_code_that_was_left_out_does_not_part_a_firm(base_study, tmp_path):
    first, second = [lists.firm(n) for n in range(5)], [lists.firm(n) for n in range(5)]
    first[2] |= {"uscc": None}
    found = made(base_study, tmp_path, first, second)
    assert found.other["fields"].tolist() == ["uscc"]
    assert found.other["matched_by"].tolist() == ["name_town"]


def test_of_several_at_one_place_none_is_guessed(base_study, tmp_path):
    place = {"lon": 117.41, "lat": 39.97, "industry": "3484", "town": "洇溜镇"}
    first = [without_code(n) for n in range(5)] + [without_code(n, **place) for n in (20, 21)]
    second = [without_code(n) for n in range(5)] + [without_code(n, **place) for n in (22, 23)]
    second[-1] |= {"lon": 117.4102}
    first[-1] |= {"lon": 117.4102}
    found = made(base_study, tmp_path, first, second)
    assert (len(found.new), len(found.gone), len(found.renamed)) == (2, 2, 0)
    assert set(found.ambiguous["reason"]) == {"several_at_place"}


def test_branches_of_one_code_are_laid_to_the_nearest(base_study, tmp_path):
    branches = [
        lists.firm(9, name="虚构集团", lon=lon, lat=lat, town=town)
        for town, (lon, lat) in lists.TOWNS.items()
    ]
    first = branches[:3]
    second = [branches[2], branches[0] | {"employees": 999}, branches[1], branches[4]]
    found = made(base_study, tmp_path, first, second)
    assert found.resized["town"].tolist() == [branches[0]["town"]]
    assert found.new["town"].tolist() == [branches[4]["town"]]
    assert found.gone.empty
    assert found.moved.empty
    assert found.ambiguous.empty


def test_a_firm_that_leaves_the_county_has_moved(base_study, tmp_path):
    first, second = [lists.firm(n) for n in range(5)], [lists.firm(n) for n in range(5)]
    second[2] |= {"lon": 117.20, "lat": 39.12, "town": None}
    found = made(base_study, tmp_path, first, second)
    assert found.moved["name"].tolist() == ["虚构02号厂"]
    assert found.gone.empty
    assert found.counts["after"]["used"] == 4


def test_a_firm_named_twice_without_a_place_of_its_own_is_one(base_study, tmp_path):
    first = [lists.firm(n) for n in range(5)]
    second = [*first, first[2] | {"lon": None, "lat": None}]
    found = made(base_study, tmp_path, first, second)
    assert found.new.empty
    assert found.repeated["name"].tolist() == ["虚构02号厂"]


def test_rows_that_name_nobody_are_told_and_are_no_firm(base_study, tmp_path):
    first = [lists.firm(n) for n in range(5)]
    second = [*first, {"employees": 12, "lon": 117.41, "lat": 39.97}]
    found = made(base_study, tmp_path, first, second)
    assert found.new.empty
    assert found.ambiguous[["rows_after", "reason"]].values.tolist() == [["7", "nobody"]]
    assert (found.counts["after"]["rows"], found.counts["after"]["enterprises"]) == (6, 5)


def test_names_are_known_without_their_legal_form(base_study, tmp_path):
    """A later list drops codes and 有限公司; one firm moved, and two that differ in form alone stay apart."""
    names = (
        "虚构青石机械有限公司",
        "虚构瑞丰包装有限责任公司",
        "虚构同名酒业有限公司",
        "虚构同名酒业股份有限公司",
    )
    first = [lists.firm(n, name=name) for n, name in enumerate(names)]
    lon, lat = lists.TOWNS["下仓镇"]
    moved = {"town": "下仓镇", "lon": lon + 0.011, "lat": lat + 0.013}
    second = [
        lists.firm(0, name="虚构青石机械", uscc=None),
        lists.firm(1, name="虚构瑞丰包装", uscc=None, **moved),
        lists.firm(7, name="虚构同名酒业", uscc=None, industry=lists.TRADES[2]),
    ]
    found = made(base_study, tmp_path, first, second)
    assert found.moved["name"].tolist() == ["虚构瑞丰包装"]
    assert set(found.renamed["matched_by"]) == {"short_name"}
    assert found.new["name"].tolist() == ["虚构同名酒业"]
    assert set(found.gone["name"]) == set(names[2:])
    assert found.ambiguous["reason"].tolist() == ["name_alone"]


def test_a_township_is_known_without_its_form(base_study, tmp_path):
    first = [lists.firm(n, uscc=None) for n in range(5)]
    second = [{**row, "town": str(row["town"]).removesuffix("镇"), "employees": 900} for row in first]
    found = made(base_study, tmp_path, first, second)
    assert set(found.resized["matched_by"]) == {"name_town"}
    assert found.ambiguous.empty
