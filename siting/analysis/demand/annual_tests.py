"""Register and service catalogue → tests a year by enterprise and service, and the trips that they cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.demand_settings import DemandSettings
from siting.analysis.frames import numbers, words
from siting.messages import refusal
from siting.types import Demand

# tests a year ----------------------------------------------------------------------------


def annual_tests(
    enterprises: pd.DataFrame,
    services: pd.DataFrame,
    industries: pd.DataFrame,
    settings: DemandSettings | None = None,
) -> Demand:
    """Estimate the tests a year of each enterprise and service.

    Tests = units × tests a unit and year, where the service is for the enterprise's industry. The units
    are pieces of special equipment, hundreds of employees, the firm itself, 万元 of output, or persons. A
    missing figure is estimated (employees: typical of the industry; equipment: pieces per 100 employees;
    output: output per employee of the industry) and marked in ``assumed``. What an enterprise itself states
    (``tests_per_year``) overrides the estimate: its row is scaled to that total, and nothing is marked.

    Parameters
    ----------
    enterprises : table ``enterprises`` of the data dictionary, n_enterprises rows
    services : table ``services``, n_services rows
    industries : table ``industries``
    settings : defaults of `DemandSettings` if None

    Returns
    -------
    Demand
        ``tests, high`` n_enterprises × n_services; the backlog apart: it is no yearly flow, and as
        it waits for documents, not for a nearer bench, it is credited to no option.
    """
    settings = settings or DemandSettings()
    units, assumed = _units(enterprises, industries, settings)
    applies = services_for(enterprises["industry"], services)
    times = settings.multiple
    likely, high = (Rates.of(services, b, times).tests(applies, units[b]) for b in ("likely", "high"))
    _check_known(likely, enterprises.index)
    stated = stated_tests(enterprises, settings)
    own, tests = ~np.isnan(stated), as_stated(likely, stated)
    # Persons are counted, never estimated from another figure.
    assumed = assumed & ~own[:, None] & (services["unit"] != "person").any()
    assumed["unplaced"] = np.where(own & (likely.sum(axis=1) == 0), stated, 0.0)

    def frame(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, enterprises.index, services.index)

    return Demand(
        tests=frame(tests),
        high=frame(np.where(own[:, None], tests, high)),
        backlog=pd.Series(numbers(enterprises, "backlog", 0.0), enterprises.index, name="backlog"),
        assumed=assumed,
        expansion_factor=settings.expansion_factor,
    )


def likely_tests(
    enterprises: pd.DataFrame, services: pd.DataFrame, industries: pd.DataFrame, settings: DemandSettings
) -> NDArray[np.float64]:
    """Estimate the likely tests, n_enterprises × n_services, whatever an enterprise states itself."""
    units, _ = _units(enterprises, industries, settings)
    rates = Rates.of(services, times=settings.multiple)
    return rates.tests(services_for(enterprises["industry"], services), units["likely"])


def stated_tests(enterprises: pd.DataFrame, settings: DemandSettings) -> NDArray[np.float64]:
    """Return the tests a year that enterprises state themselves, as a multiple; NaN: not stated."""
    return numbers(enterprises, "tests_per_year") * settings.multiple


@dataclass(frozen=True)
class Rates:
    """Tests a unit and year, by service."""

    unit: tuple[str, ...]
    per_unit: NDArray[np.float64]

    @classmethod
    def of(cls, services: pd.DataFrame, bound: str = "likely", times: float = 1.0) -> Rates:
        """Read the catalogue, as a multiple; `bound` is ``low, likely`` or ``high``."""
        _check_units(services)
        return cls(tuple(services["unit"]), numbers(services, f"tests_{bound}") * times)

    def tests(self, applies: NDArray[np.bool_], units: Mapping[str, np.ndarray]) -> NDArray[np.float64]:
        """Multiply by the units, n_enterprises × n_services; `applies` as of `services_for`."""
        columns = [units[name] for name in self.unit]
        unit = np.column_stack(columns) if columns else applies * 0.0
        return np.where(applies, unit * self.per_unit, 0.0)


def as_stated(tests: NDArray[np.float64], stated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale the rows of enterprises that state their tests a year to that total; NaN: not stated."""
    total = tests.sum(axis=1)
    own = ~np.isnan(stated)
    if not own.any():
        return tests
    scale = np.divide(stated, total, out=np.zeros_like(stated), where=total > 0)
    return np.where(own[:, None], tests * scale[:, None], tests)


