"""The documentation: both languages hold the same pages, are built from one command, and open offline."""

import doctest
import importlib
import inspect
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest

import siting
from docs import build as builder
from docs import generated_pages
from siting.cli import app
from siting.comparison import Comparison
from siting.inputs.dictionary.columns import dictionary
from siting.messages import messages
from siting.scenario.describe import describe_keys
from tests.outputs.browsing import PHONE
from tests.outputs.conftest import browser  # noqa: F401 - the fixture of pages
from tests.paths import ROOT
from tests.told_commands import check_command

DOCS = ROOT / "docs"
WRITTEN = sorted(path.relative_to(DOCS / "zh").as_posix() for path in (DOCS / "zh").rglob("*.md"))
GENERATED = {lang: generated_pages.pages(lang) for lang in ("zh", "en")}


def text(lang: str, name: str) -> str:
    return (DOCS / lang / name).read_text(encoding="utf-8")


def outline(page: str) -> list[int]:
    """Levels of the headings, fenced blocks aside."""
    return [
        len(found) for found in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.M)
    ]


def fences(page: str, language: str = "") -> list[str]:
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    return [body for opened, body in found if opened == language]


# what is written --------------------------------------------------------------------------


def test_both_languages_hold_the_same_pages():
    english = sorted(path.relative_to(DOCS / "en").as_posix() for path in (DOCS / "en").rglob("*.md"))
    assert english == WRITTEN
    assert GENERATED["zh"].keys() == GENERATED["en"].keys()
    assert not set(WRITTEN) & set(GENERATED["zh"])


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_has_the_same_parts_in_both_languages(name):
    chinese, english = text("zh", name), text("en", name)
    assert outline(chinese) == outline(english)
    assert outline(chinese)[0] == 1
    assert chinese.count("$$") == english.count("$$")
    for language in ("", "toml"):
        assert fences(chinese, language) == fences(english, language)
    targets = [re.findall(r"\]\(([^)#]+)\)", page) for page in (chinese, english)]
    assert set(targets[0]) == set(targets[1])


@pytest.mark.parametrize("name", sorted(GENERATED["zh"]))
def test_generated_pages_have_the_same_parts(name):
    assert outline(GENERATED["zh"][name]) == outline(GENERATED["en"][name])


def commands() -> list[str]:
    lines = [line for name in WRITTEN for block in fences(text("en", name)) for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith("python3 go.py")})


@pytest.mark.parametrize("command", commands())
def test_commands_exist_and_take_their_options(command):
    check_command(command)


def test_files_of_the_project_that_pages_name_are_there():
    named = {
        (name, found)
        for name in WRITTEN
        for lang in ("zh", "en")
        for found in re.findall(r"`((?:siting|tests|docs|data/raw|scripts)/[\w./*-]+)`", text(lang, name))
    }
    made_later = {"docs/_site"}
    assert named
    assert [
        pair for pair in sorted(named) if pair[1] not in made_later and not list(ROOT.glob(pair[1]))
    ] == []


def test_settings_that_pages_name_exist():
    keys = {row["key"] for row in describe_keys()}
    sections = {key.split(".")[0] for key in keys if "." in key} - {"criteria", "viewpoints"}
    pattern = rf"`((?:{'|'.join(sorted(sections))})\.[a-z_0-9]+)(?: = [^`]+)?`"
    named = {found for name in WRITTEN for found in re.findall(pattern, text("en", name) + text("zh", name))}
    assert len(named) >= 8
    assert named - keys == set()


def test_authors_that_the_code_names_stand_among_the_sources():
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("analysis", "study")
        for path in (ROOT / "siting" / room).rglob("*.py")
    )
    cited = re.findall(
        r"([A-Z][a-zé]+)(?:,? (?:&|et al\.)[^()\d]*|, [A-Z]\w+ & \w+)? ((?:19|20)\d\d)\b", code
    )
    sources = text("en", "method/sources.md")
    months = {"In", "Of", "Since", "Reads"}
    missing = {
        (author, year)
        for author, year in cited
        if author not in months and not re.search(rf"\| [^|\n]*{author}[^|\n]* {year}\.", sources)
    }
    assert len(cited) > 20
    assert missing == set()


