"""Recent change: windows beside their bases, and months beside what was to be expected."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from la_crime.measures import recent as measures
from la_crime.stats import recent
from la_crime.stats.noise import POISSON, CountNoise

# --- two windows --------------------------------------------------------------------------------


def test_the_interval_of_a_change_is_the_one_that_r_documents():
    # example of R's poisson.test: 11 cases in 800 people, 21 in 3011
    found = recent.count_change(np.array([11]), np.array([21]), 3011 / 800, 1.0, 1.0)
    assert found.ratio[0] == pytest.approx(1.971488, abs=1e-6)
    assert (found.low[0], found.high[0]) == pytest.approx((0.8584264, 4.2772659), abs=1e-6)


@pytest.mark.parametrize(("n", "base", "windows"), [(15, 2, 1), (2, 15, 1), (9, 40, 3), (0, 7, 1)])
def test_the_p_value_is_twice_the_smaller_binomial_tail(n, base, windows):
    share = 1 / (1 + windows)
    tails = [
        stats.binomtest(n, n + base, share, alternative).pvalue
        for alternative in ("greater", "less")
    ]
    found = recent.count_change(np.array([n]), np.array([base]), windows, 1.0, 1.0)
    assert found.p_value[0] == pytest.approx(min(2 * min(tails), 1.0), rel=1e-9)


def test_dispersed_counts_are_as_unsure_as_fewer_poisson_counts():
    twice = recent.count_change(np.array([60]), np.array([30]), 1, 2.0, 2.0)
    half = recent.count_change(np.array([30]), np.array([15]), 1, 1.0, 1.0)
    assert twice == half


def test_a_p_value_and_an_interval_agree():
    n, base = (part.ravel() for part in np.meshgrid(np.arange(0, 80, 3), [5, 20, 40]))
    found = recent.count_change(n, base, 1, 1.7, 1.7)
    assert ((found.p_value < 0.05) == ((found.low > 1) | (found.high < 1))).all()


def test_nothing_before_has_no_ratio_and_a_p_value():
    found = recent.count_change(np.array([6]), np.array([0]), 1, 1.0, 1.0)
    assert np.isnan([found.ratio[0], found.low[0], found.high[0]]).all()
    assert found.p_value[0] == pytest.approx(2 * 0.5**6)


# --- months -------------------------------------------------------------------------------------

SEASON = np.array([9, 8, 9, 10, 10, 11, 12, 12, 11, 10, 9, 9]) * 100.0


def expected(counts, system=None, common=0.0, noise=POISSON):
    counts = np.atleast_2d(np.asarray(counts, dtype=float))
    n, months = counts.shape
    system = np.zeros(months, dtype=int) if system is None else system
    fields = CountNoise(*(np.full(n, value) for value in noise))
    return recent.expected_months(
        counts, system, np.zeros(n, dtype=int), fields, np.full(n, common), np.ones(n)
    )


def test_a_season_and_a_steady_trend_are_expected():
    counts = np.concatenate([SEASON * 1.05**year for year in range(8)])
    found = expected(counts)
    assert np.isnan(found.mean[0, :36]).all()  # a year, and two of seasons
    np.testing.assert_allclose(found.mean[0, 36:], counts[36:], rtol=1e-3)


def test_the_variance_is_of_the_month_its_level_and_its_season():
    found = expected(np.full(72, 100.0))
    # three months of that season and three years beside them; the place is its own city
    level, season = 1 / 1200.5, 1 / 300 + 1 / 3600
    weight = 3600 / (3600 + 12 * recent.SEASON_PRIOR)
    own, city = weight**2 * season, (1 - weight) ** 2 * (season + 1 / recent.SEASON_PRIOR)
    mean = 1200.5 / 12
    assert found.mean[0, 48] == pytest.approx(mean)
    assert found.variance[0, 48] == pytest.approx(mean**2 * (1 / mean + level + own + city))


def test_a_month_far_out_hardly_moves_what_is_expected_after_it():
    quiet = np.tile(SEASON, 8)
    counts = quiet.copy()
    counts[60] *= 10
    found = expected(counts)
    assert found.p_value(counts[None])[0, 60] < 1e-12
    np.testing.assert_allclose(found.mean[0, 61:], quiet[61:], rtol=0.03)


def test_a_level_is_of_one_record_system_and_a_season_may_be_of_another():
    counts = np.concatenate([np.tile(SEASON, 5), np.tile(SEASON / 2, 2)])
    system = np.concatenate([np.zeros(60), np.ones(24)]).astype(int)
    system[66] = -1
    found = expected(counts, system)
    known = np.flatnonzero(~np.isnan(found.mean[0]))
    assert known.tolist() == [*range(36, 60), *range(79, 84)]
    np.testing.assert_allclose(found.mean[0, 79:], counts[79:], rtol=1e-3)


def test_a_small_place_has_the_season_of_its_city():
    small = np.tile([3.0] * 6 + [1.0] * 6, 8)
    found = expected(np.stack([np.tile(SEASON, 8) * 100, small]))
    np.testing.assert_allclose(found.mean[1, 84:], 2 * SEASON / 1000, rtol=0.3)


def test_a_band_and_a_p_value_agree():
    found = recent.Expected(np.full((1, 60), 20.0), np.full((1, 60), 30.0))
    counts = np.arange(60.0)[None]
    low, high = found.band()
    outside = (counts < low) | (counts > high)
    assert (outside == (found.p_value(counts) < 0.05)).all()


@pytest.mark.parametrize("common", [0.0, 0.05])
def test_what_a_city_has_in_common_is_measured(common):
    rng = np.random.default_rng(5)
    mean = np.tile(SEASON, 40) * 20 * np.exp(common * rng.standard_normal((20, 480)))
    counts = rng.poisson(mean).astype(float)
    found, months = recent.common_noise(counts, expected(counts))
    assert (months == 480 - 36).all()
    assert np.mean(found) == pytest.approx(common, abs=0.007)


# --- frames -------------------------------------------------------------------------------------

NOISE = pd.DataFrame(
    {
        "scope": "area",
        "source": "crimes",
        "record_system": ["legacy", "nibrs"],
        "category": "all",
        "n_months": [100, 20],
        "a": [0.5, 2.0],
        "power": 0.0,
        "correlation": 0.0,
        "drift": 0.05,
    }
)
CITY = pd.DataFrame({"source": ["crimes"], "category": ["all"], "common": [0.0]})


def pairs(**columns):
    row = {
        "scope": "area",
        "source": "crimes",
        "category": "all",
        "comparison": "28_days_before",
        "record_system": "nibrs",
        "n_days": 28,
        "base_windows": 1,
        "n_places": 1,
        "n": 60,
        "base_n": 30,
    }
    made = pd.DataFrame(row | columns, index=range(max(map(len, columns.values()))))
    return made.assign(place_id=[str(i) for i in made.index])


def test_a_series_has_the_noise_of_its_record_system_or_what_there_is():
    rows = pairs(
        scope=["area", "city", "area", "area"],
        record_system=["nibrs", "legacy", "any", "nibrs"],
        category=["all", "all", "all", "robbery"],
    )
    found = measures.noise_of_series(rows, NOISE)
    assert found.a.tolist() == [2.0, 0.5, 0.5, measures.DEFAULT.a]
    assert found.drift.tolist() == [0.05, 0.0, 0.05, measures.DEFAULT.drift]


def test_q_values_are_over_the_places_of_a_comparison():
    one = measures.recent_change(pairs(n=[60] + [30] * 9), NOISE, CITY)
    assert one["q_value"].iloc[0] == pytest.approx(10 * one["p_value"].iloc[0])
    other = pairs(n=[60] * 2, comparison=["28_days_before", "12_months_before"])
    two = measures.recent_change(other, NOISE, CITY)
    assert (two["q_value"] == two["p_value"]).all()


def test_nothing_to_compare_is_a_table_without_rows():
    found = measures.recent_change(pairs(n=[1]).iloc[:0], NOISE, CITY)
    assert list(found.columns) == list(measures.CHANGE_COLUMNS)
    assert found.empty


@pytest.fixture(scope="module")
def monthly():
    """Eight years of a city with three areas, one of which doubles in the last month."""
    rng = np.random.default_rng(3)
    names = pd.date_range("2018-01-01", periods=96, freq="MS")
    counts = rng.poisson(np.tile(SEASON, 8) / 4, (3, 96))
    counts[1, -1] *= 2
    rows = pd.DataFrame(
        {
            "scope": np.repeat(["city", "area", "area", "area"], 96),
            "place_id": np.repeat(["city", "1", "2", "3"], 96),
            "source": "crimes",
            "category": "all",
            "month": np.tile(names, 4),
            "n": np.concatenate([counts.sum(axis=0), counts.ravel()]),
            "n_places": np.repeat([3, 1, 1, 1], 96),
            "is_same_ground": True,
            "whole_through": pd.Timestamp("2025-12-31"),
        }
    )
    months = pd.DataFrame(
        {"source": "crimes", "month": names, "record_system": "legacy", "is_whole": True}
    )
    return rows, months


def test_the_month_that_doubled_is_unusual_and_no_other_is(monthly):
    city = measures.city_noise(monthly[0].query("scope == 'city'"), monthly[1], NOISE)
    assert city["n_months"].tolist() == [60]
    found = measures.monthly_expected(*monthly, NOISE, city)
    assert len(found) == 4 * measures.KEPT_MONTHS
    unusual = found[found["is_unusual"] & (found["scope"] == "area")]
    assert unusual[["place_id", "month"]].to_numpy().tolist() == [["2", pd.Timestamp("2025-12-01")]]


def test_a_category_that_is_not_whole_yet_is_not_expected(monthly):
    rows = monthly[0].assign(whole_through=pd.Timestamp("2025-10-30"))
    found = measures.monthly_expected(rows, monthly[1], NOISE, CITY)
    known = found.dropna(subset="expected")
    assert known["month"].max() == pd.Timestamp("2025-09-01")
    assert known["is_unusual"].notna().all()
    assert found["is_unusual"].isna().sum() == 4 * 3


def test_of_a_place_whose_ground_changed_no_month_is_expected_and_others_are_as_before(monthly):
    rows, months = monthly
    changed = rows["place_id"] == "2"
    found = measures.monthly_expected(
        rows.assign(is_same_ground=~changed), months, NOISE, CITY
    ).set_index("place_id")
    nothing = found.loc["2", ["expected", "expected_low", "expected_high", "p_value", "is_unusual"]]
    assert nothing.isna().all(axis=None)
    before = measures.monthly_expected(rows, months, NOISE, CITY).set_index("place_id")
    assert found.loc["2", "n"].tolist() == before.loc["2", "n"].tolist()
    own = ["n", "expected", "expected_low", "expected_high", "p_value"]
    pd.testing.assert_frame_equal(found.drop("2")[own], before.drop("2")[own])


def test_the_order_of_rows_does_not_matter(monthly):
    rows, months = monthly
    shuffled = measures.monthly_expected(
        rows.sample(frac=1, random_state=1), months.sample(frac=1, random_state=2), NOISE, CITY
    )
    pd.testing.assert_frame_equal(shuffled, measures.monthly_expected(rows, months, NOISE, CITY))


def test_of_a_place_with_less_than_one_a_month_nothing_is_unusual(monthly):
    rows, months = monthly
    quiet = rows[rows["place_id"] == "2"].assign(place_id="4", n=0)
    quiet.loc[quiet["month"] == "2025-06-01", "n"] = 9
    found = measures.monthly_expected(pd.concat([rows, quiet]), months, NOISE, CITY)
    of_quiet = found[found["place_id"] == "4"]
    assert (of_quiet["expected"] < 1).all()
    assert of_quiet["is_unusual"].isna().all()


def test_a_category_that_a_city_never_had_before_is_not_expected():
    found = expected(np.append(np.zeros(60), [0, 4]))
    assert np.isnan(found.mean).all()
