"""Hierarchical clustering of the rows of an (n, p) array: merges, cuts, and how true they are."""

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist

from la_crime.stats.algorithms import LINKAGE_METHODS
from la_crime.stats.arrays import Floats, Ints


def linkage_matrix(x: Floats, method: str) -> Floats:
    """The (n - 1, 4) linkage of an (n, p) array in SciPy's convention, by falling similarity.

    A row is a merge: left id, right id, height, size; id i < n is row i of `x`, id n + s is the
    cluster that step s formed. Heights are Euclidean distances in the units of `x`; for `ward`,
    the square root of twice the rise in the within-cluster sum of squares.
    One row of `x` gives no merges. Raises ValueError for a method not in `LINKAGE_METHODS`.
    Sources: Ward (1963), JASA 58(301); Sokal & Michener (1958) for average linkage.
    """
    if method not in LINKAGE_METHODS:
        raise ValueError(f"unknown linkage method {method!r}: use one of {LINKAGE_METHODS}")
    if len(x) < 2:
        return np.empty((0, 4))
    return hierarchy.linkage(x, method=method, metric="euclidean")


def cut(linkage: Floats, k: int) -> Ints:
    """(n,) labels 0..k-1, exactly k clusters, from an (n - 1, 4) linkage, by undoing k - 1 merges.

    Tied heights are cut in the order of their steps (SciPy's `fcluster` would return fewer).
    Raises ValueError unless 1 <= k <= n.
    """
    n = len(linkage) + 1
    if not 1 <= k <= n:
        raise ValueError(f"a cut needs 1 <= k <= places, got k={k} with {n}")
    cluster_of = np.arange(2 * n - 1)
    # From the last merge down: a kept merge hands its cluster on to both of its parts.
    for step in range(n - 1 - k, -1, -1):
        cluster_of[linkage[step, :2].astype(int)] = cluster_of[n + step]
    return np.unique(cluster_of[:n], return_inverse=True)[1]


def cophenetic_correlation(linkage: Floats, x: Floats) -> float:
    """Pearson correlation of the heights at which pairs of rows merge with their distances.

    NaN where undefined: fewer than three rows, or all distances the same.
    Source: Sokal & Rohlf (1962), "The comparison of dendrograms by objective methods", Taxon 11(2).
    """
    distances = pdist(x)
    if len(distances) < 2 or np.ptp(distances) == 0:
        return float("nan")
    return float(np.corrcoef(hierarchy.cophenet(linkage), distances)[0, 1])
