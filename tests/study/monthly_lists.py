"""Two lists as a statistics office would hand them over, a month apart; every firm is fictional."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from pathlib import Path

from stdnum.cn import uscc

_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TOWNS = {
    "上仓镇": (117.389, 39.899),
    "洇溜镇": (117.413, 39.977),
    "邦均镇": (117.263, 39.991),
    "马伸桥镇": (117.535, 40.070),
    "下仓镇": (117.417, 39.786),
}
TRADES = ("1512", "2110", "3484", "3011", "2231", "1810")
HEADINGS = {
    "name": "单位名称",
    "uscc": "统一社会信用代码",
    "industry": "行业代码",
    "town": "所在乡镇",
    "employees": "从业人员",
    "output_wan": "工业总产值（万元）",
    "equipment": "特种设备（台）",
    "lon": "经度",
    "lat": "纬度",
}


def credit_code(number: int) -> str:
    """Make a credit code with sound check digits."""
    body = f"MA{number:06d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = (11 - sum(_ORGANISATION.index(c) * w for c, w in zip(body, weights, strict=True)) % 11) % 11
    head = "91120225" + body + ("X" if rest == 10 else str(rest))
    return head + uscc.calc_check_digit(head)


def firm(number: int, **cells: object) -> dict[str, object]:
    """Make a firm that differs from every other."""
    town = list(TOWNS)[number % len(TOWNS)]
    lon, lat = TOWNS[town]
    return {
        "name": f"虚构{number:02}号厂",
        "uscc": credit_code(number),
        "industry": TRADES[number % len(TRADES)],
        "town": town,
        "employees": 20 + 7 * number,
        "output_wan": 500 + 40 * number,
        "equipment": number % 4,
        "lon": round(lon + 0.004 * (number % 5), 6),
        "lat": round(lat + 0.003 * (number % 7), 6),
        **cells,
    }


@dataclass
class Month:
    """The rows of one list and what sets it apart from the list before."""

    firms: dict[int, dict[str, object]]
    changed: dict[str, set[str]] = field(default_factory=dict)

    def note(self, kind: str, *numbers: int) -> None:
        """Note that firms changed in a kind."""
        self.changed.setdefault(kind, set()).update(f"虚构{number:02}号厂" for number in numbers)


def october() -> Month:
    """Thirty firms; two without coordinates."""
    firms = {number: firm(number) for number in range(30)}
    for number in (4, 5):
        firms[number] |= {"lon": None, "lat": None}
    return Month(firms)


def november() -> Month:
    """The same a month later, with what an office does to a list."""
    month = october()
    firms = month.firms
    for number in (7, 8):
        del firms[number]
    month.note("gone", 7, 8)
    firms |= {number: firm(number, employees=300) for number in (40, 41, 42)}
    month.note("new", 40, 41, 42)
    for number in (10, 11, 12):
        lon, lat = TOWNS["上仓镇"]
        firms[number] |= {"town": "上仓镇", "lon": lon + 0.001 * number, "lat": lat + 0.002}
    month.note("moved", 10, 11, 12)
    firms[12] |= {"employees": 500}
    firms[13] |= {"output_wan": 5000, "equipment": 9}
    month.note("resized", 12, 13)
    firms[14] |= {"name": "虚构十四号厂（新）"}
    month.changed["renamed"] = {"虚构十四号厂（新）"}
    lon, lat = TOWNS["下仓镇"]
    firms[4] |= {"lon": lon, "lat": lat + 0.01}
    month.note("placed", 4)
    firms[15] |= {"lon": None, "lat": None}
    month.note("unplaced", 15)
    firms[16] |= {"industry": "2641"}
    month.note("other", 16)
    # Only spelled otherwise: no change.
    firms[17] |= {"uscc": f" {str(firms[17]['uscc']).lower()[:9]} {str(firms[17]['uscc']).lower()[9:]}"}
    firms[18] |= {"name": "虚构 18 号厂"}
    firms[19] |= {"lon": firms[19]["lon"] + 0.0001}  # nine metres
    return month


def write(path: Path, month: Month, *, shuffle: int = 0, again: int | None = None) -> Path:
    """Write a list as CSV; `again` is a firm whose row is repeated."""
    rows = [month.firms[number] for number in month.firms]
    rows += [month.firms[again]] if again is not None else []
    if shuffle:
        random.Random(shuffle).shuffle(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS.values())
        writer.writerows([["" if row[key] is None else row[key] for key in HEADINGS] for row in rows])
    return path
