"""Evidence → what the options are worth against keeping going to the city, in separate accounts.

Hours, km, yuan and CO₂ a year; net present value, ratio, rate of return, pay-back, break-even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.analysis.demand.baseline import check_baseline
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.frames import baseline_option, numbers
from siting.analysis.money import land_and_pledges
from siting.analysis.money.costs import cost_table
from siting.analysis.money.flows import ACCOUNTS, BENEFITS, COSTS, PARTIES, Flows, flows_of
from siting.analysis.money.formulas import benefit_cost_ratio, best_by_present_value, payback_years
from siting.analysis.money.gains_and_losses import Gains, gains_of
from siting.analysis.money.land_and_pledges import Score
from siting.analysis.money.money_settings import YUAN_PER_WAN, EconomicsSettings
from siting.analysis.money.quantities import Quantities, quantities_of, saved
from siting.analysis.money.rates import rate_of_return
from siting.analysis.money.sensitivity import Sensitivity, break_even_demand, sensitivity_of
from siting.option_kinds import having
from siting.types import Evidence

EXPANSION_FACTORS = (1.0, 3.0, 12.0, 19.0)
"""Values of `register.expansion_factor` at which results are checked: low, likely, high, highest."""

DISCOUNT_RATES = (0.06, 0.08, 0.10)
"""Rates at which results are checked: of works for the public, social (《方法与参数》第三版), high."""


DIALLED_MULTIPLES = tuple(quarter / 4 for quarter in range(2, 21))
"""Multiples of the demand at which the parties' gains and losses are worked out, for a reader to dial."""


@dataclass(frozen=True)
class Economics:
    """What the options are worth against keeping going to the city."""

    summary: pd.DataFrame
    """By option: ``hours, vehicle_km, user_wan`` (cost of the enterprises' trips), ``co2_t`` a year;
    ``hours_saved, vehicle_km_saved, user_saving_wan, co2_saved_t``, ``inspector_hours_saved`` (on the road);
    ``report_days`` (working days to the report); ``setup_wan, running_year_wan, staff, load_per_person``
    (tests a year; NaN without own staff); for the national economy ``benefit_wan, cost_wan`` (present
    values, residual values taken off the costs), ``npv_wan, bcr`` (of these two), ``eirr`` (NaN: see
    ``eirr_note``, a note of `rates.RateOfReturn`), ``payback_years`` (dynamic; NaN: not within the horizon),
    ``break_even_demand`` (multiple of the demand from which on it pays for good, ``inf`` if none up to
    `sensitivity.MOST_MULTIPLE`)."""
    accounts: pd.DataFrame
    """Net present value of every account and party, 万元, option × ``npv_national, npv_public,
    npv_enterprises`` (accounts), ``npv_city_laboratory, npv_toll_operator, npv_others`` (the other parties);
    the parties add up to the national economy."""
    items: pd.DataFrame
    """Present values, 万元, by option and item (a two-level index) × party, and their sum ``national``."""
    by_expansion: pd.DataFrame
    """National net present value, 万元, option × expansion factor."""
    by_rate: pd.DataFrame
    """The same, option × discount rate."""
    by_demand: pd.DataFrame
    """Net present value of every party, 万元, option × party (a two-level index) by multiple of the demand,
    see `DIALLED_MULTIPLES`."""
    best: str
    """Option with the largest national net present value; today's where none is above 0."""
    hinges_on_expansion: bool
    """The option with the highest net present value changes between those factors."""
    sensitivity: Sensitivity
    """What each assumption moves, and how far it would have to."""
    offers: pd.DataFrame
    """By site with land offered: ``land_mu, worth_wan`` at the shadow price, ``minutes_per_trip`` (longer
    drive, each way, that the gift pays for)."""
    land_ties: pd.DataFrame
    """Price of the row's land, 万元/亩, at which it ties with the column in the financial account (等效价格);
    see `land_price_to_tie`. Empty without a scoring whose net cost counts straight between anchors."""
    ledger: pd.DataFrame
    """The pledges with ``worth_wan`` (NaN: no amount stated), ``firm, counted``."""
    pledge_scores: pd.DataFrame
    """Score by option in the financial account under ``all, firm, none``; empty without a scoring."""
    pledge_decides: tuple[str, ...]
    """Pledges without which, in the financial account, another option would come first."""
    gains: Gains
    """Who gains and who loses."""


