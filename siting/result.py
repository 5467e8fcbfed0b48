"""What a study came to, as notebooks hold it: tables, layers, maps, sentences and the decision page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.study.evaluation import Evaluation
from siting.types import Issue, Json, Language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siting.analysis.money.appraisal import Economics
    from siting.analysis.robustness.assess import Robustness
    from siting.outputs.maps.offline_map import OfflineMap
    from siting.outputs.maps.result_layers import ResultLayer


@dataclass(frozen=True)
class Result:
    """What a study came to; a notebook shows its two answers and the ranking."""

    evaluation: Evaluation

    @property
    def table(self) -> pd.DataFrame:
        """Ranking of the sites, with names, scores and the contributions of the criteria."""
        ev = self.evaluation
        names = ev.evidence.options["name"].rename("name")
        return ev.ranking.join(names).join(ev.contributions)[
            ["rank", "name", "score", "tie", "verdict", *ev.contributions.columns]
        ]

    @property
    def best(self) -> str | None:
        """Id of the site that scores highest; None where no option needs a place."""
        ranking = self.evaluation.ranking
        return None if ranking.empty else str(ranking.index[0])

    @property
    def matrix(self) -> pd.DataFrame:
        """Raw criterion values of all options, option × criterion, in their own units."""
        return self.evaluation.matrix

    @property
    def values(self) -> pd.DataFrame:
        """Criterion values of the sites between the anchors, 0–1."""
        return self.evaluation.values

    @property
    def contributions(self) -> pd.DataFrame:
        """What each criterion adds to a site's score; rows sum to the score."""
        return self.evaluation.contributions

    @property
    def robustness(self) -> Robustness | None:
        """How sure the ranking is, and what would change it; None where no site is left to rank."""
        return self.evaluation.robustness

    @property
    def appraisal(self) -> Economics | None:
        """Hours, yuan, costs, accounts, sensitivity, pledges, gainers; None in a study of residents."""
        return self.evaluation.economics

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was found in the tables."""
        return self.evaluation.evidence.inputs.issues

    def explain(self, site: str | None = None, lang: Language = "zh") -> list[str]:
        """Say why an option stands where it stands; the best one if none is named.

        Raises
        ------
        InputError
            No such option.
        """
        from siting.outputs.text.ground import listed
        from siting.outputs.text.sentences import sentences

        known = listed(self.evaluation)
        site = site or self.best or known[0]
        if site not in known:
            raise refusal("", "E691", site=site, known=", ".join(known))
        return sentences(self.evaluation, site, lang)

    @property
    def conclusion(self) -> dict[str, Json]:
        """Whether to build, and where, as `siting run --json` prints it: verdicts, texts, sites."""
        from siting.outputs.text.conclusion import conclusion_record

        return conclusion_record(self.evaluation)

    def explore(self, *, height: int = 780, lang: Language = "zh") -> Page:
        """Show the decision page inside a notebook; works offline."""
        from siting.outputs.page.figure import static_map
        from siting.outputs.page.page import render_page

        page, picture = render_page(self.evaluation, lang=lang), static_map(self.evaluation, lang)
        return Page(page, height, lang, picture)

    def map(self, site: str | None = None, lang: Language = "zh") -> OfflineMap:
        """Draw sites, reach, trips and savings as a `folium.Map` to add to and save; works offline.

        Parameters
        ----------
        site : whose isochrones, lines and savings are drawn; the best one that has a place if none is named
        lang : language in which the map opens; the reader can switch

        Raises
        ------
        InputError
            No such site.
        """
        from siting.outputs.maps.result_map import result_map

        return result_map(self.evaluation, site=site, lang=lang)

    @property
    def isochrones(self) -> ResultLayer:
        """Area within each driving time of each site; see `result_layers.isochrones`."""
        return self._layer("isochrones")

    @property
    def flows(self) -> ResultLayer:
        """Trips a year from each township to each site; see `result_layers.flows`."""
        return self._layer("flows")

    @property
    def sites(self) -> ResultLayer:
        """Options that have a place, with rank and points; see `result_layers.sites`."""
        return self._layer("sites")

    @property
    def enterprises(self) -> ResultLayer:
        """Enterprises with tests, hours and minutes under each option; see `result_layers.enterprises`."""
        return self._layer("enterprises")

    @property
    def townships(self) -> ResultLayer:
        """Townships with tests and hours saved under each option; see `result_layers.townships`."""
        return self._layer("townships")

    def plot(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw each site's score as a bar of what its criteria add, points 0–100.

        Parameters
        ----------
        ax : matplotlib axes to draw on; new ones if None
        lang : of all texts

        Raises
        ------
        InstallationError
            matplotlib or a Chinese font is missing.
        InputError
            No site is ranked.
        """
        from siting.outputs.plots.score_plots import plot_contributions

        return plot_contributions(self.evaluation, ax, lang)

    def plot_winners(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw under how many plausible values of each assumption a site comes first; see `plot`."""
        from siting.outputs.plots.winners_plot import plot_winners

        return plot_winners(self.evaluation, ax, lang)

    def plot_tornado(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw what each assumption alone does to the best building option's net present value; see `plot`.

        Raises
        ------
        InputError
            No option builds.
        """
        from siting.outputs.plots.money_plots import plot_tornado

        return plot_tornado(self.evaluation, ax, lang)

    def plot_appraisal(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw who gains and who pays under each option, net present value by party; see `plot`."""
        from siting.outputs.plots.money_plots import plot_appraisal

        return plot_appraisal(self.evaluation, ax, lang)

    def plot_tradeoff(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw a line a site over the criteria, with what one point is worth in each; see `plot`."""
        from siting.outputs.plots.score_plots import plot_tradeoff

        return plot_tradeoff(self.evaluation, ax, lang)

    def plot_sureness(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw in which share of the draws each site comes first, see `plot`."""
        from siting.outputs.plots.score_plots import plot_sureness

        return plot_sureness(self.evaluation, ax, lang)

    def plot_demand(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw the tests a year by industry, of the rows as they stand; see `plot`."""
        from siting.outputs.plots.access_plots import plot_demand

        return plot_demand(self.evaluation, ax, lang)

    def plot_industries(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw what share of each pillar industry's tests each site covers; see `plot`."""
        from siting.outputs.plots.access_plots import plot_industries

        return plot_industries(self.evaluation, ax, lang)

    def plot_minutes(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:
        """Draw which share of the tests lies within each driving time, of each site and today; see `plot`."""
        from siting.outputs.plots.access_plots import plot_minutes

        return plot_minutes(self.evaluation, ax, lang)

    def save_layers(self, path: str | Path, crs: str = "WGS84") -> None:
        """Write all layers as a GeoPackage with Chinese names and the styles for QGIS.

        Parameters
        ----------
        crs : WGS84, CGCS2000 or EPSG:n, such as EPSG:4548

        Raises
        ------
        InputError
            A system that is not known, or that no file can state (GCJ-02, BD-09).
        OutputError
        """
        from siting.outputs.maps.study_gpkg import study_gpkg
        from siting.outputs.write_files import write_file

        write_file(Path(path), study_gpkg(self.evaluation, crs))

    def _layer(self, name: str) -> ResultLayer:
        from siting.outputs.maps.result_layers import LAYERS

        return LAYERS[name](self.evaluation)

    def save(self, folder: str | Path) -> dict[str, Json]:
        """Write what ``siting run`` writes; return the manifest."""
        from siting.outputs.save import save

        return save(self.evaluation, Path(folder))

    def __repr__(self) -> str:
        from siting.outputs.notebook_cards import result_line

        return f"<{result_line(self.evaluation, 'zh')}>"

    def _repr_html_(self) -> str:
        from siting.outputs.notebook_cards import result_card

        return result_card(self.evaluation, "zh")


@dataclass(frozen=True)
class Page:
    """A self-contained page that a notebook shows in a frame of its own."""

    source: str
    height: int
    lang: Language = "zh"
    picture: str = ""
    """An SVG that stands for it in a notebook that is not trusted."""

    def __repr__(self) -> str:
        from siting.outputs.text.wording import say

        return f"<{say('title.suffix', self.lang)}>"

    def _repr_html_(self) -> str:
        from siting.outputs.notebook_frame import notebook_frame
        from siting.outputs.text.wording import say

        title, height = say("title.suffix", self.lang), f"{self.height}px"
        return notebook_frame(self.source, title, self.lang, height=height, picture=self.picture)
