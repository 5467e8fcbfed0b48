"""Township points and an industry profile → an illustrative register of enterprises, drawn with a seed.

How the firms are spread over the county decides which site is near, and no source tells it. So the rule
is chosen, never hidden: four spread rules, each drawn as often as wanted, show how far a ranking hangs on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field

from siting.analysis.frames import words
from siting.messages import refusal, text_of
from siting.types import Settings

SpreadRule = Literal["committees", "urban", "parks", "villages"]
SPREAD_RULES: tuple[SpreadRule, ...] = get_args(SpreadRule)

KM_PER_DEGREE = 111.2
"""Length of a degree of latitude on a sphere of 6371 km; ample for a spread of kilometres."""

COLUMNS = (
    *("name", "uscc", "industry", "town", "lon", "lat", "employees", "output_wan", "equipment"),
    *("tests_per_year", "backlog", "source", "source_zh", "year", "confidence", "basis"),
)
"""Columns of a drawn register, in the order of the data dictionary."""

Share = Annotated[float, Field(ge=0, le=1)]


class RegisterSettings(Settings):
    """How the illustrative register is drawn; every figure is an assumption but the urban share."""

    n_firms: int = Field(398, ge=1, le=1_000_000)
    """Illustrative enterprises; with the two sourced power plants the register has 400 rows."""
    urban_share: Share = 0.3443
    """Share of the firms in the county town under ``urban``: urban of all residents, 270,236 of 784,789
    (census of 2010; facts 6 and 4). The urban residents of other towns are counted in."""
    park_share: Share = 0.5
    """Share of the firms in parks under ``parks`` (parameter ``register.share_in_zones``, 0.3 to 0.7)."""
    parks: dict[str, Annotated[float, Field(gt=0)]] = {}
    """How the firms in parks fall on the parks: place id → share; none: all firms go by the committees."""
    spread_km: float = Field(3.0, ge=0, le=20)
    """Radius around the point of a township within which its firms lie, km; 59 km² a township on average
    would make 4.3 km, but firms keep to the villages around the seat."""
    park_spread_km: float = Field(1.0, ge=0, le=20)
    """The same around the point of a park, km."""
    size_sigma: float = Field(0.8, ge=0, le=3)
    """Standard deviation of the logarithm of employees; their median is the industry's typical number."""
    output_sigma: float = Field(0.3, ge=0, le=3)
    """Standard deviation of the logarithm of output per employee."""
    pieces_per_100_employees: float = Field(3.0, ge=0, le=1000)
    """Mean number of pieces of special equipment (``special_equipment.pieces_per_100_employees``)."""


def spread_weights(
    places: pd.DataFrame, rule: SpreadRule, settings: RegisterSettings | None = None
) -> pd.Series:
    """Return the share of the firms that each place receives under a spread rule; shares sum to 1.

    ``committees``: by village and residents' committees. ``villages``: by village committees alone, so a
    subdistrict without villages receives nothing. ``urban``: the urban share in the subdistricts (by their
    residents' committees), the rest by village committees. ``parks``: half of the firms in the parks
    that the settings name, the rest by all committees.

    Parameters
    ----------
    places : DataFrame
        Table ``places``, indexed by id; those without committees count 0.
    rule : str
        One of `SPREAD_RULES`.
    settings : RegisterSettings, optional
        Shares of town and parks.

    Returns
    -------
    Series
        n_places, 0..1, index of ``places``.

    Raises
    ------
    InputError
        If the rule or a park is unknown, or no place can receive a firm.
    """
    settings = settings or RegisterSettings()
    if rule not in SPREAD_RULES:
        raise refusal("", "E755", rule=rule, allowed=", ".join(SPREAD_RULES))
    villages = _shares(places["committees_village"], "P74")
    committees = _shares(places["committees_total"], "P75")
    if rule == "urban":
        in_town = places["committees_resident"].where(places["kind"].eq("subdistrict"))
        town = _shares(in_town, "P76")
        shares = settings.urban_share * town + (1 - settings.urban_share) * villages
    elif rule == "parks" and settings.parks:
        unknown = sorted(set(settings.parks) - set(places.index))
        if unknown:
            raise refusal("", "E756", ids=", ".join(unknown))
        parks = _shares(pd.Series(settings.parks).reindex(places.index), "P77")
        shares = settings.park_share * parks + (1 - settings.park_share) * committees
    else:
        shares = villages if rule == "villages" else committees
    return pd.Series(shares, index=places.index)


