"""How far two tierings agree, beside what noise alone would do.

Tiers are arrays of ranks: 1 = highest volume, and 0 for a place that is not clustered.
"""

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import adjusted_mutual_info_score

from la_crime.stats.arrays import Floats, Ints, rounded

# No number of draws settles every median: 2017's tiers of the 21 areas come back unchanged in
# 50.0 % of recounts (of 100,000), so it is 1.00 or 0.86 by luck. The name of the stream of
# recounts, "recounted", is one of those that give 1.00, as an independent look had found.
# Two measures are judged, each at 2.5 %, so that noise alone alarms in at most 5 %.
NOISE_PERCENTILES = {"median": 50, "p05": 5, "p025": 2.5}

NOISE_MEASURES = {
    "noise_ari_median": "float64",
    "noise_ari_p05": "float64",
    "noise_ari_p025": "float64",
    "noise_kappa_median": "float64",
    "noise_kappa_p025": "float64",
}

# Landis & Koch (1977), Biometrics 33(1): kappa up to 0.60 is "moderate", above "substantial".
SUBSTANTIAL_KAPPA = 0.6


def contingency(left: Ints, right: Ints, k: int) -> Ints:
    """(draws, k, k) numbers of places in each pair of tiers, of tiers (draws, n) or (n,).

    The two broadcast; places with a 0 on either side are left out.
    """
    left, right = np.broadcast_arrays(np.atleast_2d(left), np.atleast_2d(right))
    cell = left * (k + 1) + right + np.arange(len(left))[:, None] * (k + 1) ** 2
    counts = np.bincount(cell.ravel(), minlength=len(left) * (k + 1) ** 2)
    return counts.reshape(len(left), k + 1, k + 1)[:, 1:, 1:]


def adjusted_rand_index(table: Ints) -> Floats:
    """The adjusted Rand index (draws,) of contingency tables (draws, k, l), 1 = the same.

    1 where both partitions are trivial in the same way; NaN with fewer than two places. Source:
    Hubert & Arabie (1985), "Comparing partitions", J. Classif. 2.
    """

    def pairs(counts: Ints) -> Floats:
        return counts * (counts - 1) / 2

    together = pairs(table).sum(axis=(1, 2))
    left = pairs(table.sum(axis=2)).sum(axis=1)
    right = pairs(table.sum(axis=1)).sum(axis=1)
    total = pairs(table.sum(axis=(1, 2)))
    expected = left * right / np.maximum(total, 1)
    room = (left + right) / 2 - expected
    index = np.where(room > 0, together - expected, 1.0) / np.where(room > 0, room, 1.0)
    return np.where(total > 0, index, np.nan)


def weighted_kappa(table: Ints) -> Floats:
    """Quadratic-weighted kappa (draws,) of contingency tables (draws, k, k) of ranks.

    1 = the same ranks, 0 = chance; NaN where all places have the one same rank, or there are none.
    Source: Cohen (1968), "Weighted kappa", Psychol. Bull. 70(4).
    """
    steps = np.arange(table.shape[-1])
    weight = (steps[:, None] - steps) ** 2
    total = table.sum(axis=(1, 2))
    apart = (weight * table).sum(axis=(1, 2))
    margins = table.sum(axis=2)[:, :, None] * table.sum(axis=1)[:, None, :]
    by_chance = (weight * margins).sum(axis=(1, 2)) / np.maximum(total, 1)
    return np.where(by_chance > 0, 1 - apart / np.where(by_chance > 0, by_chance, 1.0), np.nan)


def agreement(
    left: Ints, right: Ints, left_volume: Floats, right_volume: Floats
) -> dict[str, float]:
    """How far two tierings (n,) of the same places agree, on the places that both cluster.

    `n_places`; `ari` and `ami`, which see groups alone; `weighted_kappa`, quadratic, which sees
    the order of the tiers; `spearman` of the two volumes (n,), which sees no tiers. All are 1 for
    perfect agreement, 0 for chance, NaN where undefined. Raises ValueError where lengths differ.
    Sources: Hubert & Arabie (1985), J. Classif. 2; Vinh, Epps & Bailey (2010), JMLR 11; Cohen
    (1968), Psychol. Bull. 70(4); Spearman (1904), Am. J. Psychol. 15(1).
    """
    if len({len(left), len(right), len(left_volume), len(right_volume)}) > 1:
        raise ValueError("tiers and volumes to compare differ in length")
    both = (left > 0) & (right > 0)
    left, right = left[both], right[both]
    if len(left) < 2:
        nothing = dict.fromkeys(("ari", "ami", "weighted_kappa", "spearman"), float("nan"))
        return {"n_places": len(left), **nothing}
    table = contingency(left, right, int(max(left.max(), right.max())))
    measures = {
        "ari": adjusted_rand_index(table)[0],
        "ami": adjusted_mutual_info_score(left, right),
        "weighted_kappa": weighted_kappa(table)[0],
        "spearman": _spearman(left_volume[both], right_volume[both]),
    }
    return {"n_places": len(left), **{name: float(rounded(v)) for name, v in measures.items()}}


def _spearman(left: Floats, right: Floats) -> float:
    """Rank correlation, NaN where either side is constant."""
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(left), rankdata(right))[0, 1])


def noise_band(left: Ints, right: Ints, k: int) -> dict[str, float]:
    """Percentiles of the ARI and kappa of tiers (draws, n) with tiers (draws, n) or (n,).

    `NOISE_MEASURES` names them. NaN where no draw has two places that both sides cluster.
    """
    table = contingency(left, right, k)
    band = {}
    for measure, drawn in (("ari", adjusted_rand_index(table)), ("kappa", weighted_kappa(table))):
        drawn = drawn[~np.isnan(drawn)]
        for name, percentile in NOISE_PERCENTILES.items():
            value = np.percentile(drawn, percentile) if len(drawn) else float("nan")
            band[f"noise_{measure}_{name}"] = float(rounded(value))
    return {name: band[name] for name in NOISE_MEASURES}


def verdict(measures: dict[str, float], band: dict[str, float]) -> str | None:
    """Whether two tierings differ by more than noise; None where no noise band is known.

    `within noise` where both the ARI and the quadratic-weighted kappa reach the 2.5th percentile
    of noise: the ARI sees groups that dissolve, kappa sees places that move far. Else `changed
    much` where kappa is under `SUBSTANTIAL_KAPPA`, or `changed`.
    """
    ari, kappa = measures["ari"], measures["weighted_kappa"]
    if np.isnan(band["noise_ari_p025"]) or np.isnan(ari):
        return None
    # A kappa that is undefined, of one tier alone, cannot be below anything.
    if ari >= band["noise_ari_p025"] and not kappa < band["noise_kappa_p025"]:
        return "within noise"
    return "changed much" if kappa < SUBSTANTIAL_KAPPA else "changed"
