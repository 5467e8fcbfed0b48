"""One TOML file → a frozen `Scenario`; each section's keys are declared beside the code that reads them.

Precedence, last wins: default of the key < ``base = "…"`` < the file itself < ``--set key=value``.
Two overrides of one key are an error. Every value remembers the file and line that it comes from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from siting.analysis.decision.criteria import BY_ID
from siting.analysis.decision.scoring import normalised
from siting.analysis.demand.demand_kinds import DEMAND_KINDS
from siting.common.near_words import suggestion
from siting.inputs.sections import Data
from siting.messages import Text, did_you_mean, refusal, refusals, rule_of, said, text_of
from siting.scenario.model import (
    READ_ONCE,
    Groups,
    Scenario,
    _origin,
    section_of,
    viewpoint_weights,
    weights_of,
)
from siting.scenario.toml_files import (
    entry_name,
    inside,
    parse_overrides,
    path_fault,
    read_chain,
    set_key,
)
from siting.types import InputError, Json, ScenarioError, Settings, SitingError


def read_scenario(path: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """Read a scenario, its bases and the overrides.

    Parameters
    ----------
    path : file, TOML in UTF-8
    overrides : ``key=value`` texts; the value in TOML notation, or plain text

    Raises
    ------
    ScenarioError
        Names file, line, key and the nearest known key of every problem at once.
    """
    path = Path(path)
    raw, origins = read_chain(path, ())
    for key, value in parse_overrides(overrides):
        set_key(raw, key, value)
        # What a whole section is set to comes from there, whatever files said of its keys.
        below = (f"{key}.", f"[{key}]", f"[{key}.")
        origins = {name: place for name, place in origins.items() if not name.startswith(below)}
        origins[key] = "--set"
    return build_scenario(raw, origins, path)


def build_scenario(raw: Mapping[str, Json], origins: Mapping[str, str], path: Path) -> Scenario:
    """Check merged settings; `origins` maps dotted keys to ``file:line``."""
    scenario = _checked({"criteria": [], **raw}, origins, path.name)
    place = partial(_place, scenario, origins, path)
    views = {
        name: view.model_copy(update={"judgements": place(f"viewpoints.{name}.judgements", view.judgements)})
        for name, view in scenario.viewpoints.items()
    }
    lines = tuple(
        layer.model_copy(update={"file": place("red_lines.file", layer.file)}) for layer in scenario.red_lines
    )
    aliases = place("register.aliases", scenario.register_.aliases)
    found = {
        "data": _resolve_paths(scenario, place),
        "register_": scenario.register_.model_copy(update={"aliases": aliases}),
        "red_lines": lines,
        "viewpoints": views,
    }
    if scenario.weights_record is not None:
        records = tuple(place("weights_record.records", path) for path in scenario.weights_record.records)
        found["weights_record"] = scenario.weights_record.model_copy(update={"records": records})
    scenario = scenario.model_copy(update=found)
    scenario._origins.update(origins)
    return scenario


def _checked(raw: Mapping[str, Any], origins: Mapping[str, str], name: str) -> Scenario:
    try:
        scenario = Scenario.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        raise refusals(_explain(error, raw, origins, name), ScenarioError) from None
    problems = _problems_of_kind(scenario) or _weight_problems(scenario)
    if problems:
        lines = [text_of(code, _origin(origins, key) or name, key=key, **w) for key, code, w in problems]
        raise refusals(lines, ScenarioError)
    return scenario


def _problems_of_kind(scenario: Scenario) -> list[tuple[str, str, dict[str, Any]]]:
    """Files that a study of this kind lacks or does not read, and criteria that judge another kind."""
    kind, data = scenario.demand.kind, scenario.data
    needed = (kind.register, *kind.needs)
    problems: list[tuple[str, str, dict[str, Any]]] = [
        (f"data.{name}", "E628", {}) for name in needed if getattr(data, name) is None
    ]
    for other in DEMAND_KINDS.values():
        key = other.register
        if key != kind.register and getattr(data, key) is not None:
            problems.append((f"data.{key}", "E821", {"of": kind.id, "register": kind.register}))
    used = {criterion.group for criterion in BY_ID.values() if criterion.serves == kind.id}
    sets = {"groups": scenario.groups} | {
        f"viewpoints.{name}.groups": view.groups for name, view in scenario.viewpoints.items() if view.groups
    }
    for key, groups in sets.items():
        # A group left out by mistake would lose its weight in silence.
        left_out = [name for name in Groups.model_fields if name in used - groups.model_fields_set]
        problems += [(f"{key}.{name}", "E628", {}) for name in left_out]
    for use in scenario.criteria:
        if (serves := BY_ID[use.name].serves) != kind.id:
            own = [name for name, criterion in BY_ID.items() if criterion.serves == kind.id]
            words = {"serves": serves, "of": kind.id, "own": ", ".join(own)}
            problems.append((f"criteria.{use.name}", "E820", words))
    return problems


def _weight_problems(scenario: Scenario) -> list[tuple[str, str, dict[str, Any]]]:
    """Weights that no score can be made of: all zero, lost in rounding, or of an unknown criterion."""
    problems: list[tuple[str, str, dict[str, Any]]] = []
    for name, view in scenario.viewpoints.items():
        if view.judgements and view.pairs:
            problems.append((f"viewpoints.{name}.pairs", "E621", {}))
        if not (view.groups or view.judgements or view.pairs):
            problems.append((f"viewpoints.{name}.groups", "E622", {}))
        for criterion, weight in view.criteria.items():
            key = f"viewpoints.{name}.criteria.{criterion}"
            if criterion not in BY_ID:
                problems.append(
                    (key, "E615", {"name": criterion, "suggestion": suggestion(criterion, BY_ID)})
                )
            elif weight < 0:
                problems.append((key, "E623", {"found": weight}))
    if problems:
        return problems
    sets = {"groups": partial(weights_of, scenario)}
    sets |= {f"viewpoints.{name}": partial(viewpoint_weights, scenario, name) for name in scenario.viewpoints}
    for key, work_out in sets.items():
        try:
            # The product of two small weights may be lost too.
            normalised({str(name): weight for name, weight in work_out().items()})
        except InputError as fault:
            problems.append((key, "P08", {"fault": said(fault)}))
    return problems


def change(scenario: Scenario, changes: Mapping[str, Json]) -> Scenario:
    """Copy a scenario with dotted keys set to new values; checked like a file."""
    raw = scenario.model_dump(mode="json", by_alias=True)
    for key, value in changes.items():
        if key.partition(".")[0] in READ_ONCE:
            raise refusal("", "E625", kind=ScenarioError, key=key)
        set_key(raw, key, value)
    changed = _checked(raw, {}, scenario.name)
    changed._origins.update(scenario._origins | dict.fromkeys(changes, "changed in Python"))
    return changed


def _resolve_paths(scenario: Scenario, place: Callable[[str, Any], Any]) -> Data:
    fields = Data.model_fields
    return Data.model_construct(**{key: place(f"data.{key}", getattr(scenario.data, key)) for key in fields})


def _place(scenario: Scenario, origins: Mapping[str, str], path: Path, key: str, value: Any) -> Any:
    """Resolve a path that a key names, relative to the scenario's file."""
    if value is None:
        return None
    if isinstance(value, Settings):
        parts = {name: part for name, part in value if isinstance(part, Path)}
        return value.model_copy(
            update={
                name: _place(scenario, origins, path, f"{key}.{name}", part) for name, part in parts.items()
            }
        )
    text = str(value).replace("{spread}", scenario.register_.spread)
    where = _origin(origins, key) or path.name
    if where == "--set":  # the user's own word, from where the user is
        fault = path_fault(text)
        if fault:
            raise refusal("", "E626", kind=ScenarioError, key=key, path=text[:80], fault=fault)
        return Path(text).expanduser().resolve()
    return inside(path.parent, text, key, where, path)


