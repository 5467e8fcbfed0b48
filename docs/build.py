"""The documentation → docs/_site: two sites, zh and en, and a page that leads to both.

``python docs/build.py [--no-gallery] [--out FOLDER]``: works offline, gives the same bytes each time, and
takes every warning of Sphinx for an error. The gallery runs the notebooks, which takes some minutes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from generated_pages import pages, word  # noqa: E402

if TYPE_CHECKING:
    from siting.types import Language

LANGUAGES: dict[Language, str] = {"zh": "zh_CN", "en": "en"}
"""Language → what Sphinx calls it."""
FIRST_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>siting</title>
<style>body{max-width:34rem;margin:12vh auto;padding:0 1rem;color:#1b2733;text-align:center;
font:1.1rem/1.8 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif}
a{display:inline-block;margin:.6rem;padding:.5rem 1.6rem;border:1px solid #b8b2a6;border-radius:.4rem;
color:#0b5394;text-decoration:none}</style></head>
<body><h1>siting</h1>
<p>公共设施选址论证：用法、方法与数据字典<br>
<span lang="en">Siting of public facilities: use, method, data</span></p>
<p><a href="zh/index.html">中文</a><a href="en/index.html" lang="en">English</a></p></body></html>
"""


def build(out: Path, notebooks: Path | None) -> int:
    """Build both languages into a folder; return 0, or 1 where something is wrong.

    Parameters
    ----------
    notebooks : folder of those that the gallery runs; None: none
    """
    shutil.rmtree(out, ignore_errors=True)
    shown = sorted(path.stem for path in notebooks.glob("*.ipynb")) if notebooks else []
    with TemporaryDirectory() as scratch:
        # A process each, since Sphinx keeps the language of its own words; side by side on two cores.
        running = [_started(lang, Path(scratch), out, shown) for lang in LANGUAGES]
        ended = [process.wait() for process in running]
    if any(ended):
        return 1
    out.mkdir(parents=True, exist_ok=True)
    (out / "index.html").write_text(FIRST_PAGE, encoding="utf-8", newline="\n")
    if notebooks:
        from siting.commands.browser.lab import export_notebooks

        export_notebooks(notebooks, out / "gallery", "zh")
    return 0


def _started(lang: Language, scratch: Path, out: Path, shown: list[str]) -> subprocess.Popen[bytes]:
    sources = scratch / lang
    shutil.copytree(DOCS / lang, sources)
    shutil.copytree(DOCS / "decisions", sources / "decisions", ignore=shutil.ignore_patterns("README.md"))
    for name, text in pages(lang, shown).items():
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        (sources / name).write_text(text, encoding="utf-8", newline="\n")
    other = next(name for name in LANGUAGES if name != lang)
    settings = {
        "language": LANGUAGES[lang],
        "html_title": word("site.title", lang),
        "html_context.other_code": word("language.code", other),
        "html_context.other_name": word("language.name", other),
        "html_context.other": other,
    }
    stated = [f"-D{key}={value}" for key, value in settings.items()]
    options = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(DOCS), "-d", str(scratch / f".{lang}")]
    command = [sys.executable, "-X", "utf8", "-m", "sphinx", *options, *stated]
    return subprocess.Popen([*command, str(sources), str(out / lang)])


def main(arguments: list[str]) -> int:
    """Read the options and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-gallery", action="store_true", help="do not run the notebooks")
    parser.add_argument("--notebooks", type=Path, default=DOCS.parent / "notebooks", help="folder to run")
    parser.add_argument("--out", type=Path, default=DOCS / "_site", help="folder, replaced as a whole")
    given = parser.parse_args(arguments)
    done = build(given.out, None if given.no_gallery else given.notebooks)
    if not done:
        print(given.out / "index.html")
    return done


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
