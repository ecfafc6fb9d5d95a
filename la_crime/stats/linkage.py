"""Hierarchical clustering of the rows of an (n, p) array: merges, cuts, and how true they are."""

from collections.abc import Iterable

import numpy as np
from scipy.cluster import hierarchy
from scipy.sparse import csr_array
from scipy.spatial.distance import pdist
from sklearn.cluster import ward_tree

from la_crime.stats.algorithms import CONTIGUOUS, LINKAGE_METHODS
from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.contiguity import pieces


def linkage_matrix(x: Floats, method: str, adjacency: csr_array | None = None) -> Floats:
    """The (n - 1, 4) linkage of an (n, p) array in SciPy's convention, by falling similarity.

    A row is a merge: left id, right id, height, size; id i < n is row i of `x`, id n + s is the
    cluster that step s formed. Heights are Euclidean distances in the units of `x`; for `ward`,
    the square root of twice the rise in the within-cluster sum of squares.
    One row of `x` gives no merges. `ward_contiguous` is Ward's with merges of neighbours alone, by
    `adjacency` (n, n, see `contiguity`): a height may lie below that of an earlier step. Raises
    ValueError for a method not in `LINKAGE_METHODS` or contiguous, and for one that is contiguous
    with neighbours that do not connect all rows.
    Sources: Ward (1963), JASA 58(301); Sokal & Michener (1958) for average linkage; Ferligoj &
    Batagelj (1982), "Clustering with relational constraint", Psychometrika 47(4).
    """
    methods = (*LINKAGE_METHODS, CONTIGUOUS)
    if method not in methods:
        raise ValueError(f"unknown linkage method {method!r}: use one of {methods}")
    if len(x) < 2:
        return np.empty((0, 4))
    if method == CONTIGUOUS:
        return _contiguous_ward(x, adjacency)
    return hierarchy.linkage(x, method=method, metric="euclidean")


def _contiguous_ward(x: Floats, adjacency: csr_array | None) -> Floats:
    """`linkage_matrix` of two or more rows of which only neighbours are merged."""
    if adjacency is None or pieces(adjacency).any():
        raise ValueError(f"{CONTIGUOUS} needs neighbours that connect all places")
    children, _, n, _, heights = ward_tree(x, connectivity=adjacency, return_distance=True)
    size = np.ones(2 * n - 1)
    for step, pair in enumerate(children):
        size[n + step] = size[pair].sum()
    return np.column_stack([children, heights, size[n:]])


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
