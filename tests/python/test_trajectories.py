"""Moves between tiers and trends of places: by hand, against SciPy, and planted."""

import numpy as np
import pandas as pd
import pytest
from helpers import POISSON_NOISE
from scipy.stats import t as student_t

from la_crime.measures import trajectories as tr
from la_crime.stats import tiers as tiering
from la_crime.stats import trends

# --- Transitions


def tiers_of(ranks, years=(2010, 2011, 2012)):
    """The long frame of rows of ranks, None for no tier."""
    rows = [
        ("area", str(place), str(year), rank)
        for place, own in enumerate(ranks)
        for year, rank in zip(years, own, strict=True)
        if rank is not None
    ]
    return pd.DataFrame(rows, columns=["scope", "place_id", "period_id", "cluster_rank"])


def runs(k=4):
    """The number of tiers of both scopes."""
    return pd.DataFrame({"scope": ["area", "district"], "k": k})


def test_transitions_of_five_places():
    # Out of 1: stays twice (A), to 2 once (B). Out of 2: stays three times (B, C twice), to 3
    # once (D). Out of 3: stays once (D). E has a tier in 2010 and 2012 alone: no move.
    tiers = tiers_of([[1, 1, 1], [1, 2, 2], [2, 2, 2], [2, 3, 3], [3, None, 1]])
    found = tr.transitions(tiers.sample(frac=1, random_state=0), runs(3))
    assert found["from_rank"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert found["to_rank"].tolist() == [1, 2, 3] * 3
    assert found["n"].tolist() == [2, 1, 0, 0, 3, 1, 0, 0, 1]
    assert np.allclose(found["probability"], [2 / 3, 1 / 3, 0, 0, 3 / 4, 1 / 4, 0, 0, 1])
    assert np.allclose(found["persistence"], np.repeat([2 / 3, 3 / 4, 1], 3))
    assert found.loc[1, ["from_tier", "to_tier"]].tolist() == ["high", "medium"]


def test_a_tier_without_moves_has_no_probability():
    found = tr.transitions(tiers_of([[1, 1, 1]]), runs(2))
    assert found["n"].tolist() == [2, 0, 0, 0]
    assert found.loc[2:, ["probability", "persistence"]].isna().all(axis=None)


def test_transition_errors_and_empty():
    tiers = tiers_of([[1, 1, 1]])
    with pytest.raises(ValueError, match="two tiers"):
        tr.transitions(pd.concat([tiers, tiers]), runs())
    with pytest.raises(ValueError, match="not 1 to 4"):
        tr.transitions(tiers.assign(cluster_rank=5), runs())
    found = tr.transitions(tiers[:0], runs())
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == tr.TRANSITION_COLUMNS


# --- Trends


YEARS_OF_TREND = np.arange(2010.0, 2020)


def test_trend_of_exact_growth():
    # One of three places grows by exp(0.1) a year beside two that follow the city.
    city = np.array([1000, 1500, 900, 1200, 1300, 1100, 950, 1400, 1250, 1000.0])
    growth = np.exp(np.array([0.1, 0, 0])[:, None] * (YEARS_OF_TREND - 2010))
    counts = np.array([200.0, 300, 500])[:, None] / 1000 * city * growth - 0.5
    found = trends.share_trends(counts, YEARS_OF_TREND, np.ones((3, 10)), 0.0)
    assert np.allclose(found["slope"], [0.1, 0, 0])
    assert np.allclose(found["change"], [0.9, 0, 0])


def test_trend_is_that_of_generalised_least_squares_by_hand():
    """Against the textbook's formulae, written out for one place beside two that stand still."""
    rng = np.random.default_rng(0)
    own = rng.poisson(300 * np.exp(np.cumsum(rng.normal(0.03, 0.2, 10)))).astype(float)
    counts = np.stack([own, np.full(10, 400.0), np.full(10, 700.0)])
    dispersion = np.repeat([[1.5], [2.0], [1.0]], 10, axis=1)
    found = trends.share_trends(counts, YEARS_OF_TREND, dispersion, 0.1)
    log = np.log(counts + 0.5)
    y = log[0] - np.median(log - log.mean(axis=1, keepdims=True), axis=0)
    t = np.arange(10.0)
    v = 0.1**2 * np.minimum.outer(t, t) + np.diag(1.5 / (own + 0.5))
    x = np.column_stack([np.ones(10), t])
    w = np.linalg.inv(v)
    bread = np.linalg.inv(x.T @ w @ x)
    b = bread @ x.T @ w @ y
    own_level = np.ones((10, 1))
    middle = (own_level.T @ w @ y) / (own_level.T @ w @ own_level)
    white = np.linalg.solve(np.linalg.cholesky(v), y - middle[0])
    scale = np.median(white**2) / 0.454936 / trends.RESTLESS
    error = np.sqrt(bread[1, 1] * max(scale, 1))
    assert np.isclose(found["slope"][0], b[1])
    assert np.isclose(found["p_value"][0], 2 * student_t.sf(abs(b[1]) / error, 8))
    half = student_t.ppf(0.975, 8) * error
    assert np.isclose(found["ci_low"][0], b[1] - half)
    assert np.isclose(found["ci_high"][0], b[1] + half)


def test_dispersion_by_hand():
    # Logs of 100, 200, 400 beside standing ones: -log 2, 0, log 2 from the weighted mean, of
    # variances 1/100, 1/200, 1/400.
    counts = np.array([[99.5, 199.5, 399.5], [500, 500, 500], [500, 500, 500]])
    found = trends.share_trends(counts, np.arange(3.0), np.ones((3, 3)), 0.0)
    y, w = np.log([100, 200, 400]), np.array([100, 200, 400])
    squares = (w * (y - np.average(y, weights=w)) ** 2).sum()
    assert np.isclose(found["dispersion"][0], squares / 2)
    assert np.isclose(found["dispersion_p_value"][0], np.exp(-squares / 2))


def test_trends_of_empty_and_of_new_places_stay_finite_or_unknown():
    counts = np.array([[0.0] * 6, [0, 0, 0, 0, 0, 900], [80] * 6, [90] * 6])
    found = trends.share_trends(counts, np.arange(6.0), np.ones((4, 6)), 0.05)
    assert np.isnan([value[0] for value in found.values()]).all()
    assert all(np.isfinite(value[1]) for value in found.values())
    assert found["dispersion_p_value"][1] < 1e-3


def test_a_trend_needs_three_years():
    with pytest.raises(ValueError, match="3 years"):
        trends.share_trends(np.ones((1, 2)), np.arange(2.0), np.ones((1, 2)), 0.0)


def test_a_walk_makes_no_trend():
    """Places whose shares drift by a twentieth a year, as they do: at most 5 % of tests alarm."""
    rng = np.random.default_rng(0)
    alarms, naive = [], []
    for _ in range(40):
        walk = np.cumsum(rng.normal(0, 0.05, (60, 14)), axis=1)
        counts = rng.poisson(800 * np.exp(walk)).astype(float)
        for drift, found in ((0.05, alarms), (0.0, naive)):
            p = trends.share_trends(counts, np.arange(14.0), np.ones((60, 14)), drift)["p_value"]
            found.append((p <= 0.05).mean())
    assert 0.02 < np.mean(alarms) < 0.06
    assert np.mean(naive) > 0.3


# --- Trajectories

YEARS = np.arange(2010, 2022)
N = 60


def city(seed, share_of=None):
    """Yearly volumes of N places and their tiers; `share_of` alters the (N, years) shares."""
    rng = np.random.default_rng(seed)
    base = np.repeat([1000, 300, 90, 27], N // 4) * rng.uniform(0.8, 1.25, N)
    share = np.repeat(base[:, None], len(YEARS), axis=1)
    share = share if share_of is None else share_of(share)
    counts = rng.poisson(share * rng.uniform(0.7, 1.3, len(YEARS)))
    tiers = np.stack([tiering.volume_tiers(year[None], 4)[0] for year in counts.T], axis=1)
    rows = pd.MultiIndex.from_product([range(N), YEARS], names=["place_id", "period_id"])
    frame = rows.to_frame(index=False).astype(str).assign(scope="district")
    volumes = frame.assign(volume=counts.ravel(), is_same_ground=True)
    return volumes, frame.assign(cluster_rank=tiers.ravel())


def planted(share):
    """Places 20 to 22 triple, 23 to 25 fall to a third, 26 jumps up and down, all medium-high."""
    share, t = share.copy(), np.linspace(0, 1, len(YEARS))
    share[20:23] *= 3**t
    share[23:26] /= 3**t
    share[26] *= np.where(np.arange(len(YEARS)) % 4 < 2, 3, 0.2)
    return share


def test_planted_trajectories_are_found():
    for seed in range(3):
        found = tr.trajectories(*city(seed, planted), runs(), POISSON_NOISE).set_index("place_id")
        said = found["trajectory"]
        assert (said[["20", "21", "22"]] == "rising").all()
        assert (said[["23", "24", "25"]] == "falling").all()
        assert said["26"] == "fluctuating"
        assert said[["0", "16", "33", "59"]].tolist() == [
            "always high",
            "always medium-high",
            "always medium-low",
            "always low",
        ]
        slopes = found.loc[["20", "21", "22", "23", "24", "25"], "slope_per_year"]
        assert np.allclose(slopes, np.repeat([1, -1], 3) * np.log(3) / 11, atol=0.025)
        assert found.loc["20", "fitted_ratio"] == pytest.approx(3, rel=0.15)


def test_noise_alone_moves_no_more_places_than_it_may():
    found = pd.concat([tr.trajectories(*city(seed), runs(), POISSON_NOISE) for seed in range(20)])
    alarms = ~found["trajectory"].str.startswith("always")
    assert len(found) == 20 * N
    # In a city without change each alarm is a false discovery: at most 5 % of cities have one.
    assert alarms.sum() <= 2
    # Errors are never taken narrower than Poisson, so intervals hold the truth a bit too often.
    assert 0.95 <= found["ci_low"].le(0).mul(found["ci_high"].ge(0)).mean() < 0.99


def test_a_city_that_grows_makes_nobody_rise():
    def growing(share):
        return share * 3 ** np.linspace(0, 1, len(YEARS))

    said = tr.trajectories(*city(0, growing), runs(), POISSON_NOISE)["trajectory"]
    assert said.str.startswith("always").all()


def test_a_sure_but_small_trend_within_a_tier_is_not_news():
    def slightly(share):
        share = share.copy() * 100
        share[5] *= 1.1 ** np.linspace(0, 1, len(YEARS))
        return share

    found = (
        tr.trajectories(*city(0, slightly), runs(), POISSON_NOISE).set_index("place_id").loc["5"]
    )
    assert found["q_value"] < 0.001
    assert found["trajectory"] == "always high"


def test_too_few_incidents_and_too_few_years():
    volumes, tiers = city(0)
    low = volumes["place_id"] == "59"
    volumes = volumes.assign(volume=volumes["volume"].where(~low, 3))
    found = tr.trajectories(volumes, tiers, runs(), POISSON_NOISE).set_index("place_id")
    assert found["trajectory"]["59"] == "too few incidents"
    assert np.isnan(found.loc["59", ["slope_per_year", "q_value"]].astype(float)).all()
    assert found["n"]["59"] == 36
    short = volumes["period_id"].isin(["2010", "2011", "2012"])
    said = tr.trajectories(volumes[short], tiers[short], runs(), POISSON_NOISE).set_index(
        "place_id"
    )["trajectory"]
    assert said["59"] == "too few incidents"
    assert set(said.drop("59")) <= {"too few years", "too few incidents"}
    assert said["0"] == "too few years"


def test_a_place_whose_ground_changed_has_no_trend_and_is_not_tested():
    # place 20 has lost ground in 2016, and place 59 was made of it: it has no years before
    volumes, tiers = city(0, planted)
    own = volumes["place_id"].isin(["20", "59"])
    new = (volumes["place_id"] == "59") & (volumes["period_id"] < "2016")
    changed = volumes.assign(is_same_ground=~own)[~new]
    late = tiers[~(own & (tiers["period_id"] < "2016"))]
    found = tr.trajectories(changed, late, runs(), POISSON_NOISE).set_index("place_id")
    assert found.loc[["20", "59"], "trajectory"].tolist() == ["ground changed"] * 2
    assert (
        found.loc[["20", "59"], ["slope_per_year", "q_value", "fitted_ratio"]].isna().all(axis=None)
    )
    before = tr.trajectories(volumes, tiers, runs(), POISSON_NOISE).set_index("place_id")
    others = found.index.difference(["20", "59"])
    assert found.loc[others, "trajectory"].equals(before.loc[others, "trajectory"])


def test_trajectories_do_not_depend_on_rows_or_other_scopes():
    volumes, tiers = city(0, planted)
    other = [frame.assign(scope="area") for frame in city(1)]
    found = tr.trajectories(
        pd.concat([volumes, other[0]]).sample(frac=1, random_state=0),
        pd.concat([tiers, other[1]]).sample(frac=1, random_state=1),
        runs(),
        POISSON_NOISE,
    )
    own = found[found["scope"] == "district"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, tr.trajectories(volumes, tiers, runs(), POISSON_NOISE))


def test_trajectory_errors_and_empty():
    volumes, tiers = city(0)
    with pytest.raises(ValueError, match="two values of volume"):
        tr.trajectories(pd.concat([volumes, volumes]), tiers, runs(), POISSON_NOISE)
    with pytest.raises(ValueError, match="two values of cluster_rank"):
        tr.trajectories(volumes, pd.concat([tiers, tiers]), runs(), POISSON_NOISE)
    assert tr.trajectories(volumes, tiers[:0], runs()[:0], POISSON_NOISE).empty
    with pytest.raises(ValueError, match="not 1 to 3"):
        tr.trajectories(volumes, tiers, runs(3), POISSON_NOISE)
    found = tr.trajectories(volumes[:0], tiers[:0], runs(), POISSON_NOISE)
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == tr.TRAJECTORY_COLUMNS
    assert set(tr.trajectories(volumes, tiers[:0], runs(), POISSON_NOISE)["trajectory"]) == {
        "too few incidents"
    }
