"""How many clusters: the gap statistic, bootstrap stability, and a vote over the measures."""

from typing import Any

import numpy as np
import pandas as pd

from la_crime.measures.frames import adjacency, run_inputs, stacked, without_text
from la_crime.stats.arrays import Ints, rounded
from la_crime.stats.bootstrap import STABLE_JACCARD, bootstrap_jaccard
from la_crime.stats.gap import gap_statistic, one_standard_error_k
from la_crime.stats.resampling import generator
from la_crime.stats.threads import single_threaded

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


@single_threaded
def run_k_validation(
    runs: pd.DataFrame, features: pd.DataFrame, labels: pd.DataFrame, neighbours: pd.DataFrame
) -> pd.DataFrame:
    """The gap and the stability of every run's partitions: `VALIDATION_COLUMNS`.

    A row a run, k and cluster; gap and gap_se repeat for the clusters of a k. Besides the k of
    `labels` (the result of `clustering.run_labels` on the same `runs` and `features`) there is
    k = 1, one cluster of every place, stable by definition. `neighbours` is that of
    `clustering.run_neighbours`. Raises ValueError as `clustering.run_scores` does.
    """
    labels_of = dict(iter(without_text(labels).groupby("run_id")))
    neighbours_of = dict(iter(neighbours.groupby("run_id")))
    parts = []
    for run, place_ids, x in run_inputs(runs, features):
        if run.run_id not in labels_of:
            continue
        partition_of = _partitions_by_k(run.run_id, len(place_ids), labels_of[run.run_id])
        rng = generator("k validation", run.run_id)
        near = adjacency(place_ids, neighbours_of.get(run.run_id))
        gap, gap_se = gap_statistic(x, partition_of, run.algorithm, rng, near)
        stable = bootstrap_jaccard(x, partition_of, run.algorithm, rng, near)
        jaccard = {1: np.ones(1), **stable}
        for i, (k, values) in enumerate(jaccard.items()):
            part = {
                "run_id": run.run_id,
                "k": k,
                "cluster_rank": np.arange(1, k + 1),
                "gap": rounded(gap[i]),
                "gap_se": rounded(gap_se[i]),
                "jaccard": rounded(values),
            }
            parts.append(part)
    return stacked(parts, VALIDATION_COLUMNS)


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
        parts.append(part)
    return stacked(parts, RECOMMENDATION_COLUMNS)


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
