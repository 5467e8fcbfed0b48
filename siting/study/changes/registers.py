"""Registers of two evaluations → which of their rows are one enterprise, and what became of each.

Rows belong together by credit code, else by name and township, else by a name that no other row bears, with
its legal form or without, else by place and industry; one to one. Two credit codes that differ are two
enterprises, whatever else agrees.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.places.crs import project
from siting.inputs.tables.rules.duplicates import SAME_PLACE_M, name_keys
from siting.study.read_inputs import named_towns

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

SIZES = ("employees", "output_wan", "equipment", "tests_per_year", "backlog", "population")
"""Figures of an enterprise from which its demand is worked out."""

SETTLING = ("moved", "placed", "unplaced")
"""Changes of place that settle whether a row is used."""

TOLD = ("new", "gone", "moved", "resized", "renamed", "placed", "unplaced", "other")
"""Kinds of change, in the order in which they are told."""

MOST_COMPARED = 10_000
"""Combinations of rows alike in their key that are compared; beyond, they are taken in order."""

_REPEATED = ("E107", "E116")
"""Reasons of rows that are another row's enterprise: a repetition, a device of it."""
_FOREIGN = ("E115",)
"""Reasons of rows that are no enterprise at all."""
_WHO = ("name", "uscc", "town", "industry")


@dataclass(frozen=True)
class RegisterChanges:
    """What became of each enterprise from one register to the next; frames indexed by enterprise.

    All have ``name, uscc, town, industry`` (as they are after, or were before), ``row_before, row_after``
    (in the files) and ``matched_by`` (``code, name_town, name, short_name, place``).
    """

    new: pd.DataFrame
    gone: pd.DataFrame
    moved: pd.DataFrame
    """Also ``distance_m`` (missing: no coordinates), ``town_before``, coordinates before and after."""
    resized: pd.DataFrame
    """Also ``fields`` (which figures, with semicolons) and each of them ``_before`` and ``_after``."""
    renamed: pd.DataFrame
    """Also ``name_before``."""
    placed: pd.DataFrame
    """Had no coordinates of its own, has now."""
    unplaced: pd.DataFrame
    """Had coordinates of its own, has none now."""
    other: pd.DataFrame
    """Also ``fields`` (``industry, uscc, reason``) and each of them ``_before`` and ``_after``."""
    ambiguous: pd.DataFrame
    """What cannot be told apart: ``name, town, rows_before, rows_after, reason``."""
    repeated: pd.DataFrame
    """Rows that repeat another row of their own list: ``register`` (``before, after``), ``row``, ``name``."""
    counts: Mapping[str, Mapping[str, int]]
    """``before, after`` → ``rows, enterprises, used`` (rows that are ranked with)."""
    before: pd.DataFrame
    """All rows of the first register, numbered; ``kept`` says whether they are used."""
    after: pd.DataFrame
    units: pd.DataFrame
    """One row an enterprise: ``before, after`` (row of those, −1: none), ``place`` (``moved, placed,
    unplaced, slight`` or nothing), ``resized, renamed, other, status`` (whether each changed)."""

    def listed(self) -> dict[str, pd.DataFrame]:
        """Give the frames by kind of change, in the order in which they are told."""
        return {
            "new": self.new,
            "gone": self.gone,
            "moved": self.moved,
            "resized": self.resized,
            "renamed": self.renamed,
            "placed": self.placed,
            "unplaced": self.unplaced,
            "other": self.other,
        }


