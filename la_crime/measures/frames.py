"""What measures share: long frames to arrays, a run at a time, and rows to typed frames."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from la_crime.frames import typed
from la_crime.stats.algorithms import ALGORITHMS
from la_crime.stats.arrays import Floats
from la_crime.stats.transforms import transformed


def feature_matrix(features: pd.DataFrame) -> tuple[list[str], list[str], Floats]:
    """Place ids (n, sorted), feature names (p, sorted) and values (n, p) of one run's long frame.

    `features` has the columns place_id, feature, value. Raises ValueError for a place's feature
    that is given twice, missing or not finite, and for a value without a place or feature.
    """
    keys = [features[name].astype("category").array for name in ("place_id", "feature")]
    if any((key.codes < 0).any() for key in keys):
        raise ValueError("a value has no place_id or no feature")
    (place_ids, row), (names, col) = (
        (key.categories.to_numpy(dtype=object)[codes], inverse)
        for key in keys
        for codes, inverse in [np.unique(key.codes, return_inverse=True)]
    )
    cell = row * len(names) + col
    times = np.bincount(cell, minlength=len(place_ids) * len(names))
    if (times > 1).any():
        i, j = divmod(times.argmax(), len(names))
        raise ValueError(f"place {place_ids[i]!r} has feature {names[j]!r} twice")
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
    # categories, for text is slow to slice
    light = features.astype({"place_id": "category", "feature": "category"})
    features_of = dict(iter(light.groupby("run_id")))
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


def adjacency(place_ids: list[str], neighbours: pd.DataFrame | None) -> csr_array | None:
    """Who neighbours whom (n, n), from a frame of place_id and neighbour_id; None without one.

    Raises ValueError for a neighbour that is not one of the n places.
    """
    if neighbours is None:
        return None
    row, col = (
        pd.Index(place_ids, dtype="str").get_indexer(neighbours[name].astype("str"))
        for name in ("place_id", "neighbour_id")
    )
    if (unknown := (row < 0) | (col < 0)).any():
        pair = neighbours.iloc[unknown.argmax()]
        raise ValueError(f"{pair.place_id!r} and {pair.neighbour_id!r} are not both of its places")
    return csr_array((np.ones(len(row)), (row, col)), (len(place_ids),) * 2)


def without_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The run_id and the numbers of a frame, to take apart by run: text is slow to slice."""
    return frame.drop(columns=["place_id", "tier"], errors="ignore")


def stacked(parts: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    """The parts one below the other, with exactly these columns and types, even with no parts.

    A part has an array (n,) for each column, or one value for all of its rows.
    """
    if not parts:
        return typed([], columns)
    rows = [max(np.size(value) for value in part.values()) for part in parts]
    whole = {}
    for name, kind in columns.items():
        own = object if kind == "str" else None
        values = (np.asarray(part[name], dtype=own) for part in parts)
        whole[name] = np.concatenate(
            [np.broadcast_to(value, n) for value, n in zip(values, rows, strict=True)]
        )
    return pd.DataFrame(whole).astype(columns)
