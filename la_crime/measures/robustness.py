"""The multiverse: every defensible way to make the tiers, and how often each place stays put.

See `la_crime.stats.multiverse` for its source.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from la_crime.frames import typed
from la_crime.stats.agreement import adjusted_rand_index, contingency
from la_crime.stats.algorithms import UNCONSTRAINED
from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.intervals import interval_partitions
from la_crime.stats.linkage import cuts, linkage_matrix
from la_crime.stats.multiverse import same_position
from la_crime.stats.partitions import n_distinct, rank_clusters, tier_name
from la_crime.stats.transforms import transformed

TRANSFORMS = ("log1p", "raw", "rank")
DENOMINATORS = ("count", "per km²")
DIMENSIONS = ("transform", "denominator", "algorithm", "k", "cleaning", "period_id")


COLUMNS = {
    "scope": "str",
    **dict.fromkeys(DIMENSIONS, "str"),
    "n_departures": "int64",
    "ari": "float64",
    "place_id": "str",
    "headline_rank": "int64",
    "headline_tier": "str",
    "keeps_tier": "bool",
}


def headline_of(run: Any) -> dict[str, Any]:
    """The choices, by `DIMENSIONS`, of a main run (period_id, transform, algorithm, k)."""
    return {
        "transform": run.transform,
        "denominator": "count",
        "algorithm": run.algorithm,
        "k": int(run.k),
        "cleaning": "all",
        "period_id": run.period_id,
    }


def specifications(
    headline: dict[str, Any], algorithms: list[str], cleanings: list[str], period_ids: list[str]
) -> pd.DataFrame:
    """Every combination of choices for a scope, a row each, with the columns `DIMENSIONS`.

    A transform that the headline has and `TRANSFORMS` lacks is one of them; k is the headline's,
    one fewer (of 2 or more) and one more.
    """
    k = headline["k"]
    choices = (
        tuple(dict.fromkeys((*TRANSFORMS, headline["transform"]))),
        DENOMINATORS,
        [name for name in UNCONSTRAINED if name in algorithms],
        [near for near in (k - 1, k, k + 1) if near >= 2],
        sorted(cleanings),
        sorted(period_ids),
    )
    return pd.DataFrame(product(*choices), columns=list(DIMENSIONS))


def multiverse_ranks(
    volumes: pd.DataFrame, headline: dict[str, Any], algorithms: list[str], min_volume: float
) -> tuple[pd.DataFrame, list[str], Ints]:
    """The specifications (s rows) of a scope, its place ids (n, sorted) and the ranks (s, n).

    `volumes` has scope, place_id, cleaning, period_id, volume, area_km2, for one scope. Rank 1 is
    the highest volume (per km² by that denominator); 0 for a place that a specification does not
    cluster: below `min_volume` incidents, or without an area where that divides. One that has not
    more distinct places than tiers is left out. Raises ValueError for a volume given twice.
    """
    keys = ["place_id", "cleaning", "period_id"]
    if volumes.duplicated(keys).any():
        raise ValueError("a place has two volumes for one cleaning choice and period")
    # Sorted by pandas; nothing is summed, because no cell is given twice.
    cube = volumes.pivot_table("volume", keys[1:], "place_id", aggfunc="sum", fill_value=0)
    area = volumes.drop_duplicates("place_id").set_index("place_id")["area_km2"]
    km2 = area.reindex(cube.columns).to_numpy(dtype=np.float64)
    cleanings, period_ids = (list(cube.index.unique(name)) for name in keys[1:])
    specs = specifications(headline, algorithms, cleanings, period_ids)
    rows = np.zeros((len(specs), cube.shape[1]), dtype=np.int64)
    for place in specs.groupby(
        ["cleaning", "period_id", "denominator", "transform"]
    ).indices.items():
        (cleaning, period_id, denominator, transform), positions = place
        if (cleaning, period_id) not in cube.index:
            continue
        volume = cube.loc[(cleaning, period_id)].to_numpy(dtype=np.float64)
        divisor = np.ones_like(km2) if denominator == "count" else km2
        is_clustered = (volume >= min_volume) & (divisor > 0)
        value = volume[is_clustered] / divisor[is_clustered]
        x = transformed(value[:, None], transform)
        for position, ranks in _ranks(x, value, specs.iloc[positions]):
            rows[position, is_clustered] = ranks
    is_run = rows.any(axis=1)
    return specs[is_run].reset_index(drop=True), list(cube.columns), rows[is_run]


def _ranks(x: Floats, value: Floats, specs: pd.DataFrame) -> Iterator[tuple[int, Ints]]:
    """The ranks (n,) of one feature `x` (n, 1) by each algorithm and k, under the row's index."""
    largest = min(specs["k"].max(), n_distinct(x) - 1)
    if largest < 1:
        return
    ks = range(1, largest + 1)
    labels = {
        algorithm: dict(zip(ks, interval_partitions(x.T, largest)[:, 0], strict=True))
        if algorithm == "kmeans"
        else cuts(linkage_matrix(x, algorithm), ks)
        for algorithm in specs["algorithm"].unique()
    }
    for position, algorithm, k in zip(specs.index, specs["algorithm"], specs["k"], strict=True):
        if k <= largest:
            yield position, rank_clusters(labels[algorithm][k], value)


