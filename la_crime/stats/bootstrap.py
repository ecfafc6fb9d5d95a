"""How stable the clusters of an (n, p) array are, by the bootstrap."""

import numpy as np

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.gap import FEW_PLACES, partitions

# Jaccards of one cluster spread by about 0.15, so thirty give their mean to 0.03, sixteen to 0.04.
BOOTSTRAPS = 30
BOOTSTRAPS_LARGE = 16
# Hennig (2007; fpc's clusterboot): 0.75 and more is "a valid, stable cluster".
STABLE_JACCARD = 0.75


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
