"""How many clusters: the gap statistic, bootstrap stability, and a vote over the measures.

As in `la_crime.clustering`, `x` is an (n, p) float array, a row a place, and the second half
applies the maths to long frames, a run at a time.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy

from la_crime import clustering as c
from la_crime.clustering import Floats, Ints
from la_crime.resampling import generator, interval_labels

# Up to this many places a partition costs well under a millisecond, beyond it several.
FEW_PLACES = 100
# Twenty reference sets put the gap's own error below a quarter of their spread; where a set
# costs 50 ms (many places, several features) ten must do, and the standard error says so.
REFERENCE_SETS = 20
REFERENCE_SETS_LARGE = 10
# Jaccards of one cluster spread by about 0.15, so thirty give their mean to 0.03, sixteen to 0.04.
BOOTSTRAPS = 30
BOOTSTRAPS_LARGE = 16
# Starts of K-means in reference sets and bootstraps: one start alone leaves the dispersion of
# uniform data about 0.004 too high in logs, as much as a step of k; two halve that.
FEW_STARTS = 2
# Hennig (2007; fpc's clusterboot): 0.75 and more is "a valid, stable cluster".
STABLE_JACCARD = 0.75


# --- Gap statistic ---------------------------------------------------------------------------


def partitions(
    x: Floats, algorithm: str, ks: list[int], rng: np.random.Generator
) -> dict[int, Ints]:
    """Labels (n,) of an (n, p) array for each k: one linkage for all, or K-means of few starts.

    Where fewer than k rows differ, there are only as many clusters as rows that differ.
    Raises ValueError as the functions of `la_crime.clustering` do.
    """
    if algorithm != "kmeans":
        merges = c.linkage_matrix(x, algorithm)
        # SciPy's cut is much faster than `clustering.cut`; where top heights tie, it has fewer
        # clusters, which resamples may have.
        cuts = {k: hierarchy.fcluster(merges, k, criterion="maxclust") for k in ks}
        return {k: labels.astype(np.int64) - 1 for k, labels in cuts.items()}
    if x.shape[1] == 1:
        return {k: interval_labels(x[:, 0], k) for k in ks}
    distinct = c.n_distinct(x)
    seeds = rng.integers(2**31, size=len(ks))
    return {
        k: c.kmeans_labels(x, min(k, distinct), seed=int(seed), n_init=FEW_STARTS)
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
        within = np.cumsum(c.linkage_matrix(x, "ward")[:, 2] ** 2) / 2
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


# --- Bootstrap stability ---------------------------------------------------------------------


def best_jaccard(labels: Ints, found: Ints, k: int) -> Floats:
    """(k,) the highest Jaccard of each cluster 0..k-1 of `labels` (n,) with any of `found` (n,).

    NaN for a cluster without a member.
    """
    width = found.max() + 1
    both = np.bincount(labels * width + found, minlength=k * width).reshape(k, width)
    own = both.sum(axis=1, keepdims=True)
    best = (both / np.maximum(own + both.sum(axis=0) - both, 1)).max(axis=1)
    return np.where(own[:, 0] > 0, best, np.nan)


def bootstrap_jaccard(
    x: Floats, labels_of: dict[int, Ints], algorithm: str, rng: np.random.Generator
) -> dict[int, Floats]:
    """Per k of `labels_of`, the mean bootstrap Jaccard (k,) of each of its clusters 0..k-1.

    Places are drawn with replacement and clustered afresh; each original cluster is compared, on
    the places drawn, with the new cluster most like it. A bootstrap that drew no member of a
    cluster tells nothing of it; NaN if none did. Source: Hennig (2007), "Cluster-wise assessment
    of cluster stability", Comput. Stat. Data Anal. 52(1): clusterboot, non-parametric bootstrap.
    """
    draws = BOOTSTRAPS if len(x) <= FEW_PLACES else BOOTSTRAPS_LARGE
    values: dict[int, list[Floats]] = {k: [] for k in labels_of}
    for _ in range(draws):
        drawn = np.sort(rng.integers(len(x), size=len(x)))
        places, first = np.unique(drawn, return_index=True)
        found = partitions(x[drawn], algorithm, list(labels_of), rng)
        for k, labels in labels_of.items():
            values[k].append(best_jaccard(labels[places], found[k][first], k))
    return {k: _mean_of_known(np.array(rows)) for k, rows in values.items()}


def _mean_of_known(values: Floats) -> Floats:
    """The mean of each column, leaving out NaN; NaN for a column of nothing else."""
    known = (~np.isnan(values)).sum(axis=0)
    return np.where(known > 0, np.nansum(values, axis=0) / np.maximum(known, 1), np.nan)


# --- Runs: frames in, frames out -------------------------------------------------------------

VALIDATION_COLUMNS = {
    "run_id": "str",
    "k": "int64",
    "cluster_rank": "int64",
    "gap": "float64",
    "gap_se": "float64",
    "jaccard": "float64",
}
RECOMMENDATION_COLUMNS = {
    "run_id": "str",
    "k": "int64",
    "votes": "int64",
    "recommended_k": "int64",
    "reason": "str",
}


@c._single_threaded
def run_k_validation(
    runs: pd.DataFrame, features: pd.DataFrame, labels: pd.DataFrame
) -> pd.DataFrame:
    """The gap and the stability of every run's partitions: `VALIDATION_COLUMNS`.

    A row a run, k and cluster; gap and gap_se repeat for the clusters of a k. Besides the k of
    `labels` (the result of `clustering.run_labels` on the same `runs` and `features`) there is
    k = 1, one cluster of every place, stable by definition. Raises ValueError as
    `clustering.run_scores` does.
    """
    labels_of = dict(iter(labels.groupby("run_id")))
    parts = []
    for run, place_ids, x in c._run_inputs(runs, features):
        if run.run_id not in labels_of:
            continue
        partition_of = _partitions_by_k(run.run_id, len(place_ids), labels_of[run.run_id])
        rng = generator("k validation", run.run_id)
        gap, gap_se = gap_statistic(x, partition_of, run.algorithm, rng)
        jaccard = {1: np.ones(1), **bootstrap_jaccard(x, partition_of, run.algorithm, rng)}
        for i, (k, values) in enumerate(jaccard.items()):
            part = {
                "run_id": run.run_id,
                "k": k,
                "cluster_rank": np.arange(1, k + 1),
                "gap": c.rounded(gap[i]),
                "gap_se": c.rounded(gap_se[i]),
                "jaccard": c.rounded(values),
            }
            parts.append(pd.DataFrame(part))
    return c._typed(parts, VALIDATION_COLUMNS)


def _partitions_by_k(run_id: str, n: int, labels: pd.DataFrame) -> dict[int, Ints]:
    """A run's clusters 0..k-1 (n,), in the order of its places, for each k; ValueError if not n."""
    partition_of = {}
    for k, partition in labels.sort_values("leaf_id").groupby("k"):
        if len(partition) != n:
            raise ValueError(f"run {run_id!r}: {len(partition)} labels but {n} places, k = {k}")
        partition_of[int(k)] = partition["cluster_rank"].to_numpy(dtype=np.int64) - 1
    return partition_of


