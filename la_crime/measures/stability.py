"""How stable tiers are: their confidence, and agreement beside what counting noise would do."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from la_crime.frames import typed
from la_crime.measures.frames import stacked
from la_crime.measures.noise import noise_of
from la_crime.stats.agreement import (
    NOISE_MEASURES,
    agreement,
    detectable_share,
    drawn_moves,
    median_interval,
    noise_band,
    share_changes,
    verdict,
)
from la_crime.stats.arrays import Floats, Ints, rounded
from la_crime.stats.noise import MONTHS, CountNoise, pooled_levels
from la_crime.stats.resampling import NORMAL_95, generator
from la_crime.stats.tiers import (
    CONFIDENCE_DRAWS,
    rank_intervals,
    recounts,
    tier_shares,
    volume_tiers,
)

NOISE_DRAWS = 200
# A place that one such year in five puts elsewhere is on a border.
BORDERLINE_BELOW = 0.8
# What a place's tier is judged by: a tier is read as a word about the place, not about its year.
JUDGED_BY = "other_year"

CONFIDENCE_COLUMNS = {
    "run_id": "str",
    "place_id": "str",
    "noise": "str",
    "cluster_rank": "int64",
    "probability": "float64",
    "is_own_tier": "bool",
    "is_borderline": "bool",
}

LEVEL_COLUMNS = {
    "run_id": "str",
    "place_id": "str",
    "volume_rank": "int64",
    "rank_low": "int64",
    "rank_high": "int64",
    "level": "float64",
    "level_low": "float64",
    "level_high": "float64",
    "level_rank": "int64",
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

CHANGE_COLUMNS = {
    "detectable_share": "float64",
    "share_change_median": "float64",
    "share_change_median_low": "float64",
    "share_change_median_high": "float64",
    "share_change_largest": "float64",
    "share_change_largest_low": "float64",
    "share_change_largest_high": "float64",
    "share_change_largest_place_id": "str",
    "shares_p_value": "float64",
}

PERIOD_AGREEMENT_COLUMNS = {"scope": "str", **_MEASURE_COLUMNS, **CHANGE_COLUMNS}
RUN_AGREEMENT_COLUMNS = {"compared": "str", **_MEASURE_COLUMNS}


def _run_tiers(
    runs: pd.DataFrame, assignments: pd.DataFrame, noise: pd.DataFrame
) -> Iterator[tuple[Any, CountNoise, pd.DataFrame]]:
    """Each run that has assignments, by run_id: its row, its noise, and its places in order."""
    if not runs["run_id"].is_unique:
        raise ValueError("run_id is not unique in runs")
    places_of = dict(iter(assignments.groupby("run_id")))
    for run in runs.sort_values("run_id").itertuples(index=False):
        if run.run_id in places_of:
            found = noise_of(noise, scope=run.scope, source=run.source)
            yield run, found, places_of[run.run_id].sort_values("place_id")


def run_tier_confidence(
    runs: pd.DataFrame,
    assignments: pd.DataFrame,
    noise: pd.DataFrame,
    draws: int = CONFIDENCE_DRAWS,
) -> pd.DataFrame:
    """How sure each place's tier is, in K-means runs on volume: `CONFIDENCE_COLUMNS`.

    A row a run, place, noise of `recounts` and tier 1..k, from `runs` (run_id, scope, source, k,
    transform, min_incidents, months: how many the run's counts sum), `assignments` (run_id,
    place_id, cluster_rank, volume) and `noise` (scope, source, a, power, correlation, drift).
    is_own_tier marks the tier that the run gave; is_borderline, the same on all rows of a place,
    says that the probability of that tier is below `BORDERLINE_BELOW` by `JUDGED_BY`. Raises
    ValueError for a repeated run_id and as `volume_tiers` does.
    """
    parts = []
    for run, own_noise, places in _run_tiers(runs, assignments, noise):
        k = int(run.k)
        rng = generator("tier confidence", str(run.run_id))
        volume, own = (places[name].to_numpy() for name in ("volume", "cluster_rank"))
        ranks = np.tile(np.arange(1, k + 1), len(places))
        shares = {
            name: tier_shares(volume_tiers(counts, k, str(run.transform), run.min_incidents), k)
            for name, counts in recounts(volume, own_noise, run.months, draws, rng).items()
        }
        judged = shares[JUDGED_BY][np.arange(len(own)), own - 1]
        for name, p in shares.items():
            part = {
                "run_id": run.run_id,
                "place_id": np.repeat(places["place_id"].to_numpy(), k),
                "noise": name,
                "cluster_rank": ranks,
                "probability": rounded(p.ravel()),
                "is_own_tier": ranks == np.repeat(own, k),
                "is_borderline": np.repeat(~(judged >= BORDERLINE_BELOW), k),
            }
            parts.append(part)
    return stacked(parts, CONFIDENCE_COLUMNS)


def run_levels(
    runs: pd.DataFrame,
    assignments: pd.DataFrame,
    noise: pd.DataFrame,
    draws: int = CONFIDENCE_DRAWS,
) -> pd.DataFrame:
    """What places' volumes say of their levels, in K-means runs on volume: `LEVEL_COLUMNS`.

    A row a run and place; arguments and errors as `run_tier_confidence`. volume_rank is the place's
    by its volume, 1 the highest, of equals the first by place_id; rank_low and rank_high hold the
    rank of its level with 95 %. level is its volume as `pooled_levels` has it, with its 95 %
    interval, level_rank the tier that it has when all places' levels are clustered.
    """
    parts = []
    for run, own_noise, places in _run_tiers(runs, assignments, noise):
        volume = places["volume"].to_numpy(dtype=np.float64)
        levels = pooled_levels(volume, own_noise, run.months)
        rng = generator("levels", str(run.run_id))
        low, high = rank_intervals(levels.draw(rng, draws))
        level = np.exp(levels.mean)
        tiers = volume_tiers(level[None], int(run.k), str(run.transform))[0]
        part = {
            "run_id": run.run_id,
            "place_id": places["place_id"].to_numpy(),
            "volume_rank": (-volume).argsort(kind="stable").argsort() + 1,
            "rank_low": low,
            "rank_high": high,
            "level": rounded(level),
            "level_low": rounded(np.exp(levels.mean - NORMAL_95 * levels.sd)),
            "level_high": rounded(np.exp(levels.mean + NORMAL_95 * levels.sd)),
            "level_rank": tiers,
        }
        parts.append(part)
    return stacked(parts, LEVEL_COLUMNS)


def run_noise(
    runs: pd.DataFrame,
    assignments: pd.DataFrame,
    noise: pd.DataFrame,
    draws: int = NOISE_DRAWS,
) -> pd.DataFrame:
    """How far K-means runs on volume agree with recounts of themselves: `NOISE_COLUMNS`.

    A row a run: percentiles of the ARI and of kappa between the run's tiers and those of recounts.
    Arguments and errors as `run_tier_confidence`; a yardstick for `run_agreement`.
    """
    parts = []
    for run, own_noise, places in _run_tiers(runs, assignments, noise):
        rng = generator("recounts of a run", str(run.run_id))
        recounted = own_noise.recount(rng, places["volume"].to_numpy(), draws, run.months)
        tiers = volume_tiers(recounted, int(run.k), str(run.transform), run.min_incidents)
        band = noise_band(tiers, places["cluster_rank"].to_numpy(), int(run.k))
        parts.append({"run_id": run.run_id, **band})
    return stacked(parts, NOISE_COLUMNS)


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
    noise: pd.DataFrame,
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

    `noise` has scope, a, power, correlation, drift. For two different periods, each place keeps one
    share of the city (its share of all the years together), each year's count scatters around that
    share of the year's total by counting noise, periods sum their years (so that nested periods
    share draws), and both measures are taken between the two simulated periods. For a period with
    itself: between its tiers and those of recounts of it. detectable_share is what
    `agreement.detectable_share` finds for the pair.

    Beside tiers, the shares themselves: share_change_median is the median of places' absolute
    changes of share (0.05 is 5 %) with the interval of a median, share_change_largest the largest,
    with the interval that noise gives it, and shares_p_value
    that of `share_changes` in draws in which every place keeps its share. Places below
    `min_incidents` in either period are left out there. Raises ValueError for a place's year that
    is given twice.
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
        own_noise = noise_of(noise, scope=scope)
        parts += _scope_agreement(str(scope), counts, sums, tiers_of, own_noise, draws)
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
    noise: CountNoise,
    draws: int,
) -> Iterator[dict[str, object]]:
    """The rows of one scope for `period_agreement`; `sums` names the years of each period."""
    observed = {p: counts[years].sum(axis=1).to_numpy() for p, years in sums.items()}
    is_usable = {
        p: len(np.unique(v[v >= tiers_of.min_volume])) > tiers_of.k for p, v in observed.items()
    }
    usable = [p for p in sorted(observed) if is_usable[p]]
    months = {p: MONTHS * len(sums[p]) for p in usable}
    tiers = {p: tiers_of(observed[p][None])[0] for p in usable}
    without = _counts_without_change(scope, counts, {p: sums[p] for p in usable}, noise, draws)
    simulated = {p: tiers_of(drawn) for p, drawn in without.items()}
    moves = drawn_moves(len(counts), generator("moved places", scope))
    for i, left in enumerate(usable):
        for right in usable[i:]:
            if left == right:
                rng = generator("recounts of a period", scope, left)
                recounted = tiers_of(noise.recount(rng, observed[left], draws, months[left]))
                one, other = tiers[left], recounted
                changes = dict.fromkeys(CHANGE_COLUMNS, np.nan)
            else:
                one, other = simulated[left], simulated[right]
                changes = _share_change_columns(
                    counts.index.to_numpy(),
                    (observed[left], observed[right]),
                    (without[left], without[right]),
                    (months[left], months[right]),
                    noise,
                    tiers_of.min_volume,
                )
            band = noise_band(one, other, tiers_of.k)
            changes["detectable_share"] = detectable_share(one, other, tiers_of.k, band, moves)
            measures = agreement(tiers[left], tiers[right], observed[left], observed[right])
            ids = {"scope": scope, "left_id": left, "right_id": right}
            yield {**ids, **measures, **band, "verdict": verdict(measures, band), **changes}


def _share_change_columns(
    place_ids: Any,
    observed: tuple[Floats, Floats],
    without: tuple[Ints, Ints],
    months: tuple[int, int],
    noise: CountNoise,
    min_volume: float,
) -> dict[str, object]:
    """How far shares moved between two periods, for `period_agreement`: `CHANGE_COLUMNS`.

    `observed` counts (n,) and `without` change (draws, n), of the left and the right period.
    """
    kept = (observed[0] >= min_volume) & (observed[1] >= min_volume)
    if not kept.any():
        return dict.fromkeys(CHANGE_COLUMNS, np.nan)
    dispersions = tuple(noise.dispersion(n[kept], m) for n, m in zip(observed, months, strict=True))
    found = share_changes(observed[0][kept], observed[1][kept], *dispersions)
    simulated = share_changes(without[0][:, kept], without[1][:, kept], *dispersions)
    size = np.abs(np.expm1(found.log_change))
    low, high = median_interval(size)
    most = int(np.abs(found.log_change).argmax())
    ends = found.log_change[most] + np.array([0.0, -NORMAL_95, NORMAL_95]) * found.error[most]
    # the observed one is among what could have been: no p-value is 0 (Davison & Hinkley 1997)
    p = (1 + (simulated.statistic >= found.statistic).sum()) / (1 + len(simulated.statistic))
    largest, largest_low, largest_high = np.expm1(ends)
    values = {
        "share_change_median": np.median(size),
        "share_change_median_low": low,
        "share_change_median_high": high,
        "share_change_largest": largest,
        "share_change_largest_low": largest_low,
        "share_change_largest_high": largest_high,
        "shares_p_value": p,
    }
    return {
        **{name: float(rounded(value)) for name, value in values.items()},
        "share_change_largest_place_id": str(place_ids[kept][most]),
    }


def _counts_without_change(
    scope: str,
    counts: pd.DataFrame,
    sums: dict[str, list[str]],
    noise: CountNoise,
    draws: int,
) -> dict[str, Ints]:
    """Counts (draws, n) of each period, if each place kept one share of the city in every year."""
    total = counts.sum()
    share = counts.sum(axis=1).to_numpy() / max(total.sum(), 1)
    drawn = {
        year: noise.recount(generator("no change", scope, year), share * total[year], draws)
        for year in sorted({year for years in sums.values() for year in years})
    }
    return {period: sum(drawn[year] for year in years) for period, years in sums.items()}
