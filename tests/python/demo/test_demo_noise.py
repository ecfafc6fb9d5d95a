"""The demo's bursts and drift are there, and what measures noise finds them.

Incidents are drawn as `generate` draws them, but for all that is no place or day. At a tenth of
the real size a district has one crime of a group a year, which shows neither its noise nor its
drift; and areas' yearly totals, which are met exactly, vary by less than their months. So areas'
noise is looked for at that size, and the rest at the real one.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from la_crime.demo import city, draws, shares, write
from la_crime.demo.noise import count_noise, draw_bursts, follow_days, yearly_drift
from la_crime.measures import noise

YEARS = [year for year in city.CRIME_YEARS if year < draws.NIBRS_BREAK.year]
GROUPS = ("burglary", "simple_assault", "fraud_and_identity_theft")
KINDS = [f"{scope} {group}" for scope in ("area", "district") for group in ("all", *GROUPS)]
# What the truth leaves out (default dates, ends of years) and the measure too, where months are
# nearly empty: a part of what dispersion is above 1, and of a year's drift.
MARGIN, DRIFT_MARGIN = 0.15, 0.015


def incidents(plan: city.City, scale: float, seed: int = 1) -> pd.DataFrame:
    """Incidents by area, district, month and group, with their number: those of whole years."""
    parts = []
    for year in YEARS:
        rng = np.random.default_rng([seed, year])
        counts = draws.count_crimes(plan, year, scale, rng)
        drawn = draws.draw_groups(plan, city.CRIME_YEARS.index(year), counts, rng)
        for group, (district, leader) in zip(plan.crime_groups, drawn, strict=True):
            hours = shares.CRIME_SHAPES[group].hours
            leading = len(district) - len(leader)
            days = draws.draw_days(rng, year, hours, leading, draws.LEGACY_CRIMES)
            ends = (draws.epoch_day(dt.date(year, *day)) for day in ((1, 1), (12, 31)))
            days = follow_days(rng, days, leader, *ends)
            month = days.astype("datetime64[D]").astype("datetime64[M]")
            rows = pd.DataFrame({"district": district, "month": month})
            rows = rows.value_counts().rename("n").reset_index()
            parts.append(rows.assign(category=group))
    found = pd.concat(parts)
    return found.assign(area=plan.districts["area_id"].to_numpy()[found["district"]])


def series(found: pd.DataFrame, scope: str, group: str) -> pd.DataFrame:
    """The years of places as `monthly_series` has them, of a group or of `all`."""
    rows = found if group == "all" else found[found["category"] == group]
    month = rows["month"].dt
    rows = rows.assign(place_id=rows[scope], year=month.year, name="n_" + month.month.astype(str))
    rows = rows.pivot_table(
        index=["place_id", "year"], columns="name", values="n", aggfunc="sum", fill_value=0
    )
    keys = {"scope": scope, "source": "crimes", "record_system": "legacy", "category": group}
    return rows.reindex(columns=noise.MONTHS, fill_value=0).reset_index().assign(**keys)


def beside_truth(plan: city.City, scale: float) -> pd.DataFrame:
    """Measured noise by scope and group, with columns of the truth: `true_drift` and the like."""
    found = incidents(plan, scale)
    parts = [series(found, scope, g) for scope in ("area", "district") for g in ("all", *GROUPS)]
    measured = noise.count_noise(pd.concat(parts), draws=200)
    truth = write.noise_truth(plan).pivot_table(
        index="subject_id", columns="attribute", values="value", aggfunc="first"
    )
    truth = truth.astype(float).add_prefix("true_")
    return measured.set_index(measured["scope"] + " " + measured["category"]).join(truth)


@pytest.fixture(scope="module")
def tenth() -> pd.DataFrame:
    return beside_truth(city.plan_city(2010), 0.1)


@pytest.fixture(scope="module")
def whole() -> pd.DataFrame:
    return beside_truth(city.plan_city(2010), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_bursts_are_measured(tenth: pd.DataFrame, whole: pd.DataFrame, kind: str) -> None:
    """The index of dispersion of a month lies in its own interval."""
    found = (tenth if kind.startswith("area") else whole).loc[kind]
    truth = found["true_dispersion_month"]
    margin = MARGIN * (truth - 1)
    low, high = found["dispersion_month_low"], found["dispersion_month_high"]
    assert low - margin <= truth <= high + margin
    assert high - low < 0.35


@pytest.mark.parametrize("kind", KINDS)
def test_drift_is_measured(whole: pd.DataFrame, kind: str) -> None:
    """The drift of places' shares lies in its own interval."""
    found = whole.loc[kind]
    truth = found["true_drift"]
    assert found["drift_low"] - DRIFT_MARGIN <= truth <= found["drift_high"] + DRIFT_MARGIN
    assert found["drift_high"] < 2 * truth


def test_areas_vary_more_than_districts_and_some_groups_more_than_others() -> None:
    """What is planted is of the real data's order: see the docstring of `la_crime.demo.noise`."""
    truth = write.noise_truth(city.plan_city(2010))
    month = truth[truth["attribute"] == "dispersion_month"].set_index("subject_id")["value"]
    month = month.astype(float)
    assert 1.8 < month["area all"] < 3
    assert 1.1 < month["district all"] < 1.7
    for group in ("robbery", "sexual_offences", "simple_assault"):
        assert month[f"area {group}"] < 1.2
    for group in ("burglary", "theft_from_vehicle", "fraud_and_identity_theft"):
        assert month[f"area {group}"] > 2.4
    drift = truth[truth["attribute"] == "drift"].set_index("subject_id")["value"].astype(float)
    assert 0.03 < drift["area all"] < drift["district all"] < 0.1


