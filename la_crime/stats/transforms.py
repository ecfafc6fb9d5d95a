"""Transforms of (n, p) arrays, a row a place and a column a feature, before distances are taken."""

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from la_crime.stats.arrays import Floats, rounded


def raw(x: Floats) -> Floats:
    """The (n, p) array as it is, as float64."""
    return np.asarray(x, dtype=np.float64)


def log1p(x: Floats) -> Floats:
    """log(1 + x) of an (n, p) array of counts, in natural-log units.

    Raises ValueError for a negative value.
    """
    x = raw(x)
    if (x < 0).any():
        raise ValueError("log1p needs values of zero or more")
    return np.log1p(x)


def log1p_zscore(x: Floats) -> Floats:
    """`log1p`, then each of the p columns to mean 0 and population standard deviation 1.

    A constant feature, which tells no two places apart, becomes zeros.
    """
    logs = log1p(x)
    # A constant column's computed deviation need not be exactly 0, so its range decides.
    varies = np.ptp(logs, axis=0) > 0
    return np.where(varies, logs - logs.mean(axis=0), 0.0) / np.where(varies, logs.std(axis=0), 1.0)


def clr(x: Floats) -> Floats:
    """Centred log-ratio of an (n, p) array whose rows are compositions; each result row sums to 0.

    Rows need not be closed to 1: the ratio does not depend on a row's total.
    Raises ValueError for a value of zero or less. Source: Aitchison (1982), "The statistical
    analysis of compositional data", JRSS B 44(2).
    """
    x = raw(x)
    if not (x > 0).all():
        raise ValueError("clr needs strictly positive values: replace zeros first")
    logs = np.log(x)
    return logs - logs.mean(axis=1, keepdims=True)


def average_rank(x: Floats) -> Floats:
    """Ranks (1 = smallest, ties share their mean) within each column of (n, p), divided by n."""
    x = raw(x)
    return rankdata(x, method="average", axis=0) / len(x)


TRANSFORMS: dict[str, Callable[[Floats], Floats]] = {
    "raw": raw,
    "log1p": log1p,
    "log1p_zscore": log1p_zscore,
    "clr": clr,
    "rank": average_rank,
}


def transformed(x: Floats, name: str) -> Floats:
    """The (n, p) array by the transform called `name`, rounded so that equal places stay equal.

    Raises ValueError for a name not in `TRANSFORMS`.
    """
    if name not in TRANSFORMS:
        raise ValueError(f"unknown transform {name!r}: use one of {tuple(TRANSFORMS)}")
    return rounded(TRANSFORMS[name](x))
