"""How stable the clusters of an (n, p) array are, by the bootstrap."""

import numpy as np
from scipy.sparse import csr_array

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.gap import set_partitions
from la_crime.stats.kmeans import FEW_PLACES

# Jaccards of one cluster spread by about 0.15, so thirty give their mean to 0.03, sixteen to 0.04.
BOOTSTRAPS = 30
BOOTSTRAPS_LARGE = 16
# Hennig (2007; fpc's clusterboot): 0.75 and more is "a valid, stable cluster".
STABLE_JACCARD = 0.75


def best_jaccard(labels: Ints, found: Ints, k: int) -> Floats:
    """(sets, k) the highest Jaccard of each cluster 0..k-1 of `labels` (n,) with any of `found`.

    `found` (sets, n) are the clusters of resamples, -1 for a place that was not drawn; `labels` is
    restricted to the places drawn. A cluster of which none was drawn has 0.
    """
    sets, width = len(found), found.max() + 2
    cell = (np.arange(sets)[:, None] * k + labels) * width + found + 1
    both = np.bincount(cell.ravel(), minlength=sets * k * width).reshape(sets, k, width)[:, :, 1:]
    own, others = both.sum(axis=2, keepdims=True), both.sum(axis=1, keepdims=True)
    return (both / np.maximum(own + others - both, 1)).max(axis=2)


def bootstrap_jaccard(
    x: Floats,
    labels_of: dict[int, Ints],
    algorithm: str,
    rng: np.random.Generator,
    adjacency: csr_array | None = None,
) -> dict[int, Floats]:
    """Per k of `labels_of`, the mean bootstrap Jaccard (k,) of each of its clusters 0..k-1.

    As fpc's clusterboot by default: places are drawn with replacement, one drawn more than once
    counts once, and those drawn are clustered afresh; each original cluster, restricted to them,
    is compared with the new cluster most like it, and has 0 where none of it was drawn. `adjacency`
    as for `set_partitions`.
    Source: Hennig (2007), "Cluster-wise assessment of cluster stability", Comput. Stat. Data
    Anal. 52(1): clusterboot, non-parametric bootstrap.
    """
    draws, n = BOOTSTRAPS if len(x) <= FEW_PLACES else BOOTSTRAPS_LARGE, len(x)
    chosen = rng.integers(n, size=(draws, n)) + np.arange(draws)[:, None] * n
    drawn = (np.bincount(chosen.ravel(), minlength=draws * n) > 0).reshape(draws, n)
    sets = np.broadcast_to(x, (draws, *x.shape))
    weights = drawn.astype(np.float64)
    found = set_partitions(sets, algorithm, max(labels_of), rng, weights, adjacency)
    return {k: best_jaccard(one, found[k - 1], k).mean(axis=0) for k, one in labels_of.items()}