def register_changes(first: Evaluation, second: Evaluation) -> RegisterChanges:
    """Hold the registers of two evaluations against each other, row by row."""
    before, after = (_all_rows(evaluation) for evaluation in (first, second))
    again = [_repeats(rows) for rows in (before, after)]
    named = [~gone & ~_is_nobody(rows) for gone, rows in zip(again, (before, after), strict=True)]
    match = _Match(before, after, *named)
    match.run()
    units = _units(before, after, match, *named)
    sides = {"before": (before, again[0]), "after": (after, again[1])}
    for rows, gone, side in ((before, again[0], 0), (after, again[1], 1)):
        nobody = np.flatnonzero(_is_nobody(rows) & ~gone).tolist()
        if nobody:
            match.tell([] if side else nobody, nobody if side else [], "nobody")
    repeated = pd.concat(
        [rows.loc[gone, ["row", "name"]].assign(register=side) for side, (rows, gone) in sides.items()]
    )
    return RegisterChanges(
        **_frames(before, after, units),
        ambiguous=pd.DataFrame(match.ambiguous, columns=_Match.TOLD),
        repeated=repeated[["register", "row", "name"]].reset_index(drop=True),
        counts={
            side: {"rows": len(rows), "enterprises": int(own.sum()), "used": int(rows["kept"].sum())}
            for side, rows, own in zip(sides, (before, after), named, strict=True)
        },
        before=before,
        after=after,
        units=units,
    )


# rows ------------------------------------------------------------------------------------


