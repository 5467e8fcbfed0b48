"""Plots show the figures of the tables, in words, in the page's colours, in fonts that have the signs."""

import builtins
import re
import warnings
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager

from siting.messages import text_of
from siting.outputs import colours
from siting.outputs.plots import drawing
from siting.outputs.plots.access_plots import plot_demand, plot_industries, plot_minutes
from siting.outputs.plots.drawing import MARKS, use_chinese_font
from siting.outputs.plots.money_plots import plot_appraisal, plot_tornado
from siting.outputs.plots.score_plots import plot_contributions, plot_sureness, plot_tradeoff
from siting.outputs.plots.swept import SweptScores, key_name, swept_scores
from siting.outputs.plots.winners_plot import plot_winners
from siting.outputs.text.winner_words import winner_columns, winner_rows
from siting.outputs.text.wording import points
from siting.types import InputError, InstallationError
from tests.outputs import toy
from tests.paths import ROOT

PLOTS = (
    *(plot_contributions, plot_winners, plot_tornado, plot_appraisal, plot_tradeoff),
    *(plot_demand, plot_industries, plot_minutes, plot_sureness),
)


@pytest.fixture(autouse=True)
def headless():
    """No window, and no figure left open."""
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def evaluation(base_result):
    return base_result.evaluation


def texts_of(ax):
    ax.figure.canvas.draw()
    return [text for text in ax.findobj(mpl.text.Text) if text.get_text()]


def said_by(ax):
    return "\n".join(text.get_text() for text in texts_of(ax))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_every_character_is_drawn_and_no_id_is_shown(evaluation, plot, lang):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a character that no font has
        ax = plot(evaluation, None, lang)
        said = said_by(ax)
    assert not re.search(r"\b(shangcang|npv_\w+|hours_saved|economics\.\w+)\b", said)
    assert ("演示结果" in said) == (lang == "zh")
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", said)


def test_bars_add_up_to_the_scores_of_the_page(evaluation):
    ax = plot_contributions(evaluation, None, "zh")
    scores = evaluation.ranking["score"]
    ends = {}
    for bar in ax.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        ends[row] = max(ends.get(row, 0), bar.get_x() + bar.get_width())
    np.testing.assert_allclose([ends[row] for row in sorted(ends)], 100 * scores, atol=1e-9)
    names = [label.get_text() for label in ax.get_yticklabels()]
    first = evaluation.evidence.options.index.get_loc(scores.index[0])
    assert names[0] == f"{chr(65 + first)} {evaluation.evidence.options['name'].iloc[first]}"
    assert points(scores.iloc[0]) in said_by(ax)
    assert "24.0%" in said_by(ax)


def test_a_site_that_fails_a_condition_is_drawn_as_such():
    assert "不通过" in said_by(plot_contributions(toy.evaluation(), None, "zh"))


def test_cells_count_the_values_at_which_a_site_comes_first(evaluation):
    ax = plot_winners(evaluation, None, "zh")
    rows = winner_rows(evaluation, "zh")
    assert [label.get_text() for label in ax.get_yticklabels()] == [row.assumption for row in rows]
    first = rows[0]
    total = sum(map(len, first.by_winner.values()))
    expected = [
        f"{len(first.by_winner[option])}/{total}"
        for option in winner_columns(evaluation)
        if option in first.by_winner
    ]
    assert [text.get_text() for text in ax.texts if text.get_position()[1] == 0] == expected


def test_the_tornado_reaches_the_ends_of_the_table(evaluation):
    ax = plot_tornado(evaluation, None, "zh")
    table = evaluation.economics.sensitivity.table
    top = [bar for bar in ax.patches if round(bar.get_y() + bar.get_height() / 2) == 0]
    ends = {round(bar.get_x() + bar.get_width(), 6) for bar in top}
    assert ends == set(table.iloc[0][["npv_low", "npv_high"]].astype(float).round(6))
    assert "扩样系数（需求） 3（3—12）" in said_by(ax)
    widths = [abs(table["npv_high"] - table["npv_low"]).iloc[n] for n in range(12)]
    assert widths == sorted(widths, reverse=True)


