"""Whether places with much or little crime lie together, by scope, period and crime group."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from la_crime.frames import typed
from la_crime.spatial.neighbourhoods import Weights
from la_crime.stats.arrays import Floats, rounded
from la_crime.stats.effects import benjamini_hochberg
from la_crime.stats.moran import (
    SIGNIFICANCE,
    conditional_p_values,
    global_moran,
    local_moran,
)
from la_crime.stats.transforms import log1p

NOT_SIGNIFICANT = "not significant"

AUTOCORRELATION_COLUMNS = {
    "scope": "str",
    "period_id": "str",
    "crime_group": "str",
    "morans_i": "float64",
    "expected_i": "float64",
    "z": "float64",
    "p_value": "float64",
    "n_places": "int64",
    "neighbours": "str",
}

CLUSTER_COLUMNS = {
    "scope": "str",
    "place_id": "str",
    "period_id": "str",
    "crime_group": "str",
    "spatial_class": "str",
    "local_i": "float64",
    "p_value": "float64",
    "q_value": "float64",
    "is_significant": "bool",
}


def _scope_inputs(
    values: pd.DataFrame, weights_by_scope: dict[str, Weights]
) -> Iterator[tuple[str, Weights, pd.DataFrame, Floats]]:
    """Each scope, sorted: its weights, its v periods and groups, and its log1p values (n, v)."""
    keys = ["period_id", "crime_group"]
    for scope, part in values.groupby("scope"):
        if scope not in weights_by_scope:
            raise ValueError(f"no weights for scope {scope!r}")
        weights = weights_by_scope[scope]
        row = pd.Index(weights.place_ids, dtype="str").get_indexer(part["place_id"].astype("str"))
        if (row < 0).any():
            place_id = part["place_id"].iloc[(row < 0).argmax()]
            raise ValueError(f"scope {scope!r}: place {place_id!r} has no row in the weights")
        if part["value"].isna().any():
            raise ValueError(f"scope {scope!r}: a value is missing")
        variables = part[keys].drop_duplicates().sort_values(keys, ignore_index=True)
        col = pd.MultiIndex.from_frame(variables).get_indexer(pd.MultiIndex.from_frame(part[keys]))
        if len(np.unique(row * len(variables) + col)) < len(part):
            raise ValueError(f"scope {scope!r}: a value is given twice")
        x = np.zeros((len(weights.place_ids), len(variables)))
        x[row, col] = part["value"]
        # Rounded, so that equal places stay equal on every machine.
        yield scope, weights, variables, rounded(log1p(x))


def run_spatial_autocorrelation(
    values: pd.DataFrame, weights_by_scope: dict[str, Weights]
) -> pd.DataFrame:
    """Global Moran's I of each scope, period and crime group: `AUTOCORRELATION_COLUMNS`.

    `values` has scope, place_id, period_id, crime_group, value: crimes per km², where a place of
    the weights that is absent has none. I is of log1p(value): densities are so skewed that raw ones
    would tell of a few places alone. `neighbours` says how neighbours were chosen. Numbers are NaN
    where I is not defined: see `global_moran`. Raises ValueError for a scope without weights, a
    place that they lack, and a value that is missing, negative or given twice.
    """
    parts = []
    for scope, weights, variables, x in _scope_inputs(values, weights_by_scope):
        moran = global_moran(x, weights.matrix)
        numbers = {name: rounded(moran[name]) for name in moran if name != "variance_i"}
        about = {"n_places": len(x), "neighbours": weights.neighbours}
        parts.append(variables.assign(scope=scope, **numbers, **about))
    return typed(parts, AUTOCORRELATION_COLUMNS)


def run_spatial_clusters(
    values: pd.DataFrame, weights_by_scope: dict[str, Weights]
) -> pd.DataFrame:
    """Local Moran's I and class of each place, scope, period and crime group: `CLUSTER_COLUMNS`.

    Input, transform and errors are those of `run_spatial_autocorrelation`; every place of the
    weights has a row. `q_value` is `p_value` after Benjamini-Hochberg over the places of one scope,
    period and group; at most 0.05 is significant, and `spatial_class` is then `high-high`,
    `low-low`, `high-low` or `low-high` (the place's own density, then its neighbours'), else
    `not significant`. p and q are NaN for an island and for a group that is equal everywhere.
    """
    parts = []
    for scope, weights, variables, x in _scope_inputs(values, weights_by_scope):
        local_i, quadrant = local_moran(x, weights.matrix)
        p_value = conditional_p_values(x, weights.matrix)
        q_value = np.apply_along_axis(benjamini_hochberg, 0, p_value)
        is_significant = q_value <= SIGNIFICANCE
        n, v = x.shape
        part = variables.loc[np.tile(np.arange(v), n)].reset_index(drop=True)
        part["scope"] = scope
        part["place_id"] = np.repeat(np.array(weights.place_ids, dtype=object), v)
        part["spatial_class"] = np.where(is_significant, quadrant, NOT_SIGNIFICANT).ravel()
        part["local_i"] = rounded(local_i).ravel()
        part["p_value"] = rounded(p_value).ravel()
        part["q_value"] = rounded(q_value).ravel()
        part["is_significant"] = is_significant.ravel()
        parts.append(part)
    return typed(parts, CLUSTER_COLUMNS)
