"""A toy study by hand, built straight from the nouns: seven sites, mobile, city, forty firms."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, Polygon, box

from siting.analysis.access.coverage import CoverageSettings
from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.tradeoff import tradeoff
from siting.analysis.demand.demand_settings import DemandSettings, TripSettings
from siting.analysis.explain import explain
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.sensitivity import Sensitivity
from siting.analysis.network.speeds import TravelTimeSettings
from siting.analysis.robustness.assess import RobustnessSettings
from siting.analysis.robustness.building import BuildingDraws
from siting.analysis.robustness.joint_draws import Draws, Weightings
from siting.analysis.robustness.standing import Standing
from siting.study.evaluation import Evaluation
from siting.types import Demand, Evidence, Inputs, Table, TravelTimes, Trips

SITES = {
    "shangcang": ("上仓酒业绿色食品加工区", "Shangcang zone", 117.388, 39.899),
    "county_seat": ("城区", "County town", 117.402, 40.045),
    "yinliu": ("经济开发区（洇溜）", "Development zone at Yinliu", 117.413, 39.977),
    "bieshan": ("别山（盘山电厂一侧）", "Bieshan", 117.463, 39.979),
    "bangjun": ("邦均镇", "Bangjun", 117.263, 39.991),
    "xiacang": ("下仓镇", "Xiacang", 117.417, 39.786),
    "mashenqiao": ("马伸桥镇", "Mashenqiao", 117.535, 40.07),
}
CITY = ("city", "维持现状（继续到市区送检）", "Keep going to the city")
MOBILE = ("mobile", "流动检测与上门服务", "Mobile and on-site service")
INDUSTRIES = {"food": "食品（含酒）", "machinery": "机械加工", "chemicals": "化工", "power": "电力"}
GROUP_OF = {
    "hours_saved": "enterprises",
    "demand_covered": "enterprises",
    "mean_trip_min": "enterprises",
    "industry_coverage": "industries",
    "worst_industry": "industries",
    "authority": "industries",
    "city_link_hours": "building",
    "net_cost_wan": "building",
    "staff_commute_min": "building",
    "worst_tenth_min": "balance",
}
WEIGHTS = [0.7, 0.3, 0.0, 0.5, 0.2, 0.3, 0.2, 0.6, 0.2, 1.0]
GROUPS = {"enterprises": 0.4, "industries": 0.3, "building": 0.2, "balance": 0.1}
ANCHORS = [
    (0, 9000), (0, 1), (120, 10), (0, 1), (0, 1), (0, 1), (2000, 0), (3000, 0), (60, 0), (150, 15),
]  # fmt: skip
CUTOFFS = (15.0, 20.0, 30.0, 45.0, 60.0)
N_FIRMS = 40


def provenance_columns(n, basis="assumed"):
    return {"source": ["toy"] * n, "year": [2011] * n, "confidence": ["low"] * n, "basis": [basis] * n}


def sites_frame():
    rows = [(i, *names, "build") for i, names in SITES.items()]
    rows += [(i, zh, en, math.nan, math.nan, i) for i, zh, en in (MOBILE, CITY)]
    frame = pd.DataFrame(rows, columns=["id", "name", "name_en", "lon", "lat", "kind"]).set_index("id")
    frame["town"] = ""
    frame["land_area_mu"] = 10.0
    frame["land_price_wan"] = 15.0
    frame["land_provision"] = ["undecided"] * 7 + ["none"] * 2
    frame["reason_zh"] = "理由"
    frame["reason_en"] = "Reason"
    frame["land_note_zh"] = "用地（意向）"
    frame["land_note_en"] = "Land (intention)"
    frame = frame.assign(**provenance_columns(len(frame)))
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)


def enterprises_frame(rng):
    frame = pd.DataFrame(
        {
            "name": [f"演示企业 机械-{n:03d}" for n in range(1, N_FIRMS)] + ["大唐国际盘山电厂"],
            "industry": rng.choice(["1512", "3400", "2600", "4411"], N_FIRMS),
            "town": rng.choice(["上仓镇", "邦均镇", "五百户镇"], N_FIRMS),
            "lon": 117.2 + 0.35 * rng.random(N_FIRMS),
            "lat": 39.8 + 0.3 * rng.random(N_FIRMS),
            "employees": rng.integers(5, 200, N_FIRMS),
        },
        index=pd.Index([f"e{n:03d}" for n in range(N_FIRMS)], name="id"),
    ).assign(**provenance_columns(N_FIRMS, "illustrative"))
    frame.loc["e039", "basis"] = "sourced"
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)


def road_layer():
    frame = gpd.GeoDataFrame(
        {
            "class": ["motorway", "trunk", "tertiary"],
            "ref": ["S1", "G102", None],
            "name": ["津蓟高速", "京哈公路", "乡道"],
            "belief": ["sourced", "believed", "sourced"],
            "opened": [math.nan, math.nan, 2016],
            "way": [1, 2, 3],
            "length_m": [39_000.0, 51_000.0, 17_000.0],
            "speed_basis": "stated",
        },
        geometry=[
            LineString([(117.41, 39.7), (117.4, 40.05)]),
            LineString([(117.1, 40.0), (117.7, 39.96)]),
            LineString([(117.3, 39.9), (117.5, 39.9)]),
        ],
        crs=4326,
    )
    counts = {"data_rows": 4, "kept": 3, "set_aside": 1, "ignored_lines": 0}
    return SimpleNamespace(
        to_frame=lambda: frame, edges=frame.drop(columns="geometry"), issues=(), file="trunk.osm.pbf",
        beyond="", counts=counts,
    )  # fmt: skip


def places_frame():
    frame = pd.DataFrame(
        {
            "name": ["上仓镇", "州河湾镇", "于桥水库"],
            "name_2011": ["上仓镇", "五百户镇", math.nan],
            "name_en": ["Shangcang", "Wubaihu", "Yuqiao reservoir"],
            "kind": ["town", "town", "water"],
            "lon": [117.39, 117.55, 117.53],
            "lat": [39.9, 39.98, 40.03],
        },
        index=pd.Index(["p1", "p2", "p3"], name="id"),
    ).assign(**provenance_columns(3))
    frame.loc["p2", "confidence"] = "low"
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)


def services_frame():
    row = {
        "name": "材料试验", "name_en": "Materials", "industries": ["*"], "unit": "firm",
        "tests_per_trip": 1.0, "trip_kind": "sample_in", "phase": 1, "permission": "cma", "laboratory": "lab",
    }  # fmt: skip
    return pd.DataFrame([row], index=pd.Index(["materials"], name="id"))


def inputs(rng):
    industries = pd.DataFrame(
        {"name": list(INDUSTRIES.values()), "name_en": list(INDUSTRIES)},
        index=pd.Index(list(INDUSTRIES), name="id"),
    )
    industries["codes"] = [["13", "14", "15"], ["34", "35"], ["26"], ["44"]]
    industries["pillar"] = [True, True, True, False]
    conditions = pd.DataFrame(
        {
            "site": ["shangcang", "bieshan", "xiacang"],
            "condition": ["water_source", "waste_water", "flood_detention"],
            "verdict": ["pending", "pass", "fail"],
            "note_zh": ["待核实", "", "位于蓄滞洪区"],
            "note_en": ["to be verified", "", "in a flood detention area"],
        }
    ).assign(**provenance_columns(3))
    pledges = pd.DataFrame(
        {
            "who": ["园区管委会", "座谈企业"],
            "who_en": ["Zone committee", "Enterprises"],
            "site": ["shangcang", None],
            "amount_wan": [math.nan, 50.0],
            "land_mu": [10.0, math.nan],
            "firmness": ["oral", "oral"],
            "conflict": [False, True],
            "note_zh": ["表示无偿提供用地（意向）", ""],
            "note_en": ["Offers land free (an intention)", ""],
        },
        index=pd.Index(["a", "b"], name="id"),
    ).assign(**provenance_columns(2))
    sources = pd.DataFrame(
        {
            "content": ["备选方案"], "origin": ["toy"], "licence": ["MIT"],
            "basis": ["assumed"], "use": ["options"],
        },
        index=pd.Index(["sites.csv"], name="file"),
    )  # fmt: skip
    parameters = pd.DataFrame(
        {
            "value": ["2"], "unit": ["person"], "low": [1.0], "high": [3.0], "basis": ["assumed"],
            "source": ["toy"], "note": [""], "year": [2011], "row": [2],
        },
        index=pd.Index(["trip.persons"], name="parameter"),
    )  # fmt: skip
    enterprises = enterprises_frame(rng)
    aside = pd.DataFrame({"row": [7, 9], "reason": ["E101", "E101"]})
    table = Table(
        frame=enterprises, set_aside=aside, issues=(), file="register.csv", sha256="0" * 64,
        counts={"data_rows": 42, "kept": 40, "set_aside": 2, "ignored_lines": 0},
    )  # fmt: skip
    return Inputs(
        enterprises=enterprises,
        sites=sites_frame(),
        roads=road_layer(),
        services=services_frame(),
        laboratories=None,
        industries=industries,
        conditions=conditions,
        pledges=pledges,
        places=places_frame(),
        boundary=Polygon([(117.1, 39.72), (117.7, 39.74), (117.8, 40.1), (117.45, 40.25), (117.15, 40.1)]),
        sources=sources,
        parameters=parameters,
        context=gpd.GeoDataFrame(
            {"name": ["宝坻区"], "name_en": ["Baodi"]}, geometry=[box(117.0, 39.5, 117.8, 39.7)], crs=4326
        ),
        tables={"enterprises": table},
    )


def travel_times(inputs, rng):
    firms, located = inputs.enterprises.index, list(SITES)
    minutes = pd.DataFrame(rng.uniform(3, 60, (len(firms), 7)), firms, located)
    minutes.iloc[3, 2] = math.inf
    labs = pd.DataFrame(rng.uniform(80, 120, (len(firms), 1)), firms, ["lab"])
    by_site = pd.Series(np.linspace(70, 110, 7), located)
    to_seat = by_site - 60
    to_seat[["county_seat", "bieshan"]] = [0.0, math.inf]
    snapping = pd.DataFrame(
        {"kind": "enterprise", "id": firms, "snap_m": np.linspace(10, 900, len(firms)), "located": True,
         "status": "connected", "road": "S1"}
    )  # fmt: skip
    return TravelTimes(
        to_site=minutes, from_site=minutes, to_laboratory=labs, from_laboratory=labs, to_site_km=minutes,
        to_laboratory_km=labs, site_to_city=by_site, city_to_site=by_site, site_to_city_km=1.3 * by_site,
        site_to_seat=to_seat, city_to_enterprise=labs["lab"], snapping=snapping,
    )  # fmt: skip


def trips(inputs, travel, rng):
    firms, options = inputs.enterprises.index, inputs.sites.index
    hours = pd.DataFrame(rng.uniform(5, 50, (len(firms), len(options))), firms, options)
    hours["city"] = 60.0
    hours.iloc[0, 0] = 75.0
    one = pd.DataFrame(1.0, ["materials"], options)
    minutes = travel.to_site.reindex(columns=options).fillna(90.0)
    return Trips(hours, hours, hours, minutes, one, hours, one)


def scenario():
    uses = tuple(
        CriterionUse(name=name, weight=weight, anchors=anchors)
        for name, weight, anchors in zip(GROUP_OF, WEIGHTS, ANCHORS, strict=True)
    )
    viewpoint = SimpleNamespace(
        label_zh="企业侧重", label_en="Enterprises", reason_zh="", reason_en="",
        groups=SimpleNamespace(enterprises=0.7, industries=0.1, building=0.1, balance=0.1),
        criteria={"demand_covered": 0.5},
    )  # fmt: skip
    return SimpleNamespace(
        name="toy", title_zh="蓟县技术检测中心选址方案比选", title_en="Siting the Jixian testing centre",
        study_year=2011, as_of="2011-01-01", project_stage=None, prepared_by="", prepared_on="", seed=2011,
        facility=None, criteria=uses, groups=SimpleNamespace(**GROUPS),
        viewpoints={"firms": viewpoint}, coverage=CoverageSettings(cutoff_min=30.0, decay="none"),
        economics=EconomicsSettings(), trips=TripSettings(),
        robustness=RobustnessSettings(near_tie=0.01, seeds=200), weights_adopted=False,
        demand=DemandSettings(expansion_factor=1.0), travel_time=TravelTimeSettings(),
        weights_record=SimpleNamespace(
            set_by="待会议确定", set_on="2011-02", before_results=None, note="", method=None, records=()
        ),
    )  # fmt: skip


LONG_WAY = [f"道路{n}" for n in range(1, 10)]


def routes_frame(travel):
    """By G102 and S1 to the city, from Xiacang by nine roads; to the seat by S1, from Bieshan by none."""
    rows = [(site, "city", travel.site_to_city[site], 99_000.0 + 100 * n, "G102 → S1", (1, 0))
            for n, site in enumerate(SITES)]  # fmt: skip
    rows[5] = (*rows[5][:4], " → ".join(LONG_WAY), (1, 0))
    rows += [(site, "seat", travel.site_to_seat[site], 12_345.0, "S1", (0,)) for site in SITES]
    rows[10] = ("bieshan", "seat", math.inf, math.inf, "", ())
    rows[8] = ("county_seat", "seat", 0.0, 0.0, "", ())
    return pd.DataFrame(rows, columns=["site", "to", "minutes", "metres", "roads", "edges"])


def isochrone_frame():
    rows = [(site, float(m), Point(lon, lat).buffer(m / 300)) for site, (_, _, lon, lat) in SITES.items()
            for m in (10, 30)]  # fmt: skip
    return gpd.GeoDataFrame(rows, columns=["site", "minutes", "geometry"], crs=4326)


def evaluation(seed: int = 1) -> Evaluation:
    """Build the toy; scores, ranks and shares are worked out here, apart from the library."""
    rng = np.random.default_rng(seed)
    tables = inputs(rng)
    travel = travel_times(tables, rng)
    evidence = Evidence(
        inputs=tables,
        demand=_demand(tables, rng),
        travel=travel,
        trips=trips(tables, travel, rng),
        costs=pd.DataFrame({"land": 0.0}, index=tables.sites.index),
    )
    options, names = tables.sites.index, list(GROUP_OF)
    figures = pd.DataFrame(rng.random((9, 10)).round(3), options, names)
    figures.loc["xiacang", "mean_trip_min"] = 0.0
    applies = pd.DataFrame(True, options, names)
    applies.loc["city", ["city_link_hours", "staff_commute_min"]] = False
    values = figures.loc[list(SITES)]
    low, high = np.array(ANCHORS, float).T
    matrix = (low + figures * (high - low)).where(applies)
    matrix.loc["xiacang", "mean_trip_min"] = math.inf
    weights = pd.Series(
        [GROUPS[GROUP_OF[n]] * w for n, w in zip(names, WEIGHTS, strict=True)], names, name="weight"
    )
    contributions = values * weights
    ranking = _ranking(contributions)
    return Evaluation(
        scenario=scenario(), evidence=evidence, matrix=matrix, values=values, applies=applies,
        weights=weights, contributions=contributions, ranking=ranking, verdicts=_verdicts(options),
        robustness=None, explanation=explain(contributions, weights, ranking), economics=None,
        by_cutoff=_by_cutoff(values, rng), isochrones=isochrone_frame(), graph=None,
        provenance=provenance(tables, evidence.demand), routes=routes_frame(travel),
    )  # fmt: skip


def provenance(tables, demand):
    """What the register rests on, row by row."""
    rows, share, total = {}, 0.0, float(demand.tests.to_numpy().sum())
    for firm, basis in tables.enterprises["basis"].items():
        key = basis if isinstance(basis, str) else "unstated"
        rows[key] = rows.get(key, 0) + 1
        share += float(demand.tests.loc[firm].sum()) / total if key == "illustrative" else 0.0
    return {"scenario": "1" * 64, "rows_by_basis": rows, "illustrative_demand": share}


def resting_on(base: Evaluation, basis: str | None) -> Evaluation:
    """Let every row of the register rest on the same; None: no row says on what."""
    inputs = base.evidence.inputs
    changed = replace(inputs, enterprises=inputs.enterprises.assign(basis=basis))
    evidence = replace(base.evidence, inputs=changed)
    return replace(base, evidence=evidence, provenance=provenance(changed, evidence.demand))


def with_shares(base: Evaluation, shares: dict[str, float]) -> Evaluation:
    """Let the random weightings go as stated."""
    found = base.robustness.acceptability
    standing = standing_of(found.acceptability.index, shares)
    wins = found.acceptability * 0.0
    wins[1] = standing.wins
    drawn = replace(found, acceptability=wins, pairwise=standing.beats)
    return replace(base, robustness=replace(base.robustness, acceptability=drawn))


def standing_of(options: pd.Index, shares: dict[str, float], draws: int = 500) -> Standing:
    """Let options win the stated shares of draws, the others following in the order of theirs."""
    wins = pd.Series(shares).reindex(options, fill_value=0.0)
    order = list(wins.sort_values(ascending=False, kind="stable").index)
    beats = pd.DataFrame(0.0, options, options)
    for winner, share in shares.items():
        ranked = [winner, *(option for option in order if option != winner)]
        for place, option in enumerate(ranked):
            beats.loc[option, ranked[place + 1 :]] += share
    return Standing(wins, beats, draws)


def sound(base: Evaluation) -> Evaluation:
    """Take away all that stands against a recommendation: Bangjun wins every draw and passes everything."""
    scene = scenario()
    scene.weights_adopted = True
    scene.weights_record.set_by = "县政府常务会议"
    found = resting_on(base, "sourced")
    inputs = found.evidence.inputs
    passed = pd.DataFrame({"site": "bangjun", "condition": inputs.conditions["condition"], "verdict": "pass"})
    inputs = replace(inputs, conditions=pd.concat([inputs.conditions, passed], ignore_index=True))
    ranking, verdicts = found.ranking.copy(), found.verdicts.copy()
    ranking.loc["bangjun", "verdict"] = verdicts["bangjun"] = "pass"
    sure = with_shares(base, {"bangjun": 1.0}).robustness
    return replace(
        found,
        scenario=scene,
        ranking=ranking,
        verdicts=verdicts,
        robustness=sure,
        evidence=replace(found.evidence, inputs=inputs),
    )


def _demand(tables, rng):
    tests = pd.DataFrame({"materials": rng.integers(1, 40, N_FIRMS).astype(float)}, tables.enterprises.index)
    firms = tables.enterprises.index
    assumed = pd.DataFrame(False, firms, ["employees", "equipment", "output_wan"])
    assumed.iloc[:3, 1] = assumed.iloc[1, 0] = True
    return Demand(tests, tests * 2, pd.Series(0, firms), assumed.assign(unplaced=0.0))


def _by_cutoff(values, rng):
    result = {}
    for cutoff in CUTOFFS:
        changed = values.copy()
        if cutoff != 30.0:
            changed["demand_covered"] = rng.random(7).round(3)
        result[cutoff] = changed
    return result


def _verdicts(options):
    verdict = pd.Series("pending", options)
    verdict[verdict.index.isin(["mobile", "city"])] = "pass"
    verdict["xiacang"] = "fail"
    return verdict


def _ranking(contributions):
    score = contributions.sum(axis=1).round(12)
    verdict = _verdicts(score.index)
    key = score - 2 * (verdict == "fail")
    rank = key.rank(ascending=False, method="min").astype(int)
    order = sorted(score.index, key=lambda option: (rank[option], option))
    near = (score >= key.max() - 0.01) & (verdict != "fail")
    frame = pd.DataFrame({"rank": rank, "score": score, "tie": near & (near.sum() > 1), "verdict": verdict})
    return frame.loc[order]


def with_text(base: Evaluation, texts: list[str]) -> Evaluation:
    """Put given texts into every field that a user fills in."""
    inputs = base.evidence.inputs
    enterprises, sites = inputs.enterprises.copy(), inputs.sites.copy()
    cycle = lambda n, start=0: [texts[(start + i) % len(texts)] for i in range(n)]  # noqa: E731
    for column in ("name", "town"):
        enterprises[column] = cycle(len(enterprises), len(column))
    for shift, column in enumerate(
        ("name", "name_en", "reason_zh", "reason_en", "land_note_zh", "land_note_en")
    ):
        sites[column] = cycle(len(sites), shift)
    places = inputs.places.assign(name=cycle(3), name_2011=cycle(3), name_en=cycle(3, 2))
    industries = inputs.industries.assign(name=cycle(4, 1), name_en=cycle(4, 3))
    pledges = inputs.pledges.assign(who=cycle(2), who_en=cycle(2, 3), note_zh=cycle(2, 4))
    conditions = inputs.conditions.assign(note_zh=cycle(3, 2), note_en=cycle(3, 5))
    sources = inputs.sources.assign(content=cycle(1), origin=cycle(1, 3), licence=cycle(1, 5))
    parameters = inputs.parameters.assign(source=cycle(1), note=cycle(1, 2), value=cycle(1, 7))
    context = inputs.context.assign(name=cycle(1, 3), name_en=cycle(1, 6))
    roads = SimpleNamespace(**{**vars(inputs.roads), "file": "|".join(texts)})
    routes = base.routes.assign(roads=[" → ".join(cycle(2, n)) for n in range(len(base.routes))])
    changed = replace(
        inputs, enterprises=enterprises, sites=sites, places=places, industries=industries,
        pledges=pledges, conditions=conditions, sources=sources, parameters=parameters, context=context,
        roads=roads,
    )  # fmt: skip
    scene = scenario()
    scene.title_zh, scene.title_en = texts[0], texts[1]
    scene.viewpoints["firms"].label_zh = texts[2]
    scene.viewpoints["firms"].label_en = texts[3]
    scene.weights_record.set_by = texts[4]
    return replace(base, scenario=scene, routes=routes, evidence=replace(base.evidence, inputs=changed))


def with_firms(base: Evaluation, n: int) -> Evaluation:
    """Repeat the enterprises up to a number, each round a little to the east."""
    evidence = base.evidence
    at = np.arange(n) % N_FIRMS
    ids = pd.Index([f"f{k:06d}" for k in range(n)], name="id")
    repeated = lambda frame: frame.iloc[at].set_axis(ids)  # noqa: E731
    firms = repeated(evidence.inputs.enterprises)
    firms["lon"] += 0.001 * (np.arange(n) // N_FIRMS)
    demand = replace(evidence.demand, tests=repeated(evidence.demand.tests))
    made = evidence.trips
    trips = replace(
        made, trips=repeated(made.trips), hours=repeated(made.hours), minutes=repeated(made.minutes)
    )
    snapped = evidence.travel.snapping
    snapped = snapped[snapped["kind"] == "enterprise"].iloc[at].assign(id=ids)
    travel = replace(evidence.travel, to_site=repeated(evidence.travel.to_site), snapping=snapped)
    made = replace(evidence.inputs, enterprises=firms)
    return replace(base, robustness=None, evidence=replace(
        evidence, inputs=made, demand=demand, trips=trips, travel=travel))  # fmt: skip


def with_summaries(base: Evaluation) -> Evaluation:
    """Add what robustness and economics say: the library's own robustness, economics by hand."""
    from siting.analysis.robustness.assess import Ensembles, assess

    able = [option for option in base.values.index if option != "xiacang"]
    values = base.values.loc[able]
    better = values.copy()
    better.loc["county_seat"] = 1.0
    views = {"firms": base.weights.sort_values()[::-1].set_axis(base.weights.index)}
    sure = assess(
        values,
        base.weights,
        base.matrix.loc[able],
        base.scenario.criteria,
        settings=RobustnessSettings(draws=500),
        ensembles=Ensembles(
            viewpoints=views,
            variants={"phase:1": values, "account:financial": better, "road:津蓟高速": values},
        ),
    )
    exchange = tradeoff(
        base.scenario.criteria, base.weights, base.matrix.loc["bangjun"],
        years=10.0, own_hour_yuan=23.0, own_range=(15.0, 35.0),
    )  # fmt: skip
    return replace(base, robustness=sure, economics=_economics(base), tradeoff=exchange)


