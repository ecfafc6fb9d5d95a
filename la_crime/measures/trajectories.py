"""How places move between tiers from year to year, and which rise or fall beyond noise."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from la_crime.frames import typed
from la_crime.measures.noise import noise_of
from la_crime.stats.arrays import Floats, Ints, rounded
from la_crime.stats.noise import CountNoise
from la_crime.stats.partitions import tier_name
from la_crime.stats.trends import share_trends

TRANSITION_COLUMNS = {
    "scope": "str",
    "from_rank": "int64",
    "to_rank": "int64",
    "from_tier": "str",
    "to_tier": "str",
    "n": "int64",
    "probability": "float64",
    "persistence": "float64",
}


def transitions(tiers: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Moves between the k tiers from a year to the next: `TRANSITION_COLUMNS`.

    A row a scope and pair of tiers, those without moves too. `tiers` has scope, place_id,
    period_id (a year) and cluster_rank (1..k), `runs` scope and k; a place counts where it has a
    tier in both years.
    probability is the share of the moves out of from_tier; persistence, of staying put, repeats for
    the rows of a from_tier. NaN where the tier has no moves. No time to leave a tier follows from
    it: a place near a bound is put now here, now there by noise, and each such step is counted.
    Raises ValueError for a place with two tiers in a year and for a rank outside 1..k.
    """
    k_of = _k_of(tiers, runs)
    now = tiers.assign(year=tiers["period_id"].astype("int64"))
    keys = ["scope", "place_id", "year"]
    if now.duplicated(keys).any():
        raise ValueError("a place has two tiers in a year")
    moves = now.merge(now.assign(year=now["year"] - 1), on=keys, suffixes=("", "_next"))
    parts = []
    for scope in sorted(now["scope"].unique()):
        own = moves[moves["scope"] == scope]
        left, right = (own[name].to_numpy() - 1 for name in ("cluster_rank", "cluster_rank_next"))
        k = k_of[scope]
        counts = np.bincount(left * k + right, minlength=k * k).reshape(k, k)
        parts.append(_transition_rows(scope, counts))
    return typed(parts, TRANSITION_COLUMNS)


def _k_of(tiers: pd.DataFrame, runs: pd.DataFrame) -> dict[str, int]:
    """The number of tiers of each scope by `runs`; ValueError for a rank that is not 1 to that."""
    k_of = dict(zip(runs["scope"], runs["k"].astype(int), strict=True))
    for scope, ranks in tiers.groupby("scope")["cluster_rank"]:
        k = k_of.get(scope, 0)
        if not ranks.between(1, k).all():
            raise ValueError(f"a tier's rank is not 1 to {k}")
    return k_of


def _transition_rows(scope: str, counts: Ints) -> pd.DataFrame:
    """The k x k rows of one scope from its (k, k) numbers of moves."""
    k = len(counts)
    total = counts.sum(axis=1, keepdims=True)
    probability = np.where(total > 0, counts / np.maximum(total, 1), np.nan)
    names = np.array([tier_name(rank, k) for rank in range(1, k + 1)])
    left, right = np.divmod(np.arange(k * k), k)
    rows = {
        "scope": scope,
        "from_rank": left + 1,
        "to_rank": right + 1,
        "from_tier": names[left],
        "to_tier": names[right],
        "n": counts.ravel(),
        "probability": rounded(probability.ravel()),
        "persistence": rounded(np.diag(probability)[left]),
    }
    return pd.DataFrame(rows)


# Under it a year has three or four.
MIN_TOTAL = 50
# A trend, a level and a scatter take three years; a fourth is the least that can contradict them.
MIN_YEARS = 4
# False discoveries allowed among the places of a scope that are called changed.
FALSE_DISCOVERY_RATE = 0.05
# A trend that is sure but moves a place by less than a quarter, and to no other tier, is no news.
MIN_CHANGE = 1.25
# One step between tiers is what a recount of a place near a bound does.
FLUCTUATING_STEPS = 2

