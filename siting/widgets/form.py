"""A list uploaded into a notebook → checked, ranked, drawn and saved, without a line of code."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from siting.messages import explained, refusal
from siting.outputs.check.report import check_file
from siting.outputs.new_study.corrected_list import corrected_list
from siting.outputs.notebook_cards import result_card
from siting.outputs.save import free_folder, save
from siting.outputs.text.wording import say, speaking_of
from siting.outputs.write_files import check_name
from siting.planner import load
from siting.result import Result
from siting.scenario.build import check_weight_keys, read_scenario
from siting.scenario.own_list import maps_folder, own_study, settings_of_list, study_name
from siting.scenario.toml_files import base_in, region_of, toml_lines
from siting.study.evaluate import evaluate
from siting.widgets.asking import Questions
from siting.widgets.assigning import Assignments
from siting.widgets.panel import HALF, WIDE, Panel, toolkit
from siting.widgets.reading import Reading
from siting.widgets.sliders import group_sliders

if TYPE_CHECKING:
    from siting.planner import Study
    from siting.study.draws.versions import Progress
    from siting.study.evaluation import Evaluation
    from siting.types import Json, Language, Table

_In = TypeVar("_In")
_Out = TypeVar("_Out")

ENDINGS = ".xlsx,.xls,.csv,.txt,.et,.ods,.geojson,.gpkg,.zip"
"""Files that the browser offers to upload."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CUTOFFS = (10, 120)
"""Minutes between which the cutoff may be moved."""

CUTOFF = "coverage.cutoff_min"

SECTIONS = ("list", "run", "keep")
"""Sections of the form that say, each in its place, how its step ended and what comes next."""


REPORT = "white-space:pre-wrap;max-height:32em;overflow:auto;border:1px solid #d9d4c9;padding:.4rem .7rem"

LINK = "color:#1a5fb4;text-decoration:underline"


class Told:
    """Evaluates draws here, batch by batch, and tells after each how many are done."""

    def __init__(self, tell: Progress) -> None:
        self.tell = tell

    def map(self, function: Callable[[_In], _Out], things: Iterable[_In], /) -> Iterator[_Out]:
        """Apply the function to each."""
        batches = list(things)
        for n, batch in enumerate(batches, start=1):
            yield function(batch)
            self.tell(n, len(batches))


