"""A folium map of ours: offline, names inert in Python and browser, the same bytes, plugins and all."""

import hashlib
import inspect
import json
import os
import re
import subprocess
import sys
import threading
import time

import branca.element
import folium
import folium.plugins
import geopandas as gpd
import pytest
from folium.features import GeoJsonDetail

import siting
from siting.outputs.maps import assets, rendering
from siting.outputs.maps.offline_map import OfflineMap
from siting.types import InputError, InstallationError
from tests.outputs.browsing import noise
from tests.paths import ROOT

HOSTILE = [
    "{{ 7 * 7 }}甲",
    "{{ cycler.__init__.__globals__.os.environ.__setitem__('SITING_RAN', '1') }}",
    "{% raw %}",
    "{# 注",
    "<img src=x onerror=\"window.ran='img'\">",
    "${window.ran='dollar'}",
    "`+(window.ran='tick')+`",
    "</script><script>window.ran='script'</script>",
    "\\`${window.ran='slash'}",
    "'\"><svg onload=window.ran='svg'>",
    "<!--<script>",
    "\u2028甲\u2029乙",
    "C:\\path\\20190221",
    "a\\",
    "<a href=\"javascript:window.ran='url'\">丙</a>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<style>@import 'https://example.org/x.css'</style><b style='background:url(https://example.org/y)'>丁</b>",
    "<iframe srcdoc=\"<script>parent.ran='frame'</script>\"></iframe>",
]


@pytest.fixture
def m():
    return OfflineMap(location=[40.05, 117.4], zoom_start=10)


def page_of(m):
    return m.get_root().render()


def frame_of(texts):
    points = gpd.points_from_xy([117.5] * len(texts), [40 + 0.01 * n for n in range(len(texts))])
    return gpd.GeoDataFrame({"名称": texts, "n": range(len(texts))}, geometry=points, crs=4326)


def with_all(m, texts):
    """Give a map every way by which folium takes a text."""
    for n, text in enumerate(texts):
        at = 40 + 0.01 * n
        folium.Marker([at, 117.3], popup=text, tooltip=text).add_to(m)
        folium.Marker(
            [at, 117.35], popup=folium.Popup(text, parse_html=True), icon=folium.Icon("red")
        ).add_to(m)
        folium.Marker([at, 117.4], popup=folium.Popup(text, lazy=True)).add_to(m)
        folium.Marker([at, 117.45], icon=folium.DivIcon(html=text)).add_to(m)
        folium.CircleMarker([at, 117.55], color=text, tooltip=folium.Tooltip(text, style="color:red")).add_to(
            m
        )
        folium.FeatureGroup(name=text).add_to(m)
    frame = frame_of(texts)
    folium.GeoJson(
        frame,
        tooltip=folium.GeoJsonTooltip(["名称"], aliases=[texts[4]]),
        popup=folium.GeoJsonPopup(["名称"]),
    ).add_to(m)
    frame.explore(m=m, column="n", legend=True)
    frame[~frame["名称"].str.contains("{%|{#", regex=True)].explore(m=m, column="名称")
    # What a map holds besides its layers.
    m.get_root().html.add_child(
        branca.element.Element("<p id=free>自由文字<script>window.ran='free'</script></p>")
    )
    folium.LayerControl(collapsed=False).add_to(m)
    return m


def test_names_run_nothing_in_python(m, monkeypatch):
    monkeypatch.delenv("SITING_RAN", raising=False)
    text = page_of(with_all(m, HOSTILE))
    assert "SITING_RAN" not in os.environ
    assert json.dumps("{{ 7 * 7 }}甲", ensure_ascii=False) in text
    assert "49甲" not in text


def test_a_plain_map_of_folium_would_run_them():
    """The fault that all this is for; when it goes from branca, `rendering` can become shorter."""
    m = folium.Map(tiles=None)
    folium.Marker([0, 0], tooltip="{{ 7 * 7 }}甲").add_to(m)
    assert "49甲" in m.get_root().render()


