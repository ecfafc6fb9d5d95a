"""How good a partition of the rows of an (n, p) array is."""

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from la_crime.stats.arrays import Floats, Ints, rounded


def distance_matrix(x: Floats) -> Floats:
    """(n, n) Euclidean distances between the rows of an (n, p) array, in the units of `x`."""
    if x.shape[1] == 1:
        return np.abs(x - x.T)
    return squareform(pdist(x))


def _check_lengths(labels: Ints, n: int) -> None:
    if len(labels) != n:
        raise ValueError(f"{len(labels)} labels but {n} places")


def silhouette_values(distances: Floats, labels: Ints) -> Floats:
    """(n,) silhouettes, from -1 to 1, of `labels` (n,) given (n, n) distances.

    0 for the only member of a cluster; NaN for all where there is one cluster. Raises ValueError
    where the lengths differ. Source: Rousseeuw (1987), "Silhouettes", J. Comput. Appl. Math. 20.
    """
    _check_lengths(labels, len(distances))
    _, cluster, size = np.unique(labels, return_inverse=True, return_counts=True)
    if len(size) < 2:
        return np.full(len(labels), np.nan)
    row = np.arange(len(labels))
    to_cluster = distances @ np.eye(len(size))[cluster]
    own_size = size[cluster]
    within = to_cluster[row, cluster] / np.maximum(own_size - 1, 1)
    to_cluster /= size
    to_cluster[row, cluster] = np.inf
    nearest = to_cluster.min(axis=1)
    largest = np.maximum(within, nearest)
    is_defined = (own_size > 1) & (largest > 0)
    return rounded(np.where(is_defined, nearest - within, 0.0) / np.where(is_defined, largest, 1.0))


def score_partition(x: Floats, labels: Ints) -> dict[str, float]:
    """Scores of `labels` (n,) on an (n, p) array: `inertia`, `calinski_harabasz`, `davies_bouldin`.

    Inertia is the within-cluster sum of squares, in squared units of `x`. The other two are NaN
    where undefined: one cluster, or no spread within any cluster (as where every row is its own).
    Raises ValueError where the lengths differ. Sources: Caliński & Harabasz (1974), Commun. Stat.
    3(1); Davies & Bouldin (1979), IEEE TPAMI 1(2).
    """
    _check_lengths(labels, len(x))
    _, first, cluster, size = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    centroids = (np.eye(len(size))[cluster].T @ x) / size[:, None]
    squares = ((x - centroids[cluster]) ** 2).sum(axis=1)
    scores = {
        "inertia": float(rounded(squares.sum())),
        "calinski_harabasz": float("nan"),
        "davies_bouldin": float("nan"),
    }
    has_spread = bool((x[first][cluster] != x).any())
    if len(size) > 1 and has_spread:
        between = size @ ((centroids - x.mean(axis=0)) ** 2).sum(axis=1)
        degrees = (len(x) - len(size)) / (len(size) - 1)
        scores["calinski_harabasz"] = float(rounded(between / squares.sum() * degrees))
        spread = np.bincount(cluster, np.sqrt(squares)) / size
        apart = cdist(centroids, centroids)
        np.fill_diagonal(apart, np.inf)
        # As scikit-learn does, passing over clusters with one mean: their ratio has no limit.
        worst = ((spread[:, None] + spread) / np.where(apart > 0, apart, np.inf)).max(axis=1)
        scores["davies_bouldin"] = float(rounded(worst.mean()))
    return scores
