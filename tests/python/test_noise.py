"""Counting noise and drift: by hand, and of cities whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from la_crime.calibration.cities import BURSTS, KINDS, POISSON, QUADRATIC, counted, levels, months
from la_crime.measures import noise as measure
from la_crime.stats import noise
from la_crime.stats.noise import CountNoise

# --- The model


def test_dispersion_by_hand():
    # 120 in twelve months is 10 a month: 1 + 0.5 * 10^0.5, times 1 + 2 * 0.1 * 11/12 for the year.
    found = CountNoise(a=0.5, power=0.5, correlation=0.1).dispersion(120)
    assert np.isclose(found, (1 + 0.5 * np.sqrt(10)) * (1 + 0.2 * 11 / 12))
    assert CountNoise(a=0.5, power=0.5, correlation=0.1).dispersion(10, 1) == 1 + 0.5 * np.sqrt(10)
    assert noise.POISSON.dispersion(np.array([0.0, 5, 5000])).tolist() == [1, 1, 1]


def test_recounts_have_the_mean_and_the_variance():
    mean = np.array([5.0, 50, 500])
    for own in (noise.POISSON, CountNoise(a=0.3, power=0.5), CountNoise(a=2.0, correlation=0.2)):
        drawn = own.recount(np.random.default_rng(0), mean, 40_000)
        assert np.allclose(drawn.mean(axis=0), mean, rtol=0.02)
        assert np.allclose(drawn.var(axis=0) / mean, own.dispersion(mean), rtol=0.04)


def test_shares_drift_and_the_city_does_not():
    mean = np.full(500, 100.0)
    drawn = CountNoise(drift=0.1).drifted(np.random.default_rng(0), mean, 200, years=4)
    assert np.allclose(drawn.sum(axis=1), 50_000)
    assert np.log(drawn).std() == pytest.approx(0.2, rel=0.02)


def test_pooled_levels_by_hand():
    """Two places with equal noise: what is between them beyond noise is the variance of levels."""
    found = noise.pooled_levels(np.array([99.5, 399.5]), noise.POISSON)
    log, own = np.log([100, 400]), np.array([1 / 100, 1 / 400])
    # of two places, Paule and Mandel's equation is (difference)² = the sum of their variances
    between = ((log[1] - log[0]) ** 2 - own.sum()) / 2
    weight = 1 / (own + between)
    center = (weight * log).sum() / weight.sum()
    kept = between / (own + between)
    assert np.allclose(found.mean, center + kept * (log - center))
    assert np.allclose(found.sd, np.sqrt(kept * own))


def test_places_that_differ_by_no_more_than_noise_have_one_level():
    found = noise.pooled_levels(np.array([100.0, 101, 99, 100]), noise.POISSON)
    assert np.ptp(found.mean) < 1e-6
    assert (found.sd < 1e-3).all()


# --- Residuals


def test_months_of_a_product_are_fitted_exactly():
    city = np.array([[100.0, 150, 200] + [100] * 9, [80] * 12])
    share = np.array([0.2, 0.5, 0.3])[:, None, None] * np.ones((1, 2, 12))
    assert np.allclose(noise.fitted_months(share * city), share * city)


def test_fitted_months_are_those_of_a_log_linear_model():
    """Each place's margins are met, and its interaction of year and month is that of the city."""
    counts = np.random.default_rng(0).poisson(20, (4, 3, 12)).astype(float)
    fitted = noise.fitted_months(counts)
    for axis in (1, 2):
        assert np.allclose(fitted.sum(axis=axis), counts.sum(axis=axis))
    logs = np.log(fitted / counts.sum(axis=0))
    interaction = logs[:, 1:, 1:] - logs[:, :1, 1:] - logs[:, 1:, :1] + logs[:, :1, :1]
    assert np.allclose(interaction, 0, atol=1e-6)


def test_months_without_data_are_left_out():
    counts = np.random.default_rng(0).poisson(20, (4, 3, 12)).astype(float)
    counts[:, 2, 6:] = np.nan
    fitted = noise.fitted_months(counts)
    assert np.isnan(fitted[:, 2, 6:]).all()
    assert np.isfinite(fitted[:, :2]).all()
    assert noise.freedom(counts) == (30, 30 - 3 - 12 + 1)


# --- Estimates


@pytest.mark.parametrize("drift", [0.0, 0.045])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
@pytest.mark.parametrize(("n", "total"), [(21, 200_000), (300, 60_000)])
def test_estimates_hold_the_truth(n, total, kind, drift):
    rng = np.random.default_rng(3)
    level = levels(rng, n, total)
    counts = months(rng, level, 14, kind, drift)
    found = noise.estimate_noise(counts, counts.sum(axis=2), np.arange(14.0), 200, rng)
    typical = float(np.median(level))
    low, high = np.percentile(found.draws.dispersion(typical), [0.5, 99.5])
    # where many crimes drift, some of the drift within a year passes for noise: never the reverse
    assert low * (0.97 if drift == 0 else 0.8) <= kind.noise.dispersion(typical) <= high * 1.03
    low, high = np.percentile(found.draws.drift, [0.5, 99.5])
    assert low - 0.003 <= drift <= high + 0.003
    assert found.noise.correlation == pytest.approx(kind.noise.correlation, abs=0.2)