def test_parties_add_up_to_the_national_economy(evaluation):
    ax = plot_appraisal(evaluation, None, "zh")
    accounts = evaluation.economics.accounts.drop(index="city")
    order = accounts["npv_national"].sort_values(ascending=False, kind="stable")
    lengths = {}
    for bar in ax.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        lengths[row] = lengths.get(row, 0) + bar.get_width()
    np.testing.assert_allclose([lengths[row] for row in sorted(lengths)], order, atol=1e-6)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), order)


def test_the_tradeoff_says_what_a_point_is_worth(evaluation):
    ax = plot_tradeoff(evaluation, None, "zh")
    assert "1 分 =\n1,325 小时/年" in said_by(ax)
    best = evaluation.ranking.index[0]
    thick = max(ax.lines, key=lambda line: line.get_linewidth())
    weighted = evaluation.weights.index[evaluation.weights > 0]
    np.testing.assert_allclose(thick.get_ydata(), 100 * evaluation.values.loc[best, weighted])


def test_tests_by_industry_are_all_the_tests(evaluation):
    ax = plot_demand(evaluation, None, "zh")
    total = evaluation.evidence.demand.tests.to_numpy().sum()
    np.testing.assert_allclose(sum(bar.get_width() for bar in ax.patches), total)


def test_industries_average_to_their_criterion(evaluation):
    cells = np.asarray(plot_industries(evaluation, None, "zh").images[0].get_array())
    sites = evaluation.ranking.index
    expected = evaluation.matrix.loc[sites, ["industry_coverage", "worst_industry"]].T
    np.testing.assert_allclose([cells.mean(axis=0), cells.min(axis=0)], expected)


def test_every_test_lies_within_some_time(evaluation):
    ax = plot_minutes(evaluation, None, "zh")
    *sites, today, cutoff = ax.lines
    assert all(line.get_ydata()[-1] == pytest.approx(100) for line in (*sites, today))
    assert set(cutoff.get_xdata()) == {evaluation.scenario.coverage.cutoff_min}
    minutes = evaluation.evidence.travel.to_site[evaluation.evidence.options.index[0]]
    share = evaluation.evidence.demand.tests.sum(axis=1)[minutes <= 30].sum()
    drawn = np.interp(30, sites[0].get_xdata(), sites[0].get_ydata())
    assert drawn == pytest.approx(100 * share / evaluation.evidence.demand.tests.to_numpy().sum(), abs=1)


def test_shares_of_draws_are_those_of_the_conclusion(evaluation):
    ax = plot_sureness(evaluation, None, "zh")
    sites = evaluation.ranking.index
    lengths = [bar.get_width() for bar in ax.patches[: len(sites)]]
    np.testing.assert_allclose(lengths, 100 * evaluation.robustness.standing.wins[sites])


def test_plots_of_ones_own_show_chinese(monkeypatch):
    with mpl.rc_context():
        assert use_chinese_font() in drawing.CHINESE_FAMILIES
        _, ax = plt.subplots()
        ax.set_title("自己画的图")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ax.figure.canvas.draw()
    monkeypatch.setattr(font_manager, "get_font_names", lambda: ["DejaVu Sans"])
    with pytest.raises(InstallationError, match="no font with Chinese"):
        use_chinese_font()


@pytest.fixture(scope="module")
def swept(base_study):
    sites = base_study.sites.index[:2]
    rows = {value: pd.Series([0.5, value / 100], sites) for value in (30, 60)}
    return swept_scores(rows, "coverage.cutoff_min", base_study.sites, is_demo=True)