def assess(
    evidence: Evidence,
    settings: EconomicsSettings | None = None,
    *,
    trip_settings: TripSettings | None = None,
    year: int | None = None,
    score: Score | None = None,
    cost_anchors: tuple[float, float] | None = None,
    cost_weight: float = 0.0,
) -> Economics:
    """Appraise every option by costs and benefits (《建设项目经济评价方法与参数》第三版, 有无对比法).

    Options with own staff bring no benefit until they are accredited, then ramp up; the others serve from
    the first year.

    Parameters
    ----------
    evidence : of the study
    settings : as the evidence was made with; defaults if None
    trip_settings : persons on a trip; defaults if None
    year : the study's, from which fees count while the law lets them be taken; None: they all count
    score : the study's scoring, to see what pledges decide; may be left out
    cost_anchors, cost_weight : net costs that score 0 and 1 on a straight line, 万元, and their weight in
        that scoring, to see at what price of land two sites tie; may be left out

    Raises
    ------
    InputError
        Of no enterprise are the trips of today known; see `check_baseline`.
    """
    check_baseline(evidence)
    settings, trip_settings = settings or EconomicsSettings(), trip_settings or TripSettings()
    amounts = _quantities(evidence, settings)
    flows = flows_of(amounts, settings, year=year)
    options, today = evidence.options.index, baseline_option(evidence.options)
    accounts = _accounts(options, flows)
    by_expansion = npv_by_expansion(evidence, settings, EXPANSION_FACTORS)
    scores, ties = pd.DataFrame(index=options), pd.DataFrame()
    decisive: tuple[str, ...] = ()
    if score is not None:
        scores, decisive = land_and_pledges.pledge_scores(evidence, settings, score)
    if score is not None and cost_anchors is not None and cost_weight > 0:
        ties = land_and_pledges.land_ties(evidence, settings, score, anchors=cost_anchors, weight=cost_weight)
    return Economics(
        summary=_summary(evidence, amounts, flows, settings),
        accounts=accounts,
        items=pd.concat(
            {option: flows.table(o) for o, option in enumerate(options)}, names=["option", "item"]
        ),
        by_expansion=by_expansion,
        by_rate=_by_rate(options, amounts, settings),
        by_demand=_by_demand(options, amounts, settings, year),
        best=best_by_present_value(
            {str(k): float(v) for k, v in accounts["npv_national"].items()}, str(today)
        ),
        hinges_on_expansion=by_expansion.idxmax().nunique() > 1,
        sensitivity=sensitivity_of(evidence, amounts, settings, trip_settings),
        offers=land_and_pledges.offers(evidence, settings, trip_settings),
        land_ties=ties,
        ledger=land_and_pledges.ledger(evidence, settings),
        pledge_scores=scores,
        pledge_decides=decisive,
        gains=gains_of(evidence),
    )


def _quantities(evidence: Evidence, settings: EconomicsSettings) -> Quantities:
    inputs = evidence.inputs
    tables = inputs.sites, inputs.services, inputs.pledges
    return quantities_of(*tables, evidence.demand, evidence.travel, evidence.trips, settings)


# a year against today ---------------------------------------------------------------------


def user_cost_wan(evidence: Evidence, settings: EconomicsSettings) -> pd.DataFrame:
    """Return what the enterprises' trips cost a year, 万元, n_enterprises × n_options: time, km, tolls."""
    made = evidence.trips
    yuan = (
        made.hours * settings.value_of_time_yuan_h
        + made.vehicle_km * settings.vehicle_cost_yuan_km
        + made.city_trips * 2.0 * settings.toll_yuan
    )
    return yuan / YUAN_PER_WAN


def report_days(evidence: Evidence, settings: EconomicsSettings) -> pd.Series:
    """Return the working days to the report, mean over all tests, by option.

    What an option takes and signs in the county takes the catalogue's ``centre_days``, all else
    ``city_days``, and at a collection window half the days between two runs of its van besides; services
    without a stated time are left out.
    """
    services, made = evidence.inputs.services, evidence.trips
    city, centre = numbers(services, "city_days"), numbers(services, "centre_days")
    known = ~np.isnan(city) & ~np.isnan(centre)
    tests = evidence.demand.tests.to_numpy().sum(axis=0) * known
    kinds = evidence.options["kind"]
    here = made.taken.to_numpy() * made.issued.to_numpy()
    here = here * having(kinds, lambda kind: not kind.of_the_city)
    days = np.where(known, city, 0.0)[:, None] * (1 - here) + np.where(known, centre, 0.0)[:, None] * here
    if settings.city_runs_per_year > 0:
        waiting = settings.working_days_per_year / settings.city_runs_per_year / 2.0
        by_van = having(kinds, lambda kind: kind.runs_van and kind.of_the_city)
        days += made.taken.to_numpy() * by_van * waiting
    return pd.Series(tests @ days / (tests.sum() or np.nan), evidence.options.index, name="report_days")