_BRANCHES = ("RoadTables", "lax-or-strict")
"""Names that pydantic gives to the alternatives of ``data.roads``."""


# messages -----------------------------------------------------------------------------

_FEW = 8
"""Allowed values up to which a message lists them; of more, it names the nearest."""


def _explain(
    error: ValidationError, raw: Mapping[str, Any], origins: Mapping[str, str], name: str
) -> list[Text]:
    """Turn pydantic's list into one line a problem: file:line: key: what, what is allowed."""
    found = []
    for problem in error.errors(include_url=False):
        # Of two kinds of value that may stand here, complain of the kind that was meant.
        branch = next((str(part) for part in problem["loc"] if str(part).startswith(_BRANCHES)), None)
        if branch and (branch == "RoadTables") != isinstance(raw["data"][problem["loc"][1]], Mapping):
            continue
        # Entries that are wrong are told one by one, not once more as a list that lacks them.
        if problem["type"] == "too_short" and problem["input"]:
            continue
        loc = [part for part in problem["loc"] if part not in (branch, "[key]")]
        key = ".".join(_readable(loc, raw))
        where = _origin(origins, key) or name
        code, words = _worded(problem, loc)
        found.append(text_of(code, where, key=key, **words))
    return found


def _worded(problem: ErrorDetails, loc: list[Any]) -> tuple[str, dict[str, Any]]:
    """Return code and words of one of pydantic's problems."""
    value = str(problem["input"])[:80]
    if problem["type"] == "extra_forbidden":
        return "E614", {"suggestion": _meant(loc, problem["input"])}
    if problem["type"] == "missing":
        return "E628", {}
    known = re.findall(r"'([^']+)'", problem.get("ctx", {}).get("expected", ""))
    if problem["type"] == "literal_error" and len(known) > _FEW:
        return "E629", {"value": value, "suggestion": suggestion(value, known)}
    if isinstance(problem.get("ctx", {}).get("error"), SitingError):
        return "P09", {"fault": rule_of(problem), "value": value}
    return "E630", {"rule": rule_of(problem), "value": value}


