"""Hierarchical clustering of the rows of an (n, p) array: merges, cuts, and how true they are."""

from collections.abc import Iterable

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


def cuts(linkage: Floats, ks: Iterable[int]) -> dict[int, Ints]:
    """(n,) labels 0..k-1, exactly k clusters, from an (n - 1, 4) linkage, for each k of `ks`.

    A cut undoes the last k - 1 merges; tied heights are cut in the order of their steps (SciPy's
    `fcluster` would return fewer clusters). Raises ValueError unless each 1 <= k <= n.
    """
    n, ks = len(linkage) + 1, sorted(ks, reverse=True)
    for k in ks:
        if not 1 <= k <= n:
            raise ValueError(f"a cut needs 1 <= k <= places, got k={k} with {n}")
    if not ks:
        return {}
    node = np.arange(2 * n - 1)
    parent = node.copy()
    parent[linkage[:, :2].astype(np.int64)] = np.arange(n, 2 * n - 1)[:, None]
    # The last k - 1 merges formed the ids from 2n - k on, which a cut into k does not have. Each
    # leaf's topmost cluster is followed up once, for the most clusters; then clusters alone.
    up = np.where(parent < 2 * n - ks[0], parent, node)
    while not np.array_equal(further := up[up], up):
        up = further
    top = np.unique(up[:n])
    leaf = np.searchsorted(top, up[:n])
    labels = {}
    for k in ks:
        while (
            above := np.where(parent[top] < 2 * n - k, parent[top], top)
        ).tolist() != top.tolist():
            top = above
        found = np.unique(top, return_inverse=True)[1]
        labels[k] = found[leaf]
    return dict(reversed(labels.items()))


def cophenetic_correlation(linkage: Floats, x: Floats) -> float:
    """Pearson correlation of the heights at which pairs of rows merge with their distances.

    NaN where undefined: fewer than three rows, or all distances the same.
    Source: Sokal & Rohlf (1962), "The comparison of dendrograms by objective methods", Taxon 11(2).
    """
    distances = pdist(x)
    if len(distances) < 2 or np.ptp(distances) == 0:
        return float("nan")
    return float(np.corrcoef(hierarchy.cophenet(linkage), distances)[0, 1])