def recommend_k(scores: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """What each measure votes for, and the k with most votes: `RECOMMENDATION_COLUMNS`.

    A row a run and k, from the results of `clustering.run_scores` and `run_k_validation` on the
    same runs; recommended_k and the sentence of reason repeat for the k of a run. One vote each:
    highest silhouette, highest Calinski-Harabasz, lowest Davies-Bouldin, the gap by its
    one-standard-error rule, and the largest k whose least stable cluster has a mean bootstrap
    Jaccard of `STABLE_JACCARD` or more. The last two may vote for 1: no clusters. Most votes
    win, and of equals the smaller k. A measure that is nowhere defined has no vote.
    """
    scores_of = dict(iter(scores.sort_values("k").groupby("run_id")))
    parts = []
    for run_id, clusters in validation.groupby("run_id"):
        by_k = clusters.groupby("k").agg({"gap": "first", "gap_se": "first", "jaccard": "min"})
        votes = _votes(scores_of.get(run_id, scores[:0]), by_k)
        count = pd.Series(votes).value_counts().reindex(by_k.index, fill_value=0)
        recommended = int(count.idxmax())  # the first of equals, and k is sorted
        part = {
            "run_id": run_id,
            "k": by_k.index,
            "votes": count.to_numpy(),
            "recommended_k": recommended,
            "reason": _reason(votes, recommended, is_tied=(count == count.max()).sum() > 1),
        }
        parts.append(pd.DataFrame(part))
    return c._typed(parts, RECOMMENDATION_COLUMNS)


def _votes(scores: pd.DataFrame, by_k: pd.DataFrame) -> dict[str, int]:
    """The k that each measure prefers; a measure without any value is left out."""
    by_score = scores.set_index("k")
    preferred: dict[str, Any] = {
        "silhouette": by_score["silhouette"],
        "Calinski-Harabasz": by_score["calinski_harabasz"],
        "Davies-Bouldin": -by_score["davies_bouldin"],
    }
    votes = {name: int(s.idxmax()) for name, s in preferred.items() if s.notna().any()}
    arrays = (by_k[name].to_numpy() for name in ("gap", "gap_se"))
    votes["gap"] = one_standard_error_k(by_k.index.to_numpy(), *arrays)
    # A cluster that no bootstrap drew counts as unstable, for a comparison with NaN is false.
    votes["stability"] = int(by_k.index[by_k["jaccard"] >= STABLE_JACCARD].max())
    return votes


def _reason(votes: dict[str, int], recommended: int, is_tied: bool) -> str:
    """One sentence: who votes for the recommended k, whether others have as many, and who not."""
    behind = [name for name, k in votes.items() if k == recommended]
    others = [f"{name} prefers {k}" for name, k in votes.items() if k != recommended]
    meaning = " (no clusters)" if recommended == 1 else ""
    tie = ", no more than another, and is the smallest of these" if is_tied else ""
    says = f"k = {recommended}{meaning} has {len(behind)} of {len(votes)} votes"
    tail = f"; {', '.join(others)}" if others else ""
    return f"{says} ({', '.join(behind)}){tie}{tail}."
