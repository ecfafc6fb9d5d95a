"""What measures share: long frames to arrays, a run at a time, and rows to typed frames."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from la_crime.frames import typed as typed
from la_crime.stats.algorithms import ALGORITHMS
from la_crime.stats.arrays import Floats
from la_crime.stats.transforms import transformed


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


def run_inputs(
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