@pytest.mark.parametrize("name", ["steady", "changed"])
def test_other_histories_have_no_bursts(name: str) -> None:
    """All incidents lead, and what does not change does not drift."""
    plan = city.plan_city(2010, history=name)
    counts = np.full(len(plan.districts), 3)
    drawn = draws.draw_groups(plan, 0, counts, np.random.default_rng(0))
    assert all(len(leader) == 0 for _, leader in drawn)
    truth = write.noise_truth(plan).set_index(["attribute", "subject_id"])["value"].astype(float)
    assert set(truth["dispersion_month"]) == set(truth["dispersion_year"]) == {1}
    assert (truth["drift"].max() == 0) == (name == "steady")


def test_bursts_keep_areas_counts_and_groups_shares() -> None:
    """Incidents move within their area, and those that follow are where their leaders are."""
    rng = np.random.default_rng(0)
    areas = np.repeat([3, 7, 9], [4, 2, 3])
    weights = rng.integers(1, 9, (9, 3)).astype(float)
    weights[2] = 0
    counts = rng.multinomial(90_000, weights.ravel() / weights.sum()).reshape(9, 3)
    followers = np.array([0.0, 0.5, 2.0])
    drawn = draw_bursts(rng, counts, weights, areas, followers)
    found = np.stack([np.bincount(district, minlength=9) for district, _ in drawn], axis=1)
    for area in (3, 7, 9):
        assert found[areas == area].sum() == counts[areas == area].sum()
    assert found[2].sum() == 0
    assert found == pytest.approx(counts, rel=0.1)
    for (district, leader), expected in zip(drawn, followers / (1 + followers), strict=True):
        following = district[len(district) - len(leader) :]
        assert len(leader) / len(district) == pytest.approx(expected, abs=0.01)
        assert (leader < len(district) - len(leader)).all()
        assert (areas[following] == areas[district[leader]]).all()
    near = (following == district[leader]).mean()
    assert shares.BURST_IN_DISTRICT + 0.15 < near < shares.BURST_IN_DISTRICT + 0.5


def test_districts_stand_by_area() -> None:
    """Bursts rely on it."""
    assert city.plan_city(1).districts["area_id"].is_monotonic_increasing


def test_where_none_leads_none_follows() -> None:
    """A lone incident stays, whether it was to follow another or not."""
    for seed in range(20):
        drawn = draw_bursts(
            np.random.default_rng(seed), np.eye(2, dtype=int), np.ones((2, 2)), np.array([1, 2]),
            np.array([9.0, 9.0]),
        )  # fmt: skip
        assert [(district.tolist(), len(leader)) for district, leader in drawn] == [
            ([0], 0), ([1], 0),
        ]  # fmt: skip


def test_days_of_followers() -> None:
    """Some days after the leader's, or before it at the end of a feed, never outside of it."""
    rng = np.random.default_rng(0)
    leader = np.repeat([0, 1, 2], 20_000)
    days = follow_days(rng, np.array([100, 200, 364]), leader, 95, 364)
    assert days[:3].tolist() == [100, 200, 364]
    of_first, of_last = days[3:][leader == 0], days[3:][leader == 2]
    assert of_first.min() == 100
    assert of_first.mean() - 100 == pytest.approx(shares.BURST_DAYS, rel=0.03)
    assert days[3:].min() >= 95
    assert of_last.max() == 364
    assert 364 - of_last.mean() == pytest.approx(shares.BURST_DAYS, rel=0.03)


def test_noise_by_hand() -> None:
    """One follower for each that leads: a burst of an incident has (2 x 1 + 1) / 2 others."""
    expected = np.ones((2, 4, len(shares.CRIME_SHAPES)))
    followers = np.ones(len(shares.CRIME_SHAPES))
    found = count_noise(expected, np.array([1, 1, 2, 2]), followers)
    found = found.set_index(["scope", "group"])
    # Half of those that do not stay with their leader are in its district by chance.
    near = shares.BURST_IN_DISTRICT
    in_district = (2 * (near + (1 - near) / 2) + near**2 + (1 - near**2) / 2) / 2
    for group in ("all", "burglary"):
        assert found.loc[("area", group), "dispersion_year"] == pytest.approx(2.5)
        assert found.loc[("district", group), "dispersion_year"] == pytest.approx(1 + in_district)
    # Two days 7 apart on average, exponentially, are in one month of 30.44 at 77.3 %.
    assert found.loc[("area", "all"), "dispersion_month"] == pytest.approx(
        1 + 1.5 * 0.773, abs=1e-3
    )
    assert (found["drift"] == 0).all()


def test_drift_by_hand() -> None:
    """A share that goes from 1/2 to 2/3, and one that goes from 1/2 to 1/3."""
    counts = np.array([[100.0, 100.0], [200.0, 100.0]])
    steps = np.log([4 / 3, 2 / 3]) ** 2
    assert yearly_drift(counts) == pytest.approx(np.sqrt((300 * steps[0] + 200 * steps[1]) / 500))