TRAJECTORY_COLUMNS = {
    "scope": "str",
    "place_id": "str",
    "trajectory": "str",
    "n": "float64",
    "n_years": "int64",
    "slope_per_year": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "p_value": "float64",
    "q_value": "float64",
    "dispersion": "float64",
    "dispersion_q_value": "float64",
    "fitted_ratio": "float64",
}


def trajectories(
    volumes: pd.DataFrame, tiers: pd.DataFrame, runs: pd.DataFrame, noise: pd.DataFrame
) -> pd.DataFrame:
    """What became of each place's share of the city over the years: `TRAJECTORY_COLUMNS`.

    A row a scope and place, from single complete years: `volumes` has scope, place_id, period_id (a
    year), volume, a missing row being none, and is_same_ground, whether the place is the same one
    in all years; `tiers` has scope, place_id, period_id, cluster_rank (1..k); `runs` has scope and
    k, and a scope that it lacks has no rows; `noise` has scope, a, power, correlation, drift. A
    place is held beside the typical one, so that the city's own rise is nobody's. slope_per_year,
    ci_low and ci_high are changes of the log per year, fitted_ratio the fitted last year over the
    first; see `share_trends`. In this order a place is

    - `ground changed`: it is not the same one in all years;
    - `too few incidents`: under `MIN_TOTAL` in all, or no tier in any year;
    - `too few years`: the scope has under `MIN_YEARS`;
    - `rising`, `falling`: the trend is beyond noise (Benjamini-Hochberg over the scope's places,
      `FALSE_DISCOVERY_RATE`), and matters: the fitted count changes by a factor of `MIN_CHANGE`
      or crosses, the same way, a bound between tiers;
    - `fluctuating`: no such trend, but counts vary more than noise and drift make them (same
      correction) and the place's tiers lie `FLUCTUATING_STEPS` or more apart;
    - `always high` and so on: else, by the tier that it has most often (of equals, the higher).

    A trend is a description of these years and no forecast.

    Raises ValueError for a place with two volumes or two tiers in a year, or a rank not 1..k.
    Source of the correction: Benjamini & Hochberg (1995), JRSS B 57(1).
    """
    k_of = _k_of(tiers, runs)
    parts = [
        _scope_trajectories(
            str(scope),
            rows,
            tiers[tiers["scope"] == scope],
            k_of[scope],
            noise_of(noise, scope=scope),
        )
        for scope, rows in volumes.groupby("scope")
        if scope in k_of
    ]
    return typed(parts, TRAJECTORY_COLUMNS)