def draw_register(
    places: pd.DataFrame,
    industries: pd.DataFrame,
    *,
    rule: SpreadRule,
    seed: int,
    boundary: shapely.Geometry | None = None,
    settings: RegisterSettings | None = None,
) -> pd.DataFrame:
    """Draw an illustrative register; no row stands for a real firm.

    Industry, size and equipment of row i depend on the seed alone, its place on the seed and the rule: two
    rules with one seed differ by places only. Positions fall evenly on a disc around the point of the
    place and inside the boundary. Water is not avoided: no outline of the reservoir was found.

    Parameters
    ----------
    places : DataFrame
        Table ``places``, indexed by id; ``name`` holds the name of the year that is studied.
    industries : DataFrame
        Table ``industries``, indexed by id: ``share, register_codes, register_name, employees_typical,
        output_per_employee_wan``; rows without a share are left out.
    rule : str
        One of `SPREAD_RULES`; see `spread_weights`.
    seed : int
        Seed of the generator.
    boundary : Geometry, optional
        County outline, WGS-84 degrees.
    settings : RegisterSettings, optional
        Number of firms, shares, radii, sizes.

    Returns
    -------
    DataFrame
        n_firms rows indexed by id, columns of the table ``enterprises``; ``basis`` is ``illustrative``.

    Raises
    ------
    InputError
        If a place that receives firms lies outside the boundary, or the profile has a gap.
    """
    settings = settings or RegisterSettings()
    profile = Profile.of(places, industries, (rule,), boundary=boundary, settings=settings)
    drawn = profile.draw(rule, seed)
    n, number = settings.n_firms, _running_numbers(drawn.industry)
    return pd.DataFrame(
        {
            "id": _labels(industries.index, drawn.industry, number),
            "name": _labels(industries["register_name"], drawn.industry, number),
            "uscc": pd.array([pd.NA] * n, dtype="string"),
            "industry": profile.codes[drawn.code],
            "employees": drawn.employees,
            "output_wan": drawn.output_wan,
            "equipment": drawn.equipment,
            "tests_per_year": np.nan,
            "backlog": np.nan,
            "town": places["name"].to_numpy()[drawn.place],
            "lon": drawn.lon,
            "lat": drawn.lat,
            "source": f"data/make_register.py, spread {rule}, seed {seed}",
            "source_zh": pd.array([pd.NA] * n, dtype="string"),
            "year": 2011,
            "confidence": "none",
            "basis": "illustrative",
        }
    ).set_index("id")[list(COLUMNS)]


