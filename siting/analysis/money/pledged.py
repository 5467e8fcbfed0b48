"""Pledges and prices of land → what is paid for land and what is given, as the settings count it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.analysis.frames import numbers
from siting.analysis.money.money_settings import EconomicsSettings
from siting.option_kinds import having

FIRM = ("signed", "paid")
"""Firmness from which a pledge binds; before that it is an intention (意向)."""


def land_prices(sites: pd.DataFrame, pledges: pd.DataFrame, settings: EconomicsSettings) -> np.ndarray:
    """Return what the county pays for each site's land, 万元/亩.

    Land at 0 whose provision is undecided is an offer: it holds where a pledge for the site counts that is
    not one of money alone, else the land is bought. Land allocated or granted costs what is stated.
    """
    stated = numbers(sites, "land_price_wan", settings.land_price_wan_mu)
    settled = sites["land_provision"].isin(["allocated", "granted"]).to_numpy()
    counted = pledges[counted_pledges(pledges, settings)]
    of_land = ~np.isnan(numbers(counted, "land_mu")) | np.isnan(numbers(counted, "amount_wan"))
    pledged = sites.index.isin(counted.loc[of_land, "site"].dropna())
    return np.where((stated == 0) & ~settled & ~pledged, settings.land_price_wan_mu, stated)


def counted_pledges(pledges: pd.DataFrame, settings: EconomicsSettings) -> pd.Series:
    """Say which pledges the county's purse counts.

    By firmness, none that has expired, and none from givers whom the centre would inspect unless the
    scenario says so. In the economic account gifts are transfers: what one party gains another loses.
    """
    if settings.pledges == "none":
        return pd.Series(False, pledges.index)
    counted = pledges["firmness"].isin(FIRM) | (settings.pledges == "all")
    if "expired" in pledges:
        counted &= ~pledges["expired"].astype(bool)
    return counted & (~pledges["conflict"].astype(bool) | settings.count_conflicts)


def expired(pledges: pd.DataFrame, day: str) -> pd.Series:
    """Say which pledges had ended before a day, written as in ISO 8601; one without a last day has not.

    Examples
    --------
    >>> expired(pd.DataFrame({"valid_until": ["2010-12-31", "2011-01-01", None]}), "2011-01-01").tolist()
    [True, False, False]
    """
    if "valid_until" not in pledges:
        return pd.Series(False, pledges.index)
    last = pledges["valid_until"]
    return last.notna() & (last.astype(str) < day)


def pledged_money(
    sites: pd.DataFrame, pledges: pd.DataFrame, settings: EconomicsSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return the money that counts for each option, 万元: from enterprises to be inspected, and from others.

    A pledge without a site holds for any new centre.
    """
    counted = pledges[counted_pledges(pledges, settings)]
    conflict = counted["conflict"].astype(bool)
    own_staff = having(sites["kind"], lambda kind: kind.own_staff)

    def given(part: pd.DataFrame) -> np.ndarray:
        if part.empty:
            return np.zeros(len(sites))
        amount = pd.Series(numbers(part, "amount_wan", 0.0), part.index)
        anywhere = amount[part["site"].isna()].sum()
        by_site = amount.groupby(part["site"]).sum().reindex(sites.index, fill_value=0.0).to_numpy()
        return by_site + np.where(own_staff, anywhere, 0.0)

    return given(counted[conflict]), given(counted[~conflict])
