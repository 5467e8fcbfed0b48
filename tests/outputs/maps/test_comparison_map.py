"""The map of a comparison: who is new, gone and moved, each told by form, text and effect."""

import re

import folium
import pytest

import siting
from siting.outputs.text.changes import counts_line
from tests.outputs.browsing import noise
from tests.outputs.maps.test_offline_map import HOSTILE, page_of
from tests.outputs.maps.test_result_map import layer_names, open_all
from tests.study import monthly_lists as lists

FEW_DRAWS = {"robustness.quick_seeds": 1, "robustness.joint_draws": 20}
KEPT = (0, 1, 2, 3, 4, 5, 7, 12, 40)


@pytest.fixture(scope="module")
def comparison(base_study, tmp_path_factory):
    """Nine firms, one of each change, one of them with a hostile name."""
    folder, results = tmp_path_factory.mktemp("months"), []
    quick = base_study.with_(settings=FEW_DRAWS)
    for name, month in (("十月", lists.october()), ("十一月", lists.november())):
        firms = {number: month.firms[number] for number in KEPT if number in month.firms}
        firms[0] = firms[0] | {"name": HOSTILE[0]}
        table = siting.read_enterprises(lists.write(folder / f"{name}.csv", lists.Month(firms)), crs="WGS84")
        results.append(quick.with_(enterprises=table, name=name).run())
    return siting.compare(*results)


@pytest.fixture(scope="module")
def text(comparison):
    return page_of(comparison.map())


def test_every_change_stands_on_the_map_and_says_what_it_did(opened, comparison, text):
    tab = opened(text)
    assert tab.locator(".frame-sub").inner_text() == counts_line(comparison.differences[-1], "zh")
    kinds = [kind for kind, frame in comparison.registers.listed().items() if len(frame)]
    assert {"new", "gone", "moved"} <= set(kinds)
    assert {"新增", "注销", "迁移"} <= {name.strip() for name in layer_names(tab)}
    assert "名录变化" in tab.locator(".layer-group").all_inner_texts()
    drawn = tab.locator(".leaflet-marker-pane .form path:last-child").evaluate_all(
        "(paths) => paths.map((path) => path.getAttribute('d') + path.getAttribute('stroke'))"
    )
    assert len(set(drawn)) == len({"new", "gone", "moved", "resized", "placed", "unplaced"} & set(kinds))
    assert tab.locator(".legend .swatch.form svg").count() == len(set(drawn))
    said = "\n".join(open_all(tab))
    for frame in (comparison.registers.new, comparison.registers.gone, comparison.registers.moved):
        assert frame["name"].iloc[0] in said
    assert re.search("对.+得分的影响：[+−]?\\d", said)
    assert re.search(r"沿用原评分标准：\d+\.\d → \d+\.\d 分", said)
    assert tab.evaluate("window.ran") is None
    assert noise(tab) == []


def test_who_moved_is_joined_to_where_it_was(comparison, text):
    moved = comparison.registers.moved.iloc[0]
    after = comparison.registers.units.loc[moved["unit"], "after"]
    place = comparison.registers.after.loc[after, ["lat", "lon"]]
    assert f'"at":[{place["lat"]:g},{place["lon"]:g}]' in text.replace(" ", "")
    assert text.count('"from"') == len(comparison.registers.moved)


def test_it_speaks_english_takes_more_and_gives_the_same_bytes(opened, comparison, text):
    m = comparison.map("en")
    folium.Marker([40.05, 117.4], tooltip="mine").add_to(m)
    tab = opened(page_of(m))
    assert {"New", "Gone", "Moved"} <= {name.strip() for name in layer_names(tab)}
    assert page_of(comparison.map()) == text
    assert noise(tab) == []
