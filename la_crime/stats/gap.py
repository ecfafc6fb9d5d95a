"""How many clusters an (n, p) array has, by the gap statistic."""

from functools import lru_cache

import numpy as np
from scipy.cluster import hierarchy

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.linkage import linkage_matrix
from la_crime.stats.partitions import interval_labels, kmeans_labels, n_distinct
from la_crime.stats.resampling import generator

# Up to this many places a partition costs well under a millisecond, beyond it several.
FEW_PLACES = 100
# Twenty reference sets put the gap's own error below a quarter of their spread; where a set
# costs 50 ms (many places, several features) ten must do, and the standard error says so.
REFERENCE_SETS = 20
REFERENCE_SETS_LARGE = 10
# Starts of K-means in reference sets and bootstraps: one start alone leaves the dispersion of
# uniform data about 0.004 too high in logs, as much as a step of k; two halve that.
FEW_STARTS = 2


def partitions(
    x: Floats, algorithm: str, ks: list[int], rng: np.random.Generator
) -> dict[int, Ints]:
    """Labels (n,) of an (n, p) array for each k: one linkage for all, or K-means of few starts.

    Where fewer than k rows differ, there are only as many clusters as rows that differ.
    Raises ValueError as `linkage_matrix` and `kmeans_labels` do.
    """
    if algorithm != "kmeans":
        merges = linkage_matrix(x, algorithm)
        # SciPy's cut is much faster than `linkage.cut`; where top heights tie, it has fewer
        # clusters, which resamples may have.
        cuts = {k: hierarchy.fcluster(merges, k, criterion="maxclust") for k in ks}
        return {k: labels.astype(np.int64) - 1 for k, labels in cuts.items()}
    if x.shape[1] == 1:
        return {k: interval_labels(x[:, 0], k) for k in ks}
    distinct = n_distinct(x)
    seeds = rng.integers(2**31, size=len(ks))
    return {
        k: kmeans_labels(x, min(k, distinct), seed=int(seed), n_init=FEW_STARTS)
        for k, seed in zip(ks, seeds, strict=True)
    }


def log_dispersion(x: Floats, labels: Ints) -> float:
    """Log of the mean within-cluster square, W / n, of an (n, p) array; labels are 0..k-1.

    -inf where there is no spread within any cluster.
    """
    member = np.eye(labels.max() + 1)[labels]
    centroids = (member.T @ x) / member.sum(axis=0)[:, None]
    with np.errstate(divide="ignore"):
        return float(np.log(((x - centroids[labels]) ** 2).sum() / len(x)))


def _log_dispersions(x: Floats, algorithm: str, k_max: int, rng: np.random.Generator) -> Floats:
    """`log_dispersion` (k_max,) of the partitions into 1 to k_max clusters, clustered afresh."""
    if algorithm == "ward":
        # A Ward height squared is twice the rise in the within-cluster sum of squares.
        within = np.cumsum(linkage_matrix(x, "ward")[:, 2] ** 2) / 2
        return np.log(within[len(x) - 1 - np.arange(1, k_max + 1)] / len(x))
    found = partitions(x, algorithm, list(range(1, k_max + 1)), rng)
    return np.array([log_dispersion(x, found[k]) for k in range(1, k_max + 1)])


@lru_cache(maxsize=256)
def _unit_interval_reference(n: int, algorithm: str, k_max: int) -> Floats:
    """(sets, k_max) log dispersions of n uniform points on [0, 1], kept for the next run."""
    rng = generator("gap reference", algorithm, str(n))
    sets = [rng.random((n, 1)) for _ in range(REFERENCE_SETS)]
    return np.array([_log_dispersions(one, algorithm, k_max, rng) for one in sets])


def reference_log_dispersions(
    x: Floats, algorithm: str, k_max: int, rng: np.random.Generator
) -> Floats:
    """(sets, k_max) log dispersions of reference sets: n points uniform over the ranges of `x`.

    The simpler of the paper's two references: each feature's own range, not principal components.
    One feature needs no new draws: a range r only adds 2 log r, and the mean square hardly
    depends on n, so that runs of about as many places (to two digits) share one reference.
    """
    span = np.ptp(x, axis=0)
    if x.shape[1] == 1:
        digits = 1 - int(np.floor(np.log10(len(x))))
        n = max(int(round(len(x), digits)), k_max + 1)
        return _unit_interval_reference(n, algorithm, k_max) + 2 * np.log(span[0])
    sets = REFERENCE_SETS if len(x) <= FEW_PLACES else REFERENCE_SETS_LARGE
    drawn = (rng.random(x.shape) * span for _ in range(sets))
    return np.array([_log_dispersions(one, algorithm, k_max, rng) for one in drawn])


def gap_statistic(
    x: Floats, labels_of: dict[int, Ints], algorithm: str, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """The gap and its standard error, each in logs, for k = 1 and then each k of `labels_of`.

    `labels_of` has labels (n,) per k of 2 or more, by rising k, each k below the distinct rows of
    `x` (n, p). The gap is how far the log dispersion lies below that of uniform data clustered by
    the same `algorithm`. Source: Tibshirani, Walther & Hastie (2001), "Estimating the number of
    clusters in a data set via the gap statistic", JRSS B 63(2), reference (a).
    """
    ks = [1, *labels_of]
    clusterings = [np.zeros(len(x), dtype=np.int64), *labels_of.values()]
    observed = np.array([log_dispersion(x, labels) for labels in clusterings])
    reference = reference_log_dispersions(x, algorithm, max(ks), rng)[:, np.array(ks) - 1]
    error = reference.std(axis=0) * np.sqrt(1 + 1 / len(reference))
    return reference.mean(axis=0) - observed, error


def one_standard_error_k(ks: Ints, gap: Floats, gap_se: Floats) -> int:
    """The smallest k whose gap is at least the next k's gap less that one's standard error.

    All of shape (m,), by rising k; the last k where none qualifies. Source: as `gap_statistic`.
    """
    qualifies = gap[:-1] >= gap[1:] - gap_se[1:]
    return int(ks[qualifies.argmax() if qualifies.any() else -1])