def units_known(
    employees: np.ndarray,
    equipment: np.ndarray,
    output_wan: np.ndarray,
    persons: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return the units of demand of enterprises of which every figure is known, by name."""
    return {
        "person": np.full(len(employees), np.nan) if persons is None else persons,
        "piece": equipment,
        "100_employees": employees / 100.0,
        "firm": np.ones(len(employees)),
        "wan_output": output_wan,
    }


def pillar_of(enterprises: pd.DataFrame, industries: pd.DataFrame) -> pd.Series:
    """Return the industry (id of table ``industries``) of each enterprise: the longest matching prefix.

    Enterprises without a code, or whose code no prefix fits, get None.
    """
    names = np.array([*industries.index, None], dtype=object)
    position = industry_position(enterprises["industry"], industries)
    return pd.Series(names[position], enterprises.index, dtype=object, name="pillar")


def industry_position(codes: pd.Series, industries: pd.DataFrame) -> np.ndarray:
    """Return the row of table ``industries`` that each code belongs to; −1 where none does."""
    prefixes = {code: row for row, cell in enumerate(industries["codes"]) for code in words(cell)}
    lengths = sorted({len(prefix) for prefix in prefixes}, reverse=True)

    def row_of(code: str) -> int:
        return next((prefixes[code[:n]] for n in lengths if code[:n] in prefixes), -1)

    number, known = pd.factorize(codes)
    return np.array([*(row_of(str(code)) for code in known), -1])[number]


def _units(
    enterprises: pd.DataFrame, industries: pd.DataFrame, settings: DemandSettings
) -> tuple[dict[str, dict[str, np.ndarray]], pd.DataFrame]:
    """Units of demand of each enterprise by bound and unit, and where a figure had to be estimated."""
    position = industry_position(enterprises["industry"], industries)

    def typical(column: str) -> np.ndarray:
        by_industry = numbers(industries, column)
        # An enterprise of no listed industry takes the middle one: nothing better is known of it.
        middle = np.nanmedian(by_industry) if np.isfinite(by_industry).any() else np.nan
        of_each = np.append(by_industry, np.nan)[position]
        return np.where(np.isnan(of_each), middle, of_each)

    employees, equipment, output = (numbers(enterprises, c) for c in ("employees", "equipment", "output_wan"))
    missing = {"employees": employees, "equipment": equipment, "output_wan": output}
    assumed = pd.DataFrame({k: np.isnan(v) for k, v in missing.items()}, enterprises.index)
    employees = np.where(np.isnan(employees), typical("employees_typical"), employees)
    output = np.where(np.isnan(output), employees * typical("output_per_employee_wan"), output)
    rates = {
        "likely": settings.pieces_per_100_employees,
        "high": settings.pieces_per_100_employees_high,
    }
    units = {
        bound: units_known(
            employees,
            np.where(np.isnan(equipment), employees / 100.0 * rate, equipment),
            output,
            numbers(enterprises, "population"),
        )
        for bound, rate in rates.items()
    }
    return units, assumed


def services_for(codes: pd.Series, services: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell whether a service is for an enterprise, n_enterprises × n_services: one of its prefixes fits."""
    prefixes = [words(cell) for cell in services["industries"]]
    number, known = pd.factorize(codes)
    fits = np.zeros((len(known) + 1, len(prefixes)), dtype=bool)  # last row: enterprises without a code
    for s, prefix in enumerate(prefixes):
        fits[:, s] = "*" in prefix
        fits[:-1, s] |= np.array([str(code).startswith(prefix) for code in known], dtype=bool)
    return fits[number]


def _check_units(services: pd.DataFrame) -> None:
    known = ("piece", "100_employees", "firm", "wan_output", "person")
    wrong = services[~services["unit"].isin(known)]
    if len(wrong):
        listed = "; ".join(f"{service}: {unit!r}" for service, unit in wrong["unit"].items())
        raise refusal("", "E763", listed=listed, known=", ".join(known))


def _check_known(likely: np.ndarray, ids: pd.Index) -> None:
    unknown = ids[np.isnan(likely).any(axis=1)]
    if len(unknown):
        listed = ", ".join(map(str, unknown[:5])) + (" …" if len(unknown) > 5 else "")
        raise refusal("", "E764", n=len(unknown), ids=listed)


# trips a year ----------------------------------------------------------------------------


def travelling_share(services: pd.DataFrame) -> NDArray[np.float64]:
    """Return the share of each service's tests that the enterprise itself carries, n_services.

    None of ``inspector_out`` (inspectors come, or the bureau takes the sample), all but the parcels of
    ``sample_in`` and ``courier``; a ``courier`` service without a stated share travels by parcel alone.
    """
    kind = services["trip_kind"].to_numpy()
    parcels = numbers(services, "courier_share")
    parcels = np.where(np.isnan(parcels), kind == "courier", parcels)
    return np.where(kind == "inspector_out", 0.0, 1.0 - parcels)


def visits(demand: Demand, services: pd.DataFrame) -> NDArray[np.float64]:
    """Return tests a year over tests that share one way, n_enterprises × n_services, unscaled.

    The weight of demand wherever shares and means are taken: a batch of 25 gauges is one errand, not 25.
    """
    errands: NDArray[np.float64] = demand.tests.to_numpy() / numbers(services, "tests_per_trip", 1.0)
    return errands


def carried_trips(demand: Demand, services: pd.DataFrame) -> NDArray[np.float64]:
    """Return the visits that the enterprise itself makes, n_enterprises × n_services a year, unscaled."""
    return visits(demand, services) * travelling_share(services)
