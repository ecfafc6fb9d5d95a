"""Clustering of places: transforms, K-means, hierarchical linkage, scores, and runs of them.

The first half works on arrays: `x` is always an (n, p) float array, a row a place and a column
a feature. The second half applies it to long frames, a run at a time, for callers that keep
runs as rows.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from kmeans1d import cluster as optimal_kmeans_1d
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score
from threadpoolctl import ThreadpoolController

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The last bits of a float differ across CPUs; nine decimals do not, and are far below any meaning.
DECIMALS = 9

LINKAGE_METHODS = ("ward", "average", "complete")
ALGORITHMS = ("kmeans", *LINKAGE_METHODS)

# One thread fixes the order of every sum, so results repeat whatever the number of cores.
_single_threaded = ThreadpoolController().wrap(limits=1)


def rounded(values: Any) -> Any:
    """`values` (a float or an array) to `DECIMALS` decimals: the one place that rounds results."""
    return np.round(values, DECIMALS)


# --- Transforms ------------------------------------------------------------------------------


def raw(x: Floats) -> Floats:
    """The (n, p) array as it is, as float64."""
    return np.asarray(x, dtype=np.float64)


def log1p(x: Floats) -> Floats:
    """log(1 + x) of an (n, p) array of counts, in natural-log units.

    Raises ValueError for a negative value.
    """
    x = raw(x)
    if (x < 0).any():
        raise ValueError("log1p needs values of zero or more")
    return np.log1p(x)


def log1p_zscore(x: Floats) -> Floats:
    """`log1p`, then each of the p columns to mean 0 and population standard deviation 1.

    A constant feature, which tells no two places apart, becomes zeros.
    """
    logs = log1p(x)
    # A constant column's computed deviation need not be exactly 0, so its range decides.
    varies = np.ptp(logs, axis=0) > 0
    return np.where(varies, logs - logs.mean(axis=0), 0.0) / np.where(varies, logs.std(axis=0), 1.0)


def clr(x: Floats) -> Floats:
    """Centred log-ratio of an (n, p) array whose rows are compositions; each result row sums to 0.

    Rows need not be closed to 1: the ratio does not depend on a row's total.
    Raises ValueError for a value of zero or less. Source: Aitchison (1982), "The statistical
    analysis of compositional data", JRSS B 44(2).
    """
    x = raw(x)
    if not (x > 0).all():
        raise ValueError("clr needs strictly positive values: replace zeros first")
    logs = np.log(x)
    return logs - logs.mean(axis=1, keepdims=True)


def average_rank(x: Floats) -> Floats:
    """Ranks (1 = smallest, ties share their mean) within each column of (n, p), divided by n."""
    x = raw(x)
    return rankdata(x, method="average", axis=0) / len(x)


TRANSFORMS: dict[str, Callable[[Floats], Floats]] = {
    "raw": raw,
    "log1p": log1p,
    "log1p_zscore": log1p_zscore,
    "clr": clr,
    "rank": average_rank,
}


# --- Partitions ------------------------------------------------------------------------------


def n_distinct(x: Floats) -> int:
    """How many of the rows of an (n, p) array differ."""
    return len(np.unique(x, axis=0))


@_single_threaded
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


# --- Names -----------------------------------------------------------------------------------


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


# --- Scores ----------------------------------------------------------------------------------


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
    has_spread = bool((x[first][cluster] != x).any())
    is_defined = len(size) > 1 and has_spread
    return {
        "inertia": float(rounded(((x - centroids[cluster]) ** 2).sum())),
        "calinski_harabasz": (
            float(rounded(calinski_harabasz_score(x, cluster))) if is_defined else float("nan")
        ),
        "davies_bouldin": (
            float(rounded(davies_bouldin_score(x, cluster))) if is_defined else float("nan")
        ),
    }


# --- Runs: frames in, frames out --------------------------------------------------------------

LINKAGE_COLUMNS = {
    "run_id": "str",
    "step": "int64",
    "left_id": "int64",
    "right_id": "int64",
    "height": "float64",
    "size": "int64",
    "cophenetic_correlation": "float64",
}
LABEL_COLUMNS = {
    "run_id": "str",
    "k": "int64",
    "place_id": "str",
    "leaf_id": "int64",
    "cluster_rank": "int64",
    "tier": "str",
    "silhouette": "float64",
}
SCORE_COLUMNS = {
    "run_id": "str",
    "k": "int64",
    "inertia": "float64",
    "silhouette": "float64",
    "calinski_harabasz": "float64",
    "davies_bouldin": "float64",
    "smallest_cluster": "int64",
}


def feature_matrix(features: pd.DataFrame) -> tuple[list[str], list[str], Floats]:
    """Place ids (n, sorted), feature names (p, sorted) and values (n, p) of one run's long frame.

    `features` has the columns place_id, feature, value. Raises ValueError for a place's feature
    that is given twice, missing or not finite, and for a value without a place or feature.
    """
    if features[["place_id", "feature"]].isna().any(axis=None):
        raise ValueError("a value has no place_id or no feature")
    repeated = features[features.duplicated(["place_id", "feature"])]
    if len(repeated):
        cell = repeated.iloc[0]
        raise ValueError(f"place {cell.place_id!r} has feature {cell.feature!r} twice")
    row, place_ids = pd.factorize(features["place_id"].astype("str"), sort=True)
    col, names = pd.factorize(features["feature"].astype("str"), sort=True)
    x = np.full((len(place_ids), len(names)), np.nan)
    x[row, col] = features["value"]
    if not np.isfinite(x).all():
        i, j = np.argwhere(~np.isfinite(x))[0]
        raise ValueError(f"place {place_ids[i]!r} has no finite value of {names[j]!r}")
    return list(place_ids), list(names), x


def transformed(x: Floats, name: str) -> Floats:
    """The (n, p) array by the transform called `name`, rounded so that equal places stay equal.

    Raises ValueError for a name not in `TRANSFORMS`.
    """
    if name not in TRANSFORMS:
        raise ValueError(f"unknown transform {name!r}: use one of {tuple(TRANSFORMS)}")
    return rounded(TRANSFORMS[name](x))


def _run_inputs(
    runs: pd.DataFrame, features: pd.DataFrame
) -> Iterator[tuple[Any, list[str], Floats]]:
    """Each run that has features, by run_id: its row, its place ids and its transformed matrix."""
    if not runs["run_id"].is_unique:
        raise ValueError("run_id is not unique in runs")
    features_of = dict(iter(features.groupby("run_id")))
    for run in runs.sort_values("run_id").itertuples(index=False):
        if run.algorithm not in ALGORITHMS:
            raise ValueError(
                f"run {run.run_id!r}: unknown algorithm {run.algorithm!r}: use one of {ALGORITHMS}"
            )
        if run.run_id not in features_of:
            continue
        try:
            place_ids, _, x = feature_matrix(features_of[run.run_id])
            yield run, place_ids, transformed(x, run.transform)
        except ValueError as error:
            raise ValueError(f"run {run.run_id!r}: {error}") from error


def _typed(parts: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """The parts one below the other, with exactly these columns and types, even with no parts."""
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))
    return whole[list(columns)].astype(columns)


@_single_threaded
def run_linkages(runs: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """The merges of every hierarchical run: `LINKAGE_COLUMNS`, a row a run and step.

    `runs` has run_id, transform and algorithm; `features` has run_id, place_id, feature, value.
    Leaf i is the i-th place_id of the run in sorted order; step counts from 0. A run without
    features has no rows. Raises ValueError for a repeated run_id, an unknown algorithm or
    transform, and as `feature_matrix` does.
    """
    parts = []
    for run, _, x in _run_inputs(runs, features):
        if run.algorithm == "kmeans":
            continue
        merges = linkage_matrix(x, run.algorithm)
        part = pd.DataFrame(merges, columns=["left_id", "right_id", "height", "size"])
        part["height"] = rounded(part["height"])
        part["run_id"] = run.run_id
        part["step"] = np.arange(len(part))
        part["cophenetic_correlation"] = rounded(cophenetic_correlation(merges, x))
        parts.append(part)
    return _typed(parts, LINKAGE_COLUMNS)


def _run_volume(run_id: str, place_ids: list[str], volumes: pd.DataFrame) -> Floats:
    """The run's volumes (n,) in the order of `place_ids`; ValueError unless each has just one."""
    volume_of = volumes.set_index("place_id")["volume"]
    if not volume_of.index.is_unique:
        raise ValueError(f"run {run_id!r}: a place has two volumes")
    volume = volume_of.reindex(place_ids).to_numpy(dtype=np.float64)
    if np.isnan(volume).any():
        place_id = place_ids[np.isnan(volume).argmax()]
        raise ValueError(f"run {run_id!r}: no volume for place {place_id!r}")
    return volume