def worth_knowing(points: dict[str, float], error: float = 0.003) -> pd.DataFrame:
    """Give unknowns what knowing them is worth, all with the same standard error."""
    worth = pd.Series(points, dtype=float)
    return pd.DataFrame({"evppi": worth, "standard_error": error, "is_clear": worth > 2 * error})


def with_ensembles(base: Evaluation) -> Evaluation:
    """Add what the long ensembles find, by hand."""
    from siting.analysis.robustness.flips import Flip

    sure = base.robustness
    rules = {
        "committees": {"bangjun": 0.6, "county_seat": 0.4},
        "urban": {"bangjun": 0.1, "county_seat": 0.9},
    }
    options = sure.acceptability.acceptability.index
    joint = with_shares(base, {"county_seat": 0.75, "bangjun": 0.25}).robustness.acceptability
    sure = replace(
        sure,
        joint=joint,
        joint_standing=Standing.of_weightings(joint),
        registers={rule: standing_of(options, shares, 200) for rule, shares in rules.items()},
        evpi=0.02,
        evppi=worth_knowing({"speed:primary": 0.011, "demand:materials": 0.004, "place:上仓镇": 0.002}),
        build_evppi=worth_knowing({"speed:primary": 0.0}),
        measure="primary",
        telephone=pd.DataFrame(
            {
                "evppi": 0.001,
                "standard_error": 0.0002,
                "is_clear": [False, True],
                "lead_low": [0.01, 0.02],
                "lead_high": [0.05, 0.03],
                "swing": [0.04, 0.01],
            },
            ["e003", "e039"],
        ),
        flips=(Flip("cutoff_min", 30.0, "bangjun", 36.5, "county_seat", 0.0),),
    )
    return replace(base, robustness=sure)


