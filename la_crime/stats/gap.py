"""How many clusters an (n, p) array has, by the gap statistic."""

from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

from la_crime.stats.algorithms import CONTIGUOUS
from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.contiguity import among
from la_crime.stats.intervals import interval_partitions
from la_crime.stats.kmeans import FEW_PLACES, few_starts_labels
from la_crime.stats.linkage import cuts, linkage_matrix
from la_crime.stats.resampling import generator

# Twenty reference sets put the gap's own error below a quarter of their spread; where a set
# costs 50 ms (many places, several features) ten must do, and the standard error says so.
REFERENCE_SETS = 20
REFERENCE_SETS_LARGE = 10
# Starts of K-means in reference sets and bootstraps: one start alone leaves the dispersion of
# uniform data about 0.004 too high in logs, as much as a step of k; two halve that. What the
# steps of Lloyd's algorithm would gain after each gains less than a 10,000th is far below both.
FEW_STARTS = 2
TOLERANCE = 1e-4


def set_partitions(
    x: Floats,
    algorithm: str,
    k_max: int,
    rng: np.random.Generator,
    drawn: Floats | None = None,
    adjacency: csr_array | None = None,
) -> Ints:
    """Labels (k_max, sets, n) of each of `x` (sets, n, p) for k = 1..k_max, clustered afresh.

    `drawn` (sets, n) is 1 for the rows that are clustered, all if not given; others have -1. Where
    fewer than k of them differ, there are as many clusters as those (K-means) or as there are rows
    (a linkage). One linkage, or dynamic programme, does for all k; K-means of several features
    takes the best of few starts. `adjacency` (n, n) says who neighbours whom, if the algorithm
    asks; rows that are not drawn are passed through. Raises ValueError as `linkage_matrix` does.
    """
    sets, n, p = x.shape
    drawn = np.ones((sets, n)) if drawn is None else drawn
    if algorithm == "kmeans" and p == 1:
        return interval_partitions(x[:, :, 0], k_max, drawn)
    labels = np.full((k_max, sets, n), -1, dtype=np.int64)
    if algorithm == "kmeans":
        # Rows that are drawn come first, and what is drawn by no set is left out.
        order = np.argsort(-drawn, axis=1, kind="stable")[:, : int(drawn.sum(axis=1).max())]
        row = np.arange(sets)[:, None]
        weights = drawn[row, order]
        for k in range(1, k_max + 1):
            found = few_starts_labels(x[row, order], k, FEW_STARTS, rng, weights, TOLERANCE)
            labels[k - 1, row, order] = np.where(weights > 0, found, -1)
        return labels
    for i, is_drawn in enumerate(drawn > 0):
        near = None if adjacency is None else among(adjacency, is_drawn)
        merges = linkage_matrix(x[i, is_drawn], algorithm, near)
        most = len(merges) + 1
        found = cuts(merges, range(1, min(k_max, most) + 1))
        for k in range(1, k_max + 1):
            labels[k - 1, i, is_drawn] = found[min(k, most)]
    return labels


def log_dispersions(x: Floats, labels: Ints) -> Floats:
    """(sets,) logs of the mean within-cluster square, W / n, of each of `x` (sets, n, p).

    `labels` (sets, n) count from 0. -inf where there is no spread within any cluster.
    """
    member = (labels[:, None, :] == np.arange(labels.max() + 1)[:, None]).astype(np.float64)
    means = member @ x / np.maximum(member.sum(axis=2, keepdims=True), 1)
    apart = x - means[np.arange(len(x))[:, None], labels]
    with np.errstate(divide="ignore"):
        return np.log((apart**2).sum(axis=(1, 2)) / x.shape[1])


def _log_dispersions(
    x: Floats,
    algorithm: str,
    k_max: int,
    rng: np.random.Generator,
    adjacency: csr_array | None = None,
) -> Floats:
    """`log_dispersions` (sets, k_max) of each of `x` (sets, n, p), clustered afresh."""
    n = x.shape[1]
    if algorithm in ("ward", CONTIGUOUS):
        # A Ward height squared is twice the rise in the within-cluster sum of squares.
        heights = np.array([linkage_matrix(one, algorithm, adjacency)[:, 2] for one in x])
        squares = heights**2 / 2
        return np.log(np.cumsum(squares, axis=1)[:, n - 1 - np.arange(1, k_max + 1)] / n)
    found = set_partitions(x, algorithm, k_max, rng)
    return np.array([log_dispersions(x, labels) for labels in found]).T


@lru_cache(maxsize=256)
def _unit_interval_reference(n: int, algorithm: str, k_max: int) -> Floats:
    """(sets, k_max) log dispersions of n uniform points on [0, 1], kept for the next run."""
    rng = generator("gap reference", algorithm, str(n))
    return _log_dispersions(rng.random((REFERENCE_SETS, n, 1)), algorithm, k_max, rng)


def reference_log_dispersions(
    x: Floats,
    algorithm: str,
    k_max: int,
    rng: np.random.Generator,
    adjacency: csr_array | None = None,
) -> Floats:
    """(sets, k_max) log dispersions of reference sets: n points uniform over the ranges of `x`.

    The simpler of the paper's two references: each feature's own range, not principal components.
    One feature needs no new draws: a range r only adds 2 log r, and the mean square hardly
    depends on n, so that runs of about as many places (to two digits) share one reference.
    Where it matters who neighbours whom, by `adjacency` (n, n), each run has its own.
    """
    span = np.ptp(x, axis=0)
    if x.shape[1] == 1 and adjacency is None:
        digits = 1 - int(np.floor(np.log10(len(x))))
        n = max(int(round(len(x), digits)), k_max + 1)
        return _unit_interval_reference(n, algorithm, k_max) + 2 * np.log(span[0])
    sets = REFERENCE_SETS if len(x) <= FEW_PLACES else REFERENCE_SETS_LARGE
    drawn = rng.random((sets, *x.shape)) * span
    return _log_dispersions(drawn, algorithm, k_max, rng, adjacency)


def gap_statistic(
    x: Floats,
    labels_of: dict[int, Ints],
    algorithm: str,
    rng: np.random.Generator,
    adjacency: csr_array | None = None,
) -> tuple[Floats, Floats]:
    """The gap and its standard error, each in logs, for k = 1 and then each k of `labels_of`.

    `labels_of` has labels (n,) per k of 2 or more, by rising k, each k below the distinct rows of
    `x` (n, p). The gap is how far the log dispersion lies below that of uniform data clustered by
    the same `algorithm`, with the same neighbours. Source: Tibshirani, Walther & Hastie (2001),
    "Estimating the number of clusters in a data set via the gap statistic", JRSS B 63(2),
    reference (a).
    """
    ks = [1, *labels_of]
    clusterings = [np.zeros(len(x), dtype=np.int64), *labels_of.values()]
    observed = np.array([log_dispersions(x[None], one[None])[0] for one in clusterings])
    reference = reference_log_dispersions(x, algorithm, max(ks), rng, adjacency)
    reference = reference[:, np.array(ks) - 1]
    error = reference.std(axis=0) * np.sqrt(1 + 1 / len(reference))
    return reference.mean(axis=0) - observed, error


def one_standard_error_k(ks: Ints, gap: Floats, gap_se: Floats) -> int:
    """The smallest k whose gap is at least the next k's gap less that one's standard error.

    All of shape (m,), by rising k; the last k where none qualifies. Source: as `gap_statistic`.
    """
    qualifies = gap[:-1] >= gap[1:] - gap_se[1:]
    return int(ks[qualifies.argmax() if qualifies.any() else -1])