def test_a_sweep_draws_and_shows_itself_in_words(swept, base_study):
    ax = swept.plot()
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [30, 60])
    np.testing.assert_allclose(ax.lines[-1].get_ydata(), [50, 60])
    assert ax.get_xlabel() == "覆盖时限（分钟）"
    shown = swept._repr_html_()
    assert f"A {base_study.sites['name'].iloc[0]}" in shown
    assert "50.0" in shown
    assert isinstance(swept, SweptScores)
    assert type(swept.loc[[30]]) is pd.DataFrame


def test_settings_are_named_by_their_meaning_or_by_themselves():
    assert key_name("demand.expansion_factor", "zh") == "扩样系数（需求）"
    assert key_name("coverage.decay", "en") == "how coverage falls with the drive"
    assert key_name("trips.huff_exponent", "en").startswith("How fast the pull of a place falls")
    assert key_name("no.such", "zh") == "no.such"


def test_words_stand_where_numbers_are_none(base_study):
    rows = {value: pd.Series([0.5], base_study.sites.index[:1]) for value in ("none", "linear")}
    ax = swept_scores(rows, "coverage.decay", base_study.sites, is_demo=False).plot(lang="en")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["none", "linear"]
    assert "Demonstration" not in said_by(ax)


def test_plots_are_drawn_on_axes_that_are_given(evaluation):
    _, pair = plt.subplots(1, 2)
    assert plot_contributions(evaluation, pair[1], "zh") is pair[1]
    assert not pair[0].patches


def test_names_are_text_and_no_formula():
    hostile = toy.with_text(toy.with_summaries(toy.evaluation()), ["$\\frac{1}{0}$", "a$b$c"] * 4)
    ax = plot_contributions(hostile, None, "zh")
    assert "$\\frac{1}{0}$" in said_by(ax)
    assert not any(text.get_parse_math() for text in texts_of(ax))


def colours_of_scripts():
    """Colours of the page's scripts by name, names of others replaced by what they stand for."""
    script = (ROOT / "siting/outputs/page/static/colours.js").read_text(encoding="utf-8")
    found = {}
    for name, value in re.findall(r"export const (\w+) = (\[.*?\]|'.*?');", script):
        found[name] = [
            given.strip("'") if given.startswith("'") else found[given]
            for given in re.findall(r"'#\w{6}'|[A-Z]+", value)
        ]
        if value.startswith("'"):
            [found[name]] = found[name]
    return found


def test_colours_are_those_of_the_page():
    found = colours_of_scripts()
    assert tuple(found["GROUPS"]) == colours.GROUP_COLOURS
    assert tuple(found["SERIES"]) == colours.OPTION_COLOURS
    assert tuple(found["BANDS"]) == colours.BANDS
    assert [found[name] for name in ("GAIN", "LOSS", "INK", "MUTE")] == [
        colours.GAIN, colours.LOSS, colours.INK, colours.FAINT,
    ]  # fmt: skip


def test_scripts_and_styles_of_the_page_take_their_colours_from_one_list_each():
    static = ROOT / "siting/outputs/page/static"
    pattern = r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b"
    others = {
        path.name: found
        for path in static.rglob("*.js")
        if path.name != "colours.js"
        and (found := set(re.findall(pattern, path.read_text(encoding="utf-8"))) - {"#fff"})
    }
    assert others == {}
    head, rules = (static / "panel.css").read_text(encoding="utf-8").split("\n", 1)
    assert set(re.findall(pattern, rules)) <= {"#fff"}
    assert len(re.findall(pattern, head)) == 11
    drawn = re.findall(pattern, (static / "colours.js").read_text(encoding="utf-8"))
    assert len(drawn) == len(set(drawn)) == 32


def test_industries_look_alike_on_the_page_and_on_the_maps():
    script = (ROOT / "siting/outputs/page/static/map/symbols.js").read_text(encoding="utf-8")
    names = re.search(r"const \[(.*?)\] = SERIES", script)[1].split(",")
    known = {name.strip(): colour for name, colour in zip(names, colours.OPTION_COLOURS, strict=True)}
    known |= {"GAIN": colours.GAIN, "LOSS": colours.LOSS}
    block = re.search(r"const SYMBOLS = \[(.*?)\n\];", script, re.DOTALL)[1]
    assert tuple(known[name] for name in re.findall(r", (\w+)\]", block)) == colours.INDUSTRY_COLOURS


