"""How far two tierings agree, beside what noise alone would do.

Tiers are arrays of ranks: 1 = highest volume, and 0 for a place that is not clustered.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import entr
from scipy.stats import binom, rankdata
from sklearn.metrics.cluster import expected_mutual_information

from la_crime.stats.arrays import Floats, Ints, rounded

# Two measures are judged, each at 2.5 %, so that noise alone alarms in at most 5 %.
NOISE_PERCENTILES = {"median": 50, "p05": 5, "p025": 2.5}

NOISE_MEASURES = {
    "noise_ari_median": "float64",
    "noise_ari_p05": "float64",
    "noise_ari_p025": "float64",
    "noise_kappa_median": "float64",
    "noise_kappa_p025": "float64",
}

# Landis & Koch (1977), Biometrics 33(1): kappa up to 0.60 is "moderate", above "substantial".
SUBSTANTIAL_KAPPA = 0.6
NO_CHANGE = "no change shown"
# What the power of the verdict is stated for: four in five is the usual bound (Cohen 1988).
POWER = 0.8
POWER_DRAWS = 60
MOVED_SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


def contingency(left: Ints, right: Ints, k: int) -> Ints:
    """(draws, k, k) numbers of places in each pair of tiers, of tiers (draws, n) or (n,).

    The two broadcast; places with a 0 on either side are left out.
    """
    left, right = np.atleast_2d(left), np.atleast_2d(right)
    draws = max(len(left), len(right))
    return _counted(np.arange(draws)[:, None], left, right, k, draws)


def _counted(table: Ints, left: Ints, right: Ints, k: int, tables: int) -> Ints:
    """(tables, k, k) numbers of places by the `table` they belong to and their tiers, 0 left out.

    `table`, `left` and `right` broadcast.
    """
    cell = (table * (k + 1) + left) * (k + 1) + right
    counts = np.bincount(cell.ravel(), minlength=tables * (k + 1) ** 2)
    return counts.reshape(tables, k + 1, k + 1)[:, 1:, 1:]


def adjusted_rand_index(table: Ints) -> Floats:
    """The adjusted Rand index (draws,) of contingency tables (draws, k, l), 1 = the same.

    1 where both partitions are trivial in the same way; NaN with fewer than two places. Source:
    Hubert & Arabie (1985), "Comparing partitions", J. Classif. 2.
    """

    def pairs(counts: Ints) -> Floats:
        return counts * (counts - 1) / 2

    together = pairs(table).sum(axis=(1, 2))
    left = pairs(table.sum(axis=2)).sum(axis=1)
    right = pairs(table.sum(axis=1)).sum(axis=1)
    total = pairs(table.sum(axis=(1, 2)))
    expected = left * right / np.maximum(total, 1)
    room = (left + right) / 2 - expected
    index = np.where(room > 0, together - expected, 1.0) / np.where(room > 0, room, 1.0)
    return np.where(total > 0, index, np.nan)


def weighted_kappa(table: Ints) -> Floats:
    """Quadratic-weighted kappa (draws,) of contingency tables (draws, k, k) of ranks.

    1 = the same ranks, 0 = chance; NaN where all places have the one same rank, or there are none.
    Source: Cohen (1968), "Weighted kappa", Psychol. Bull. 70(4).
    """
    steps = np.arange(table.shape[-1])
    weight = (steps[:, None] - steps) ** 2
    total = table.sum(axis=(1, 2))
    apart = (weight * table).sum(axis=(1, 2))
    margins = table.sum(axis=2)[:, :, None] * table.sum(axis=1)[:, None, :]
    by_chance = (weight * margins).sum(axis=(1, 2)) / np.maximum(total, 1)
    return np.where(by_chance > 0, 1 - apart / np.where(by_chance > 0, by_chance, 1.0), np.nan)


def adjusted_mutual_information(table: Ints) -> float:
    """The adjusted mutual information of a contingency table (k, l), by the mean of entropies.

    1 where both partitions are trivial in the same way. Source: Vinh, Epps & Bailey (2010),
    "Information theoretic measures for clusterings comparison", JMLR 11.
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    if table.shape == (1, 1):
        return 1.0
    n = int(table.sum())
    parts = (table.sum(axis=1), table.sum(axis=0), table)
    left, right, both = (entr(part / n).sum() for part in parts)
    shared = left + right - both
    expected = expected_mutual_information(table, n)
    return float((shared - expected) / ((left + right) / 2 - expected))


