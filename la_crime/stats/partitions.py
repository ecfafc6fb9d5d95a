"""Partitions: K-means of an (n, p) array, and the ranks and names of clusters."""

import numpy as np
from kmeans1d import cluster as optimal_kmeans_1d
from sklearn.cluster import KMeans

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.threads import single_threaded


def n_distinct(x: Floats) -> int:
    """How many of the rows of an (n, p) array differ."""
    return len(np.unique(x, axis=0))


@single_threaded
def kmeans_labels(x: Floats, k: int, seed: int = 0, n_init: int = 20) -> Ints:
    """K-means labels, (n,) integers 0..k-1 in no particular order, of an (n, p) array.

    One feature: the global optimum by dynamic programming; `seed` and `n_init` are not used.
    Several: Lloyd's algorithm to convergence, the best of `n_init` k-means++ starts.
    Raises ValueError unless 1 <= k <= number of distinct rows. Sources: Wang & Song (2011),
    "Ckmeans.1d.dp", R Journal 3(2); Arthur & Vassilvitskii (2007), "k-means++", SODA.
    """
    distinct = n_distinct(x)
    if not 1 <= k <= distinct:
        raise ValueError(f"k-means needs 1 <= k <= distinct places, got k={k} with {distinct}")
    if x.shape[1] == 1:
        # Centred, because the dynamic programme works on sums of squares, which would cancel.
        return np.asarray(optimal_kmeans_1d(x[:, 0] - x.mean(), k).clusters, dtype=np.int64)
    model = KMeans(k, init="k-means++", n_init=n_init, tol=0.0, random_state=seed)
    return model.fit(x).labels_.astype(np.int64)


def interval_labels(values: Floats, k: int) -> Ints:
    """Optimal one-dimensional K-means labels (n,) of `values` (n,), 0 = the lowest values.

    Has as many clusters as there are distinct values where those are fewer than `k`. The same
    partition as `kmeans_labels`, without its checks, which cost as much again: for
    callers that cluster thousands of resamples. Raises ValueError for a k below 1.
    """
    if k < 1:
        raise ValueError(f"k-means needs k of 1 or more, got {k}")
    k = min(k, len(np.unique(values)))
    if k == 0:
        return np.empty(0, dtype=np.int64)
    # Centred, because the dynamic programme works on sums of squares, which would cancel.
    return np.asarray(optimal_kmeans_1d(values - values.mean(), k).clusters, dtype=np.int64)


def rank_clusters(labels: Ints, volume: Floats) -> Ints:
    """(n,) ranks 1..k of each row's cluster, 1 = highest mean of `volume` (n,).

    Equal means are ranked by the smallest row index of a member, so ranks never depend on how
    the clusters happen to be numbered. Raises ValueError where the lengths differ.
    """
    volume = np.asarray(volume, dtype=np.float64)
    if len(labels) != len(volume):
        raise ValueError(f"{len(labels)} labels but {len(volume)} volumes")
    _, first, cluster, size = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    mean = np.bincount(cluster, weights=volume) / size
    rank_of = np.empty(len(size), dtype=np.int64)
    rank_of[np.lexsort((first, -mean))] = np.arange(1, len(size) + 1)
    return rank_of[cluster]


def tier_name(rank: int, k: int) -> str:
    """The name of cluster `rank` of `k`, 1 = highest: words for 2 to 5 tiers, else a number.

    Raises ValueError unless 1 <= rank <= k.
    """
    if not 1 <= rank <= k:
        raise ValueError(f"a tier's rank is 1 to {k}, got {rank}")
    names = {
        2: ("high", "low"),
        3: ("high", "medium", "low"),
        4: ("high", "medium-high", "medium-low", "low"),
        5: ("high", "medium-high", "medium", "medium-low", "low"),
    }
    return names[k][rank - 1] if k in names else f"tier {rank} of {k}"