@dataclass(frozen=True)
class DrawnFirms:
    """A drawn register as arrays, n_firms each."""

    industry: NDArray[np.int64]
    """Row of the table ``industries``."""
    code: NDArray[np.int64]
    """Number of the class code among `Profile.codes`."""
    employees: NDArray[np.int64]
    output_wan: NDArray[np.float64]
    equipment: NDArray[np.int64]
    place: NDArray[np.int64]
    """Row of the table ``places``."""
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """What registers are drawn from, checked once; see `draw_register`."""

    settings: RegisterSettings
    boundary: shapely.Geometry | None
    shares: NDArray[np.float64]
    """By industry, share of the firms."""
    typical: NDArray[np.float64]
    """By industry, employees of a firm."""
    per_head: NDArray[np.float64]
    """By industry, output of an employee, 万元."""
    codes: NDArray[np.object_]
    """Class codes of all industries, one industry after the other."""
    first_code: NDArray[np.int64]
    """By industry, where its codes begin, and their number at the end."""
    reach: Mapping[SpreadRule, NDArray[np.float64]]
    """By spread rule, running sum of the shares of the places."""
    place: NDArray[np.float64]
    """n_places × 3: lon, lat, radius around the point, degrees."""

    @classmethod
    def of(
        cls,
        places: pd.DataFrame,
        industries: pd.DataFrame,
        rules: Iterable[SpreadRule],
        *,
        boundary: shapely.Geometry | None,
        settings: RegisterSettings,
    ) -> Profile:
        """Read the tables; arguments and errors as in `draw_register`."""
        reach = {rule: spread_weights(places, rule, settings).to_numpy().cumsum() for rule in rules}
        shares = _shares(industries["share"], "P86", table="industries")
        _check_profile(industries[shares > 0])
        lists = industries["register_codes"].map(words).tolist()
        radius = np.where(places["kind"].eq("zone"), settings.park_spread_km, settings.spread_km)
        points = [places[name].to_numpy(float) for name in ("lon", "lat")]
        profile = cls(
            settings=settings,
            boundary=boundary,
            shares=shares,
            typical=industries["employees_typical"].to_numpy(float),
            per_head=industries["output_per_employee_wan"].to_numpy(float),
            codes=np.array([code for codes in lists for code in codes], dtype=object),
            first_code=np.cumsum([0, *map(len, lists)]),
            reach=reach,
            place=np.stack([*points, radius / KM_PER_DEGREE], axis=1),
        )
        profile._check_places(places)
        return profile

    def _check_places(self, places: pd.DataFrame) -> None:
        if self.boundary is None:
            return
        shapely.prepare(self.boundary)
        lon, lat = self.place[:, :2].T
        # Rounded, because a firm may come to lie on the rounded point: else a draw might never end.
        beyond = ~shapely.contains_xy(self.boundary, lon.round(5), lat.round(5))
        receives = np.any([np.diff(sums, prepend=0.0) > 0 for sums in self.reach.values()], axis=0)
        if (beyond & receives).any():
            raise refusal("", "E759", names=", ".join(places["name"][beyond & receives]))

    def draw(self, rule: SpreadRule, seed: int) -> DrawnFirms:
        """Draw a register under a spread rule."""
        rng, n = np.random.default_rng(seed), self.settings.n_firms
        industry = rng.choice(len(self.shares), n, p=self.shares)
        code_at = rng.random(n)
        drawn = self.typical[industry] * rng.lognormal(0, self.settings.size_sigma, n)
        employees = np.maximum(1, np.rint(drawn)).astype(int)
        output_wan = employees * self.per_head[industry] * rng.lognormal(0, self.settings.output_sigma, n)
        equipment = rng.poisson(self.settings.pieces_per_100_employees / 100 * employees)
        count = np.diff(self.first_code)[industry]
        # The places come last, so that every rule leaves the draws above as they are.
        reach = self.reach[rule]
        place = np.searchsorted(reach, rng.random(n), side="right")
        place = np.minimum(place, np.flatnonzero(np.diff(reach, prepend=0.0))[-1])
        return DrawnFirms(
            industry,
            self.first_code[industry] + (code_at * count).astype(int),
            employees,
            output_wan.round(1),
            equipment,
            place,
            *self._positions(place, rng),
        )

    def _positions(
        self, place: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lon and lat of each firm, rounded to about a metre; what falls outside is drawn again."""
        lon0, lat0, radius = self.place[place].T
        lon, lat = lon0.copy(), lat0.copy()
        if self.boundary is not None:
            shapely.prepare(self.boundary)
        todo = np.arange(len(place))
        while len(todo):
            reach = radius[todo] * np.sqrt(rng.random(len(todo)))
            angle = 2 * np.pi * rng.random(len(todo))
            lat[todo] = (lat0[todo] + reach * np.sin(angle)).round(5)
            lon[todo] = (lon0[todo] + reach * np.cos(angle) / np.cos(np.radians(lat0[todo]))).round(5)
            if self.boundary is None:
                break
            todo = todo[~shapely.contains_xy(self.boundary, lon[todo], lat[todo])]
        return lon, lat


def _shares(weights: pd.Series, what: str, *, table: str = "places") -> NDArray[np.float64]:
    amounts: NDArray[np.float64] = np.nan_to_num(weights.to_numpy(float, na_value=np.nan))
    total = amounts.sum()
    if not total > 0:
        raise refusal("", "E757", what=text_of(what), table=table)
    shares: NDArray[np.float64] = amounts / total
    return shares


def _check_profile(industries: pd.DataFrame) -> None:
    needed = ["register_codes", "register_name", "employees_typical", "output_per_employee_wan"]
    gaps = np.argwhere(industries.reindex(columns=needed).isna().to_numpy())
    if len(gaps):
        missing = "; ".join(f"{industries.index[row]}: {needed[column]}" for row, column in gaps)
        raise refusal("", "E758", missing=missing)


def _running_numbers(group: np.ndarray) -> np.ndarray:
    """Return the place of each row among the rows of its group: 1, 2, …."""
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], group[order])
    number = np.empty_like(group)
    number[order] = np.arange(len(group)) - start + 1
    return number


def _labels(stems: pd.Series | pd.Index, industry: np.ndarray, number: np.ndarray) -> list[str]:
    stem = stems.to_numpy()[industry]
    return [f"{s}-{k:03d}" for s, k in zip(stem, number, strict=True)]