def agreement(
    left: Ints, right: Ints, left_volume: Floats, right_volume: Floats
) -> dict[str, float]:
    """How far two tierings (n,) of the same places agree, on the places that both cluster.

    `n_places`; `ari` and `ami`, which see groups alone; `weighted_kappa`, quadratic, which sees
    the order of the tiers; `spearman` of the two volumes (n,), which sees no tiers. All are 1 for
    perfect agreement, 0 for chance, NaN where undefined. Raises ValueError where lengths differ.
    Sources: Hubert & Arabie (1985), J. Classif. 2; Vinh, Epps & Bailey (2010), JMLR 11; Cohen
    (1968), Psychol. Bull. 70(4); Spearman (1904), Am. J. Psychol. 15(1).
    """
    if len({len(left), len(right), len(left_volume), len(right_volume)}) > 1:
        raise ValueError("tiers and volumes to compare differ in length")
    both = (left > 0) & (right > 0)
    left, right = left[both], right[both]
    if len(left) < 2:
        nothing = dict.fromkeys(("ari", "ami", "weighted_kappa", "spearman"), float("nan"))
        return {"n_places": len(left), **nothing}
    table = contingency(left, right, int(max(left.max(), right.max())))
    measures = {
        "ari": adjusted_rand_index(table)[0],
        "ami": adjusted_mutual_information(table[0]),
        "weighted_kappa": weighted_kappa(table)[0],
        "spearman": _spearman(left_volume[both], right_volume[both]),
    }
    return {"n_places": len(left), **{name: float(rounded(v)) for name, v in measures.items()}}


def _spearman(left: Floats, right: Floats) -> float:
    """Rank correlation, NaN where either side is constant."""
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(left), rankdata(right))[0, 1])


