"""Tiers of resampled volumes: how sure each place's tier is under counting noise.

Tiers are arrays of ranks: 1 = highest volume, and 0 for a place that is not clustered.
"""

import numpy as np

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.intervals import interval_partition
from la_crime.stats.noise import CountNoise, pooled_levels
from la_crime.stats.transforms import transformed

# The order of places survives these, so tiers of the transformed volumes are tiers of volume.
ORDERED_TRANSFORMS = ("raw", "log1p", "log1p_zscore", "rank")
# 500 recounts give a probability to 0.02, 200 a 5th percentile to between the 2nd and the 8th.
CONFIDENCE_DRAWS = 500
NOISES = ("recount", "other_year", "poisson", "three_times")


def volume_tiers(
    volumes: Floats | Ints, k: int, transform: str = "log1p", min_volume: float = 0
) -> Ints:
    """Optimal one-dimensional K-means tiers (draws, n) of each row of `volumes` (draws, n).

    Ranks 1..k, 1 = highest; 0 for a volume below `min_volume`. A row with fewer than k distinct
    volumes has as many tiers as those. Raises ValueError for a transform that does not keep the
    order of places, and for a k below 1.
    """
    if transform not in ORDERED_TRANSFORMS:
        raise ValueError(
            f"tiers need one of the transforms {ORDERED_TRANSFORMS}, not {transform!r}"
        )
    volumes = np.asarray(volumes, dtype=np.float64)
    # Small volumes are dropped after the transform: that only shifts and scales what is left.
    values = transformed(volumes.T, transform).T
    is_clustered = volumes >= min_volume
    labels = interval_partition(values, k, is_clustered)
    highest = labels.max(axis=1, keepdims=True, initial=0)
    return np.where(is_clustered, highest + 1 - labels, 0)


def tier_shares(tiers: Ints, k: int) -> Floats:
    """(n, k) shares of the draws that put each place in each tier 1..k, of `tiers` (draws, n).

    Draws that do not cluster a place are left out of its row; NaN if none does.
    """
    counts = np.stack([(tiers == rank).sum(axis=0) for rank in range(1, k + 1)], axis=1)
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)


def recounts(
    volumes: Floats, noise: CountNoise, months: float, draws: int, rng: np.random.Generator
) -> dict[str, Ints]:
    """(draws, n) counts of places whose own were `volumes` (n,), by `NOISES`.

    Each draw takes a level of each place by what its count says of it (`pooled_levels`), and counts
    it again: with the measured noise (`recount`), after a year's drift (`other_year`), as Poisson
    (`poisson`), or with three times Poisson's variance (`three_times`). A count that merely
    scattered around the volume would be too close to it, for the volume has noise of its own.
    Parametric bootstrap: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", section
    6.5; with drawn levels: Laird & Louis (1987), JASA 82(399).
    """

    def counted(noise: CountNoise, drifts: bool) -> Ints:
        levels = pooled_levels(volumes, noise, months).draw(rng, draws)
        if drifts:
            levels = noise.drifted(rng, levels, draws)
        return noise.recount(rng, levels, draws, months)

    return {
        "recount": counted(noise, drifts=False),
        "other_year": counted(noise, drifts=True),
        "poisson": counted(noise.times(1), drifts=False),
        "three_times": counted(noise.times(3), drifts=False),
    }


def rank_intervals(levels: Floats) -> tuple[Ints, Ints]:
    """The 95 % interval, (n,) each, of places' ranks, 1 the highest, in `levels` (draws, n).

    Source: Goldstein & Spiegelhalter (1996), "League tables and their limitations", JRSS A 159(3).
    """
    ranks = (-levels).argsort(axis=1).argsort(axis=1) + 1
    low, high = np.percentile(ranks, [2.5, 97.5], axis=0, method="nearest")
    return low.astype(np.int64), high.astype(np.int64)
