"""A list uploaded into a notebook → checked, ranked, drawn and saved, without a line of code."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from siting.inputs.places.region import TOWNSHIPS
from siting.messages import explained, refusal
from siting.outputs.check.report import check_file
from siting.outputs.text.wording import say
from siting.outputs.write_files import check_name
from siting.planner import load
from siting.scenario.own_list import SYSTEMS, maps_folder, study_name
from siting.scenario.toml_files import DEFAULT, region_of
from siting.study.read_inputs import named_towns
from siting.widgets.panel import Panel, toolkit
from siting.widgets.sliders import WIDE, group_sliders

if TYPE_CHECKING:
    from siting.planner import Study
    from siting.result import Result
    from siting.types import Json, Language, Table

ENDINGS = ".xlsx,.xls,.csv,.txt,.et,.ods,.geojson,.gpkg,.zip"
"""Files that the browser offers to upload."""

CUTOFFS = (10, 120)
"""Minutes between which the cutoff may be moved."""


class Form:
    """The form: a list goes in, its ranking and map come out; what goes wrong is said in words.

    Attributes
    ----------
    upload, system, locate, check, towns : the list, and how it is read
    weights, cutoff, run : the settings, and the button that evaluates
    folder, save : where the result goes
    said, report, found : what the form tells, what the check found, the answers with the map
    result : what the last run came to; None before
    """

    def __init__(self, study: Study, scenario: Path, lang: Language) -> None:
        self.study, self.scenario, self.lang = study, scenario, lang
        self.table: Table | None = None
        self.result: Result | None = None
        w = toolkit()
        self.upload = w.FileUpload(accept=ENDINGS, multiple=False, description=say("form.upload", lang))
        unstated = [(say("form.stated", lang), None)]
        self.system = w.Dropdown(
            options=[*unstated, *((name, name) for name in SYSTEMS)],
            description=say("form.system", lang),
            style=WIDE,
        )
        self.locate = w.Checkbox(value=False, description=say("form.locate", lang), indent=False)
        self.check = w.Button(description=say("form.check", lang), button_style="primary")
        self.towns = w.VBox([])
        self.weights = group_sliders(study, lang)
        self.cutoff = w.IntSlider(
            value=round(study.scenario.coverage.cutoff_min),
            min=CUTOFFS[0],
            max=CUTOFFS[1],
            description=say("what.cutoff_min", lang),
            style=WIDE,
        )
        self.run = w.Button(description=say("form.run", lang), button_style="primary", disabled=True)
        self.progress = w.IntProgress(value=0, min=0, max=2, layout=w.Layout(visibility="hidden"))
        self.folder = w.Text(description=say("form.folder", lang), style=WIDE)
        self.save = w.Button(description=say("form.save", lang), disabled=True)
        self.said, self.report, self.found = w.HTML(), w.HTML(), w.HTML()
        self.check.on_click(lambda _: self._when_checked())
        self.run.on_click(lambda _: self._when_run())
        self.save.on_click(lambda _: self._when_saved())

    def laid_out(self) -> Json:
        """Return all of it, from the list down to the saved page."""
        w = toolkit()

        def head(key: str) -> Json:
            return w.HTML(f"<h3>{html.escape(say(key, self.lang))}</h3>")

        return w.VBox(
            [
                head("form.list"),
                w.HBox([self.upload, self.system, self.locate, self.check]),
                self.report,
                self.towns,
                head("form.settings"),
                *self.weights.values(),
                self.cutoff,
                w.HBox([self.run, self.progress]),
                self.said,
                self.found,
                head("form.keep"),
                w.HBox([self.folder, self.save]),
            ]
        )

    def __repr__(self) -> str:
        return f"<{say('form.list', self.lang)} {self.folder.value}>"

    def _repr_mimebundle_(self, **kwargs: Json) -> dict[str, Json]:
        return Panel(self.laid_out(), b"", self.lang)._repr_mimebundle_(**kwargs)

    # what the buttons do ------------------------------------------------------------------

    def _when_checked(self) -> None:
        """Read the list, show what was found, and ask for the townships that nobody knows."""
        self.table, self.run.disabled = None, True
        with self._saying(), TemporaryDirectory() as folder:
            path = self._written(Path(folder))
            found = check_file(
                path,
                crs=self.system.value,
                locate="town" if self.locate.value else "none",
                region=region_of(self.scenario, self._aliases(Path(folder))),
                lang=self.lang,
            )
            self.report.value = f'<pre style="white-space:pre-wrap">{html.escape(found.text)}</pre>'
            self.table = found.table
            if found.table is None:
                return
            self.folder.value = self.folder.value or study_name(path)
            self.run.disabled = found.table.frame.empty
            self._ask_for_towns(found.table)

    def _when_run(self) -> None:
        self.save.disabled, self.progress.layout.visibility = True, "visible"
        self.progress.value = 1
        with self._saying():
            chosen = {group: float(slider.value) for group, slider in self.weights.items()}
            study = self.study.with_(
                enterprises=self.table,
                weights=chosen,
                settings={"coverage.cutoff_min": float(self.cutoff.value)},
                name=self._name(),
            )
            self.result = study.run()
            map_ = self.result.map(lang=self.lang)
            self.found.value = self.result._repr_html_() + map_._repr_html_()
            self.save.disabled = False
        self.progress.value = 2
        self.progress.layout.visibility = "hidden"

    def _when_saved(self) -> None:
        with self._saying():
            if self.result is None:
                return
            folder = maps_folder(self.scenario) / self._name()
            self.result.save(folder)
            self.said.value = _paragraph(say("form.saved", self.lang, folder=folder))

    # parts --------------------------------------------------------------------------------

    def _name(self) -> str:
        name = self.folder.value.strip()
        check_name(name, say("form.folder", "en"))
        return str(name)

    def _written(self, folder: Path) -> Path:
        """Write the uploaded list into a folder under a safe name."""
        if not self.upload.value:
            raise refusal("", "E845")
        uploaded = self.upload.value[0]
        named = Path(uploaded["name"])
        path = folder / f"{study_name(named)}{named.suffix}"
        path.write_bytes(bytes(uploaded["content"]))
        return path

    def _ask_for_towns(self, table: Table) -> None:
        """Lay out a choice for each township of the list that the study's places do not have."""
        w = toolkit()
        unknown = self._unknown_towns(table)
        chosen = {box.description: box.value for box in self.towns.children}
        places = self.study.inputs.places
        known = sorted(places.loc[places["kind"].isin(TOWNSHIPS), "name"].dropna().astype(str))
        unassigned = [(say("form.unassigned", self.lang), "")]
        self.towns.children = [
            w.Dropdown(
                options=[*unassigned, *((name, name) for name in known)],
                value=chosen.get(town, ""),
                description=town,
                style=WIDE,
            )
            for town in dict.fromkeys([*chosen, *unknown])
        ]
        if unknown:
            self.said.value = _paragraph(say("form.towns", self.lang))

    def _unknown_towns(self, table: Table) -> list[str]:
        """List the townships that the list names and the study's places do not."""
        heading, places = table.headings.get("town"), self.study.inputs.places
        parts = [table.frame["town"]] if "town" in table.frame else []
        parts += [table.set_aside[heading]] if heading in table.set_aside else []
        named = pd.DataFrame({"town": pd.concat(parts) if parts else pd.Series(dtype=object)}).dropna()
        found = named_towns(named, places)["town"].astype(str).str.strip()
        return sorted(set(found) - set(places["name"].astype(str)) - {""})

    def _aliases(self, folder: Path) -> Path | None:
        """Write the townships that were assigned as a table of further names; None where none was."""
        assigned = {box.description: box.value for box in self.towns.children if box.value}
        if not assigned:
            return None
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["alias", "name"])
        rows.writerows(assigned.items())
        path = folder / "aliases.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    @contextmanager
    def _saying(self) -> Iterator[None]:
        """Say what goes wrong in words, as the command line does; a notebook shows no traceback."""
        self.said.value = ""
        try:
            yield
        except Exception as error:  # whatever it is, somebody who never programmed reads it
            self.said.value = _paragraph(explained(error).spoken(self.lang))


def _paragraph(text: str) -> str:
    return f"<p><b>{html.escape(text)}</b></p>"


def form(path: str | Path = DEFAULT, *, lang: Language = "zh") -> Form:
    """Show a form by which a list is checked, ranked, drawn and saved without code.

    Parameters
    ----------
    path : scenario file whose sites, roads and settings hold; the default study's if none is given
    lang : of all texts

    Raises
    ------
    InstallationError
        ipywidgets is not installed.
    ScenarioError, InputError
        What is wrong with the scenario or its tables.
    """
    return Form(load(path), Path(path), lang)
