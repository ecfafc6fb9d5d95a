"""How stable tiers are: their confidence, and agreement beside what counting noise would do."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from la_crime.measures.frames import typed
from la_crime.stats.agreement import NOISE_MEASURES, agreement, noise_band, verdict
from la_crime.stats.arrays import Floats, Ints, rounded
from la_crime.stats.resampling import generator
from la_crime.stats.tiers import CONFIDENCE_DRAWS, tier_confidence, volume_tiers

NOISE_DRAWS = 200
# A place that one recount in five puts elsewhere is on a border.
BORDERLINE_BELOW = 0.8

CONFIDENCE_COLUMNS = {
    "run_id": "str",
    "place_id": "str",
    "cluster_rank": "int64",
    "probability": "float64",
    "is_own_tier": "bool",
    "is_borderline": "bool",
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
            "probability": rounded(p.ravel()),
            "is_own_tier": ranks == np.repeat(own, k),
            "is_borderline": np.repeat(~(p_own >= BORDERLINE_BELOW), k),
        }
        parts.append(pd.DataFrame(part))
    return typed(parts, CONFIDENCE_COLUMNS)


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
    return typed(parts, NOISE_COLUMNS)


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
    return typed([pd.DataFrame(parts)] if parts else [], RUN_AGREEMENT_COLUMNS)


def period_agreement(
    volumes: pd.DataFrame,
    periods: pd.DataFrame,
    runs: pd.DataFrame,
    draws: int = NOISE_DRAWS,
) -> pd.DataFrame:
    """How far the volume tiers of every two periods agree, and with noise alone would.

    `PERIOD_AGREEMENT_COLUMNS`, a row a scope and pair, left_id <= right_id, each period with itself
    too. `volumes` has scope, place_id, period_id, volume: a row a place and single year, a missing
    one being none (leave a year out to keep it out of every sum). `periods` has period_id, year_id:
    the single years that a period sums, a year's own row among them. Tiers are K-means by the
    scope's k and transform in `runs` (scope, k, transform, min_incidents), of the places with
    `min_incidents` or more in the period; a period with k or fewer distinct such volumes is left
    out, and so is a scope that is not in `runs`.

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
    return typed([pd.DataFrame(parts)] if parts else [], PERIOD_AGREEMENT_COLUMNS)


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