def _all_rows(evaluation: Evaluation) -> pd.DataFrame:
    """Lay out all rows of a register that are enterprises, those set aside after those used."""
    inputs = evaluation.evidence.inputs
    kept = inputs.enterprises.assign(kept=True, reason=None)
    aside = inputs.tables["enterprises"].aside
    parts = [pd.DataFrame(kept).rename_axis("enterprise").reset_index()]
    if aside is not None and len(aside):
        aside = aside[~aside["reason"].isin(_FOREIGN)]
        parts.append(named_towns(aside.reindex(columns=[*aside, *({"town"} - {*aside})]), inputs.places))
        parts[1] = parts[1].assign(
            kept=False, enterprise=[f"row-{row}" for row in aside["row"]], geometry=None
        )
    rows = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    for name in ("uscc", "name", "town", "industry", "placed", "reason"):
        cells = rows[name] if name in rows else pd.Series(None, rows.index, dtype=object)
        rows[name] = cells.where(cells.notna(), None)
    for name in (*SIZES, "lon", "lat", "row", "position_error_m"):
        rows[name] = rows[name].astype(float) if name in rows else np.nan
    rows["kept"] = rows["kept"].astype(bool)
    x, y = project(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    is_own = np.isfinite(x) & (rows["placed"] != "town").to_numpy()
    return rows.assign(x=x, y=y, own_place=is_own, key=pd.Series(_name_keys(rows["name"]), dtype=object))


def _name_keys(names: pd.Series) -> list[str | None]:
    keys = name_keys(["" if name is None else name for name in names])
    return [key or None for key in keys]


def _repeats(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark rows that are set aside while their enterprise stands in another row of the list."""
    seen: set[tuple[object, ...]] = set()
    again = rows["reason"].isin(_REPEATED).to_numpy().copy()
    for at, (kept, code, key, town) in enumerate(rows[["kept", "uscc", "key", "town"]].to_numpy()):
        who = (code,) if code is not None else (key, town) if key is not None else None
        if who is not None and not again[at]:
            again[at] = not kept and who in seen
            seen |= {who, (key, town)} if key is not None else {who}
    return again


def _is_nobody(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark rows that say of no enterprise who it is."""
    unnamed: NDArray[np.bool_] = (rows["uscc"].isna() & rows["key"].isna()).to_numpy(bool)
    return unnamed


# who is who ------------------------------------------------------------------------------


class _Match:
    """Rows of two registers being laid to each other, step by step."""

    TOLD = ("name", "town", "rows_before", "rows_after", "reason")

    def __init__(
        self,
        before: pd.DataFrame,
        after: pd.DataFrame,
        free_before: NDArray[np.bool_],
        free_after: NDArray[np.bool_],
    ):
        self.sides = (before, after)
        self.free = (free_before.copy(), free_after.copy())
        self.pairs: list[tuple[int, int, str]] = []
        self.ambiguous: list[tuple[Any, ...]] = []
        wanted = ("uscc", "key", "town", "industry", "x", "y", "own_place", *SIZES)
        self.cells = tuple({name: side[name].to_numpy() for name in wanted} for side in self.sides)

    def run(self) -> None:
        """Take the keys one after the other, the surest first."""
        self._by_key("code", lambda side: list(side["uscc"]))
        self._by_key("name_town", lambda side: _joined(side["key"], _short(side["town"], _TOWN_FORM)))
        self._by_key("name", lambda side: _alone(side["key"]))
        self._by_key("short_name", lambda side: _alone(_short(side["key"], _LEGAL_FORM)))
        self._by_place()
        self.pairs.sort()

    def _by_key(self, by: str, keys_of: Callable[[pd.DataFrame], list[object]]) -> None:
        groups: dict[object, tuple[list[int], list[int]]] = {}
        for number, side in enumerate(self.sides):
            for at, key in enumerate(keys_of(side)):
                if key is not None and self.free[number][at]:
                    groups.setdefault(key, ([], []))[number].append(at)
        for firsts, seconds in groups.values():
            if not (firsts and seconds):
                continue
            if len(firsts) * len(seconds) > MOST_COMPARED:
                self._in_order(firsts, seconds, by)
            else:
                self._nearest(firsts, seconds, by)

    def _nearest(self, firsts: list[int], seconds: list[int], by: str) -> None:
        """Lay rows of one key to each other, those first that differ least; tell where several fit alike."""
        fits = [(i, j) for i in firsts for j in seconds if self._may_be_one(i, j, by)]
        if not fits and by == "name_town":
            self.tell(firsts, seconds, "other_code")
        if len(fits) == 1:
            self._pair(*fits[0], by)
            return
        ranked = sorted((self._differences(i, j), i, j) for i, j in fits)
        for cost, i, j in ranked:
            if not (self.free[0][i] and self.free[1][j]):
                continue
            even = [
                (m, n) for c, m, n in ranked
                if c == cost and (m == i) != (n == j) and self.free[0][m] and self.free[1][n]
            ]  # fmt: skip
            if even:
                self.tell(sorted({i, *(m for m, _ in even)}), sorted({j, *(n for _, n in even)}), "even")
            self._pair(i, j, by)

    def _in_order(self, firsts: list[int], seconds: list[int], by: str) -> None:
        def order(number: int) -> Callable[[int], tuple[float, ...]]:
            cells = self.cells[number]
            return lambda at: tuple(np.nan_to_num([cells["x"][at], cells["y"][at]], nan=np.inf))

        self.tell(firsts, seconds, "even")
        pairs = zip(sorted(firsts, key=order(0)), sorted(seconds, key=order(1)), strict=False)
        for i, j in pairs:
            if self._may_be_one(i, j, by):
                self._pair(i, j, by)

    def _by_place(self) -> None:
        """Lay rows to each other that stand alone with their industry at one place."""
        from scipy.spatial import cKDTree

        here = [
            np.flatnonzero(self.free[n] & cells["own_place"].astype(bool))
            for n, cells in enumerate(self.cells)
        ]
        if not (len(here[0]) and len(here[1])):
            return
        points = [
            np.column_stack([c["x"][at], c["y"][at]]).astype(float)
            for c, at in zip(self.cells, here, strict=True)
        ]
        near = cKDTree(points[0]).query_ball_tree(cKDTree(points[1]), SAME_PLACE_M)
        fits = {
            int(i): [int(here[1][k]) for k in ks if self._may_be_one(int(i), int(here[1][k]), "place")]
            for i, ks in zip(here[0], near, strict=True)
        }
        wanted = Counter(j for found in fits.values() for j in found)
        for i, found in fits.items():
            if len(found) == 1 and wanted[found[0]] == 1:
                self._pair(i, found[0], "place")
            elif found:
                self.tell([i], found, "several_at_place")

    def _may_be_one(self, i: int, j: int, by: str) -> bool:
        """Whether nothing speaks against two rows being one enterprise."""
        first, second = self.cells
        codes, trades = ((first[name][i], second[name][j]) for name in ("uscc", "industry"))
        if None not in codes and codes[0] != codes[1]:
            return False
        if by == "place":
            return None not in trades and bool(trades[0] == trades[1])
        return by not in ("name", "short_name") or None in trades or bool(trades[0] == trades[1])

    def _differences(self, i: int, j: int) -> tuple[float, ...]:
        first, second = self.cells
        metres = np.hypot(
            float(first["x"][i]) - float(second["x"][j]), float(first["y"][i]) - float(second["y"][j])
        )
        sizes = sum(not _alike(first[name][i], second[name][j]) for name in SIZES)
        words = [first[name][i] != second[name][j] for name in ("key", "town")]
        trade = first["industry"][i] != second["industry"][j]
        return (
            *map(float, words),
            float(np.nan_to_num(metres, nan=np.inf).round()),
            float(sizes),
            float(trade),
        )

    def _pair(self, i: int, j: int, by: str) -> None:
        self.pairs.append((i, j, by))
        self.free[0][i] = self.free[1][j] = False
        towns = [side["town"].iloc[at] for side, at in zip(self.sides, (i, j), strict=True)]
        if by == "name" or (by == "short_name" and towns[0] != towns[1]):
            self.tell([i], [j], "name_alone")

    def tell(self, firsts: Iterable[int], seconds: Iterable[int], reason: str) -> None:
        """Note rows of both registers that could not be told apart, or not laid to any."""
        named = [side.iloc[list(ats)] for side, ats in zip(self.sides, (firsts, seconds), strict=True)]
        one = pd.concat(named).iloc[0]
        rows = [";".join(f"{row:.0f}" for row in side["row"]) for side in named]
        self.ambiguous.append((one["name"], one["town"], *rows, reason))


def _joined(*columns: pd.Series) -> list[object]:
    return [None if cells[0] is None else cells for cells in zip(*columns, strict=True)]


def _alone(keys: pd.Series) -> list[object]:
    """Give names that no other row of a list bears."""
    return list(keys.where(~keys.duplicated(keep=False), None))


_LEGAL_FORM = re.compile(r"(?<=.{4})(?:有限责任公司|股份有限公司|有限公司|股份公司|集团公司|公司|集团)$")
"""What a list may leave out behind a name of four characters or more."""
_TOWN_FORM = re.compile(r"(?<=.{2})(?:镇|乡|街道|街道办事处|办事处)$")
"""The same behind the name of a township."""


def _short(names: pd.Series, form: re.Pattern[str]) -> pd.Series:
    """Leave out what a name may end with; missing stays missing."""
    short = [None if name is None else form.sub("", str(name)) for name in names]
    return pd.Series(short, names.index, dtype=object)


def _alike(first: Any, second: Any) -> Any:
    """Whether figures, or arrays of them, are the same but for rounding; missing are alike."""
    return np.isclose(first, second, rtol=1e-9, atol=0.0, equal_nan=True)


# what became of them ---------------------------------------------------------------------


def _units(
    before: pd.DataFrame,
    after: pd.DataFrame,
    match: _Match,
    own_before: NDArray[np.bool_],
    own_after: NDArray[np.bool_],
) -> pd.DataFrame:
    """List the enterprises of both registers and say of each what changed."""
    found = pd.DataFrame(match.pairs, columns=["before", "after", "matched_by"])
    left = [np.flatnonzero(free & own) for free, own in zip(match.free, (own_before, own_after), strict=True)]
    gone = pd.DataFrame({"before": left[0], "after": -1})
    new = pd.DataFrame({"before": -1, "after": left[1]})
    first = before.iloc[found["before"].astype(int)].reset_index(drop=True)
    second = after.iloc[found["after"].astype(int)].reset_index(drop=True)
    metres = np.hypot(*(first[c].to_numpy(float) - second[c].to_numpy(float) for c in ("x", "y")))
    status = (first["kept"] != second["kept"]).to_numpy(bool)
    place = _place_changes(first, second, metres, status)
    resized = np.zeros(len(found), dtype=bool)
    for name in SIZES:
        resized |= _differ(first, second, name)
    settled = np.isin(place, SETTLING)
    units = found.assign(
        place=place,
        distance_m=metres,
        resized=resized,
        renamed=_differ(first, second, "key"),
        status=status,
        other=_differ(first, second, "industry") | _differ(first, second, "uscc") | (status & ~settled),
    )
    units = pd.concat([units, gone, new], ignore_index=True)
    flags = ["resized", "renamed", "other", "status"]
    units[flags] = units[flags].astype(object).fillna(value=False).astype(bool)
    units[["before", "after"]] = units[["before", "after"]].astype(int)
    units["place"] = units["place"].astype(object).fillna("")
    return units


def _place_changes(
    first: pd.DataFrame, second: pd.DataFrame, metres: NDArray[np.float64], status: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Name what became of the place: ``slight`` within `SAME_PLACE_M`, nothing where it is the same."""
    was, now = (side["own_place"].to_numpy(bool) for side in (first, second))
    place = np.full(len(first), "", dtype=object)
    place[(metres > 0) & ~status] = "slight"
    place[was & now & (metres > SAME_PLACE_M)] = "moved"
    place[~was & ~now & _differ(first, second, "town")] = "moved"
    place[~was & now], place[was & ~now] = "placed", "unplaced"
    return place


def _differ(first: pd.DataFrame, second: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    a, b = first[name], second[name]
    if name in SIZES:
        same: NDArray[np.bool_] = _alike(a.to_numpy(float), b.to_numpy(float))
        return ~same
    return np.array([p != q for p, q in zip(a, b, strict=True)], dtype=bool)


def units_of(units: pd.DataFrame, kind: str) -> pd.Series:
    """Mark the enterprises that a kind of change happened to."""
    if kind in ("new", "gone"):
        return units["before" if kind == "new" else "after"] < 0
    if kind in ("resized", "renamed", "other"):
        return units[kind]
    return units["place"] == kind


def _frames(before: pd.DataFrame, after: pd.DataFrame, units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Lay out the enterprises by kind of change."""
    fields = {"resized": SIZES, "other": ("industry", "uscc", "reason")}
    found = {}
    for kind in TOLD:
        part = units[units_of(units, kind)]
        was, now = (_side(rows, part[side]) for rows, side in ((before, "before"), (after, "after")))
        frame = _identity(was, now, part)
        if kind == "moved":
            places = {
                f"{c}_{s}": side[c] for c in ("lon", "lat") for s, side in (("before", was), ("after", now))
            }
            frame = frame.assign(distance_m=part["distance_m"], town_before=was["town"], **places)
        if kind == "renamed":
            frame = frame.assign(name_before=was["name"])
        if kind == "other":  # why a row is set aside is told where nothing else says it
            told = part["status"] & ~part["place"].isin(SETTLING)
            was, now = (side.assign(reason=side["reason"].where(told, None)) for side in (was, now))
        if kind in fields:
            frame = frame.join(_fields_before_after(was, now, fields[kind]))
        found[kind] = frame.sort_values(["row_after", "row_before"]).set_index("enterprise")
    return found


def _side(rows: pd.DataFrame, at: pd.Series) -> pd.DataFrame:
    """Take rows by number, missing where there is none, on the units' index."""
    return rows.reindex(at.to_numpy()).set_axis(at.index)


def _identity(was: pd.DataFrame, now: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Say which enterprise it is: as it is called after, or was before."""
    there = part["after"] >= 0
    frame = pd.DataFrame({"unit": part.index}, index=part.index)
    for name in ("enterprise", *_WHO):
        frame[name] = now[name].where(there, was[name])
    rows = {f"row_{side}": rows["row"].astype("Int64") for side, rows in (("before", was), ("after", now))}
    return frame.assign(**rows, matched_by=part["matched_by"])


def _fields_before_after(was: pd.DataFrame, now: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    differ = {name: _differ(was, now, name) for name in names}
    fields = [";".join(name for name in names if differ[name][row]) for row in range(len(was))]
    pairs = {
        f"{name}_{side}": rows[name] for name in names for side, rows in (("before", was), ("after", now))
    }
    return pd.DataFrame({"fields": fields, **pairs}, index=was.index)
