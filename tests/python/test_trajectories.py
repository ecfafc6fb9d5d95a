"""Moves between tiers and trends of places: by hand, against SciPy, and planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
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
    # 1 / (1 - 2/3) = 3 years, 1 / (1 - 3/4) = 4; nobody was seen to leave the third.
    years = np.repeat([3, 4, np.nan], 3)
    assert np.allclose(found["mean_years_to_leave"], years, equal_nan=True)
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


def test_trend_of_exact_growth():
    # Counts that are exactly a share growing by exp(0.1) a year, whatever the city does.
    years = np.arange(2010.0, 2016)
    totals = np.array([1000, 1500, 900, 1200, 1300, 1100.0])
    counts = (0.2 * totals * np.exp(0.1 * (years - 2010)))[None]
    found = trends.share_trends(counts, totals, years)
    assert np.isclose(found["slope"][0], 0.1)
    assert np.isclose(found["first_share"][0], 0.2)
    assert np.isclose(found["last_share"][0], 0.2 * np.exp(0.5))


def test_trend_is_the_maximum_likelihood_and_its_test_that_of_scipy():
    rng = np.random.default_rng(0)
    years, totals = np.arange(2010.0, 2020), rng.uniform(500, 900, 10)
    counts = rng.poisson(0.1 * totals * np.exp(rng.normal(0.03 * (years - 2010), 0.15)))[None]
    t = years - 2010

    def minus_log_likelihood(b):
        return -(counts[0] @ (b[0] + b[1] * t) - (totals * np.exp(b[0] + b[1] * t)).sum())

    fit = minimize(minus_log_likelihood, [-2.3, 0.0], method="BFGS", options={"gtol": 1e-8})
    fitted = totals * np.exp(fit.x[0] + fit.x[1] * t)
    scale = max(1, ((counts[0] - fitted) ** 2 / fitted).sum() / 8)
    flat = minus_log_likelihood([np.log(counts.sum() / totals.sum()), 0.0])
    z = np.sqrt(2 * (flat - fit.fun) / scale)
    error = np.sqrt(scale / (fitted @ t**2 - (fitted @ t) ** 2 / fitted.sum()))
    found = {name: value[0] for name, value in trends.share_trends(counts, totals, years).items()}
    assert np.isclose(found["slope"], fit.x[1], atol=1e-5)
    assert np.isclose(found["p_value"], 2 * student_t.sf(z, 8), atol=1e-5)
    half = student_t.ppf(0.975, 8) * error
    assert np.allclose([found["ci_low"], found["ci_high"]], fit.x[1] + half * np.array([-1, 1]))
    assert scale > 1


def test_dispersion_by_hand():
    # 10, 20, 30 of equal totals: expected 20 each, (100 + 0 + 100) / 20 = 10, over 2: 5.
    found = trends.share_trends(np.array([[10.0, 20, 30]]), np.full(3, 100.0), np.arange(3.0))
    assert np.isclose(found["dispersion"][0], 5)
    assert np.isclose(found["dispersion_p_value"][0], np.exp(-5))  # chi-square with 2 degrees


def test_trends_of_empty_and_of_new_places_stay_finite_or_unknown():
    counts = np.array([[0.0] * 6, [0, 0, 0, 0, 0, 900]])
    found = trends.share_trends(counts, np.full(6, 5000.0), np.arange(6.0))
    assert np.isnan([value[0] for value in found.values()]).all()
    assert found["slope"][1] == trends.MAX_SLOPE
    assert found["p_value"][1] < 1e-3
    assert all(np.isfinite(value[1]) for value in found.values())


def test_trend_errors():
    with pytest.raises(ValueError, match="3 years"):
        trends.share_trends(np.ones((1, 2)), np.ones(2), np.arange(2.0))
    with pytest.raises(ValueError, match="zero"):
        trends.share_trends(np.ones((1, 3)), np.zeros(3), np.arange(3.0))


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
    return frame.assign(volume=counts.ravel()), frame.assign(cluster_rank=tiers.ravel())


def planted(share):
    """Places 20 to 22 triple, 23 to 25 fall to a third, 26 jumps up and down, all medium-high."""
    share, t = share.copy(), np.linspace(0, 1, len(YEARS))
    share[20:23] *= 3**t
    share[23:26] /= 3**t
    share[26] *= np.where(np.arange(len(YEARS)) % 4 < 2, 3, 0.2)
    return share


def test_planted_trajectories_are_found():
    for seed in range(3):
        found = tr.trajectories(*city(seed, planted), runs()).set_index("place_id")
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
    found = pd.concat([tr.trajectories(*city(seed), runs()) for seed in range(20)])
    alarms = ~found["trajectory"].str.startswith("always")
    assert len(found) == 20 * N
    # In a city without change each alarm is a false discovery: at most 5 % of cities have one.
    assert alarms.sum() <= 2
    # Errors are never taken narrower than Poisson, so intervals hold the truth a bit too often.
    assert 0.95 <= found["ci_low"].le(0).mul(found["ci_high"].ge(0)).mean() < 0.99


def test_a_city_that_grows_makes_nobody_rise():
    def growing(share):
        return share * 3 ** np.linspace(0, 1, len(YEARS))

    said = tr.trajectories(*city(0, growing), runs())["trajectory"]
    assert said.str.startswith("always").all()


def test_a_sure_but_small_trend_within_a_tier_is_not_news():
    def slightly(share):
        share = share.copy() * 100
        share[5] *= 1.1 ** np.linspace(0, 1, len(YEARS))
        return share

    found = tr.trajectories(*city(0, slightly), runs()).set_index("place_id").loc["5"]
    assert found["q_value"] < 0.001
    assert found["trajectory"] == "always high"


def test_too_few_incidents_and_too_few_years():
    volumes, tiers = city(0)
    low = volumes["place_id"] == "59"
    volumes = volumes.assign(volume=volumes["volume"].where(~low, 3))
    found = tr.trajectories(volumes, tiers, runs()).set_index("place_id")
    assert found["trajectory"]["59"] == "too few incidents"
    assert np.isnan(found.loc["59", ["slope_per_year", "q_value"]].astype(float)).all()
    assert found["n"]["59"] == 36
    short = volumes["period_id"].isin(["2010", "2011", "2012"])
    said = tr.trajectories(volumes[short], tiers[short], runs()).set_index("place_id")["trajectory"]
    assert said["59"] == "too few incidents"
    assert set(said.drop("59")) <= {"too few years", "too few incidents"}
    assert said["0"] == "too few years"


def test_trajectories_do_not_depend_on_rows_or_other_scopes():
    volumes, tiers = city(0, planted)
    other = [frame.assign(scope="area") for frame in city(1)]
    found = tr.trajectories(
        pd.concat([volumes, other[0]]).sample(frac=1, random_state=0),
        pd.concat([tiers, other[1]]).sample(frac=1, random_state=1),
        runs(),
    )
    own = found[found["scope"] == "district"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, tr.trajectories(volumes, tiers, runs()))


def test_trajectory_errors_and_empty():
    volumes, tiers = city(0)
    with pytest.raises(ValueError, match="two values of volume"):
        tr.trajectories(pd.concat([volumes, volumes]), tiers, runs())
    with pytest.raises(ValueError, match="two values of cluster_rank"):
        tr.trajectories(volumes, pd.concat([tiers, tiers]), runs())
    assert tr.trajectories(volumes, tiers[:0], runs()[:0]).empty
    with pytest.raises(ValueError, match="not 1 to 3"):
        tr.trajectories(volumes, tiers, runs(3))
    found = tr.trajectories(volumes[:0], tiers[:0], runs())
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == tr.TRAJECTORY_COLUMNS
    assert set(tr.trajectories(volumes, tiers[:0], runs())["trajectory"]) == {"too few incidents"}
