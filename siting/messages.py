"""A code of `messages.csv` and its words → what a user reads, in English and Chinese."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from traceback import extract_tb
from typing import NamedTuple

from pydantic_core import ErrorDetails

from siting import __version__
from siting.types import InputError, Issue, Language, SitingError

_PACKAGE = str(Path(__file__).parent)


class Text(NamedTuple):
    """The same words in both languages."""

    en: str
    zh: str

    def spoken(self, lang: Language) -> str:
        """Give the words in one language.

        >>> Text("roads", "道路").spoken("zh")
        '道路'
        """
        return self.zh if lang == "zh" else self.en


@lru_cache(maxsize=1)
def messages() -> Mapping[str, Mapping[str, str]]:
    """Read the table of messages: code → severity, action and hint in English and Chinese."""
    text = (files("siting") / "messages.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}


def command() -> str:
    """Return what a planner types before the name of a command: in a checkout that is ``go.py``."""
    if not (Path(_PACKAGE).parent / "go.py").is_file():
        return "siting"
    return "py go.py" if sys.platform == "win32" else "python3 go.py"


def text_of(code: str, where: str = "", **words: object) -> Text:
    """Word a message, one line each: where, cause, what to do; a `Text` among `words` fits either language.

    >>> text_of("P13").zh
    '文件夹，不是文件'
    """
    message = messages()[code]
    words = {"command": command(), **words}
    english = {name: word.en if isinstance(word, Text) else word for name, word in words.items()}
    chinese = {name: word.zh if isinstance(word, Text) else word for name, word in words.items()}
    en = "; ".join(message[part].format(**english) for part in ("action", "hint") if message[part])
    zh = "；".join(message[part].format(**chinese) for part in ("action_zh", "hint_zh") if message[part])
    if where:
        en, zh = f"{where}: {en}", f"{where}：{zh}"
    return Text(" ".join(en.split()), " ".join(zh.split()))


def error_of(
    text: Text,
    kind: type[SitingError] = InputError,
    issues: tuple[Issue, ...] = (),
    codes: tuple[str, ...] = (),
) -> SitingError:
    """Make an error that says a text in both languages."""
    return kind(text.en, issues, message_zh=text.zh, codes=codes)


def refusal(where: str, code: str, *, kind: type[SitingError] = InputError, **words: object) -> SitingError:
    """Make an error of one coded message; `where` is a file, ``file:line`` or nothing."""
    return error_of(text_of(code, where, **words), kind, codes=(code,))


def refusals(faults: Iterable[Text | SitingError], kind: type[SitingError] = InputError) -> SitingError:
    """Make one error of many, a line each; their issues come along."""
    faults = list(faults)
    issues = tuple(i for fault in faults if isinstance(fault, SitingError) for i in fault.issues)
    codes = tuple(c for fault in faults if isinstance(fault, SitingError) for c in fault.codes)
    texts = dict.fromkeys(map(said, faults))
    together = Text("\n".join(t.en for t in texts), "\n".join(t.zh for t in texts))
    return error_of(together, kind, issues, codes)


def fault_of(issue: Issue) -> SitingError:
    """Make an error of an issue that may not be passed over."""
    where = ":".join(str(part) for part in (issue.file, issue.row, issue.column) if part is not None)
    action = Text(issue.action, issue.action_zh or issue.action)
    hint = Text(issue.hint, issue.hint_zh or issue.hint) if issue.hint else text_of("P88")
    code = "E651" if issue.value is None else "E650"
    text = text_of(code, where, of=issue.code, action=action, value=issue.value, hint=hint)
    return error_of(text, issues=(issue,))


def explained(error: BaseException) -> Text:
    """Word any error; what is no user's doing is said to be the program's or the installation's."""
    if isinstance(error, SitingError):
        return said(error)
    if isinstance(error, MemoryError):
        return text_of("E699")
    if isinstance(error, ImportError):
        return text_of("E905", reason=error)
    if isinstance(error, OSError):
        own = str(error.filename or "").startswith(_PACKAGE)
        return text_of("E906", file=error.filename) if own else text_of("E904", reason=error)
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.startswith(_PACKAGE)]
    place = f"{frames[-1].filename.removeprefix(_PACKAGE)}:{frames[-1].lineno}" if frames else "–"
    kind = type(error).__name__
    return text_of("E900", kind=kind, reason=error, place=place, version=__version__)


def said(fault: Text | SitingError) -> Text:
    """Return what an error says, in both languages."""
    return fault if isinstance(fault, Text) else Text(str(fault), fault.message_zh)


def joined(texts: Iterable[Text], between: str = "; ", between_zh: str = "；") -> Text:
    """Put several texts into one line."""
    texts = list(texts)
    return Text(between.join(text.en for text in texts), between_zh.join(text.zh for text in texts))


def quoted(names: Iterable[object], between: str = ", ", between_zh: str = "、") -> Text:
    """Quote names as each language does.

    >>> quoted(["a", "b"])
    Text(en="'a', 'b'", zh='“a”、“b”')
    """
    names = list(names)
    return Text(between.join(map(repr, names)), between_zh.join(f"“{name}”" for name in names))


def did_you_mean(names: Iterable[object]) -> Text:
    """Ask whether one of some names was meant.

    >>> did_you_mean(["sites"]).en
    "did you mean 'sites'?"
    """
    return text_of("P01", names=quoted(names, " or ", " / "))


RULES: Mapping[str, tuple[str, str]] = {
    "greater_than": ("P20", "gt"),
    "greater_than_equal": ("P21", "ge"),
    "less_than": ("P22", "lt"),
    "less_than_equal": ("P23", "le"),
    "finite_number": ("P24", ""),
    "float_type": ("P25", ""),
    "float_parsing": ("P25", ""),
    "int_type": ("P26", ""),
    "int_parsing": ("P26", ""),
    "int_from_float": ("P26", ""),
    "string_type": ("P27", ""),
    "string_too_short": ("P28", "min_length"),
    "string_too_long": ("P29", "max_length"),
    "bool_type": ("P30", ""),
    "bool_parsing": ("P30", ""),
    "list_type": ("P32", ""),
    "tuple_type": ("P32", ""),
    "dict_type": ("P33", ""),
    "model_type": ("P33", ""),
    "model_attributes_type": ("P33", ""),
    "too_short": ("P34", "min_length"),
    "too_long": ("P35", "max_length"),
    "missing": ("P36", ""),
    "extra_forbidden": ("P37", ""),
    "path_type": ("P39", ""),
}
"""Kind of a fault that pydantic finds → code of the message, and what pydantic calls the limit in it."""


def rule_of(problem: ErrorDetails) -> Text:
    """Word the rule that a value breaks, from an entry of pydantic's ``ValidationError.errors()``."""
    context = problem.get("ctx", {})
    if isinstance(context.get("error"), SitingError):  # from a validator of ours
        return said(context["error"])
    if problem["type"] == "literal_error":
        expected = context["expected"]
        return text_of("P31", allowed=Text(expected, expected.replace(" or ", "、").replace(", ", "、")))
    code, limit = RULES.get(problem["type"], ("P38", ""))
    return text_of(code, limit=context.get(limit), said=problem["msg"])
