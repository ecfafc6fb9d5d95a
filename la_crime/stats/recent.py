"""What changed lately: two windows of counts beside each other, and what a month is expected to be.

Both rest on the same noise: that of places beside the city's month (`CountNoise`), and that which
all places of a city share (`common`), a standard deviation of the logarithm from month to month.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from la_crime.stats.arrays import Bools, Floats, Ints
from la_crime.stats.effects import ratio_interval
from la_crime.stats.noise import MONTHS, CountNoise

# The false-discovery rate at which a count is said to differ; `recent_change` has the same in SQL.
FALSE_DISCOVERY = 0.05
# A month beyond that many standard deviations is taken for no more in later expectations: the
# bound from which Noufaily and others (2013) give past months less weight.
LARGEST_DEVIATION = 2.58
# Years back in which a month's season is looked for, and how many of them must be there.
SEASON_YEARS = 6
MIN_SEASON_YEARS = 2
# A place's own season is worth as much as the city's from so many incidents in that month on: the
# inverse of the variance of places' seasons, of which a standard deviation of 5 % is usual.
SEASON_PRIOR = 400.0
# The level is the mean of twelve months; so much of a year's drift lies between it and the month
# after them: sum over i of (i / 12)² of monthly steps with variance 1.5 / 12 of a year's.
DRIFT_SINCE = 1.5 / MONTHS * sum((i / MONTHS) ** 2 for i in range(1, MONTHS + 1))
# The median of a squared standard normal.
MEDIAN_SQUARE = float(stats.chi2.median(1))


class Change(NamedTuple):
    """Counts of a window over those of its base, with the 95 % interval, and the p-value: (n,)."""

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats


def count_change(
    n: Ints, base: Ints, windows: Ints | float, of_n: Floats | float, of_base: Floats | float
) -> Change:
    """Counts `n` (n,) beside `base` (n,), which sums as many as `windows` windows of that length.

    `of_n` and `of_base` are the indices of dispersion; each count is taken as the Poisson count
    that is as unsure. Given their sum, one is then binomial: the p-value is twice its smaller tail
    where both have the same level, in the form of the beta distribution that holds for counts that
    are not whole, and fits the interval of `ratio_interval`. ratio, low and high are NaN where base
    is 0. Sources: Przyborowski & Wilenski (1940), Biometrika 31(3-4); Wedderburn (1974),
    Biometrika 61(3).
    """
    percent = ratio_interval(n, base, of_n, of_base)
    sure_n, sure_base = np.asarray(n) / of_n, np.asarray(base) / of_base
    share = (1 / of_n) / (1 / of_n + windows / of_base)
    at_least = np.where(sure_n > 0, stats.beta.cdf(share, sure_n, sure_base + 1), 1.0)
    at_most = np.where(sure_base > 0, stats.beta.sf(share, sure_n + 1, sure_base), 1.0)
    p_value = np.minimum(2 * np.minimum(at_least, at_most), 1.0)
    return Change(*(part / 100 * windows for part in percent), p_value)


def window_dispersion(
    noise: CountNoise, mean: Floats, months: Floats | float, common: Floats | float, places: Ints
) -> Floats:
    """Variance over mean of counts (n,) of `months` months, summed over `places` places alike."""
    return noise.dispersion(mean / places, months) + np.square(common) * mean / months


class Expected(NamedTuple):
    """What each month is expected to have: `mean` and `variance` of its count, (n, months).

    NaN where nothing can be expected: see `expected_months`.
    """

    mean: Floats
    variance: Floats

    def p_value(self, counts: Floats) -> Floats:
        """Twice the smaller tail of the counts, which are negative binomial; 1 at most."""
        size, chance = self._shape()
        tail = np.minimum(
            stats.nbinom.sf(counts - 1, size, chance), stats.nbinom.cdf(counts, size, chance)
        )
        return np.minimum(2 * tail, 1.0)

    def band(self) -> tuple[Floats, Floats]:
        """The 2.5th and 97.5th percentile of the count."""
        low, high = np.full((2, *self.mean.shape), np.nan)
        known = ~np.isnan(self.mean)
        size, chance = (part[known] for part in self._shape())
        low[known] = stats.nbinom.ppf(0.025, size, chance)
        high[known] = stats.nbinom.ppf(0.975, size, chance)
        return low, high

    def _shape(self) -> tuple[Floats, Floats]:
        # Poisson is the limit of a size without bound
        size = self.mean**2 / np.maximum(self.variance - self.mean, 1e-6 * self.mean)
        return size, size / (size + self.mean)


def expected_months(
    counts: Floats,
    system: Ints,
    city: Ints,
    noise: CountNoise,
    common: Floats,
    places: Ints,
) -> Expected:
    """The expectation of each month of `counts` (n, months) from the months before it.

    A month is expected to be to the twelve before it what that month of the year was to its own
    twelve in the last `SEASON_YEARS` years, the place's own ratio drawn towards that of its city,
    the series `city` (n,). So a slow trend goes on, and a level is followed within a year.
    `system` (months,) is the record system by number, -1 for a month that is not whole or mixes
    them: the twelve months and the month itself must be of one, while a season may be of another.
    A month far from its expectation is pulled in for those after it (winsorised), in the manner of
    Farrington's algorithm: Noufaily and others (2013), "An improved algorithm for outbreak
    detection in multiple surveillance systems", Statistics in Medicine 32(7). The variance has the
    noise of the month, `noise` with fields of (n,) and `common` (n,), that of level and season, and
    drift since. `places` (n,) is how many places a series sums.
    """
    n, n_months = counts.shape
    used = counts.copy()
    mean = np.full((n, n_months), np.nan)
    variance = np.full((n, n_months), np.nan)
    follows = follows_a_year(system)
    for t in range(MONTHS, n_months):
        if not follows[t]:
            continue
        past = t - MONTHS * np.arange(1, SEASON_YEARS + 1)
        past = past[past >= MONTHS]
        past = past[follows[past]]
        if len(past) < MIN_SEASON_YEARS:
            continue
        own = used[:, past].sum(axis=1)
        year = np.stack([used[:, p - MONTHS : p].sum(axis=1) for p in past]).sum(axis=0)
        city_share = (own / np.maximum(year, 1.0))[city]
        weight = year / (year + MONTHS * SEASON_PRIOR)
        season = weight * own / np.maximum(year, 1.0) + (1 - weight) * city_share
        # half an incident keeps the expectation of a place without any above nought
        level = used[:, t - MONTHS : t].sum(axis=1) + 0.5
        expected = level * season
        expected = np.where(expected > 0, expected, np.nan)

        def relative(total: Floats, months: float) -> Floats:
            total = np.maximum(total, 0.5)
            return window_dispersion(noise, total, months, common, places) / total

        years = len(past)
        of_season = relative(year * season, years) + relative(year, MONTHS * years)
        spread = (
            relative(expected, 1)
            + relative(level, MONTHS)
            + weight**2 * of_season
            + (1 - weight) ** 2 * (of_season[city] + 1 / SEASON_PRIOR)
            + noise.drift**2 * DRIFT_SINCE
        )
        mean[:, t], variance[:, t] = expected, spread * expected**2
        bound = LARGEST_DEVIATION * np.sqrt(variance[:, t])
        near = np.clip(counts[:, t], np.maximum(expected - bound, 0.0), expected + bound)
        used[:, t] = np.where(np.isnan(expected), counts[:, t], near)
    return Expected(mean, variance)


def follows_a_year(system: Ints) -> Bools:
    """(months,) whether a month and the twelve before it are of one record system, and whole."""
    same = np.concatenate([[False], (np.diff(system) == 0) & (system[1:] >= 0)])
    # as many in a row
    row = np.arange(len(same)) - np.maximum.accumulate(np.where(same, -1, np.arange(len(same))))
    return row >= MONTHS


def common_noise(counts: Floats, expected: Expected) -> tuple[Floats, Ints]:
    """How much a city's months vary beside `expected`, made with none in common: (n,), and of how
    many months (n,).

    A standard deviation of the logarithm: what the median squared deviation of the city's series
    `counts` (n, months) has beyond the variance expected. A median, for a few months in which
    something happened are no noise.
    """  # fmt: skip
    there = ~np.isnan(expected.mean)
    n_months = there.sum(axis=1)
    if not there.any():
        return np.zeros(len(counts)), n_months
    some = n_months > 0
    deviation = (counts - expected.mean) / expected.mean
    seen, known = np.zeros((2, len(counts)))
    seen[some] = np.nanmedian(deviation[some] ** 2, axis=1) / MEDIAN_SQUARE
    known[some] = np.nanmedian((expected.variance / expected.mean**2)[some], axis=1)
    # in the month itself, in the year before it, and in as many seasons as are looked for
    times = (1 + 1 / MONTHS) * (1 + 1 / SEASON_YEARS)
    return np.sqrt(np.maximum(seen - known, 0.0) / times), n_months