def _run_merges(run_id: str, n: int, linkages: pd.DataFrame) -> Floats:
    """The run's linkage (n - 1, 4) from its rows; ValueError where they are not n - 1."""
    if len(linkages) != n - 1:
        raise ValueError(f"run {run_id!r}: {n} places but {len(linkages)} merges, not {n - 1}")
    merges = linkages.sort_values("step")[["left_id", "right_id", "height", "size"]]
    return merges.to_numpy(dtype=np.float64)


@_single_threaded
def run_labels(
    runs: pd.DataFrame, features: pd.DataFrame, linkages: pd.DataFrame, volumes: pd.DataFrame
) -> pd.DataFrame:
    """Each place's cluster in every run, for each k: `LABEL_COLUMNS`, a row a run, k and place.

    `runs` adds k, k_min and k_max to what `run_linkages` needs; `linkages` is its result and
    `volumes` has run_id, place_id, volume. k goes from k_min to k_max, and takes in the run's own
    k; those above the run's distinct places less one are left out, for there is nothing to score.
    leaf_id is the place's leaf in the linkage. Raises ValueError as `run_linkages` does, and for
    a k below 1, a place without one volume, or a linkage that does not fit its run.
    """
    volumes_of = dict(iter(volumes.groupby("run_id")))
    linkages_of = dict(iter(linkages.groupby("run_id")))
    parts = []
    for run, place_ids, x in _run_inputs(runs, features):
        volume = _run_volume(run.run_id, place_ids, volumes_of.get(run.run_id, volumes[:0]))
        distances = distance_matrix(x)
        if run.algorithm != "kmeans":
            merges = _run_merges(run.run_id, len(x), linkages_of.get(run.run_id, linkages[:0]))
        largest_k = n_distinct(x) - 1
        for k in sorted({int(run.k), *range(int(run.k_min), int(run.k_max) + 1)}):
            if k > largest_k:
                break
            labels = kmeans_labels(x, k) if run.algorithm == "kmeans" else cut(merges, k)
            ranks = rank_clusters(labels, volume)
            tiers = np.array([tier_name(rank, k) for rank in range(1, k + 1)])
            part = {
                "run_id": run.run_id,
                "k": k,
                "place_id": place_ids,
                "leaf_id": np.arange(len(x)),
                "cluster_rank": ranks,
                "tier": tiers[ranks - 1],
                "silhouette": silhouette_values(distances, labels),
            }
            parts.append(pd.DataFrame(part))
    return _typed(parts, LABEL_COLUMNS)


@_single_threaded
def run_scores(runs: pd.DataFrame, features: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The scores of every run's partitions: `SCORE_COLUMNS`, a row a run and k.

    `labels` is the result of `run_labels` on the same `runs` and `features`. silhouette is the
    mean over places, smallest_cluster a number of places. Raises ValueError as `run_linkages`
    does, and where the labels do not fit the run's places.
    """
    labels_of = dict(iter(labels.groupby("run_id")))
    parts = []
    for run, _, x in _run_inputs(runs, features):
        for k, partition in labels_of.get(run.run_id, labels[:0]).groupby("k"):
            ranks = partition.sort_values("leaf_id")["cluster_rank"].to_numpy()
            part = {
                "run_id": run.run_id,
                "k": k,
                **score_partition(x, ranks),
                "silhouette": rounded(partition["silhouette"].mean(skipna=False)),
                "smallest_cluster": np.unique(ranks, return_counts=True)[1].min(),
            }
            parts.append(pd.DataFrame([part]))
    return _typed(parts, SCORE_COLUMNS)
