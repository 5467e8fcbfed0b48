"""Results side by side: `Comparison`, thin methods over what changed and what that did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from siting.messages import refusal, text_of
from siting.result import Page, Result
from siting.study.compare import scores_on
from siting.study.evaluation import Evaluation
from siting.types import Json, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.across_scenarios import Across
    from siting.analysis.robustness.leave_one_out import Regret
    from siting.outputs.maps.offline_map import OfflineMap
    from siting.study.changes.attribution import Attribution
    from siting.study.changes.differences import Difference
    from siting.study.changes.registers import RegisterChanges


@dataclass(frozen=True)
class Comparison:
    """Several results side by side."""

    results: Mapping[str, Result]

    @property
    def table(self) -> pd.DataFrame:
        """Scores on the first scenario's anchors, option × scenario, best of the first scenario on top."""
        import pandas as pd

        first = next(iter(self.results.values()))
        scores = {name: scores_on(first.evaluation, r.evaluation) for name, r in self.results.items()}
        return pd.DataFrame(scores).reindex(first.evaluation.ranking.index)

    @property
    def regret(self) -> Regret:
        """What each option loses at most against the best one of a scenario; see `regret_table`.

        Scenarios that rank no site are left out.
        """
        from siting.analysis.robustness.leave_one_out import regret_table

        return regret_table(self._ranked)

    @property
    def across(self) -> Across:
        """How far the scenarios agree, and which option moves where; see `across_scenarios`."""
        from siting.analysis.robustness.across_scenarios import across_scenarios

        return across_scenarios(self.table)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What differs between the first result and each other, and what that did."""
        from siting.study.changes.differences import differences

        ranked = set(self._ranked)
        return tuple(differences({name: one for name, one in self._evaluations.items() if name in ranked}))

    @property
    def registers(self) -> RegisterChanges:
        """What became of each enterprise from the first register to the last, one frame a kind of change.

        ``new, gone, moved, resized, renamed, placed, unplaced, other``, each with its effect on every score.
        """
        return self.differences[-1].registers

    @property
    def attribution(self) -> Attribution:
        """What each kind of change, township and enterprise did to the scores, from first to last."""
        return self.differences[-1].shares

    def explore(self, *, height: int = 780, lang: Language = "zh") -> Page:
        """Show the comparison as a page inside a notebook; works offline."""
        return Page(self._page(lang), height, lang)

    def map(self, lang: Language = "zh") -> OfflineMap:
        """Draw who is new, gone and moved from the first register to the last; works offline.

        Each mark says what changed and what that did to the site that leads now.
        """
        from siting.outputs.maps.comparison_map import comparison_map

        return comparison_map(self.differences[-1], lang)

    def save(self, folder: str | Path) -> list[str]:
        """Write the comparison as workbook, CSV and page into a folder; return the files' names."""
        from siting.outputs.tables.comparison_tables import comparison_csv, comparison_workbook
        from siting.outputs.write_files import check_folder, write_files

        check_folder(Path(folder))
        tables = self._evaluations, self.table, self.regret
        contents = {
            "comparison.csv": comparison_csv(*tables),
            "comparison.xlsx": comparison_workbook(*tables, self.differences),
            "index.html": self._page("zh").encode("utf-8"),
        }
        write_files(Path(folder), contents)
        return sorted(contents)

    def to_dict(self) -> dict[str, Json]:
        """Return scores, regret, and what differs between the scenarios, ready for JSON."""
        from siting.outputs.tables.comparison_tables import comparison_record

        return comparison_record(self._evaluations, self.table, self.regret, self.differences)

    def _page(self, lang: Language) -> str:
        from siting.outputs.comparison.comparison_page import comparison_page

        return comparison_page(self._evaluations, self.table, self.regret, self.differences, lang)

    @property
    def _ranked(self) -> pd.DataFrame:
        """Scores of the scenarios that rank some site."""
        return self.table.dropna(axis=1, how="all")

    @property
    def _evaluations(self) -> dict[str, Evaluation]:
        return {name: result.evaluation for name, result in self.results.items()}

    def __repr__(self) -> str:
        from siting.outputs.notebook_cards import comparison_line

        return f"<{comparison_line(self._evaluations, 'zh')}>"

    def _repr_html_(self) -> str:
        from siting.outputs.notebook_cards import comparison_card

        return comparison_card(self._evaluations, self.table, "zh")


def compare(*results: Result) -> Comparison:
    """Lay results side by side.

    Raises
    ------
    InputError
        Fewer than two results, or two of one name.
    """
    names = [result.evaluation.scenario.name for result in results]
    if len(results) < 2 or len(set(names)) < len(names):
        raise refusal("", "E692", what=text_of("P111"), names=", ".join(names))
    return Comparison(dict(zip(names, results, strict=True)))
