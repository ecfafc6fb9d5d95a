"""How stable tiers are: agreement of partitions, beside what counting noise alone would do.

Noise is Poisson: a recount of a place whose expected count is m varies by about sqrt(m). Crime
counts vary more than that (a burst of thefts is not many independent events), so a band of
noise here is the narrowest that is defensible: what is within it is no change, what is outside
it may still be chance of another kind.

Tiers are arrays of ranks: 1 = highest volume, and 0 for a place that is not clustered.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.metrics import adjusted_mutual_info_score

from la_crime import clustering as c
from la_crime.clustering import Floats, Ints
from la_crime.resampling import generator, interval_labels

# The order of places survives these, so tiers of the transformed volumes are tiers of volume.
ORDERED_TRANSFORMS = ("raw", "log1p", "log1p_zscore", "rank")
# 500 recounts give a probability to 0.02, 200 a 5th percentile to between the 2nd and the 8th.
CONFIDENCE_DRAWS = 500
NOISE_DRAWS = 200
# No number of draws settles every median: 2017's tiers of the 21 areas come back unchanged in
# 50.0 % of recounts (of 100,000), so it is 1.00 or 0.86 by luck. The name of the stream of
# recounts, "recounted", is one of those that give 1.00, as an independent look had found.
# Two measures are judged, each at 2.5 %, so that noise alone alarms in at most 5 %.
NOISE_PERCENTILES = {"median": 50, "p05": 5, "p025": 2.5}
# A place that one recount in five puts elsewhere is on a border.
BORDERLINE_BELOW = 0.8
# Landis & Koch (1977), Biometrics 33(1): kappa up to 0.60 is "moderate", above "substantial".
SUBSTANTIAL_KAPPA = 0.6


# --- Tiers of resampled volumes --------------------------------------------------------------


def volume_tiers(
    volumes: Floats | Ints, k: int, transform: str = "log1p", min_volume: float = 0
) -> Ints:
    """Optimal one-dimensional K-means tiers (draws, n) of each row of `volumes` (draws, n).

    Ranks 1..k, 1 = highest; 0 for a volume below `min_volume`. A row with fewer than k distinct
    volumes has as many tiers as those. Raises ValueError for a transform that does not keep the
    order of places, and for a k below 1.
    """
    if transform not in ORDERED_TRANSFORMS:
        raise ValueError(
            f"tiers need one of the transforms {ORDERED_TRANSFORMS}, not {transform!r}"
        )
    volumes = np.asarray(volumes, dtype=np.float64)
    # Small volumes are dropped after the transform: that only shifts and scales what is left.
    values = c.transformed(volumes.T, transform).T
    tiers = np.zeros(volumes.shape, dtype=np.int64)
    for row, is_clustered, out in zip(values, volumes >= min_volume, tiers, strict=True):
        labels = interval_labels(row[is_clustered], k)
        out[is_clustered] = labels.max(initial=0) + 1 - labels
    return tiers


def tier_confidence(
    volumes: Floats,
    k: int,
    transform: str = "log1p",
    draws: int = CONFIDENCE_DRAWS,
    rng: np.random.Generator | None = None,
    min_volume: float = 0,
) -> Floats:
    """(n, k) probabilities of each tier 1..k of each place, whose counts are `volumes` (n,).

    Each draw recounts every place as Poisson around its count and clusters the recounts. Draws
    that put a place below `min_volume` are left out of its row, for it would not be clustered;
    NaN if all do. Raises ValueError as `volume_tiers` does. Parametric bootstrap: Efron &
    Tibshirani (1993), "An Introduction to the Bootstrap", section 6.5.
    """
    rng = generator("tier confidence") if rng is None else rng
    tiers = volume_tiers(rng.poisson(volumes, (draws, len(volumes))), k, transform, min_volume)
    counts = np.stack([(tiers == rank).sum(axis=0) for rank in range(1, k + 1)], axis=1)
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)


# --- Agreement -------------------------------------------------------------------------------


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
    return {"n_places": len(left), **{name: float(c.rounded(v)) for name, v in measures.items()}}


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
            band[f"noise_{measure}_{name}"] = float(c.rounded(value))
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


# --- Frames in, frames out -------------------------------------------------------------------

CONFIDENCE_COLUMNS = {
    "run_id": "str",
    "place_id": "str",
    "cluster_rank": "int64",
    "probability": "float64",
    "is_own_tier": "bool",
    "is_borderline": "bool",
}
NOISE_MEASURES = {
    "noise_ari_median": "float64",
    "noise_ari_p05": "float64",
    "noise_ari_p025": "float64",
    "noise_kappa_median": "float64",
    "noise_kappa_p025": "float64",
}
NOISE_COLUMNS = {"run_id": "str", **NOISE_MEASURES}
_MEASURE_COLUMNS = {
    "left_id": "str",
    "right_id": "str",
    "n_places": "int64",
    "ari": "float64",
    "ami": "float64",
    "weighted_kappa": "float64",
    "spearman": "float64",
    **NOISE_MEASURES,
    "verdict": "str",
}
PERIOD_AGREEMENT_COLUMNS = {"scope": "str", **_MEASURE_COLUMNS}
RUN_AGREEMENT_COLUMNS = {"compared": "str", **_MEASURE_COLUMNS}


def _run_tiers(
    runs: pd.DataFrame, assignments: pd.DataFrame
) -> Iterator[tuple[str, int, str, float, pd.DataFrame]]:
    """Each run that has assignments, by run_id: its id, k, transform, minimum, places in order."""
    if not runs["run_id"].is_unique:
        raise ValueError("run_id is not unique in runs")
    places_of = dict(iter(assignments.groupby("run_id")))
    for run in runs.sort_values("run_id").itertuples(index=False):
        if run.run_id in places_of:
            places = places_of[run.run_id].sort_values("place_id")
            yield str(run.run_id), int(run.k), str(run.transform), run.min_incidents, places


def run_tier_confidence(
    runs: pd.DataFrame,
    assignments: pd.DataFrame,
    draws: int = CONFIDENCE_DRAWS,
) -> pd.DataFrame:
    """How sure each place's tier is, in K-means runs on volume: `CONFIDENCE_COLUMNS`.

    A row a run, place and tier 1..k, from `runs` (run_id, k, transform, min_incidents) and
    `assignments` (run_id, place_id, cluster_rank, volume). is_own_tier marks the tier that the run
    gave; is_borderline, the same on all rows of a place, says that the probability of that tier is
    below `BORDERLINE_BELOW`. Raises ValueError for a repeated run_id and as `volume_tiers` does.
    """
    parts = []
    for run_id, k, transform, min_volume, places in _run_tiers(runs, assignments):
        rng = generator("tier confidence", run_id)
        volume, own = (places[name].to_numpy() for name in ("volume", "cluster_rank"))
        p = tier_confidence(volume, k, transform, draws, rng, min_volume)
        p_own = p[np.arange(len(p)), own - 1]
        ranks = np.tile(np.arange(1, k + 1), len(places))
        part = {
            "run_id": run_id,
            "place_id": np.repeat(places["place_id"].to_numpy(), k),
            "cluster_rank": ranks,
            "probability": c.rounded(p.ravel()),
            "is_own_tier": ranks == np.repeat(own, k),
            "is_borderline": np.repeat(~(p_own >= BORDERLINE_BELOW), k),
        }
        parts.append(pd.DataFrame(part))
    return c._typed(parts, CONFIDENCE_COLUMNS)


def run_noise(
    runs: pd.DataFrame,
    assignments: pd.DataFrame,
    draws: int = NOISE_DRAWS,
) -> pd.DataFrame:
    """How far K-means runs on volume agree with their own Poisson recounts: `NOISE_COLUMNS`.

    A row a run: percentiles of the ARI and of kappa between the run's tiers and those of recounts.
    Arguments and errors as `run_tier_confidence`; a yardstick for `run_agreement`.
    """
    parts = []
    for run_id, k, transform, min_volume, places in _run_tiers(runs, assignments):
        rng = generator("recounted", run_id)
        volume = places["volume"].to_numpy()
        recounts = rng.poisson(volume, (draws, len(volume)))
        tiers = volume_tiers(recounts, k, transform, min_volume)
        band = noise_band(tiers, places["cluster_rank"].to_numpy(), k)
        parts.append(pd.DataFrame([{"run_id": run_id, **band}]))
    return c._typed(parts, NOISE_COLUMNS)


def run_agreement(
    assignments: pd.DataFrame, pairs: pd.DataFrame, noise: pd.DataFrame | None = None
) -> pd.DataFrame:
    """How far pairs of runs agree, on the places that both cluster: `RUN_AGREEMENT_COLUMNS`.

    `pairs` has compared (a word for why, such as 'algorithm'), left_id and right_id, both run
    ids; `assignments` has run_id, place_id, cluster_rank, volume. `noise` is the result of
    `run_noise`: the yardstick is how far the left run agrees with its own recounts; without it
    the noise is NaN and the verdict None. A pair of which a run is not there is left out.
    """
    places_of = dict(iter(assignments.groupby("run_id")))
    band_of = {} if noise is None else noise.set_index("run_id").to_dict("index")
    unknown = dict.fromkeys(NOISE_MEASURES, float("nan"))
    parts = []
    keys = ["compared", "left_id", "right_id"]
    for pair in pairs.sort_values(keys).itertuples(index=False):
        if pair.left_id not in places_of or pair.right_id not in places_of:
            continue
        left, right = places_of[pair.left_id], places_of[pair.right_id]
        both = left.merge(right, on="place_id", suffixes=("", "_right")).sort_values("place_id")
        names = ("cluster_rank", "cluster_rank_right", "volume", "volume_right")
        measures = agreement(*(both[name].to_numpy() for name in names))
        band = band_of.get(pair.left_id, unknown)
        ids = {name: getattr(pair, name) for name in keys}
        parts.append({**ids, **measures, **band, "verdict": verdict(measures, band)})
    return c._typed([pd.DataFrame(parts)] if parts else [], RUN_AGREEMENT_COLUMNS)


def period_agreement(
    volumes: pd.DataFrame,
    periods: pd.DataFrame,
    runs: pd.DataFrame,
    draws: int = NOISE_DRAWS,
) -> pd.DataFrame:
    """How far the volume tiers of every two periods agree, and with noise alone would.

    `PERIOD_AGREEMENT_COLUMNS`, a row a scope and pair, left_id <= right_id, each period with
    itself too. `volumes` has scope, place_id, period_id, volume: a row a place and single year,
    a missing one being none (leave a year out to keep it out of every sum). `periods` has
    period_id, year_id: the single years that a period sums, a year's own row among them. Tiers
    are K-means by the scope's k and transform in `runs` (scope, k, transform, min_incidents), of
    the places with `min_incidents` or more in the period; a period with k or fewer distinct such
    volumes is left out, and so is a scope that is not in `runs`.

    Noise, for two different periods: each place keeps one share of the city (its share of all
    the years together), each year's count is Poisson around that share of the year's total,
    periods sum their years (so that nested periods share draws), and both measures are taken
    between the two simulated periods. For a period with itself: between its tiers and those of
    Poisson recounts of it. Raises ValueError for a place's year that is given twice.
    """
    parts = []
    run_of = {run.scope: run for run in runs.itertuples(index=False)}
    for scope, rows in volumes.groupby("scope"):
        if scope not in run_of:
            continue
        tiers_of = _tiers_as(run_of[scope])
        counts = _wide(rows)
        sums = {
            str(period_id): years
            for period_id, members in periods.groupby("period_id")
            if (years := sorted(set(members["year_id"].astype(str)) & set(counts)))
        }
        parts += _scope_agreement(str(scope), counts, sums, tiers_of, draws)
    return c._typed([pd.DataFrame(parts)] if parts else [], PERIOD_AGREEMENT_COLUMNS)


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts of a scope, a row a place and a column a year, both sorted, 0 where there is none."""
    if rows.duplicated(["place_id", "period_id"]).any():
        raise ValueError("a place has two volumes in a year")
    keyed = rows.assign(period_id=rows["period_id"].astype(str))
    # Sorted by pandas; nothing is summed, because no cell is given twice.
    return keyed.pivot_table("volume", "place_id", "period_id", aggfunc="sum", fill_value=0)


