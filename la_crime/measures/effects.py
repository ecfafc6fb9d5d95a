"""How far the tiers of each run differ in each characteristic."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from la_crime.stats.arrays import Floats, rounded
from la_crime.stats.effects import composition_effect, rate_effect
from la_crime.stats.resampling import DRAWS, generator, resampled_within
from la_crime.stats.threads import single_threaded

EFFECT_COLUMNS = {
    "run_id": "str",
    "characteristic": "str",
    "test": "str",
    "statistic": "float64",
    "p_value": "float64",
    "effect_size_name": "str",
    "effect_size": "float64",
    "low": "float64",
    "high": "float64",
    "verdict": "str",
    "used_in_clustering": "bool",
}


def _run_tiers(run_id: str, frames: list[pd.DataFrame]) -> pd.Series:
    """The run's cluster_rank by place_id, sorted; ValueError where a place has two."""
    pairs = pd.concat([frame[["place_id", "cluster_rank"]] for frame in frames]).drop_duplicates()
    if pairs["place_id"].duplicated().any():
        raise ValueError(f"run {run_id!r}: a place is in two clusters")
    return pairs.set_index("place_id")["cluster_rank"].sort_index()


def _matrix(run_id: str, part: pd.DataFrame, places: pd.Index, column: str, empty: float) -> Floats:
    """(places, c) of `column` by category, `empty` where there is none; a repeat is an error."""
    row = places.get_indexer(part["place_id"])
    col, names = pd.factorize(part["category"], sort=True)
    if len(np.unique(row * len(names) + col)) < len(part):
        name = part["characteristic"].iloc[0]
        raise ValueError(f"run {run_id!r}: a place has a category of {name!r} twice")
    matrix = np.full((len(places), len(names)), empty)
    matrix[row, col] = part[column]
    return matrix


def _by_run(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The frame's rows by run_id; keys become categories first, for slicing text is slow."""
    keys = ["place_id", "characteristic", "category"]
    light = frame.astype({key: "category" for key in keys if key in frame})
    return dict(iter(light.groupby("run_id", observed=True)))


def _run_effects(
    run_id: str, counts: pd.DataFrame, rates: pd.DataFrame, used: set[str], draws: int
) -> Iterator[dict]:
    """The columns of each characteristic of one run."""
    tiers_of = _run_tiers(run_id, [counts, rates])
    places, tiers = tiers_of.index, tiers_of.to_numpy()
    weights = resampled_within(tiers, draws, generator(run_id))
    for frame, is_rate in ((counts, False), (rates, True)):
        for characteristic, part in frame.groupby("characteristic", observed=True):
            is_used = characteristic in used
            if is_used:
                effect = {"verdict": "used in clustering"}
            elif is_rate:
                matrix = _matrix(run_id, part.assign(category=""), places, "rate", np.nan)
                effect = rate_effect(matrix[:, 0], tiers, weights)
            else:
                matrix = _matrix(run_id, part, places, "n", 0.0)
                effect = composition_effect(matrix, tiers, weights)
            yield {"characteristic": characteristic, "used_in_clustering": is_used, **effect}


@single_threaded
def run_tier_effects(
    used: pd.DataFrame, counts: pd.DataFrame, rates: pd.DataFrame, draws: int = DRAWS
) -> pd.DataFrame:
    """How far the tiers of each run differ in each characteristic: `EFFECT_COLUMNS`.

    `counts` has run_id, place_id, cluster_rank, characteristic, category, n, a category that a
    place lacks counting 0; `rates` has run_id, place_id, cluster_rank, characteristic, rate, a
    missing rate leaving its place out. `used` has run_id, characteristic: what made the clusters,
    and so gets no test. A characteristic is a row: by chi-square and Cramér's V if in `counts`, by
    Kruskal-Wallis and epsilon-squared if in `rates`. verdict is one of `VERDICTS`,
    `used in clustering`, or `not testable`: fewer than two tiers or categories. The interval
    resamples places within tiers, `draws` times. Raises ValueError for a place in two clusters of
    a run, or a place's category or rate given twice.
    """
    used_of = used.groupby("run_id")["characteristic"].agg(set).to_dict()
    counts_of, rates_of = _by_run(counts), _by_run(rates)
    rows = [
        {"run_id": run_id, **effect}
        for run_id in sorted(counts_of.keys() | rates_of.keys())
        for effect in _run_effects(
            run_id,
            counts_of.get(run_id, counts[:0]),
            rates_of.get(run_id, rates[:0]),
            used_of.get(run_id, set()),
            draws,
        )
    ]
    effects = pd.DataFrame(rows, columns=list(EFFECT_COLUMNS)).astype(EFFECT_COLUMNS)
    numbers = ["statistic", "p_value", "effect_size", "low", "high"]
    effects[numbers] = rounded(effects[numbers])
    return effects.sort_values(["run_id", "characteristic"], ignore_index=True)
