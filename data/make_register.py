"""Write the default study's registers, one a spread rule: two sourced power plants, then illustrative firms.

Fixed seed: the same tables give the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.analysis.demand.synthetic import SPREAD_RULES, RegisterSettings, draw_register

RAW = Path(__file__).parent / "raw"
SEED = 2011
SETTINGS = RegisterSettings(parks={"zone_shangcang": 1.0})
PLANT = {
    "industry": "4411",
    "town": "别山镇",
    "year": 2011,
    "confidence": "high",
    "basis": "sourced",
}
PLANTS = pd.DataFrame(
    [
        {
            "id": "guohua_panshan",
            "name": "国华盘山发电有限责任公司",
            "lon": 117.46617,
            "lat": 39.97888,
            "source": "facts.csv 67, 70; employees and equipment not stated; town: general knowledge",
            "source_zh": "facts.csv 第67、70条；职工人数、设备数量未载；所在乡镇为常识",
        },
        {
            "id": "datang_panshan",
            "name": "大唐国际盘山发电有限责任公司",
            "lon": 117.45936,
            "lat": 39.97963,
            "backlog": 21,
            "source": "facts.csv 68-70: 21 pressure vessels not inspected, documents lost; "
            "employees and equipment not stated; town: general knowledge",
            "source_zh": "facts.csv 第68—70条：21台压力容器因原始资料遗失未检；"
            "职工人数、设备数量未载；所在乡镇为常识",
        },
    ]
).assign(**PLANT)
"""The two enterprises that the sources name for 2011; what they do not state stays empty."""


def read_places() -> pd.DataFrame:
    """Return the places, indexed by id, under their names of 2011."""
    places = pd.read_csv(RAW / "places.csv", dtype={"id": str}, encoding="utf-8").set_index("id")
    return places.assign(name=places["name_2011"].fillna(places["name"]))


def read_industries() -> pd.DataFrame:
    """Return the industries, indexed by id."""
    table = pd.read_csv(RAW / "industries.csv", dtype={"register_codes": str}, encoding="utf-8")
    return table.set_index("id")


def default_register(rule: str) -> pd.DataFrame:
    """Return the register of a spread rule: the plants, then the illustrative firms by id."""
    boundary = gpd.read_file(RAW / "boundary.geojson").geometry.union_all()
    firms = draw_register(
        read_places(), read_industries(), rule=rule, seed=SEED, boundary=boundary, settings=SETTINGS
    )
    firms = firms.sort_index().reset_index()
    plants = PLANTS.reindex(columns=firms.columns)
    register = pd.concat([plants.astype(object), firms.astype(object)], ignore_index=True)
    return register.astype({"backlog": "Int64"})


def main() -> None:
    """Write ``register-<rule>.csv`` for each spread rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RAW, help="folder to write to")
    out = parser.parse_args().out
    for rule in SPREAD_RULES:
        path = out / f"register-{rule}.csv"
        default_register(rule).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    main()
