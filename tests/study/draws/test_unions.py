"""What every union of parts comes to at once is what the kernel makes of its rows alone."""

from dataclasses import fields, replace

import numpy as np
import pytest

import siting
from siting.analysis import kernel
from siting.analysis.access.inequality import worst_tenths
from siting.analysis.kernel import Firms, Traffic, Version
from siting.outputs.new_study.starter import SCENARIO, write_study
from siting.scenario.build import change
from siting.study import prepared as steps
from siting.study.draws import unions as module
from siting.study.draws.frozen import drawn_versions, freeze
from siting.study.draws.tails import Tails
from siting.study.draws.unions import Parts, Unions
from siting.study.draws.unknowns import draw_unknowns
from siting.types import Ways

ENDS = np.array([3, 11, 12, 20])
EVERY = np.array([[number >> part & 1 for part in range(len(ENDS))] for number in range(16)], dtype=bool)
"""Every union of four parts: none of them first, all of them last."""
STUDIES = {
    "base": {},
    "half days": {"trips.half_day_blocks": True},
    "linear": {"coverage.decay": "linear", "coverage.cutoff_min": 50},
    "more staff than the least": {"economics.staff": 2, "demand.expansion_factor": 12},
    "weighted": {
        "criteria.industry_coverage.parameters.weighting": "output",
        "criteria.worst_tenth_min.parameters.weighting": "enterprises",
    },
}


def drawn(study, changes, rows, **tables):
    """Three draws of a study of some rows, every one of which is real."""
    inputs, n = study.inputs, int(ENDS[-1])
    firms = inputs.enterprises.iloc[rows].iloc[:n].assign(basis="sourced")
    setting = steps.prepare(change(study.scenario, changes), replace(inputs, enterprises=firms, **tables))
    frozen = freeze(setting, steps.evidence_of(setting))
    return list(drawn_versions(frozen, draw_unknowns(frozen.laws, 3, 5, 0)))


def of_rows(version, rows):
    """The same draw of some rows alone, as the kernel has it."""
    traffic = version.traffic
    firms = Firms(*(getattr(traffic.firms, part.name)[rows] for part in fields(Firms)))
    tables = {part.name: getattr(traffic.ways, part.name) for part in fields(Ways)}
    by_site = [name for name, table in tables.items() if len(table) != len(rows)]
    ways = Ways(**{name: table if name in by_site else table[rows] for name, table in tables.items()})
    return Version(Traffic(traffic.arrays, firms, ways), version.moves)


def rows_of(union):
    part = np.searchsorted(ENDS, np.arange(ENDS[-1]), side="right")
    return union[part]


def held_against_the_kernel(versions):
    for version in versions:
        unions = Unions(version, Parts(ENDS, EVERY))
        uses = [use.name for use in version.traffic.arrays.uses]
        for number, union in enumerate(EVERY[1:], 1):
            alone = of_rows(version, rows_of(union))
            for column, name in enumerate(uses):
                found, right = unions.raw[number, :, column], alone.raw[:, column]
                if name == "worst_tenth_min" and number < len(EVERY) - 1:
                    assert (found <= right + 1e-9).all()
                    np.testing.assert_allclose(found, right, rtol=5e-3)
                else:
                    np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-9, err_msg=name)
            np.testing.assert_allclose(unions.npv_wan[number], alone.npv_wan, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("changes", STUDIES.values(), ids=STUDIES)
def test_unions_are_what_their_rows_come_to(base_study, changes):
    held_against_the_kernel(drawn(base_study, changes, slice(None, None, 9)))


def test_options_of_every_kind(base_study):
    sites = base_study.inputs.sites
    kinds = sites["kind"].to_numpy(object).copy()
    others = ("build", "convert", "branch", "shared", "collection", "neighbour")
    kinds[kinds == "build"] = np.resize(others, (kinds == "build").sum())
    held_against_the_kernel(drawn(base_study, {}, slice(None, None, 9), sites=sites.assign(kind=kinds)))


def test_residents_too(tmp_path):
    write_study(tmp_path / "station", "fire-station")
    study = siting.load(tmp_path / "station" / SCENARIO)
    rows = np.arange(20) % len(study.inputs.enterprises)
    held_against_the_kernel(drawn(study, {}, rows))


def test_firms_that_no_road_leads_to(base_study):
    """What is out of reach is so in the unions that hold it, and in no other."""
    (version, *_) = drawn(base_study, {}, slice(None, None, 9))
    ways = version.traffic.ways
    cut = {name: getattr(ways, name).copy() for name in ("to_site", "from_site", "to_site_km")}
    for table in cut.values():
        table[5] = np.inf
    cut |= {name: np.where(np.arange(20)[:, None] == 14, np.inf, getattr(ways, name))
            for name in ("to_laboratory", "from_laboratory", "to_laboratory_km")}  # fmt: skip
    traffic = Traffic(version.traffic.arrays, version.traffic.firms, replace(ways, **cut))
    held_against_the_kernel([Version(traffic, version.moves)])


def test_nobody_comes_to_nothing(base_study):
    (version, *_) = drawn(base_study, {}, slice(None, None, 9))
    unions = Unions(version, Parts(ENDS, EVERY))
    uses = [use.name for use in version.traffic.arrays.uses]
    assert (unions.raw[0, :, uses.index("hours_saved")] == 0).all()
    assert np.isnan(unions.raw[0, :, uses.index("demand_covered")]).all()
    assert (unions.npv_wan[0] < 0).all()


def test_every_criterion_is_known_here_too():
    assert module.MEASURES.keys() | kernel.AMOUNTS == kernel.MEASURES.keys()
    assert not module.MEASURES.keys() & kernel.AMOUNTS


def test_the_tail_of_each_union_by_hand():
    """Ten persons each at 1 … 6 minutes in two parts: the last tenth of all, then of either part."""
    minutes = np.array([[1.0], [4.0], [6.0], [2.0], [3.0], [5.0]])
    unions = np.array([[True, False], [False, True], [True, True]])
    tails = Tails(np.array([0, 3]), unions, np.full(6, 10.0), share=0.5)
    # 15 of 30: 6 and half of 4; 5 and half of 3; of all 30 of 60: 6, 5 and 4
    expected = [(60 + 20) / 15, (50 + 15) / 15, 5.0]
    np.testing.assert_allclose(tails.worst(minutes, np.ones((3, 1))), expected)


def test_long_lists_are_put_in_order_as_far_as_every_union_needs():
    rng = np.random.default_rng(3)
    minutes, weight = rng.uniform(0, 90, (400, 1)), rng.uniform(0, 5, 400)
    # The second part is near throughout, so that its own tenth lies deep in the order of all.
    minutes[200:] /= 30
    unions = np.array([[True, False], [False, True], [True, True]])
    found = Tails(np.array([0, 200]), unions, weight).worst(minutes, np.ones((3, 1)))
    rows = (slice(0, 200), slice(200, 400), slice(0, 400))
    expected = [worst_tenths(minutes[some], weight[some])[0] for some in rows]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
