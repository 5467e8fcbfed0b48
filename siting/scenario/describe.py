"""Scenario keys → what each means, and what each of a scenario's values is and where it comes from."""

from __future__ import annotations

import csv
import json
import types
import typing
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from siting.messages import Text, joined, text_of
from siting.scenario.model import Scenario, section_of
from siting.types import Language

_MANY = {"criteria": ".<name>", "viewpoints": ".<id>", "facility.permissions": ".<id>"}
"""Sections of which a scenario has several, and what tells one from another."""


def describe_keys(
    model: type[BaseModel] = Scenario, prefix: str = "", required: str = "required"
) -> list[dict[str, str]]:
    """Every scenario key with its type, default (`required` where there is none) and meaning, in order."""
    rows = []
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        section = section_of(info.annotation)
        if section:
            marker = _MANY.get(key, "")
            within = required if info.is_required() else f"required with {key}{marker}"
            rows += describe_keys(section, f"{key}{marker}.", within)
            continue
        value = info.get_default(call_default_factory=True)
        default = required if info.is_required() else json.dumps(value, ensure_ascii=False, default=str)
        kind = _kind(info.annotation)
        meaning = " ".join((info.description or "").split())
        row = {"key": key, "type": kind.en, "default": default, "meaning": meaning}
        rows.append({**row, "type_zh": kind.zh, "meaning_zh": _meanings_zh().get(key, meaning)})
    return rows


def meaning_of(key: str, lang: Language) -> str:
    """Say what a scenario key means; empty where there is no such key.

    >>> meaning_of("coverage.cutoff", "en")
    ''
    """
    column = "meaning_zh" if lang == "zh" else "meaning"
    return next((row[column] for row in describe_keys() if row["key"] == key), "")


@lru_cache(maxsize=1)
def _meanings_zh() -> Mapping[str, str]:
    """Read the Chinese meanings; the English ones stand beside the keys in the code."""
    text = (files("siting.scenario") / "keys.csv").read_text(encoding="utf-8")
    return {row["key"]: row["meaning_zh"] for row in csv.DictReader(text.splitlines())}


_TYPES = {float: "P147", int: "P148", str: "P149", bool: "P150", Path: "P151"}
"""Type of a value → the message that names it."""


def _kind(annotation: Any) -> Text:
    """Say in words what a value must be."""
    if annotation in _TYPES:
        return text_of(_TYPES[annotation])
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        names = " | ".join(map(str, parts))
        return Text(names, names)
    if origin is typing.Annotated:
        return _kind(parts[0])
    if origin is tuple:
        items = joined((_kind(part) for part in parts if part is not ...), " and ", "、")
        return text_of("P153", items=items)
    if origin is dict:
        return text_of("P154", items=_kind(parts[1]))
    if origin in (typing.Union, types.UnionType):
        return joined((_kind(part) for part in parts if part is not type(None)), " or ", " / ")
    return text_of("P152")


def resolved(scenario: Scenario) -> list[dict[str, str]]:
    """Every value of a scenario with the file and line that it comes from."""
    raw = json.loads(scenario.canonical())
    raw["criteria"] = {use["name"]: use for use in raw["criteria"]}
    return [
        {"key": key, "value": json.dumps(value, ensure_ascii=False), "from": scenario.origin(key)}
        for key, value in _leaves(raw)
    ]


def _leaves(raw: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in raw.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
