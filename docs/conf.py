"""Settings of Sphinx for both languages; `build.py` says which one it builds."""

import re
import sys
from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from chinese_search import ChineseSearch  # noqa: E402

import siting  # noqa: E402

project = "siting"
version = release = siting.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
smartquotes = False
highlight_language = "none"
default_role = "code"  # what docstrings name in single backticks
templates_path = ["theme"]

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # a default that is a path would tell whose machine built the page
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_static_path = ["theme/static"]
html_css_files = ["docs.css"]
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_math_renderer = "mathml"
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which no browser allows from a folder
html_domain_indices = False
html_theme_options = {"top_of_page_buttons": []}
THEME_IN_CHINESE = {
    "On this page": "本页内容",
    ">Next<": ">下一页<",
    ">Previous<": ">上一页<",
    ">Home<": ">首页<",
    "Back to top": "回到页首",
    "Skip to content": "跳到正文",
    "Toggle Light / Dark / Auto color theme": "切换明暗",
    "Toggle site navigation sidebar": "打开目录",
    "Toggle table of contents sidebar": "打开本页目录",
}
"""Words of the theme that Sphinx does not translate."""

_LINE = re.compile(r"^([\w*]+(?:, [\w*]+)*) : (.+)$")


_TYPE = re.compile(r"[\w.]+(, optional)?")


def describe_parameters(app, what, name, obj, options, lines):
    """Read ``name : what it is`` as a description, as the package writes it; a type has one below."""
    section, read = "", []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below.strip() and set(below.strip()) == {"-"}:
            section = line.strip()
        found = _LINE.match(line) if section == "Parameters" else None
        if found and not (_TYPE.fullmatch(found[2]) and below.startswith("    ")):
            read += [found[1], f"    {found[2]}"]
        else:
            read.append(line)
    lines[:] = read


def visit_inline(writer, node):
    """Write a formula within a line as MathML."""
    writer.body.append(convert(node.astext()))
    raise SkipNode


def visit_block(writer, node):
    """Write a formula on a line of its own as MathML."""
    writer.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>\n')
    raise SkipNode


_BROKEN = re.compile(
    r"(?<=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef”’])\n {0,3}(?=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“‘])"
)
"""A line's end between two Chinese characters, which a browser would show as a blank."""


def join_lines(app, page, source):
    """Take line ends out of Chinese text."""
    source[0] = _BROKEN.sub("", source[0])


def set_context(app, page, template, context, doctree):
    """Give the templates the words of the theme in the language of the site."""
    context["theme_words"] = THEME_IN_CHINESE if app.config.language.startswith("zh") else {}


def setup(app):
    """Add what the documentation needs beyond Sphinx."""
    app.connect("source-read", join_lines)
    app.connect("html-page-context", set_context)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.add_search_language(ChineseSearch)
    app.connect("autodoc-process-docstring", describe_parameters, priority=100)