def test_drift_does_not_pass_for_noise_nor_noise_for_drift():
    rng = np.random.default_rng(0)
    level = levels(rng, 300, 300_000)
    for kind, drift, dispersion in ((POISSON, 0.2, 1.0), (QUADRATIC, 0.0, None)):
        counts = months(rng, level, 14, kind, drift)
        found = noise.estimate_noise(counts, counts.sum(axis=2), np.arange(14.0), 20, rng).noise
        expected = dispersion or kind.noise.dispersion(1000.0)
        assert found.dispersion(1000.0) == pytest.approx(expected, rel=0.15)
        assert found.drift == pytest.approx(drift, abs=0.02)


def test_simulated_bursts_have_the_noise_that_is_said_of_them():
    counts = counted(np.random.default_rng(0), np.full((2000, 60), 50.0), BURSTS)
    assert counts.var() / counts.mean() == pytest.approx(BURSTS.noise.dispersion(50, 1), rel=0.02)
    neighbours = ((counts[:, 1:] - 50) * (counts[:, :-1] - 50)).mean() / counts.var()
    assert neighbours == pytest.approx(BURSTS.noise.correlation, abs=0.01)


# --- The measure


def series(counts, category="all"):
    """The frame of counts (n, years, 12) from 2010 on, years without any left out."""
    counts = np.nan_to_num(counts).astype(int)
    place, year = counts.any(axis=2).nonzero()
    return pd.DataFrame(counts[place, year], columns=measure.MONTHS).assign(
        scope="area",
        source="crimes",
        record_system="legacy",
        category=category,
        place_id=place.astype(str),
        year=2010 + year,
    )


def simulated(years=8, kind=QUADRATIC):
    rng = np.random.default_rng(0)
    return months(rng, levels(rng, 21, 60_000), years, kind, 0.03)


def test_the_measure_is_that_of_its_months_and_years():
    counts = simulated()
    rows = series(counts).sample(frac=1, random_state=0)
    (found,) = measure.count_noise(rows, draws=20).to_dict("records")
    key = ("area", "crimes", "legacy", "all")
    rng = measure.generator("count noise", *key)
    own = noise.estimate_noise(counts, counts.sum(axis=2), np.arange(8.0) + 2010, 20, rng).noise
    assert tuple(found[name] for name in measure.KEYS) == key
    assert np.allclose([found[name] for name in CountNoise._fields], own)
    assert (found["n_places"], found["n_months"], found["n_steps"]) == (21, 96, 7)
    typical = np.median(counts.mean(axis=(1, 2)))
    assert found["typical_month"] == pytest.approx(typical)
    assert found["dispersion_year"] == pytest.approx(float(own.dispersion(12 * typical)))
    assert found["dispersion_year_low"] < found["dispersion_year"] < found["dispersion_year_high"]


def test_the_first_and_last_months_of_a_system_are_not_whole():
    counts = simulated()
    counts[:, 0, :3] = np.nan
    counts[:, 7, 11] = np.floor(counts[:, 7, 11] / 20)
    (found,) = measure.count_noise(series(counts), draws=5).to_dict("records")
    assert (found["n_months"], found["n_steps"]) == (96 - 4, 5)


def test_where_there_is_too_little_noise_is_taken_as_wide():
    few = measure.count_noise(series(simulated()[:1]), draws=5).iloc[0]
    assert not few["is_noise_measured"]
    assert (few["a"], few["power"], few["drift"]) == (2, 0, 0.1)
    assert few["dispersion_year"] == 3
    assert np.isnan(few["dispersion_year_low"])
    short = measure.count_noise(series(simulated(years=2)), draws=5).iloc[0]
    assert short["is_noise_measured"]
    assert not short["is_drift_measured"]
    assert short["drift"] == 0.1
    assert np.isnan(short["drift_low"])


def test_kinds_of_counts_are_measured_apart_whatever_their_order():
    one, other = series(simulated(kind=POISSON), "robbery"), series(simulated(), "fraud")
    both = pd.concat([one, other]).sample(frac=1, random_state=1)
    found = measure.count_noise(both, draws=20)
    assert found["category"].tolist() == ["fraud", "robbery"]
    alone = measure.count_noise(other, draws=20)
    pd.testing.assert_frame_equal(found[:1], alone)
    assert found["dispersion_month"][0] > 2 > 1.3 > found["dispersion_month"][1]


def test_no_series_give_an_empty_typed_frame():
    found = measure.count_noise(series(simulated())[:0])
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == measure.COUNT_NOISE_COLUMNS


def test_the_noise_of_a_key():
    rows = pd.DataFrame(
        {"scope": ["area", "district"], "a": [1, 2], "power": 0, "correlation": 0, "drift": 0.1}
    )
    assert measure.noise_of(rows, scope="district") == CountNoise(2, 0, 0, 0.1)
    assert measure.noise_of(rows, scope="city") == measure.DEFAULT
    with pytest.raises(ValueError, match="several rows of noise"):
        measure.noise_of(rows, drift=0.1)
