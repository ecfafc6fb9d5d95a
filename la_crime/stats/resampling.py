"""What every resampling shares: seeded generators, draws within groups, and intervals."""

import zlib
from typing import Any

import numpy as np

from la_crime.stats.arrays import Floats, Ints

DRAWS = 200
# Standard errors on each side of a 95 % interval.
NORMAL_95 = 1.959964


def generator(*names: str) -> np.random.Generator:
    """A random generator that depends on `names` alone, such as a purpose and a run_id.

    So a run's draws stay the same whatever other runs exist and however rows are ordered.
    """
    # A checksum, because Python's own hash of a string differs from process to process.
    return np.random.default_rng([zlib.crc32(name.encode()) for name in names])


def resampled_within(groups: Ints, draws: int, rng: np.random.Generator) -> Floats:
    """(draws, n) weights: how often each draw takes each place, places resampled within groups.

    Every draw keeps the number of places of each of the `groups` (n,).
    """
    weights = np.empty((draws, len(groups)))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        even = np.full(len(members), 1 / len(members))
        weights[:, members] = rng.multinomial(len(members), even, size=draws)
    return weights


def recentred_interval(
    estimate: Any, draws: Floats, lowest: float = 0.0, highest: float = 1.0
) -> tuple[Any, Any]:
    """The 95 % percentile interval of `draws` (draws, ...), moved so their median is `estimate`.

    A resampled count carries its noise twice, once from the data and once from the draw, which
    alone makes places look more unequal than they did; the move takes that bias out, so the
    estimate always lies inside. Both ends are kept within `lowest` and `highest`. Draws of NaN, in
    which nothing could be measured, are passed over; NaN where all are.
    """
    known = np.where(np.isnan(draws).all(axis=0), 0.0, draws)
    low, middle, high = np.nanpercentile(known, (2.5, 50, 97.5), axis=0)
    estimate = np.where(np.isnan(draws).all(axis=0), np.nan, estimate)
    return (
        np.clip(estimate - (middle - low), lowest, highest),
        np.clip(estimate + (high - middle), lowest, highest),
    )


def normal_interval(estimate: Any, draws: Floats) -> tuple[Any, Any]:
    """The 95 % interval of an `estimate` (...) whose error is normal, as `draws` (draws, ...) vary.

    Fifty draws give its width to a tenth, as 200 do the distance of two percentiles. Both ends are
    kept within 0 and 1. Draws of NaN are passed over; NaN where all are.
    """
    is_known = ~np.isnan(draws)
    n = is_known.sum(axis=0)
    values = np.where(is_known, draws, 0.0)
    mean = values.sum(axis=0) / np.maximum(n, 1)
    square = (np.where(is_known, values - mean, 0.0) ** 2).sum(axis=0)
    width = NORMAL_95 * np.sqrt(square / np.maximum(n - 1, 1))
    estimate = np.where(n > 0, estimate, np.nan)
    return np.clip(estimate - width, 0.0, 1.0), np.clip(estimate + width, 0.0, 1.0)
