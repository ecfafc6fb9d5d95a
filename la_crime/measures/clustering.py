"""Runs of clustering: their merges, labels and scores."""

import numpy as np
import pandas as pd

from la_crime.frames import typed
from la_crime.measures.frames import adjacency, run_inputs, stacked, without_text
from la_crime.stats.arrays import Floats, rounded
from la_crime.stats.contiguity import among
from la_crime.stats.linkage import cophenetic_correlation, cuts, linkage_matrix
from la_crime.stats.partitions import kmeans_partitions, n_distinct, rank_clusters, tier_name
from la_crime.stats.scores import distance_matrix, score_partition, silhouette_values
from la_crime.stats.threads import single_threaded

NEIGHBOUR_COLUMNS = {"run_id": "str", "place_id": "str", "neighbour_id": "str"}

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


def run_neighbours(
    runs: pd.DataFrame, places: pd.DataFrame, neighbours: pd.DataFrame
) -> pd.DataFrame:
    """Who neighbours whom in each run, both ways: `NEIGHBOUR_COLUMNS`, a row a run and pair.

    `runs` has run_id and scope, `places` run_id and place_id, those that the run clusters, and
    `neighbours` scope, place_id and neighbour_id, of all places. A place that a run leaves out is
    passed through: see `contiguity.among`.
    """
    places_of = dict(iter(places.groupby("run_id")["place_id"]))
    of_scope = dict(iter(neighbours.groupby("scope")))
    parts = []
    for run in runs.sort_values("run_id").itertuples(index=False):
        if run.run_id not in places_of or run.scope not in of_scope:
            continue
        near = of_scope[run.scope]
        place_ids = np.array(sorted({*near["place_id"]}), dtype=object)
        is_kept = np.isin(place_ids, list(places_of[run.run_id]))
        kept = place_ids[is_kept]
        row, col = among(adjacency(list(place_ids), near), is_kept).nonzero()
        parts.append({"run_id": run.run_id, "place_id": kept[row], "neighbour_id": kept[col]})
    return stacked(parts, NEIGHBOUR_COLUMNS)


@single_threaded
def run_linkages(
    runs: pd.DataFrame, features: pd.DataFrame, neighbours: pd.DataFrame
) -> pd.DataFrame:
    """The merges of every hierarchical run: `LINKAGE_COLUMNS`, a row a run and step.

    `runs` has run_id, transform and algorithm; `features` has run_id, place_id, feature, value;
    `neighbours` is the result of `run_neighbours` for the contiguous runs. Leaf i is the i-th
    place_id of the run in sorted order; step counts from 0. A run without features has no rows.
    Raises ValueError for a repeated run_id, an unknown algorithm or transform, neighbours that do
    not connect a contiguous run's places, and as `feature_matrix` does.
    """
    neighbours_of = dict(iter(neighbours.groupby("run_id")))
    parts = []
    for run, place_ids, x in run_inputs(runs, features):
        if run.algorithm == "kmeans":
            continue
        near = adjacency(place_ids, neighbours_of.get(run.run_id))
        merges = linkage_matrix(x, run.algorithm, near)
        part = {
            "run_id": run.run_id,
            "step": np.arange(len(merges)),
            "left_id": merges[:, 0],
            "right_id": merges[:, 1],
            "height": rounded(merges[:, 2]),
            "size": merges[:, 3],
            "cophenetic_correlation": rounded(cophenetic_correlation(merges, x)),
        }
        if len(merges):
            parts.append(part)
    return stacked(parts, LINKAGE_COLUMNS)


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


@single_threaded
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
    for run, place_ids, x in run_inputs(runs, features):
        volume = _run_volume(run.run_id, place_ids, volumes_of.get(run.run_id, volumes[:0]))
        distances = distance_matrix(x)
        largest_k = n_distinct(x) - 1
        ks = sorted({int(run.k), *range(int(run.k_min), int(run.k_max) + 1)})
        ks = [k for k in ks if k <= largest_k]
        if run.algorithm == "kmeans":
            found = kmeans_partitions(x, ks)
        else:
            merges = _run_merges(run.run_id, len(x), linkages_of.get(run.run_id, linkages[:0]))
            found = cuts(merges, ks)
        for k, labels in found.items():
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
            parts.append(part)
    return stacked(parts, LABEL_COLUMNS)


@single_threaded
def run_scores(runs: pd.DataFrame, features: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The scores of every run's partitions: `SCORE_COLUMNS`, a row a run and k.

    `labels` is the result of `run_labels` on the same `runs` and `features`. silhouette is the
    mean over places, smallest_cluster a number of places. Raises ValueError as `run_linkages`
    does, and where the labels do not fit the run's places.
    """
    light = without_text(labels)
    labels_of = dict(iter(light.groupby("run_id")))
    rows = []
    for run, _, x in run_inputs(runs, features):
        of_run = labels_of.get(run.run_id, light[:0]).sort_values(["k", "leaf_id"])
        for k, partition in of_run.groupby("k"):
            ranks = partition["cluster_rank"].to_numpy()
            row = {
                "run_id": run.run_id,
                "k": k,
                **score_partition(x, ranks),
                "silhouette": rounded(partition["silhouette"].mean(skipna=False)),
                "smallest_cluster": np.unique(ranks, return_counts=True)[1].min(),
            }
            rows.append(row)
    return typed([pd.DataFrame(rows)] if rows else [], SCORE_COLUMNS)