class Form:
    """The form: a list goes in, its ranking and map come out; what goes wrong is said in words.

    Attributes
    ----------
    upload, reading, check : the list, and how it is read
    assignments, again, questions : what the list leaves open, and the button that checks anew
    weights, cutoff, run, progress : the settings, and the button that evaluates
    folder, save, download : where the result goes, and the corrected list
    said : what each section tells of its step
    report, found : what the check found, the answers with the map
    result : what the last run came to; None before
    """

    def __init__(self, study: Study, scenario: Path, lang: Language) -> None:
        self.study, self.scenario, self.lang = study, scenario, lang
        self.result: Result | None = None
        w = toolkit()
        self._make_list_controls()
        self.assignments, self.questions = Assignments(study, lang), Questions(lang)
        self.again = self._button("form.again", self._when_checked)
        self.open = w.HTML(_words(say("form.first", lang)))
        self.asked = w.HTML("")
        self._make_run_controls()
        self.folder = w.Text(description=say("form.folder", lang), style=WIDE)
        self.save = self._button("form.save", self._when_saved, disabled=True)
        self.said = {section: w.HTML() for section in SECTIONS}
        self.report, self.found, self.download = w.HTML(), w.HTML(), w.HTML()
        _show(self.again, False)

    def _make_list_controls(self) -> None:
        w, lang = toolkit(), self.lang
        self.reading = Reading(lang)
        self.upload = w.FileUpload(
            accept=ENDINGS, multiple=False, description=say("form.upload", lang), layout={"width": "auto"}
        )
        self.check = self._button("form.check", self._when_checked)
        self.upload.observe(lambda _: self._when_chosen(), names="value")

    def _make_run_controls(self) -> None:
        w, lang = toolkit(), self.lang
        self.weights = group_sliders(self.study, lang)
        self.cutoff = w.IntSlider(
            value=round(self.study.scenario.coverage.cutoff_min),
            min=CUTOFFS[0],
            max=CUTOFFS[1],
            description=say("what.cutoff_min", lang),
            style=WIDE,
            layout=HALF,
        )
        for slider in (*self.weights.values(), self.cutoff):
            slider.observe(lambda _: self._when_moved(), names="value")
        self._as_set = self._settings()
        self.run = self._button("form.run", self._when_run, disabled=True)
        self.progress = w.IntProgress(value=0, min=0, max=1, layout={"visibility": "hidden"})
        self.step = w.HTML()

    def _button(self, key: str, act: Callable[[], None], *, disabled: bool = False) -> Json:
        button = toolkit().Button(
            description=say(key, self.lang),
            button_style="primary",
            disabled=disabled,
            layout={"width": "auto"},
        )
        button.on_click(lambda _: act())
        return button

    def laid_out(self) -> Json:
        """Return all of it, from the list down to the saved page."""
        w = toolkit()

        def head(key: str) -> Json:
            return w.HTML(f"<h3>{html.escape(say(key, self.lang))}</h3>")

        return w.VBox(
            [
                head("form.list"),
                w.HBox([self.upload, self.reading.system, self.reading.standard]),
                w.HBox([self.check, self.reading.locate]),
                self.reading.more,
                self.said["list"],
                self.report,
                head("form.supplement"),
                self.open,
                self.assignments.box,
                w.HBox([self.again]),
                self.asked,
                self.questions.box,
                head("form.settings"),
                w.HTML(_words(say("form.weights", self.lang))),
                *self.weights.values(),
                self.cutoff,
                w.HBox([self.run, self.progress, self.step]),
                self.said["run"],
                self.found,
                head("form.keep"),
                w.HBox([self.folder, self.save]),
                self.said["keep"],
                self.download,
            ]
        )

    def __repr__(self) -> str:
        return f"<{say('form.list', self.lang)} {self.folder.value}>"

    def _repr_mimebundle_(self, **kwargs: Json) -> dict[str, Json]:
        return Panel(self.laid_out(), b"", self.lang)._repr_mimebundle_(**kwargs)

    # what the buttons do ------------------------------------------------------------------

    def _when_chosen(self) -> None:
        """Forget what was said of the list before, and what it came to."""
        self.run.disabled = True
        self.assignments.clear()
        self.questions.clear()
        self.report.value = self.download.value = self.asked.value = ""
        self._forget_result()
        self.open.value = _words(say("form.first", self.lang))
        _show(self.again, False)
        if self.upload.value:
            self.folder.value = study_name(Path(self.upload.value[0]["name"]))
            self._tell("list", say("form.chosen", self.lang, name=self.upload.value[0]["name"]))

    def _when_checked(self) -> None:
        """Read the list, show what was found, and ask for what it leaves open."""
        self.run.disabled = True
        with self._saying("list"), self._files() as files:
            found = check_file(
                files["list"],
                **self.reading.settings(),
                region=region_of(self.scenario, files.get("aliases")),
                lang=self.lang,
            )
            self.report.value = f'<pre style="{REPORT}">{html.escape(found.text)}</pre>'
            if found.table is None:
                self._tell("list", say("form.refused", self.lang))
                return
            self.reading.show(found.table)
            self._ask(found.table)
            self._offer(found.table)
            self.run.disabled = found.table.frame.empty

    def _when_run(self) -> None:
        self._forget_result()
        self.progress.layout.visibility = "visible"
        with self._saying("run"), self._files() as files:
            self._step("form.reading")
            stated = self._stated(files)
            study = load(self.scenario, settings=stated)
            self._step("form.evaluating")
            evaluation = evaluate(
                study.scenario,
                inputs=study.inputs,
                executor=Told(lambda done, steps: self._step("form.evaluating", done, steps)),
            )
            self._step("form.drawing")
            self.result = Result(evaluation)
            with speaking_of(evaluation):
                card = result_card(evaluation, self.lang)
            self.found.value = card + self.result.map(lang=self.lang)._repr_html_()
            self._study = self._own_study(evaluation, stated)
            self.save.disabled = False
            self._tell("run", say("form.done", self.lang))
        self.progress.layout.visibility, self.step.value = "hidden", ""

    def _when_moved(self) -> None:
        """Tell that what is shown rests on other settings than those that now stand."""
        if self.result is not None:
            self._tell("run", say("form.moved", self.lang))

    def _forget_result(self) -> None:
        self.result, self.save.disabled = None, True
        self.found.value = self.said["run"].value = self.said["keep"].value = ""

    def _when_saved(self) -> None:
        with self._saying("keep"):
            if self.result is None:
                return
            evaluation = self.result.evaluation
            of_list = evaluation.evidence.inputs.tables["enterprises"].sha256
            folder = free_folder(maps_folder(self.scenario) / self._name(), of_list)
            save(evaluation, folder, study=self._study)
            self._tell("keep", say("form.saved", self.lang, folder=folder))

    # parts --------------------------------------------------------------------------------

    @contextmanager
    def _files(self) -> Iterator[dict[str, Path]]:
        """Write the list, under a safe name, and what was assigned to it, as long as they are read."""
        if not self.upload.value:
            raise refusal("", "E845")
        uploaded = self.upload.value[0]
        named = Path(uploaded["name"])
        with TemporaryDirectory() as folder:
            path = Path(folder, f"{study_name(named)}{named.suffix}")
            path.write_bytes(bytes(uploaded["content"]))
            aliases = self.assignments.write(Path(folder))
            yield {"list": path} | ({"aliases": aliases} if aliases else {})

    def _settings(self) -> dict[str, Json]:
        """Give the settings that the controls stand at."""
        weights = {group: float(slider.value) for group, slider in self.weights.items()}
        return {"weights": check_weight_keys(weights), "cutoff": {CUTOFF: float(self.cutoff.value)}}

    def _stated(self, files: Mapping[str, Path]) -> dict[str, Json]:
        """Give the keys of the scenario that the list, the answers and the moved controls state."""
        reading = self.reading.settings()
        if "aliases" in files:
            reading["aliases"] = str(files["aliases"])
        stated = settings_of_list(files["list"], reading=reading)
        for part, keys in self._settings().items():
            stated |= keys if keys != self._as_set[part] else {}
        return {**stated, "name": self._name(), **self.questions.settings()}

    def _own_study(self, evaluation: Evaluation, stated: Mapping[str, Json]) -> dict[str, bytes]:
        """Give the files of a study that repeats the run, and the list as corrected."""
        scenario = read_scenario(self.scenario, toml_lines(stated))
        own = own_study(scenario, self.scenario, stated, evaluation.open_questions)
        register = evaluation.evidence.inputs.tables["enterprises"]
        return {**own, self._corrected_name(): self._corrected(register)}

    def _ask(self, table: Table) -> None:
        """Ask for what the list leaves open, and say what comes next."""
        is_left = self.assignments.ask(table)
        has_unknown = bool(self.assignments.box.children)
        if not table.frame.empty:
            self.questions.ask(self.study.with_(enterprises=table))
        key = "form.towns" if is_left else "form.assigned" if has_unknown else "form.nothing"
        has_questions = bool(self.questions.box.children)
        self.open.value = "" if key == "form.nothing" and has_questions else _words(say(key, self.lang))
        self.asked.value = _words(say("form.asked", self.lang)) if has_questions else ""
        _show(self.again, has_unknown)
        following = "form.next.assign" if is_left or has_questions else "form.next.run"
        following = "form.next.none" if table.frame.empty else following
        counts = {name: table.counts[name] for name in ("kept", "set_aside")}
        self._tell("list", say("form.checked", self.lang, **counts, next=say(following, self.lang)))

    def _offer(self, table: Table) -> None:
        """Offer the corrected list as a link that holds it, which works offline and through a server."""
        content = base64.b64encode(self._corrected(table)).decode("ascii")
        name, words = html.escape(self._corrected_name()), html.escape(say("form.download", self.lang))
        link = f'<a download="{name}" href="data:{XLSX};base64,{content}" style="{LINK}">{words}</a>'
        self.download.value = link + _words(say("form.download.note", self.lang))

    def _corrected(self, table: Table) -> bytes:
        return corrected_list(table, self.assignments.assigned_towns, self.assignments.assigned_codes)

    def _corrected_name(self) -> str:
        listed = study_name(Path(self.upload.value[0]["name"]))
        return f"{say('form.corrected', self.lang, name=listed)}.xlsx"

    def _name(self) -> str:
        name = self.folder.value.strip()
        check_name(name, "name")
        return str(name)

    def _step(self, key: str, done: int = 0, steps: int = 0) -> None:
        """Show which stage the evaluation is at, and how far a long one has come."""
        self.progress.max, self.progress.value = max(steps, 1), done
        count = f" {done}/{steps}" if steps else ""
        self.step.value = html.escape(say(key, self.lang) + count)

    def _tell(self, section: str, text: str) -> None:
        self.said[section].value = f"<p><b>{html.escape(text)}</b></p>"

    @contextmanager
    def _saying(self, section: str) -> Iterator[None]:
        """Say what goes wrong in words, as the command line does; a notebook shows no traceback."""
        self.said[section].value = ""
        try:
            yield
        except Exception as error:  # whatever it is, somebody who never programmed reads it
            self._tell(section, explained(error).spoken(self.lang))


def _show(widget: Json, is_shown: bool) -> None:
    widget.layout.display = "" if is_shown else "none"


def _words(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def form(path: str | Path | None = None, *, lang: Language = "zh") -> Form:
    """Show a form by which a list is checked, ranked, drawn and saved without code.

    Parameters
    ----------
    path : scenario file whose sites, roads and settings hold; that of the study at hand, else the default
        study's, if none is given
    lang : of all texts

    Raises
    ------
    InstallationError
        ipywidgets is not installed.
    ScenarioError, InputError
        What is wrong with the scenario or its tables; or it is a study of residents.
    """
    # Notebooks stand in a folder of the study's.
    scenario = Path(path) if path else base_in(Path(), Path("..")).resolve()
    study = load(scenario)
    if study.scenario.demand.kind.register != "enterprises":
        raise refusal(scenario.name, "E863")
    return Form(study, scenario, lang)
