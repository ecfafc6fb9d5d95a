"""Rates of counts: their intervals, and rates drawn towards others by as much as noise asks."""

from typing import Any, NamedTuple

import numpy as np
from scipy.stats import chi2

from la_crime.stats.arrays import Floats

TAIL = 0.025  # on each side of a 95 % interval


class Smoothed(NamedTuple):
    """Rates (n,) of places drawn towards those of their group, and the standard errors of these."""

    mean: Floats
    sd: Floats


def count_interval(counts: Floats, dispersion: Floats | float = 1.0) -> tuple[Floats, Floats]:
    """The 95 % interval (n,), (n,) of the means that counts (n,) have been drawn around.

    Garwood's exact interval of a Poisson count; where the variance is `dispersion` times the mean,
    that of a Poisson count as informative, the count over its dispersion. Of 0 it begins at 0.
    Source: Garwood (1936), Biometrika 28(3/4).
    """
    dispersion = np.broadcast_to(np.asarray(dispersion, dtype=np.float64), np.shape(counts))
    informative = np.asarray(counts, dtype=np.float64) / dispersion
    with np.errstate(invalid="ignore"):
        low = np.where(informative > 0, chi2.ppf(TAIL, 2 * informative) / 2, 0.0)
    high = chi2.ppf(1 - TAIL, 2 * (informative + 1)) / 2
    return low * dispersion, high * dispersion


def empirical_bayes(
    counts: Floats, base: Floats, dispersion: Floats | float = 1.0, near: Any = None
) -> Smoothed:
    """Marshall's empirical Bayes rates of counts (n,) over a base (n,), all above 0.

    A rate is drawn towards the mean of all places; or, with `near` (n, n), ones where the place of
    the column is among those that the row's is drawn towards, towards the mean of its neighbours,
    to whom it belongs itself whatever `near` says. `dispersion` is the variance of a count over its
    mean, 1 where it is Poisson as Marshall has it. Where places differ by no more than noise makes
    them, all have the mean. Raises ValueError for a base that is not above 0.
    Source: Marshall (1991), Applied Statistics 40(2).
    """
    counts, base = (np.asarray(v, dtype=np.float64) for v in (counts, base))
    if not (base > 0).all():
        raise ValueError("a rate needs a base above 0")
    dispersion = np.broadcast_to(np.asarray(dispersion, dtype=np.float64), counts.shape)

    def summed(values: Floats) -> Floats:
        if near is None:
            return np.full(len(values), values.sum())
        return near @ values - near.diagonal() * values + values

    rate, whole = counts / base, summed(base)
    mean = summed(counts) / whole
    spread = summed(base * rate**2) / whole - mean**2
    by_noise = mean * summed(dispersion) / whole
    between = np.maximum(spread - by_noise, 0.0)
    own = mean * dispersion / base
    weight = np.divide(between, between + own, out=np.zeros_like(own), where=between > 0)
    return Smoothed(mean + weight * (rate - mean), np.sqrt(weight * own))