def _against_headline(
    specs: pd.DataFrame, ranks: Ints, headline: Ints, headline_k: int
) -> tuple[Any, Any, Floats]:
    """The ranks (s, n) of specifications (s rows) against headline ranks (n,).

    Whether a place is clustered by both (s, n), whether it keeps its tier (s, n), and ARI (s,).
    """
    both = (ranks > 0) & (headline > 0)
    agrees = np.zeros_like(both)
    for k, rows in specs.groupby("k").indices.items():
        # Rank 0 would index from the end; `both` masks whatever comes of it.
        same = same_position(np.maximum(ranks[rows], 1), int(k), headline, headline_k)
        agrees[rows] = same & both[rows]
    ari = adjusted_rand_index(contingency(ranks, headline, int(specs["k"].max())))
    return both, agrees, ari


def tier_robustness(
    volumes: pd.DataFrame, runs: pd.DataFrame, algorithms: pd.DataFrame
) -> pd.DataFrame:
    """Whether places keep their headline tier, a row a scope, specification and place: `COLUMNS`.

    `volumes` has scope, place_id, cleaning, period_id, volume, area_km2; `runs`, the headline of
    each scope, scope, period_id, transform, min_incidents, algorithm, k; `algorithms` scope and
    algorithm, a row for each that the scope's runs use; of them the `UNCONSTRAINED` are choices. A
    place has no row for a specification that does not cluster it. n_departures counts the choices
    that are not the headline's; ari, the same for each place, compares the specification with the
    headline; keeps_tier is `same_position`. A choice of k has an ARI below 1 even where no place
    moves. A scope without a headline, or whose headline cannot be run, has no rows. Raises
    ValueError as `multiverse_ranks` does.
    """
    parts = []
    run_of = {run.scope: run for run in runs.itertuples(index=False)}
    for scope, rows in volumes.groupby("scope"):
        if scope not in run_of:
            continue
        chosen, k = headline_of(run_of[scope]), int(run_of[scope].k)
        of_scope = algorithms.loc[algorithms["scope"] == scope, "algorithm"].tolist()
        specs, place_ids, ranks = multiverse_ranks(
            rows, chosen, of_scope, run_of[scope].min_incidents
        )
        departures = (specs[list(chosen)] != pd.Series(chosen)).sum(axis=1).to_numpy()
        if 0 not in departures:
            continue
        headline = ranks[departures.argmin()]
        both, agrees, ari = _against_headline(specs, ranks, headline, k)
        spec, place = both.nonzero()
        names = np.array([tier_name(rank, k) for rank in range(1, k + 1)])
        measures = {
            "scope": scope,
            "n_departures": departures[spec],
            "ari": ari[spec],
            "place_id": np.array(place_ids)[place],
            "headline_rank": headline[place],
            "headline_tier": names[headline[place] - 1],
            "keeps_tier": agrees[spec, place],
        }
        parts.append(specs.iloc[spec].reset_index(drop=True).assign(**measures))
    return typed(parts, COLUMNS)
