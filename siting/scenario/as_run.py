"""Settings recorded with a run, laid over the scenario that it was made of: its settings as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from siting.scenario.model import Scenario

if TYPE_CHECKING:
    from siting.types import Json


def as_run(scenario: Scenario, recorded: Mapping[str, Json]) -> Scenario | None:
    """Restore the settings of a run, those of ``--set`` too.

    Parameters
    ----------
    scenario : as its file states it now
    recorded : settings as `Scenario.canonical` wrote them: of a file, its name alone

    Returns
    -------
    Scenario | None
        None where a file of another name was read, which no record leads to, or where a setting
        is not known any more.
    """
    now, stated = json.loads(scenario.canonical()), scenario.model_dump(mode="python", by_alias=True)
    changed = {}
    for name, field in Scenario.model_fields.items():
        key = field.alias or name
        if now.get(key) == recorded.get(key):
            continue
        value = _with_paths(stated[key], now.get(key), recorded.get(key))
        try:
            text = json.dumps(value, default=str)
            kind: TypeAdapter[object] = TypeAdapter(field.rebuild_annotation())
            changed[name] = kind.validate_json(text, strict=True)
        except ValidationError:
            return None
    restored = scenario.model_copy(update=changed)
    is_known = _files(restored.model_dump(mode="python")) <= _files(stated)
    return restored if is_known and json.loads(restored.canonical()) == recorded else None


def _files(value: object) -> set[Path]:
    """Collect the files that settings name."""
    if isinstance(value, Path):
        return {value}
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return {file for part in parts for file in _files(part)}


def _with_paths(stated: object, now: object, recorded: object) -> object:
    """Take what was recorded, and paths from what is stated where their names are alike."""
    if now == recorded:
        return stated
    if isinstance(stated, Mapping) and isinstance(now, Mapping) and isinstance(recorded, Mapping):
        return {key: _with_paths(stated.get(key), now.get(key), recorded[key]) for key in recorded}
    if isinstance(stated, list | tuple) and isinstance(now, list) and isinstance(recorded, list):
        laid = [_with_paths(*parts) for parts in zip(stated, now, recorded, strict=False)]
        return laid + recorded[len(laid) :]
    return None if isinstance(stated, Path) else recorded
