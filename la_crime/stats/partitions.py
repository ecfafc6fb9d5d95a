"""Partitions: K-means of an (n, p) array, and the ranks and names of clusters."""

from collections.abc import Iterable

import numpy as np

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.intervals import interval_partitions
from la_crime.stats.kmeans import searched_partitions
from la_crime.stats.threads import single_threaded


def n_distinct(x: Floats) -> int:
    """How many of the rows of an (n, p) array differ."""
    return len(np.unique(x, axis=0))


@single_threaded
def kmeans_partitions(x: Floats, ks: Iterable[int]) -> dict[int, Ints]:
    """K-means labels, (n,) integers 0..k-1 in no particular order, of an (n, p) array, by k.

    One feature: the global optimum, see `interval_partitions`. Several: the best found by
    `searched_partitions`. What a k is given does not depend on which others are asked for.
    Raises ValueError unless 1 <= k <= number of distinct rows.
    """
    ks = sorted(ks)
    distinct = n_distinct(x)
    for k in ks:
        if not 1 <= k <= distinct:
            raise ValueError(f"k-means needs 1 <= k <= distinct places, got k={k} with {distinct}")
    if not ks:
        return {}
    if x.shape[1] == 1:
        found = dict(enumerate(interval_partitions(x.T, ks[-1])[:, 0], start=1))
    else:
        found = searched_partitions(x, ks[-1])
    return {k: found[k] for k in ks}


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