def _economics(base):
    options = base.matrix.index
    columns = (
        "hours_saved", "vehicle_km_saved", "user_saving_wan", "co2_saved_t", "report_days", "setup_wan",
        "running_year_wan", "npv_wan", "payback_years", "break_even_demand", "inspector_hours_saved", "staff",
        "load_per_person", "cost_wan", "bcr", "eirr",
    )  # fmt: skip
    summary = pd.DataFrame(100.0, options, columns)
    summary.loc["city", ["payback_years", "break_even_demand"]] = [math.nan, math.inf]
    summary.loc[summary.index[1], "eirr"] = math.nan
    summary["cost_wan"] = 95.0
    summary["eirr_note"] = ["", "costs_exceed", *[""] * (len(summary) - 2)]
    return SimpleNamespace(
        summary=summary,
        accounts=pd.DataFrame(
            {
                "npv_national": 20.0,
                "npv_public": -50.0,
                "npv_enterprises": 90.0,
                "npv_city_laboratory": -20.0,
                "npv_toll_operator": 0.0,
                "npv_others": 0.0,
            },
            options,
        ),
        by_demand=pd.DataFrame(
            {
                multiple: [multiple * worth for _ in options for worth in (-50.0, 90.0, -20.0, 0.0, 0.0)]
                for multiple in (0.5, 1.0, 1.5, 2.0)
            },
            pd.MultiIndex.from_product(
                [options, ["public", "enterprises", "city_laboratory", "toll_operator", "others"]]
            ),
        ),
        best="shangcang",
        sensitivity=Sensitivity(None, pd.DataFrame(), pd.DataFrame(), None),
        land_ties=pd.DataFrame(
            {"shangcang": [-3.0, math.nan], "bangjun": [math.nan, 12.5]}, ["bangjun", "shangcang"]
        ),
        hinges_on_expansion=True,
        offers=pd.DataFrame(
            {"land_mu": [10.0], "worth_wan": [150.0], "minutes_per_trip": [4.2]}, ["shangcang"]
        ),
        ledger=base.evidence.inputs.pledges.assign(counted=[True, False], worth_wan=[150.0, 50.0]),
        pledge_scores=pd.DataFrame({"all": summary["npv_wan"], "firm": 1.0, "none": 1.0}),
        pledge_decides=("a",),
    )


def with_building(evaluation, npv_wan, assumptions):
    """The evaluation with draws in which its own scores hold, and these net present values."""
    sites = evaluation.contributions.loc[list(npv_wan)]
    scores = pd.DataFrame([sites.sum(axis=1)] * len(npv_wan), index=npv_wan.index)
    weights = pd.DataFrame([evaluation.weights] * len(npv_wan), index=npv_wan.index)
    laws = Weightings(weights, scores)
    values = np.stack([evaluation.values.loc[list(npv_wan)].to_numpy()] * len(npv_wan))
    building = BuildingDraws(npv_wan, assumptions)
    unknowns = assumptions.assign(seed=range(len(npv_wan)))
    return replace(evaluation, draws=Draws(unknowns, values, laws, laws, False, building))