def mid_percentiles(values: Floats, percentiles: Iterable[float]) -> Floats:
    """The percentiles of `values` (n,) by the mid-distribution function, n of 1 or more.

    Agreement of a few places takes few values, and a plain median of such jumps from one to the
    next with the draws; this one goes between them as their shares do. Source: Ma, Genton & Parzen
    (2011), "Asymptotic properties of sample quantiles of discrete distributions", Ann. Inst. Stat.
    Math. 63(2).
    """
    found, counts = np.unique(rounded(values), return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()
    return np.interp(np.array([*percentiles]) / 100, middle, found)


def noise_band(left: Ints, right: Ints, k: int) -> dict[str, float]:
    """Percentiles of the ARI and kappa of tiers (draws, n) with tiers (draws, n) or (n,).

    `NOISE_MEASURES` names them. NaN where no draw has two places that both sides cluster.
    """
    table = contingency(left, right, k)
    band = {}
    for measure, drawn in (("ari", adjusted_rand_index(table)), ("kappa", weighted_kappa(table))):
        drawn = drawn[~np.isnan(drawn)]
        nothing = np.full(len(NOISE_PERCENTILES), np.nan)
        values = mid_percentiles(drawn, NOISE_PERCENTILES.values()) if len(drawn) else nothing
        for name, value in zip(NOISE_PERCENTILES, values, strict=True):
            band[f"noise_{measure}_{name}"] = float(rounded(value))
    return {name: band[name] for name in NOISE_MEASURES}


def verdict(measures: dict[str, float], band: dict[str, float]) -> str | None:
    """Whether two tierings show a change beyond noise; None where no noise band is known.

    `no change shown` where both the ARI and the quadratic-weighted kappa reach the 2.5th percentile
    of noise: the ARI sees groups that dissolve, kappa sees places that move far. Else `large change
    shown` where kappa is under `SUBSTANTIAL_KAPPA`, or `change shown`.
    """
    if np.isnan(band["noise_ari_p025"]) or np.isnan(measures["ari"]):
        return None
    if not bool(is_change(measures["ari"], measures["weighted_kappa"], band)):
        return NO_CHANGE
    return (
        "large change shown" if measures["weighted_kappa"] < SUBSTANTIAL_KAPPA else "change shown"
    )


def is_change(ari: Any, kappa: Any, band: dict[str, float]) -> Any:
    """Whether an ARI or a kappa (arrays or floats) lies below the 2.5th percentile of noise.

    A kappa that is undefined, of one tier alone, cannot be below anything.
    """
    return (ari < band["noise_ari_p025"]) | (kappa < band["noise_kappa_p025"])


class Moves(NamedTuple):
    """Moves of places that are drawn by chance, one tier up or down (from an end, inwards).

    `begins` (draws, n) is the index of the smallest of `MOVED_SHARES` that has the place among
    those that move, or their number; `step` (draws, n) 1 or -1.
    """

    begins: Ints
    step: Ints


def drawn_moves(n: int, rng: np.random.Generator) -> Moves:
    """Moves of `n` places, `POWER_DRAWS` times."""
    size = (POWER_DRAWS, n)
    begins = np.searchsorted(MOVED_SHARES, rng.random(size), side="right")
    return Moves(begins, 2 * rng.integers(2, size=size) - 1)


def detectable_share(
    left: Ints, right: Ints, k: int, band: dict[str, float], moves: Moves
) -> float:
    """The smallest share of `MOVED_SHARES` that `verdict` would see move, with `POWER`; or NaN.

    `left` and `right` (draws, n) are tiers in which no place changed. Of each draw, as many as
    `moves` has at most, that share of the places moves on the right.
    """
    if np.isnan(band["noise_ari_p025"]):
        return float("nan")
    right = right[: len(moves.begins)]
    left = np.atleast_2d(left)[: len(right)]
    begins, step = (part[: len(right)] for part in moves)
    moved = np.where((right + step < 1) | (right + step > k), right - step, right + step)
    moved = np.where((right > 0) & (k > 1), moved, right)
    # Places by the share from which on they move, in tables of before and of after that: a share's
    # table is the sum of those after for the shares up to it, and those before for the others.
    draws, parts = len(right), len(MOVED_SHARES) + 1
    cell = np.arange(draws)[:, None] * parts + begins
    before, after = (
        _counted(cell, left, one, k, draws * parts).reshape(draws, parts, k, k).cumsum(axis=1)
        for one in (right, moved)
    )
    table = (after + before[:, -1:] - before)[:, :-1].reshape(-1, k, k)
    alarms = is_change(adjusted_rand_index(table), weighted_kappa(table), band)
    is_seen = alarms.reshape(draws, -1).mean(axis=0) >= POWER
    return MOVED_SHARES[is_seen.argmax()] if is_seen.any() else float("nan")


def median_interval(values: Floats) -> tuple[float, float]:
    """The 95 % interval of the median of `values` (n,), of whatever distribution: two of them.

    As many of n values as are below their population's median are binomial. Source: Conover (1999),
    "Practical Nonparametric Statistics", section 3.2. Fewer than six cannot say so much, and have
    the lowest and the highest.
    """
    below = max(int(binom.ppf(0.025, len(values), 0.5)) - 1, 0)
    ordered = np.sort(values)
    return float(ordered[below]), float(ordered[-1 - below])


class ShareChanges(NamedTuple):
    """How far places' shares of a total moved between two periods.

    `log_change`, of each place's share, and `error`, its standard error by counting noise, (n,);
    `statistic`, their squared ratio summed, which is about the number of places without change.
    """

    log_change: Floats
    error: Floats
    statistic: Floats


def share_changes(
    left: Floats, right: Floats, left_dispersion: Floats, right_dispersion: Floats
) -> ShareChanges:
    """The changes between counts (..., n) of two periods, with their dispersions (n,).

    Shares are taken of the places' median change, so that one place's rise is not the fall of all
    others by arithmetic alone. Half an incident is added to each count.
    """
    log = np.log((right + 0.5) / (left + 0.5))
    log = log - np.median(log, axis=-1, keepdims=True)
    variance = left_dispersion / (left + 0.5) + right_dispersion / (right + 0.5)
    return ShareChanges(log, np.sqrt(variance), (log**2 / variance).sum(axis=-1))