def _summary(
    evidence: Evidence, amounts: Quantities, flows: Flows, settings: EconomicsSettings
) -> pd.DataFrame:
    today, made = baseline_option(evidence.options), evidence.trips
    cost = cost_table(evidence.options.index, amounts, settings)
    users = user_cost_wan(evidence, settings)
    table = pd.DataFrame(
        {
            "hours": made.hours.sum(),
            "vehicle_km": made.vehicle_km.sum(),
            "user_wan": users.sum(),
            "co2_t": made.vehicle_km.sum() * settings.co2_kg_km / 1000.0,
            "hours_saved": amounts.time_h,
            "vehicle_km_saved": amounts.vehicle_km,
            "user_saving_wan": saved(users.to_numpy(), users.columns.tolist().index(today)),
            "co2_saved_t": amounts.vehicle_km * settings.co2_kg_km / 1000.0,
            "inspector_hours_saved": amounts.city_road_hours - amounts.road_hours,
            "report_days": report_days(evidence, settings),
            "setup_wan": cost[list(_ONCE)].sum(axis=1),
            "running_year_wan": cost[list(_YEARLY)].sum(axis=1),
            "staff": cost["staff"],
            "load_per_person": cost["load_per_person"],
        }
    )
    table["benefit_wan"] = flows.present(PARTIES, BENEFITS)
    table["cost_wan"] = 0.0 - flows.present(PARTIES, COSTS)
    table["npv_wan"] = flows.present()
    return table.join(_measures(table, flows, amounts, settings, today))


def _measures(
    table: pd.DataFrame, flows: Flows, amounts: Quantities, settings: EconomicsSettings, today: object
) -> pd.DataFrame:
    """Return ratio, rate of return, pay-back and break-even of the national economy."""
    rows, yearly = {}, flows.yearly()
    benefits, costs = (table[column].to_numpy(float) for column in ("benefit_wan", "cost_wan"))
    for o, option in enumerate(table.index):
        flow = yearly[o]
        found = rate_of_return(flow.tolist())
        back = payback_years(flow, settings.discount_rate)
        from_then_on = break_even_demand(amounts, o, settings)
        rows[option] = {
            "bcr": benefit_cost_ratio(float(benefits[o]), float(costs[o])),
            "eirr": found.rate,
            "eirr_note": found.note,
            "payback_years": back,
            "break_even_demand": np.inf if from_then_on is None else from_then_on,
        }
    measures = pd.DataFrame.from_dict(rows, orient="index")
    figures = ["bcr", "eirr", "payback_years", "break_even_demand"]
    measures[figures] = measures[figures].astype(float)
    measures.loc[today, figures] = np.nan
    return measures


_ONCE = ("setup_building", "setup_equipment", "land", "land_preparation", "pledged")
_YEARLY = ("running_year", "city_run_year", "mobile_year")


# accounts and ranges ----------------------------------------------------------------------


def _accounts(options: pd.Index, flows: Flows) -> pd.DataFrame:
    values = {f"npv_{name}": flows.present(parties) for name, parties in ACCOUNTS.items()}
    others = [party for party in PARTIES if party not in ACCOUNTS]
    return pd.DataFrame(values | {f"npv_{party}": flows.present([party]) for party in others}, options)


def npv_by_expansion(
    evidence: Evidence, settings: EconomicsSettings, factors: Sequence[float]
) -> pd.DataFrame:
    """Return the national net present value, 万元, option × expansion factor, capacity and all."""
    amounts = _quantities(evidence, settings)
    now = evidence.demand.expansion_factor
    return pd.DataFrame(
        {f: flows_of(amounts.times(f / now), settings).present() for f in factors}, evidence.options.index
    )


def _by_rate(options: pd.Index, amounts: Quantities, settings: EconomicsSettings) -> pd.DataFrame:
    """National net present value at each of `DISCOUNT_RATES` and the study's own."""
    rates = sorted({*DISCOUNT_RATES, settings.discount_rate})
    at = {rate: settings.model_copy(update={"discount_rate": rate}) for rate in rates}
    return pd.DataFrame({rate: flows_of(amounts, on).present() for rate, on in at.items()}, options)


def _by_demand(
    options: pd.Index, amounts: Quantities, settings: EconomicsSettings, year: int | None
) -> pd.DataFrame:
    """Net present value of every party at each of `DIALLED_MULTIPLES`, capacity and all."""
    found = {}
    for multiple in DIALLED_MULTIPLES:
        flows = flows_of(amounts.times(multiple), settings, year=year)
        worth = pd.DataFrame({party: flows.present([party]) for party in PARTIES}, options)
        found[multiple] = worth.stack()
    return pd.DataFrame(found).rename_axis(index=["option", "party"])