def _meant(loc: list[Any], value: Any) -> Text:
    """Suggest the key meant by an unknown one; weights stand with the groups and the criteria."""
    if loc == ["weights"] and isinstance(value, Mapping):
        keys = [f"groups.{name}" for name in value if name in Groups.model_fields]
        keys += [f"criteria.{name}.weight" for name in value if name in BY_ID]
        if keys:
            return did_you_mean(keys)
    return suggestion(str(loc[-1]), _known_keys(loc))


def _readable(loc: list[Any], raw: Mapping[str, Any]) -> list[str]:
    """Key as a planner writes it: entries of ``[[criteria]]`` by their name, not their number."""
    if len(loc) > 1 and loc[0] == "criteria" and isinstance(loc[1], int):
        entry = raw["criteria"][loc[1]]
        return ["criteria", entry_name(entry), *map(str, loc[2:])]
    return [str(part) for part in loc]


def _known_keys(loc: list[Any]) -> list[str]:
    """Keys known where an unknown one stands."""
    model: Any = Scenario
    for part in loc[:-1]:
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        if str(part) in fields:
            model = section_of(fields[str(part)].annotation) or model
    return [info.alias or name for name, info in model.model_fields.items()]


def check_weight_keys(weights: Mapping[str, float]) -> dict[str, float]:
    """Translate ``{criterion or group: weight}`` to scenario keys.

    Raises
    ------
    ScenarioError
        A name is neither a criterion nor a group.
    """
    keys = {}
    groups = list(Groups.model_fields)
    for name, weight in weights.items():
        if name in BY_ID:
            keys[f"criteria.{name}.weight"] = weight
        elif name in groups:
            keys[f"groups.{name}"] = weight
        else:
            near = suggestion(name, [*BY_ID, *groups])
            raise refusal("", "E627", kind=ScenarioError, name=name, suggestion=near)
    return keys