def test_names_run_nothing_in_the_browser(m, opened):
    tab = opened(page_of(with_all(m, HOSTILE)))
    tab.wait_for_timeout(300)
    shown = tab.evaluate(
        """() => {
            const seen = [];
            const note = (overlay) => seen.push(overlay.getElement().textContent);
            const map = Object.values(window).find((v) => v instanceof L.Map);
            map.on('popupopen', (e) => note(e.popup)).on('tooltipopen', (e) => note(e.tooltip));
            const open = (layer) => {
                if (layer.getPopup && layer.getPopup()) layer.openPopup();
                if (layer.getTooltip && layer.getTooltip()) layer.openTooltip();
                if (layer.eachLayer) layer.eachLayer(open);
            };
            map.eachLayer(open);
            return seen;
        }"""
    )
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.ran") is None
    assert noise(tab) == []
    everything = "\n".join(shown)
    for plain in (
        "{{ 7 * 7 }}甲",
        "{% raw %}",
        "{# 注",
        "${window.ran='dollar'}",
        "`+(window.ran='tick')+`",
        "a\\",
    ):
        assert everything.count(plain) >= 4
    # Properties of features and names of layers are text, tags and all.
    assert everything.count(HOSTILE[4]) >= 2
    names = tab.locator(".leaflet-control-layers-overlays").inner_text()
    assert HOSTILE[4] in names
    assert HOSTILE[7] in names
    assert tab.locator("#free").inner_text() == "自由文字"
    assert tab.url == tab.address


def test_popups_and_tooltips_open_by_hand(m, opened):
    folium.Marker([40.05, 117.4], popup="<b>粗体</b>{{ 1 }}`", tooltip="提示 ${2}").add_to(m)
    tab = opened(page_of(m))
    pin = tab.locator(".leaflet-marker-icon")
    pin.hover()
    assert tab.locator(".leaflet-tooltip").inner_text() == "提示 ${2}"
    pin.click()
    assert tab.locator(".leaflet-popup-content b").inner_text() == "粗体"
    assert tab.locator(".leaflet-popup-content").inner_text() == "粗体{{ 1 }}`"
    assert noise(tab) == []


def test_same_bytes_each_time_and_rendered_twice():
    first = with_all(OfflineMap(location=[40.05, 117.4]), HOSTILE)
    text = page_of(first)
    assert page_of(first) == text
    assert page_of(with_all(OfflineMap(location=[40.05, 117.4]), HOSTILE)) == text


def test_a_name_that_looks_like_an_id_stays(m):
    name = "x_0123456789abcdef0123456789abcdef"
    folium.Marker([40, 117], tooltip=name).add_to(m)
    assert name in page_of(m)


PLUGINS = {
    "measure": lambda m: folium.plugins.MeasureControl().add_to(m),
    "fullscreen": lambda m: folium.plugins.Fullscreen().add_to(m),
    "position": lambda m: folium.plugins.MousePosition().add_to(m),
    "minimap": lambda m: folium.plugins.MiniMap(tile_layer=folium.TileLayer("data:,{z}", attr="例")).add_to(
        m
    ),
    "draw": lambda m: folium.plugins.Draw(export=False).add_to(m),
    "cluster": lambda m: folium.Marker([40, 117], tooltip="x").add_to(
        folium.plugins.MarkerCluster().add_to(m)
    ),
    "heat": lambda m: folium.plugins.HeatMap([[40.05, 117.4]]).add_to(m),
    "ants": lambda m: folium.plugins.AntPath([[40, 117], [40.1, 117.1]]).add_to(m),
    "grouped": lambda m: folium.plugins.GroupedLayerControl(
        {"组": [folium.FeatureGroup("层").add_to(m)]}, exclusive_groups=False
    ).add_to(m),
    "time": lambda m: folium.plugins.TimestampedGeoJson(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [117.4, 40]},
                    "properties": {"times": ["2011-01-01"], "popup": "x"},
                }
            ],
        },
        period="P1M",
    ).add_to(m),
}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_plugins_work_offline(m, opened, plugin):
    PLUGINS[plugin](m)
    text = page_of(m)
    tab = opened(text)
    tab.wait_for_timeout(200)
    # The time slider notes a lone letter on the console, at home as here.
    assert set(noise(tab)) <= ({"r"} if plugin == "time" else set())
    assert tab.evaluate("document.querySelectorAll('.leaflet-control').length") >= 2
    assert page_of(m) == text


