"""Simulated cities whose levels, noise and drift are known, month by month."""

from typing import NamedTuple

import numpy as np

from la_crime.stats.arrays import Floats
from la_crime.stats.noise import MONTHS, CountNoise

# Crimes of a burst on average, one and a Poisson number more, and the share that fall into the
# next month.
BURST_SIZE = 3
SPILL = 0.2

# A statement, how often it should hold (NaN for a power), and whether it does, case by case.
Found = tuple[str, float, Floats]


class Kind(NamedTuple):
    """A way for counts to vary: its name, and the noise that it truly has, drift aside."""

    name: str
    noise: CountNoise


def _bursts() -> CountNoise:
    """The noise of months with bursts that spill into the next one, from the moments of sizes."""
    mean, square = BURST_SIZE, BURST_SIZE**2 + BURST_SIZE - 1
    own, next_ = 1 - SPILL, SPILL
    # each crime of a burst falls into the next month by itself
    pairs = square - mean
    month = (mean + pairs * (own**2 + next_**2)) / mean
    neighbours = pairs * own * next_ / mean
    return CountNoise(a=month - 1, power=0.0, correlation=neighbours / month)


POISSON = Kind("Poisson", CountNoise())
QUADRATIC = Kind("mean + 0.02 mean²", CountNoise(a=0.02, power=1.0))
BURSTS = Kind("bursts", _bursts())
KINDS = (POISSON, QUADRATIC, BURSTS)


def levels(rng: np.random.Generator, n_places: int, yearly: float) -> Floats:
    """(n,) yearly levels of places that add up to `yearly`, spread as the districts' are."""
    drawn = rng.lognormal(0.0, 0.6, n_places)
    return yearly * drawn / drawn.sum()


def months(
    rng: np.random.Generator,
    level: Floats,
    years: int,
    kind: Kind,
    drift: float = 0.0,
    change: Floats | None = None,
) -> Floats:
    """(n, years, 12) counts of places with yearly levels (n,), which may drift and change.

    The city has a season, and each place one of its own. Log levels walk by `drift` a year;
    `change` (n, years) multiplies levels. Shares of places, not the city's sum, are what changes.
    """
    n, m = len(level), years * MONTHS
    # the means of two years that walk by s a year differ by two thirds of its variance
    step = drift * np.sqrt(1.5 / MONTHS)
    walk = np.cumsum(rng.standard_normal((n, m)) * step, axis=1)
    angle = 2 * np.pi * np.arange(m) / MONTHS
    own = 1 + 0.05 * np.cos(angle - rng.uniform(0, 2 * np.pi, (n, 1)))
    share = level[:, None] * np.exp(walk) * own
    if change is not None:
        share = share * np.repeat(change, MONTHS, axis=1)
    share /= share.sum(axis=0)
    mean = level.sum() / MONTHS * (1 + 0.1 * np.cos(angle)) * share
    return counted(rng, mean, kind).reshape(n, years, MONTHS)


def counted(rng: np.random.Generator, mean: Floats, kind: Kind) -> Floats:
    """Counts (n, m) of months in a row whose means are `mean` (n, m), as that kind of city has."""
    if kind.name == BURSTS.name:
        # what spills into the first month comes from one before it
        mean = np.concatenate([mean[:, :1], mean], axis=1)
        bursts = rng.poisson(mean / BURST_SIZE)
        size = bursts + rng.poisson((BURST_SIZE - 1) * bursts)
        later = rng.binomial(size, SPILL)
        return (size[:, 1:] - later[:, 1:] + later[:, :-1]).astype(np.float64)
    if kind.noise.a > 0:
        shape = 1 / kind.noise.a
        mean = mean * rng.gamma(shape, 1 / shape, mean.shape)
    return rng.poisson(mean).astype(np.float64)