# what is generated ------------------------------------------------------------------------


def test_every_column_setting_and_message_stands_in_both_languages():
    for lang, pages in GENERATED.items():
        columns = pages["reference/columns.md"]
        assert columns.count("\n: ") == sum(len(table) for table in dictionary().values())
        assert "可识别的标题：" in columns if lang == "zh" else "Headings recognised: " in columns
        settings = pages["reference/settings.md"]
        assert [row["key"] for row in describe_keys() if f"`{row['key']}`" not in settings] == []
        told = {code for code, row in messages().items() if row["severity"] != "part"}
        assert set(re.findall(r"^`([A-Z]\d+)`$", pages["reference/messages.md"], re.MULTILINE)) == told


def test_a_parameter_is_told_with_range_basis_and_source_in_its_language():
    told = {"zh": ("测算假定", "元/公里", "出处：2011年油价"), "en": ("yuan/km", "fuel about 0.7")}
    for lang, words in told.items():
        page = GENERATED[lang]["reference/parameters.md"].replace("\\", "")
        entry = page.partition("`trip.vehicle_cost`")[2].partition("\n`")[0]
        assert [word for word in ("0.7–1.6", *words) if word not in entry] == []


def test_help_of_every_command_is_in_its_language():
    assert "用法：" in GENERATED["zh"]["reference/commands.md"]
    assert GENERATED["en"]["reference/commands.md"].count("Usage: siting") == 1 + len(app.registered_commands)


def test_public_names_stand_in_one_part_each():
    page = GENERATED["en"]["reference/api.md"]
    names = re.findall(r"^\.\. auto(?:class|function):: siting\.(\w+)$", page, re.MULTILINE)
    assert sorted(names) == siting.__all__


def test_every_notebook_is_told_of():
    names = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    shown = generated_pages.gallery_page("en", sorted(names))
    assert set(re.findall(r'href="\.\./gallery/([\w-]+)\.html"', shown)) == names


def test_text_of_tables_is_no_markup():
    assert generated_pages.literal("<b>*a*|$x$") == r"\<b\>\*a\*\|\$x\$"


