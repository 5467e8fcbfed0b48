"""A code of `messages.csv` and its words → what a user reads, in English and Chinese."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from siting.types import InputError, Issue, SitingError

Refused = TypeVar("Refused", bound=SitingError)


class Text(NamedTuple):
    """The same words in both languages."""

    en: str
    zh: str


@lru_cache(maxsize=1)
def messages() -> Mapping[str, Mapping[str, str]]:
    """Read the table of messages: code → severity, action and hint in English and Chinese."""
    text = (files("siting") / "messages.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}


def text_of(code: str, where: str = "", **words: Any) -> Text:
    """Word a message, one line each: where, cause, what to do; a `Text` among `words` fits either language.

    >>> text_of("P01", names="sites").en
    'did you mean sites?'
    """
    message = messages()[code]
    english = {name: word.en if isinstance(word, Text) else word for name, word in words.items()}
    chinese = {name: word.zh if isinstance(word, Text) else word for name, word in words.items()}
    en = "; ".join(message[part].format(**english) for part in ("action", "hint") if message[part])
    zh = "；".join(message[part].format(**chinese) for part in ("action_zh", "hint_zh") if message[part])
    if where:
        en, zh = f"{where}: {en}", f"{where}：{zh}"
    return Text(" ".join(en.split()), " ".join(zh.split()))


def error_of(
    text: Text, kind: type[Refused] = InputError, issues: tuple[Issue, ...] = ()
) -> Refused:  # fmt: skip
    """Make an error that says a text in both languages."""
    return kind(text.en, issues, message_zh=text.zh)


def refusal(where: str, code: str, *, kind: type[Refused] = InputError, **words: Any) -> Refused:
    """Make an error of one coded message; `where` is a file, ``file:line`` or nothing."""
    return error_of(text_of(code, where, **words), kind)


def refusals(faults: Iterable[Text | SitingError], kind: type[Refused] = InputError) -> Refused:
    """Make one error of many, a line each; their issues come along."""
    faults = list(faults)
    issues = tuple(i for fault in faults if isinstance(fault, SitingError) for i in fault.issues)
    texts = dict.fromkeys(map(said, faults))
    return error_of(Text("\n".join(t.en for t in texts), "\n".join(t.zh for t in texts)), kind, issues)


def said(fault: Text | SitingError) -> Text:
    """Return what an error says, in both languages."""
    return fault if isinstance(fault, Text) else Text(str(fault), fault.message_zh)


def joined(texts: Iterable[Text]) -> Text:
    """Put several texts into one line."""
    texts = list(texts)
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))


def quoted(names: Iterable[Any], between: str = ", ", between_zh: str = "、") -> Text:
    """Quote names as each language does.

    >>> quoted(["a", "b"])
    Text(en="'a', 'b'", zh='“a”、“b”')
    """
    names = list(names)
    return Text(between.join(map(repr, names)), between_zh.join(f"“{name}”" for name in names))
