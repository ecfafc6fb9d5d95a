"""What every resampling of places shares: seeded generators, and fast one-dimensional clusters."""

import zlib

import numpy as np
from kmeans1d import cluster as optimal_kmeans_1d

from la_crime.clustering import Floats, Ints


def generator(*names: str) -> np.random.Generator:
    """A random generator that depends on `names` alone, such as a purpose and a run_id.

    So a run's draws stay the same whatever other runs exist and however rows are ordered.
    """
    # A checksum, because Python's own hash of a string differs from process to process.
    return np.random.default_rng([zlib.crc32(name.encode()) for name in names])


def interval_labels(values: Floats, k: int) -> Ints:
    """Optimal one-dimensional K-means labels (n,) of `values` (n,), 0 = the lowest values.

    Has as many clusters as there are distinct values where those are fewer than `k`. The same
    partition as `clustering.kmeans_labels`, without its checks, which cost as much again: for
    callers that cluster thousands of resamples. Raises ValueError for a k below 1.
    """
    if k < 1:
        raise ValueError(f"k-means needs k of 1 or more, got {k}")
    k = min(k, len(np.unique(values)))
    if k == 0:
        return np.empty(0, dtype=np.int64)
    # Centred, because the dynamic programme works on sums of squares, which would cancel.
    return np.asarray(optimal_kmeans_1d(values - values.mean(), k).clusters, dtype=np.int64)
