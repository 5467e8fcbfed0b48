"""Axes that all plots stand on: matplotlib found, Chinese written in a Chinese font, names kept as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.outputs.colours import FAINT, GROUP_COLOURS, INK, OPTION_COLOURS, WHITE
from siting.outputs.page.figure import letters
from siting.outputs.text.cells import plain
from siting.outputs.text.wording import option_name, say
from siting.types import InstallationError, Json, Language

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

CHINESE_FAMILIES = (
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Noto Sans CJK SC", "Noto Sans SC",
    "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "SimHei", "Heiti TC", "STHeiti", "Arial Unicode MS", "Noto Serif CJK SC",
    "Noto Serif CJK JP", "SimSun", "Songti SC", "Droid Sans Fallback",
)  # fmt: skip
"""Families that have Chinese, the preferred first. Of a collection matplotlib knows its first face only,
which in Noto's is the Japanese one: it holds the same characters."""

_CHINESE_FILE = re.compile(
    r"yahei|msyh|pingfang|hiragino|noto.*(cjk|sc)|sourcehan|wqy|wenquanyi|simhei|simsun|heiti|songti|"
    r"arial.?unicode|droidsansfallback",
    re.IGNORECASE,
)
"""Files of such families: fonts that were installed after matplotlib listed them."""

WIDTH_IN, ROW_IN, FRAME_IN = 8.5, 0.36, 1.7
"""Inches: width of a plot, height of one of its rows, height of title and axis."""

RESOLUTION = 72
"""Dots an inch: a saved notebook holds several plots."""

MARKS = "osD^vPX*hp<>8dH"
"""Marks of the options, in their table's order: colour alone tells no option apart."""

DARK = 0.55
"""Share from which the text in a cell is white."""

NAME_WIDTH: Mapping[Language, int] = {"zh": 12, "en": 18}
TITLE_WIDTH: Mapping[Language, int] = {"zh": 40, "en": 60}
"""Characters after which a name, and a title, goes on in the next line."""


def new_axes(ax: Axes | None, rows: int) -> Axes:
    """Return the axes given, or new ones with room for some rows.

    Raises
    ------
    InstallationError
        matplotlib is not installed.
    """
    if ax is not None:
        return ax
    try:
        pyplot = import_module("matplotlib.pyplot")
    except ImportError as error:
        raise refusal("", "E840", kind=InstallationError) from error
    size = WIDTH_IN, FRAME_IN + ROW_IN * max(rows, 4)
    _, made = pyplot.subplots(figsize=size, dpi=RESOLUTION, layout="constrained")
    axes: Axes = made
    return axes


def finished(ax: Axes, title: str, lang: Language, *, is_demo: bool) -> Axes:
    """Give the axes their title, and write every text in a font that has its characters, never as a formula.

    Parameters
    ----------
    is_demo : say under the title that it shows a demonstration

    Raises
    ------
    InstallationError
        The language is Chinese, and no font of this machine has Chinese.
    """
    lines = [textwrap.fill(title, TITLE_WIDTH[lang]), *([say("demo", lang)] if is_demo else [])]
    ax.set_title("\n".join(lines), loc="left", color=INK, fontsize=12)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0, labelcolor=INK)
    _write_in(ax, [*_families(lang), "DejaVu Sans"])
    return ax


def _write_in(ax: Axes, families: list[str]) -> None:
    from matplotlib.text import Text

    texts = [found for found in ax.findobj(Text) if isinstance(found, Text)]
    for text in texts:
        text.set_fontfamily(families)
        text.set_parse_math(False)


def _families(lang: Language) -> list[str]:
    """Families to write with; names may be Chinese in an English plot too, where a font has them."""
    found = chinese_family()
    if found is None and lang == "zh":
        raise refusal("", "E841", kind=InstallationError)
    return [] if found is None else [found]


def chinese_family() -> str | None:
    """Return the family of a Chinese font on this machine; None where there is none."""
    from matplotlib import font_manager

    if not _known_family():
        for path in sorted(font_manager.findSystemFonts()):
            if _CHINESE_FILE.search(path):
                font_manager.fontManager.addfont(path)
    return _known_family()


def _known_family() -> str | None:
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    return next((family for family in CHINESE_FAMILIES if family in known), None)


def use_chinese_font() -> str:
    """Let plots of your own show Chinese too; returns the font's family.

    Raises
    ------
    InstallationError
        matplotlib is not installed, or no font of this machine has Chinese.

    Examples
    --------
    >>> import matplotlib
    >>> use_chinese_font() == matplotlib.rcParams["font.family"][0]
    True
    """
    try:
        params = import_module("matplotlib").rcParams
    except ImportError as error:
        raise refusal("", "E840", kind=InstallationError) from error
    family = _families("zh")
    params["font.family"] = [*family, "DejaVu Sans"]
    return family[0]


def line_look(at: int) -> dict[str, Json]:
    """Return colour and mark of the option at a row of its table."""
    return {"color": OPTION_COLOURS[at % len(OPTION_COLOURS)], "marker": MARKS[at % len(MARKS)]}


def draw_cells(
    ax: Axes,
    shares: Sequence[Sequence[float]] | NDArray[np.float64],
    texts: Sequence[Sequence[str]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    lang: Language,
) -> None:
    """Draw a table whose cells are the darker the larger their share of 1 is."""
    from matplotlib.colors import LinearSegmentedColormap

    blues = LinearSegmentedColormap.from_list("page", [WHITE, GROUP_COLOURS[0]])
    ax.imshow(shares, cmap=blues, vmin=0, vmax=1, aspect="auto")
    for y, cells in enumerate(texts):
        for x, text in enumerate(cells):
            colour = "white" if shares[y][x] > DARK else INK
            ax.text(x, y, text, ha="center", va="center", color=colour)
    ax.set_xticks(range(len(columns)), [broken(name, lang) for name in columns], fontsize=9)
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(rows)), rows)


def option_labels(options: pd.DataFrame, lang: Language) -> dict[str, str]:
    """Name every option with the letter that it has on page and maps."""
    return {
        str(option): f"{letter} {plain(option_name(options, str(option), lang))}"
        for option, letter in zip(options.index, letters(len(options)), strict=True)
    }


def broken(text: str, lang: Language) -> str:
    """Break a name into lines.

    >>> broken("Development zone at Newton", "en").splitlines()
    ['Development zone', 'at Newton']
    """
    return textwrap.fill(text, NAME_WIDTH[lang])


def note_below(ax: Axes, text: str) -> None:
    """Write a note under the axes."""
    ax.set_xlabel(text, loc="left", color=FAINT, fontsize=9)