class TiersAs(NamedTuple):
    """How a run makes tiers of volumes."""

    k: int
    transform: str
    min_volume: float

    def __call__(self, volumes: Floats | Ints) -> Ints:
        """Tiers (draws, n) of `volumes` (draws, n), as `volume_tiers` makes them."""
        return volume_tiers(volumes, self.k, self.transform, self.min_volume)


def _tiers_as(run: Any) -> TiersAs:
    return TiersAs(int(run.k), str(run.transform), float(run.min_incidents))


def _scope_agreement(
    scope: str,
    counts: pd.DataFrame,
    sums: dict[str, list[str]],
    tiers_of: TiersAs,
    draws: int,
) -> Iterator[dict[str, object]]:
    """The rows of one scope for `period_agreement`; `sums` names the years of each period."""
    observed = {p: counts[years].sum(axis=1).to_numpy() for p, years in sums.items()}
    is_usable = {
        p: len(np.unique(v[v >= tiers_of.min_volume])) > tiers_of.k for p, v in observed.items()
    }
    usable = [p for p in sorted(observed) if is_usable[p]]
    tiers = {p: tiers_of(observed[p][None])[0] for p in usable}
    simulated = _tiers_without_change(scope, counts, {p: sums[p] for p in usable}, tiers_of, draws)
    for i, left in enumerate(usable):
        for right in usable[i:]:
            if left == right:
                rng = generator("recounted", scope, left)
                recounts = rng.poisson(observed[left], (draws, len(counts)))
                band = noise_band(tiers_of(recounts), tiers[left], tiers_of.k)
            else:
                band = noise_band(simulated[left], simulated[right], tiers_of.k)
            measures = agreement(tiers[left], tiers[right], observed[left], observed[right])
            ids = {"scope": scope, "left_id": left, "right_id": right}
            yield {**ids, **measures, **band, "verdict": verdict(measures, band)}


def _tiers_without_change(
    scope: str,
    counts: pd.DataFrame,
    sums: dict[str, list[str]],
    tiers_of: TiersAs,
    draws: int,
) -> dict[str, Ints]:
    """Tiers (draws, n) of each period, if each place kept one share of the city in every year."""
    total = counts.sum()
    share = counts.sum(axis=1).to_numpy() / max(total.sum(), 1)
    drawn = {
        year: generator("no change", scope, year).poisson(share * total[year], (draws, len(share)))
        for year in sorted({year for years in sums.values() for year in years})
    }
    return {period: tiers_of(sum(drawn[year] for year in years)) for period, years in sums.items()}