def test_a_plugin_that_is_not_installed_is_named(m, monkeypatch):
    monkeypatch.setattr(assets, "_of_plugins", dict)
    assets.asset.cache_clear()
    folium.plugins.Fullscreen().add_to(m)
    with pytest.raises(InstallationError, match=r"fullscreen.*siting\[maps\]"):
        page_of(m)
    assets.asset.cache_clear()


def test_tiles_are_asked_for_where_a_layer_is_added_and_from_its_host_alone(m):
    def allowed(text):
        return re.search("img-src ([^;]*);", text)[1].split()

    assert allowed(page_of(m)) == ["data:", "blob:"]
    folium.TileLayer("https://{s}.example.org/{z}/{x}/{y}.png", attr="例").add_to(m)
    folium.plugins.MiniMap(tile_layer=folium.TileLayer("https://mini.example.org/{z}.png", attr="例")).add_to(
        m
    )
    assert allowed(page_of(m)) == ["data:", "blob:", "https://*.example.org", "https://mini.example.org"]


def test_a_hostile_address_adds_nothing_to_the_policy(m):
    folium.TileLayer("https://x'; script-src * \"><script>/{z}.png", attr="例").add_to(m)
    head = page_of(m).partition("<style>")[0]
    assert "script-src *" not in head
    assert head.count("<script>") == 0


def test_the_map_is_refused_in_a_figure_that_would_go_online(m):
    figure = branca.element.Figure()
    figure.add_child(m)
    with pytest.raises(InputError, match="another figure"):
        figure.render()


def test_a_map_of_folium_rendered_beside_ours_is_parsed_as_ever(m):
    """The swap holds in the thread that renders, so that a dashboard with both keeps working."""
    inside, out = threading.Event(), []

    class Slow(branca.element.MacroElement):
        def render(self, **kwargs):
            inside.set()
            time.sleep(0.2)

    m.add_child(Slow())
    beside = threading.Thread(
        target=lambda: inside.wait() and out.append(branca.element.Element("{{ 1 + 1 }}").render())
    )
    beside.start()
    page_of(m)
    beside.join()
    assert out == ["2"]
    assert branca.element.Element("{{ 1 + 1 }}").render() == "2"


def test_branca_still_renders_through_the_hook(m, monkeypatch):
    """Loud where branca changes: were `Template` no longer what parses rendered text, names would run."""
    real = branca.element.Template
    assert real.__module__ == "jinja2.environment"

    def render(self, **kwargs):
        made = real(self._template.module.script(self, kwargs))
        self.get_root().script.add_child(branca.element.Element(made.render()))

    monkeypatch.setattr(branca.element.MacroElement, "render", render)
    with pytest.raises(InstallationError, match="names would not be safe"):
        page_of(m)


KNOWN = {
    "Tooltip": "fb840450e7c3",
    "Popup": "1b5633f25e9d",
    "GeoJsonPopup": "9c27741fa5ce",
    "GeoJsonTooltip": "7d1fcc86b9d6",
    "GeoJsonDetail": "a45ef79f9022",
}
"""First digits of the hashes of what folium says of each class."""


def test_templates_of_folium_that_ours_replace_are_those_known():
    """Loud where folium gives popups or tooltips something new to do."""
    found = {
        kind.__name__: hashlib.sha256(inspect.getsource(kind).encode()).hexdigest()[:12]
        for kind in (*rendering._replacements(), GeoJsonDetail)
    }
    assert found == KNOWN, "read what changed, then follow it in rendering.py"


def test_importing_siting_does_not_import_folium():
    code = "import sys, siting; siting.load; print('folium' in sys.modules, 'branca' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "False"]
    assert siting.OfflineMap is OfflineMap
