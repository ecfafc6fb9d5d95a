"""Concentration measures against hand arithmetic and the lorenzgini package's published values."""

import numpy as np
import pandas as pd
import pytest

from la_crime.measures import concentration as measured_concentration
from la_crime.stats import concentration

MEASURES = list(measured_concentration.CONCENTRATION_COLUMNS)[4:]


def test_gini_of_equal_and_of_one_place():
    assert concentration.gini(np.full(7, 3)) == 0
    assert concentration.gini(np.array([0, 0, 9, 0])) == 3 / 4
    assert concentration.gini(np.array([5])) == 0


def test_gini_by_hand():
    # 1 3: the mean absolute difference over the four pairs is (0 + 2 + 2 + 0) / 4 = 1, over twice
    # the mean, 4, gives 1/4.
    assert concentration.gini(np.array([3, 1])) == pytest.approx(1 / 4)
    counts = np.random.default_rng(0).poisson(5, 40)
    differences = np.abs(np.subtract.outer(counts, counts)).mean()
    assert concentration.gini(counts) == pytest.approx(differences / (2 * counts.mean()))


@pytest.mark.parametrize(
    ("counts", "plain", "generalised"),
    [
        # The examples of Bernasco & Steenbeek's own package, lorenzgini 0.1.2.
        ([10, 8, 2, 0, 0, 0, 0, 0, 0, 0], 0.78, 0.78),
        ([5, 2, 1, 0, 0, 0, 0, 0, 0, 0], 0.80, 0.75),
        # By hand: 5 crimes in 10 places. Ranks 8, 9, 10 hold 1, 1, 3: 2 x 47 - 11 x 5 = 39, over
        # 10 x 5. At its most even (5 places with 1) the Gini would be 1/2: (.78 - .5) / (1 - .5).
        ([3, 1, 1, 0, 0, 0, 0, 0, 0, 0], 0.78, 0.56),
        # A crime each: concentrated by the plain Gini, not at all by the generalised one.
        ([1, 0, 1, 0, 1, 0, 1, 1, 0, 0], 0.50, 0.00),
        # Two crimes in one of ten places: 1 - 1/10; the most even is .8: (.9 - .8) / (1 - .8).
        ([2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.90, 0.50),
    ],
)
def test_generalised_gini(counts, plain, generalised):
    assert concentration.gini(np.array(counts)) == pytest.approx(plain)
    assert concentration.generalised_gini(np.array(counts)) == pytest.approx(generalised)


def test_generalised_gini_is_never_below_zero():
    # Whatever the rounding of places / crimes.
    for crimes in range(1, 60):
        assert (
            concentration.generalised_gini(np.r_[np.ones(crimes, int), np.zeros(60 - crimes, int)])
            >= 0
        )


def test_shares_of_places():
    # Of 20 crimes 10, 5, 3, 2: one place holds half, a quarter is held by that one too, and 80 %,
    # which is 16, by three of the eight.
    counts = np.array([0, 3, 0, 10, 5, 0, 2, 0])
    assert [float(concentration.place_share(counts, p)) for p in (0.25, 0.5, 0.8)] == [
        1 / 8,
        1 / 8,
        3 / 8,
    ]
    assert concentration.place_share(np.full(10, 4), 0.8) == 0.8
    # 80 % of 15 is 12, just what the first two hold.
    assert concentration.place_share(np.array([6, 6, 3]), 0.8) == pytest.approx(2 / 3)


def test_shares_of_land_go_by_density():
    # Densities 10, 4, 1 and 0 per km² on 1, 5, 10 and 4 of 20 km²; 10, 20 and 10 of 40 crimes.
    counts, area = np.array([20, 10, 0, 10]), np.array([5.0, 10, 4, 1])
    quarter, half, most = concentration.land_shares(counts, area, (0.25, 0.5, 0.8))
    assert [float(quarter), float(half), float(most)] == [1 / 20, 6 / 20, 16 / 20]


def test_land_leaves_out_places_without_an_area():
    with_area = concentration.land_shares(np.array([20, 10, 5]), np.array([5.0, 10, 2]), (0.5,))
    without = concentration.land_shares(
        np.array([20, 99, 10, 5]), np.array([5.0, np.nan, 10, 2]), (0.5,)
    )
    assert with_area == without
    assert np.isnan(concentration.land_shares(np.array([3]), np.array([np.nan]), (0.5,))[0])


def test_stacks_are_measured_row_by_row():
    counts = np.random.default_rng(1).poisson(2, (5, 30))
    area = np.random.default_rng(2).uniform(0.2, 3, 30)
    together = concentration.measures(counts, area)
    for i, row in enumerate(counts):
        assert all(
            together[name][i] == value for name, value in concentration.measures(row, area).items()
        )


def test_no_crimes_give_no_numbers():
    result = concentration.concentration(
        np.zeros(4, dtype=int), np.ones(4), 20, np.random.default_rng(0)
    )
    assert all(np.isnan(value) for value in result.values())


def test_more_concentrated_crime_scores_higher():
    even, uneven = np.full(100, 10), np.r_[np.full(10, 91), np.full(90, 1)]
    area = np.ones(100)
    low, high = concentration.measures(even, area), concentration.measures(uneven, area)
    assert low["gini"] < high["gini"]
    assert low["generalised_gini"] < high["generalised_gini"]
    assert low["district_share_for_50pct"] > high["district_share_for_50pct"]
    assert low["km2_share_for_50pct"] > high["km2_share_for_50pct"]


@pytest.mark.parametrize("mean", [20.0, 2.0, 0.1])
def test_intervals_cover_what_repetition_gives(mean):
    # Places with known rates, observed again and again, on average 20, 2 and 0.1 crimes each: the
    # mean measure should lie in about 95 % of the intervals, each made from one observation.
    rng = np.random.default_rng(3)
    rates, area = rng.gamma(0.7, mean / 0.7, 300), rng.uniform(0.2, 3, 300)
    observed = rng.poisson(rates, (400, 300))
    truth = {name: values.mean() for name, values in concentration.measures(observed, area).items()}
    made = [
        concentration.concentration(row, area, 200, np.random.default_rng(seed))
        for seed, row in enumerate(observed[:120])
    ]
    for name in concentration.WITH_INTERVAL:
        covered = np.mean([m[f"{name}_low"] <= truth[name] <= m[f"{name}_high"] for m in made])
        assert covered >= 0.87, name


def test_redrawn_counts_spread_like_the_counts_and_repeat():
    rng = np.random.default_rng(5)
    counts = rng.poisson(rng.gamma(0.7, 3, 2000))
    redrawn = concentration.redrawn_counts(counts, 50, np.random.default_rng(1))
    assert np.array_equal(
        redrawn, concentration.redrawn_counts(counts, 50, np.random.default_rng(1))
    )
    assert redrawn.mean() == pytest.approx(counts.mean(), rel=0.01)
    assert redrawn.var(axis=1).mean() == pytest.approx(counts.var(), rel=0.05)
    # Places that differ by less than chance are given one rate, and a lone place its own.
    assert concentration.redrawn_counts(
        np.array([5, 5, 6, 4]), 4000, np.random.default_rng(2)
    ).mean(axis=0) == pytest.approx(5, rel=0.05)
    assert concentration.redrawn_counts(
        np.array([9]), 4000, np.random.default_rng(2)
    ).mean() == pytest.approx(9, rel=0.05)


PERIODS = pd.DataFrame({"period_id": ["2016", "2017"], "months": 12})
NOISE = pd.DataFrame(
    {"category": ["a", "b"], "a": 0.0, "power": 0.0, "correlation": 0.0, "drift": 0.0}
)


def run_concentration(counts, places):
    """The measure of counts with Poisson noise."""
    return measured_concentration.run_concentration(counts, places, PERIODS, NOISE)


def frames():
    rng = np.random.default_rng(4)
    places = pd.DataFrame({"place_id": [f"{i:02}" for i in range(30)]})
    places["area_km2"] = rng.uniform(0.2, 3, 30)
    counts = places[["place_id"]].merge(
        pd.DataFrame({"period_id": ["2016", "2017"] * 2, "crime_group": ["a", "a", "b", "b"]}),
        how="cross",
    )
    return counts.assign(n=rng.poisson(3, len(counts))), places


def test_frame_is_sorted_and_independent_of_order():
    counts, places = frames()
    frame = run_concentration(counts, places)
    assert list(frame) == list(measured_concentration.CONCENTRATION_COLUMNS)
    keys = frame[["period_id", "crime_group"]].to_numpy().tolist()
    assert keys == [["2016", "a"], ["2016", "b"], ["2017", "a"], ["2017", "b"]]
    mixed = [f.sample(frac=1, random_state=1) for f in (counts, places)]
    pd.testing.assert_frame_equal(frame, run_concentration(*mixed))
    one = counts.query("period_id == '2017' and crime_group == 'b'").sort_values("place_id")
    assert frame["gini"].iloc[3] == pytest.approx(float(concentration.gini(one["n"].to_numpy())))
    assert frame["crimes"].iloc[3] == one["n"].sum()
    assert (frame["places"] == 30).all()
    for name in concentration.WITH_INTERVAL:
        assert (frame[f"{name}_low"] <= frame[name]).all()
        assert (frame[name] <= frame[f"{name}_high"]).all()
        assert (frame[f"{name}_low"] < frame[f"{name}_high"]).all()


def test_more_noise_makes_wider_intervals():
    counts, places = frames()
    widths = []
    for a in (0.0, 4.0):
        frame = measured_concentration.run_concentration(
            counts.assign(n=counts["n"] * 20), places, PERIODS, NOISE.assign(a=a)
        )
        widths.append((frame["gini_high"] - frame["gini_low"]).mean())
    assert widths[1] > 1.5 * widths[0]


def test_an_absent_place_has_no_crimes():
    counts, places = frames()
    whole = run_concentration(counts, places)
    pd.testing.assert_frame_equal(whole, run_concentration(counts[counts["n"] > 0], places))


def test_no_counts_give_an_empty_typed_frame():
    counts, places = frames()
    frame = run_concentration(counts[:0], places)
    assert len(frame) == 0
    assert {
        name: str(kind) for name, kind in frame.dtypes.items()
    } == measured_concentration.CONCENTRATION_COLUMNS


def test_frames_that_cannot_be_used_are_errors():
    counts, places = frames()
    with pytest.raises(ValueError, match="not unique"):
        run_concentration(counts, pd.concat([places, places[:1]]))
    with pytest.raises(ValueError, match="given twice"):
        run_concentration(pd.concat([counts, counts[:1]]), places)
    with pytest.raises(ValueError, match="no place '00'"):
        run_concentration(counts, places[1:])
    with pytest.raises(ValueError, match="zero or more"):
        run_concentration(counts.assign(n=-1), places)
    with pytest.raises(ValueError, match="area is zero"):
        run_concentration(counts, places.assign(area_km2=0.0))