def _by_year(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """A row a place and a column a year, both sorted; ValueError for a place's year given twice."""
    keyed = rows.assign(year=rows["period_id"].astype("int64"))
    if keyed.duplicated(["place_id", "year"]).any():
        raise ValueError(f"a place has two values of {value} in a year")
    # Sorted by pandas; nothing is summed, because no cell is given twice.
    return keyed.pivot_table(value, "place_id", "year", aggfunc="sum")


def _scope_trajectories(
    scope: str, volumes: pd.DataFrame, tiers: pd.DataFrame, k: int, noise: CountNoise
) -> pd.DataFrame:
    """The rows of one scope for `trajectories`."""
    counts = _by_year(volumes, "volume").fillna(0.0)
    counts = counts.loc[:, counts.sum() > 0]
    ranks = _by_year(tiers, "cluster_rank").reindex(index=counts.index, columns=counts.columns)
    n = counts.sum(axis=1).to_numpy()
    is_changed = ~counts.index.isin(volumes.loc[volumes["is_same_ground"], "place_id"])
    is_tested = ~is_changed & (n >= MIN_TOTAL) & ranks.notna().any(axis=1).to_numpy()
    has_years = counts.shape[1] >= MIN_YEARS
    trend = _tested_trends(counts, is_tested & has_years, noise)
    names = np.where(is_tested, "too few years", "too few incidents").astype(object)
    names[is_changed] = "ground changed"
    if has_years and is_tested.any():
        names[is_tested] = _trajectory_names(counts, ranks, trend, k)[is_tested]
    rows = {
        "scope": scope,
        "place_id": counts.index,
        "trajectory": names,
        "n": n,
        "n_years": counts.shape[1],
        **{name: rounded(trend[source]) for name, source in _TREND_COLUMNS.items()},
        "fitted_ratio": rounded(np.exp(trend["change"])),
    }
    return pd.DataFrame(rows)


_TREND_COLUMNS = {
    "slope_per_year": "slope",
    "ci_low": "ci_low",
    "ci_high": "ci_high",
    "p_value": "p_value",
    "q_value": "q_value",
    "dispersion": "dispersion",
    "dispersion_q_value": "dispersion_q_value",
}


def _tested_trends(counts: pd.DataFrame, is_tested: Any, noise: CountNoise) -> dict[str, Floats]:
    """`share_trends` and q-values of the places to test, (n,) each, NaN for the others."""
    names = (*_TREND_COLUMNS.values(), "change")
    trend = {name: np.full(len(counts), np.nan) for name in names}
    if not is_tested.any():
        return trend
    values = counts.to_numpy(dtype=np.float64)[is_tested]
    years = counts.columns.to_numpy(dtype=np.float64)
    # a place's usual count has the dispersion: that of a low year would be taken for a sure one
    usual = values.mean(axis=1, keepdims=True)
    found = share_trends(values, years, noise.dispersion(usual), noise.drift)
    found["q_value"] = false_discovery_control(found["p_value"])
    found["dispersion_q_value"] = false_discovery_control(found["dispersion_p_value"])
    for name in names:
        trend[name][is_tested] = found[name]
    return trend


def _trajectory_names(
    counts: pd.DataFrame, ranks: pd.DataFrame, trend: dict[str, Floats], k: int
) -> Any:
    """The trajectory (n,) of each place by the rule in `trajectories`."""
    bounds = _share_bounds(counts, ranks)
    change = trend["change"]
    share = (counts / counts.sum()).to_numpy()
    middle = np.log(np.maximum(share.mean(axis=1), 1e-12))
    # Bounds rise with the share, so a place that crosses one upward gets a higher position.
    first, last = (np.searchsorted(bounds, middle + half * change) for half in (-0.5, 0.5))
    steps = last - first
    matters = (np.abs(change) >= np.log(MIN_CHANGE)) | (steps * np.sign(change) > 0)
    has_trend = (trend["q_value"] <= FALSE_DISCOVERY_RATE) & matters
    by_place = ranks.to_numpy()
    highest, lowest = ranks.min(axis=1).to_numpy(), ranks.max(axis=1).to_numpy()
    varies = trend["dispersion_q_value"] <= FALSE_DISCOVERY_RATE
    fluctuates = varies & (lowest - highest >= FLUCTUATING_STEPS)
    times = np.stack([(by_place == rank).sum(axis=1) for rank in range(1, k + 1)], axis=1)
    usual = np.array([f"always {tier_name(rank, k)}" for rank in range(1, k + 1)])
    return np.select(
        [has_trend & (change > 0), has_trend, fluctuates],
        ["rising", "falling", "fluctuating"],
        usual[times.argmax(axis=1)],
    )


def _share_bounds(counts: pd.DataFrame, ranks: pd.DataFrame) -> Floats:
    """Log shares midway between the mean log shares of neighbouring tiers, rising.

    One set of bounds for all years, so that a bound that wanders cannot move a place.
    """
    shares = (counts / counts.sum()).to_numpy()
    known = ranks.notna().to_numpy() & (shares > 0)
    rank = ranks.to_numpy()[known].astype(int)
    logs = np.log(shares[known])
    means = np.sort([logs[rank == one].mean() for one in np.unique(rank)])
    return (means[1:] + means[:-1]) / 2
