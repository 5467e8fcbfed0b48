"""Days to clear a backlog and what that saves once, reckoned by hand on the small county."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.concerns.backlog import clear_backlog, days_needed
from siting.analysis.money.money_settings import EconomicsSettings
from tests.analysis import county

SETTINGS = EconomicsSettings()
APPROVED = county.TRIPS.model_copy(update={"approvals": ("cma", "metrology", "special_equipment")})


def found(evidence=None, trips=county.TRIPS, settings=SETTINGS):
    return clear_backlog(evidence or county.evidence(), settings, trips)


def test_days_are_whole_and_end_where_the_road_takes_the_day():
    days = days_needed(np.array([21.0, 1.0, 3.0]), np.array([3.0, 8.0, 0.0]), 1.5, 2.0, 5.0)
    assert days.tolist() == [6.0, np.inf, 1.0]


def test_without_the_approval_the_city_does_it_whatever_is_built():
    backlog = found()
    assert (backlog.pieces.to_dict(), backlog.service) == ({"a": 21.0}, "vessels")
    table = backlog.by_option
    # 90 minutes each way leave 5 of 8 hours: 1.5 persons × 5 h ÷ 2 h = 3.75 pieces a day.
    assert table["days"].to_dict() == {"north": 6, "south": 6, "mobile": 5, "city": 6}
    assert not table["inspects"].any()
    assert table["saved_once_yuan"][["north", "south", "city"]].tolist() == [0, 0, 0]


def test_with_the_approval_near_inspectors_save_days_and_road_once():
    expected = {"north": 5, "south": 5, "mobile": 5, "city": 6}
    assert found().by_option["days_if_approved"].to_dict() == expected
    table = found(trips=APPROVED).by_option
    assert table["days"].to_dict() == expected
    assert table["inspects"].to_dict() == {"north": True, "south": True, "mobile": False, "city": False}
    # Today: 6 days × 3 h × 1.5 persons at 40 yuan, 6 × 200 km, 6 tolls there and back.
    today = 27 * 40 + 1200 + 6 * 80
    assert table["saved_once_yuan"]["north"] == pytest.approx(today - (5 * 0.5 * 1.5 * 40 + 5 * 16))
    assert table["saved_once_yuan"]["mobile"] == pytest.approx(today - (5 * 3 * 3.8 * 40 + 1000 + 5 * 80))


def test_no_option_sends_inspectors_from_farther_than_the_city():
    far = county.with_minutes(county.travel(), "a", "north", 120.0)
    table = found(county.evidence(travel_times=far), APPROVED).by_option
    assert (table["days"]["north"], table["saved_once_yuan"]["north"]) == (6, 0)


def test_teams_that_stay_drive_less_and_work_longer():
    stays = SETTINGS.model_copy(update={"days_per_stay": 5.0})
    table = found(settings=stays).by_option
    assert (table["days"]["mobile"], table["trips"]["mobile"]) == (5, 1)


def test_rows_stand_for_themselves_whatever_the_expansion():
    tests = replace(county.evidence().demand, expansion_factor=12.0)
    assert found(county.evidence(tests=tests)).by_option.equals(found().by_option)


def test_nothing_waits_or_nothing_inspects_it():
    firms = county.enterprises().assign(backlog=np.nan)
    assert found(county.evidence(enterprises=firms)).by_option.empty
    services = county.services().drop(index="vessels")
    without = found(county.evidence(services=services))
    assert (without.service, without.by_option.empty) == (None, True)
    assert list(without.by_option) == list(found().by_option)
    assert isinstance(without.pieces, pd.Series)