@pytest.mark.parametrize("room", ["page", "maps", "plots", "comparison"])
def test_what_python_draws_takes_its_colours_from_one_list(room):
    stated = {}
    for path in (ROOT / "siting" / "outputs" / room).glob("*.py"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r">>>.*", "", re.sub(r'_STYLE = "{3}.*?"{3}', "", text, flags=re.DOTALL))
        stated[path.name] = re.findall(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?![\w;])", text)
    assert {name: found for name, found in stated.items() if found} == {}


def test_white_letters_can_be_read_on_the_colours_of_options_in_colour_and_in_grey():
    for colour in colours.OPTION_COLOURS:
        rgb = np.array(mpl.colors.to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5, colour


CONFUSED = {
    "deutan": [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    "protan": [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    "tritan": [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
}
"""What eyes without one kind of cone see (Machado, Oliveira, Fernandes 2009, severity 1), on linear RGB."""


def lightness_and_hue(colour, seen):
    """CIELAB of a colour as it is seen."""
    rgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.clip(seen @ np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = np.reshape(
        [0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041],
        (3, 3),
    )
    x, y, z = np.cbrt(to_xyz @ linear / np.array([0.95047, 1, 1.08883]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", CONFUSED)
def test_groups_are_told_apart_by_every_eye(eyes):
    """Of the four groups of criteria; where more are drawn, patterns or marks tell them apart."""
    seen = [
        lightness_and_hue(colour, np.reshape(CONFUSED[eyes], (3, 3))) for colour in colours.GROUP_COLOURS[:4]
    ]
    least = min(np.linalg.norm(a - b) for n, a in enumerate(seen) for b in seen[:n])
    assert least > 9


def test_marks_and_patterns_differ(evaluation):
    assert len(set(MARKS[:9])) == 9
    patterns = {bar.get_hatch() or "" for bar in plot_appraisal(evaluation, None, "zh").patches}
    assert len(patterns) == 5


def test_what_is_missing_is_said(evaluation, monkeypatch):
    with pytest.raises(InputError, match="no site is ranked"):
        plot_contributions(replace(evaluation, ranking=evaluation.ranking.iloc[:0]), None, "zh")
    with pytest.raises(InputError, match="no site is ranked"):
        plot_winners(replace(evaluation, winners=()), None, "zh")
    with pytest.raises(InputError, match="no option of this study builds"):
        plot_tornado(toy.with_summaries(toy.evaluation()), None, "zh")
    monkeypatch.setattr(font_manager, "get_font_names", lambda: ["DejaVu Sans"])
    with pytest.raises(InstallationError) as refused:
        plot_contributions(evaluation, None, "zh")
    assert refused.value.message_zh == text_of("E841").zh
    drawing_in_english = plot_contributions(evaluation, None, "en")
    assert texts_of(drawing_in_english)[0].get_fontfamily() == ["DejaVu Sans"]


def test_a_font_installed_later_is_found(monkeypatch):
    listed = ["DejaVu Sans"]
    monkeypatch.setattr(font_manager, "get_font_names", lambda: listed)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["msyh.ttc", "other.ttf"])
    monkeypatch.setattr(font_manager.fontManager, "addfont", lambda _: listed.append("Microsoft YaHei"))
    assert drawing.chinese_family() == "Microsoft YaHei"
    assert len(listed) == 2


def test_without_matplotlib_a_message_says_what_to_install(evaluation, monkeypatch):
    kept = builtins.__import__
    monkeypatch.setattr(drawing, "import_module", lambda name: kept("no_such_" + name.partition(".")[0]))
    with pytest.raises(InstallationError, match=r'pip install "siting\[notebooks\]"'):
        plot_contributions(evaluation, None, "zh")
