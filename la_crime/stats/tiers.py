"""Tiers of resampled volumes: how sure each place's tier is under counting noise.

Noise is Poisson: a recount of a place whose expected count is m varies by about sqrt(m). Crime
counts vary more than that (a burst of thefts is not many independent events), so a band of
noise here is the narrowest that is defensible: what is within it is no change, what is outside
it may still be chance of another kind.

Tiers are arrays of ranks: 1 = highest volume, and 0 for a place that is not clustered.
"""

import numpy as np

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.intervals import interval_partitions
from la_crime.stats.resampling import generator
from la_crime.stats.transforms import transformed

# The order of places survives these, so tiers of the transformed volumes are tiers of volume.
ORDERED_TRANSFORMS = ("raw", "log1p", "log1p_zscore", "rank")
# 500 recounts give a probability to 0.02, 200 a 5th percentile to between the 2nd and the 8th.
CONFIDENCE_DRAWS = 500


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
    labels = interval_partitions(values, k, is_clustered)[-1]
    highest = labels.max(axis=1, keepdims=True, initial=0)
    return np.where(is_clustered, highest + 1 - labels, 0)


def tier_confidence(
    volumes: Floats,
    k: int,
    transform: str = "log1p",
    draws: int = CONFIDENCE_DRAWS,
    rng: np.random.Generator | None = None,
    min_volume: float = 0,
) -> Floats:
    """(n, k) probabilities of each tier 1..k of each place, whose counts are `volumes` (n,).

    Each draw recounts every place as Poisson around its count and clusters the recounts. Draws
    that put a place below `min_volume` are left out of its row, for it would not be clustered;
    NaN if all do. Raises ValueError as `volume_tiers` does. Parametric bootstrap: Efron &
    Tibshirani (1993), "An Introduction to the Bootstrap", section 6.5.
    """
    rng = generator("tier confidence") if rng is None else rng
    tiers = volume_tiers(rng.poisson(volumes, (draws, len(volumes))), k, transform, min_volume)
    counts = np.stack([(tiers == rank).sum(axis=0) for rank in range(1, k + 1)], axis=1)
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)