@pytest.mark.parametrize("module", ["docs.generated_pages", "docs.chinese_search"])
def test_examples_show_what_comes_out(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted
    assert found.failed == 0


# what is built ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Both languages, by the command that `go.py` runs, without the gallery."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, str(DOCS / "build.py"), "--no-gallery", "--out", str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


class Page(HTMLParser):
    """Links of a page, the places in it that may be linked to, and what it loads."""

    def __init__(self, file):
        super().__init__()
        self.links, self.places, self.loaded = [], set(), []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found[key] for key in ("id", "name") if found.get(key)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag in ("script", "link", "img", "iframe", "source", "object", "embed"):
            self.loaded += [found[key] for key in ("src", "href", "data") if found.get(key)]


@pytest.fixture(scope="module")
def built(site):
    return {file.relative_to(site).as_posix(): Page(file) for file in sorted(site.rglob("*.html"))}


def test_pages_load_nothing_from_any_host(site, built):
    assert len(built) > 2 * (len(WRITTEN) + len(GENERATED["zh"]))
    loaded = {(name, target) for name, page in built.items() for target in page.loaded}
    assert [pair for pair in sorted(loaded) if re.match(r"(\w+:)?//", pair[1])] == []
    styles = "".join(file.read_text(encoding="utf-8") for file in site.rglob("*.css"))
    assert re.findall(r"""(?:@import|url\()\s*["']?(?:\w+:)?//""", styles) == []


def test_links_lead_somewhere(site, built):
    wrong = []
    for name, page in built.items():
        for link in page.links:
            target, place = urldefrag(link)
            if re.match(r"[a-z]+:", target):
                continue
            file = (
                (site / name).parent.joinpath(unquote(target)).resolve()
                if target
                else (site / name).resolve()
            )
            known = built.get(file.relative_to(site.resolve()).as_posix())
            if known is None or (place and known.places and unquote(place) not in known.places):
                wrong.append((name, link))
    assert wrong == []


def test_each_page_leads_to_its_other_language(built):
    for name, page in built.items():
        lang, _, rest = name.partition("/")
        if lang in ("zh", "en"):
            other, up = ("en" if lang == "zh" else "zh"), "../" * (rest.count("/") + 1)
            assert f"{up}{other}/{rest}" in [link.removeprefix("./") for link in page.links], name
    assert {"zh/index.html", "en/index.html"} <= set(built["index.html"].links)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_public_functions_and_methods_are_described(built, lang):
    places = built[f"{lang}/reference/api.html"].places
    assert [name for name in siting.__all__ if f"siting.{name}" not in places] == []
    classes = {"Study": siting.Study, "Result": siting.Result, "comparison.Comparison": Comparison}
    wanted = {
        f"siting.{name}.{member}"
        for name, kind in classes.items()
        for member, thing in vars(kind).items()
        if not member.startswith("_") and (inspect.getdoc(thing) or inspect.isfunction(thing))
    }
    assert len(wanted) > 40
    assert wanted - places == set()


def test_formulas_are_drawn_by_the_browser_itself(site):
    page = (site / "zh" / "method" / "demand.html").read_text(encoding="utf-8")
    assert page.count("<math") > 10
    assert "$$" not in page


def test_the_same_bytes_come_out_again(site, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    again = tmp_path / "en"
    assert builder._started("en", tmp_path / "scratch", tmp_path, []).wait() == 0
    files = {file.relative_to(again) for file in again.rglob("*") if file.is_file()}
    assert files == {file.relative_to(site / "en") for file in (site / "en").rglob("*") if file.is_file()}
    assert [name for name in files if (again / name).read_bytes() != (site / "en" / name).read_bytes()] == []
    assert [name for name in files if str(ROOT).encode() in (again / name).read_bytes()] == []


def test_the_gallery_runs_the_notebooks_and_leads_to_them(tmp_path, monkeypatch):
    (tmp_path / "06-how-sure.ipynb").touch()
    ran, told = [], []
    finished = subprocess.Popen([sys.executable, "-c", ""])
    monkeypatch.setattr(builder, "_started", lambda *given: told.append(given[-1]) or finished)
    monkeypatch.setattr("siting.commands.browser.lab.export_notebooks", lambda *given: ran.append(given))
    assert builder.build(tmp_path / "site", tmp_path) == 0
    assert ran == [(tmp_path, tmp_path / "site" / "gallery", "zh")]
    assert told == [["06-how-sure"]] * 2
    page = generated_pages.gallery_page("zh", told[0])
    assert re.findall(r'href="([^"]+)"', page) == ["../gallery/06-how-sure.html"]


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "query"), [("zh", "审图号"), ("en", "vehicle cost")])
def test_search_works_from_a_folder(site, lang, query, browser):  # noqa: F811
    seen = []
    tab = browser.new_page(viewport=PHONE, offline=True)
    tab.on("console", lambda message: seen.append(message.text))
    tab.on("pageerror", lambda error: seen.append(str(error)))
    tab.on("requestfailed", lambda request: seen.append(request.url))
    tab.goto(f"{(site / lang / 'search.html').as_uri()}?q={query}")
    tab.wait_for_selector("#search-results li a")
    found = tab.locator("#search-results li a").all_text_contents()
    assert ("地图管理规定" if lang == "zh" else "Parameters") in found
    assert tab.evaluate("document.documentElement.lang") == ("zh-CN" if lang == "zh" else "en")
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tab.close()
    assert seen == []
