"""How much recorded counts vary by themselves: counting noise, and the drift of places' shares.

Three questions, three answers:

- **counting noise**: the same month or year once more. The variance of a monthly count of mean m is
  m (1 + a m^p): 1 + a m^p is its index of dispersion, 1 for Poisson; p = 0 where crimes come in
  bursts of some size, p = 1 for a negative binomial of variance m + a m². Neighbouring months may
  be correlated (`correlation`), which counts when months are summed.
- **drift**: a place's share of the city is not constant; from a year to the next its logarithm
  moves like a random walk, by `drift` (a standard deviation).
- **another year**: both together.

Noise is measured from months within years, drift from years, so that neither passes for the other.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from la_crime.stats.arrays import Floats

MONTHS = 12
# Powers that are tried: from bursts of one size (0) to the negative binomial (1).
POWERS = np.linspace(0.0, 1.0, 11)
# Bounds of the classes of expected monthly counts in which dispersion is averaged, factor 2 apart.
CLASSES = np.concatenate([[0.0], 2.0 ** np.arange(-3, 15)])
# Iterated proportional fitting: sparse tables need some, full ones two.
FITTING_STEPS = 30
# Noise and drift each correct the other; a third round moves neither by a thousandth.
ROUNDS = 3
# A step of twice its standard deviation is the largest that counts as it is; a squared normal that
# is capped there has this mean.
LARGEST_STEP = 4.0
CAPPED_MEAN = float(chi2.cdf(LARGEST_STEP, 3) + LARGEST_STEP * chi2.sf(LARGEST_STEP, 1))
DRIFT_ROUNDS = 30


class CountNoise(NamedTuple):
    """The noise of one kind of count, and the drift of its places' shares.

    `a` and `power` are of monthly counts; `correlation` is that of neighbouring months, 0 to 0.5;
    `drift` the standard deviation of a year's change of a log share.
    """

    a: float = 0.0
    power: float = 0.0
    correlation: float = 0.0
    drift: float = 0.0

    def dispersion(self, mean: Floats | float, months: Floats | float = MONTHS) -> Floats:
        """Variance over mean of counts that sum `months` months, of `mean` in all."""
        a_month = np.maximum(np.asarray(mean, dtype=np.float64), 0.0) / months
        summed = 1 + 2 * self.correlation * np.maximum(1 - 1 / np.asarray(months), 0.0)
        return np.maximum((1 + self.a * a_month**self.power) * summed, 1.0)

    def times(self, factor: float) -> "CountNoise":
        """Noise whose dispersion is so many times Poisson's at every count, with the same drift."""
        return CountNoise(factor - 1, 0.0, 0.0, self.drift)

    def recount(
        self, rng: np.random.Generator, mean: Floats, draws: int, months: float = MONTHS
    ) -> Floats:
        """(draws, n) counts of the same months once more, of `mean` (n,) or (draws, n).

        Negative binomial of the mean and the variance; Poisson where there is no more.
        """
        mean = np.asarray(mean, dtype=np.float64)
        excess = np.broadcast_to(self.dispersion(mean, months) - 1, (draws, mean.shape[-1]))
        mean = np.broadcast_to(mean, excess.shape)
        if (excess > 0).any():
            scale = np.maximum(excess, 1e-12)
            mean = np.where(excess > 1e-9, rng.standard_gamma(mean / scale) * scale, mean)
        return rng.poisson(mean)

    def drifted(
        self, rng: np.random.Generator, mean: Floats, draws: int, years: float = 1
    ) -> Floats:
        """(draws, n) means of `years` years later: shares have drifted, the city's sum has not."""
        mean = np.asarray(mean, dtype=np.float64)
        steps = rng.standard_normal((draws, mean.shape[-1])) * self.drift * np.sqrt(years)
        moved = mean * np.exp(steps)
        total = np.maximum(moved.sum(axis=-1, keepdims=True), 1e-12)
        return moved * mean.sum(axis=-1, keepdims=True) / total


class Levels(NamedTuple):
    """What places' counts say of their levels: normal in the logarithm, `mean` and `sd` (n,)."""

    mean: Floats
    sd: Floats

    def draw(self, rng: np.random.Generator, draws: int) -> Floats:
        """(draws, n) levels."""
        return np.exp(self.mean + self.sd * rng.standard_normal((draws, len(self.mean))))


def pooled_levels(counts: Floats, noise: CountNoise, months: float = MONTHS) -> Levels:
    """The levels of places whose counts (n,) sum `months` months, each partly that of all.

    Empirical Bayes: log counts have the variance that noise gives them, log levels that which is
    left, and a place's level is as far from the mean of all as the one over both allows. Sources:
    Morris (1983), "Parametric empirical Bayes inference", JASA 78(381); Paule and Mandel (1982),
    J. Res. Natl. Bur. Stand. 87(5), for the variance that is left.
    """
    counts = np.asarray(counts, dtype=np.float64)
    # half an incident keeps the logarithm of a place without any finite
    log = np.log(counts + 0.5)
    own = noise.dispersion(counts, months) / (counts + 0.5)
    between = 0.0
    if len(log) > 1:
        low, high = 0.0, float(np.ptp(log) ** 2)
        for _ in range(60):
            between = (low + high) / 2
            weight = 1 / (own + between)
            center = (weight * log).sum() / weight.sum()
            too_small = (weight * (log - center) ** 2).sum() > len(log) - 1
            low, high = (between, high) if too_small else (low, between)
    weight = 1 / (own + between)
    center = (weight * log).sum() / weight.sum()
    kept = between / (own + between)
    return Levels(center + kept * (log - center), np.sqrt(kept * own))


POISSON = CountNoise()


# --- Residuals of months ------------------------------------------------------------------------


def fitted_months(counts: Floats) -> Floats:
    """What each month would have: (n, years, 12) of counts (n, years, 12), NaN where there is none.

    Beside the city's month, each place has a level a year and a season of its own: a log-linear
    model with the city's count as offset, fitted by iterated proportional fitting (Deming and
    Stephan 1940; Bishop, Fienberg and Holland 1975, "Discrete Multivariate Analysis", chapter 3).
    A month that is NaN is NaN for all places.
    """
    is_there = ~np.isnan(counts).any(axis=0)
    observed = np.where(is_there, np.nan_to_num(counts), 0.0)
    fitted = np.broadcast_to(observed.sum(axis=0), counts.shape).copy()
    for _ in range(FITTING_STEPS):
        for axis in (2, 1):
            margin = fitted.sum(axis=axis, keepdims=True)
            target = observed.sum(axis=axis, keepdims=True)
            fitted *= np.divide(target, margin, out=np.zeros_like(margin), where=margin > 0)
    return np.where(is_there, fitted, np.nan)


class Moments(NamedTuple):
    """Sums over each place's months, by class of expected count: what dispersion is made of.

    (n, classes) each: `weight`, weighted `squares` of Pearson residuals, weighted `expected`
    counts; (n,) each: `neighbours`, products of residuals of neighbouring months, and `pairs`, the
    weight of these.
    """

    weight: Floats
    squares: Floats
    expected: Floats
    neighbours: Floats
    pairs: Floats

    def of(self, places: Floats) -> "Moments":
        """The sums over places taken so many times, `places` (draws, n): (draws, ...) each."""
        return Moments(*(places @ part for part in self))


def freedom(counts: Floats) -> tuple[int, int]:
    """The months that counts (n, years, 12) have, and the degrees of freedom of each place's."""
    is_there = ~np.isnan(counts).any(axis=0)
    n_months = int(is_there.sum())
    return n_months, max(
        n_months - int(is_there.any(axis=1).sum() + is_there.any(axis=0).sum()) + 1, 0
    )


def month_moments(counts: Floats) -> Moments:
    """The moments of counts (n, years, 12), NaN for months without data, beside `fitted_months`.

    Squares are made unbiased: a table of y years and m months has (y - 1)(m - 1) degrees of
    freedom, and the city's count holds the place's own. A square is weighted by what its variance
    is for Poisson counts, 2 + 1/mean.
    """
    fitted = fitted_months(counts)
    city = np.nansum(counts, axis=0)
    is_there = ~np.isnan(fitted) & (fitted > 0)
    n_months, n_free = freedom(counts)
    mean = np.where(is_there, fitted, 1.0)
    own = np.clip(mean / np.maximum(city, 1.0), 0.0, 0.9)
    residual = np.where(is_there, (np.nan_to_num(counts) - mean) / np.sqrt(mean * (1 - own)), 0.0)
    residual *= np.sqrt(n_months / max(n_free, 1))
    weight = np.where(is_there, 1 / (2 + 1 / mean), 0.0)
    place_class = np.searchsorted(CLASSES, mean, side="right") - 1
    index = (np.arange(len(counts))[:, None, None] * len(CLASSES) + place_class).ravel()

    def by_class(values: Floats) -> Floats:
        size = len(counts) * len(CLASSES)
        return np.bincount(index, values.ravel(), size).reshape(len(counts), -1)

    both = is_there[:, :, 1:] & is_there[:, :, :-1]
    pair = np.sqrt(weight[:, :, 1:] * weight[:, :, :-1])
    product = residual[:, :, 1:] * residual[:, :, :-1] * both
    return Moments(
        by_class(weight),
        by_class(weight * residual**2),
        by_class(weight * mean),
        (pair * product).sum(axis=(1, 2)),
        (pair * both).sum(axis=(1, 2)),
    )


# What taking out each year's level does to months: Q centres twelve of them, neighbours have the
# correlation r beside them, and a random walk of variance 1 a month runs through them.
_Q = np.eye(MONTHS) - 1 / MONTHS
_NEXT = np.eye(MONTHS, k=1) + np.eye(MONTHS, k=-1)
_WALK = np.minimum.outer(np.arange(1, MONTHS + 1), np.arange(1, MONTHS + 1)).astype(float)


def _centred(covariance: Floats) -> tuple[float, float]:
    """The mean variance and neighbours' covariance of centred months, over white months'."""
    seen = _Q @ covariance @ _Q
    scale = np.trace(_Q) / MONTHS
    return np.trace(seen) / MONTHS / scale, np.diag(seen, 1).mean() / scale


_WHITE, _NEIGHBOUR, _DRIFT = (_centred(part) for part in (np.eye(MONTHS), _NEXT, _WALK))
# Candidates for the fit: a from below Poisson, which chance alone may show, to far above it.
_A = np.concatenate([-np.geomspace(0.3, 0.001, 20), [0.0], np.geomspace(0.001, 30.0, 130)])
_CANDIDATES = np.stack([part.ravel() for part in np.meshgrid(_A, POWERS)])


def fit_noise(moments: Moments, drift: Floats) -> tuple[Floats, Floats, Floats]:
    """a, power and correlation (draws,) of moments summed over places, `drift` (draws,) a year.

    Variance by pseudo-likelihood over classes of expected counts (Davidian and Carroll 1987,
    "Variance function estimation", JASA 82(400)), on a grid.
    """
    # A step of the yearly means of a walk has two thirds of the variance of its steps of a year.
    walk = 1.5 * drift[:, None] ** 2 / MONTHS
    weight = moments.weight
    mean = moments.expected / np.maximum(weight, 1e-12)
    square = moments.squares / np.maximum(weight, 1e-12)
    total = np.maximum(weight.sum(axis=1), 1e-12)
    noise = square - walk * mean * _DRIFT[0]
    level = (weight * noise).sum(axis=1) / total
    drifting = (weight * walk * mean).sum(axis=1) / total * _DRIFT[1]
    seen = moments.neighbours / np.maximum(moments.pairs, 1e-12) - drifting
    ratio = seen / np.maximum(level, 1e-12)
    # ratio = (white + r neighbour) / (1 + r neighbour's own): both of the centred months
    r = (ratio - _WHITE[1]) / (_NEIGHBOUR[1] - ratio * _NEIGHBOUR[0])
    r = np.clip(r, -0.5, 0.5)
    noise = noise / (1 + r[:, None] * _NEIGHBOUR[0])
    a, power = _CANDIDATES
    is_there = weight.any(axis=0)
    weight, noise = weight[:, is_there], noise[:, is_there]
    # Classes differ little within themselves: the mean stands for all of a class.
    middle = (moments.expected[:, is_there].sum(axis=0) / weight.sum(axis=0))[:, None]
    dispersion = np.maximum(1 + a * middle**power, 0.1)
    cost = (weight * noise) @ (1 / dispersion) + weight @ np.log(dispersion)
    best = cost.argmin(axis=1)
    return a[best], power[best], r


class Steps(NamedTuple):
    """What a year's change of each place's share says: (n, pairs of years) each.

    `square`, 1 for Poisson; `sway`, how much of drift's variance is in it; the years' mean `count`.
    """

    square: Floats
    sway: Floats
    count: Floats


def year_steps(counts: Floats, years: Floats) -> Steps:
    """The steps between neighbouring years of counts (n, years)."""
    follows = np.diff(years) == 1
    left, right = counts[:, :-1][:, follows], counts[:, 1:][:, follows]
    city_left, city_right = left.sum(axis=0), right.sum(axis=0)
    n = left + right
    part = city_left / np.maximum(city_left + city_right, 1)
    sway = n * part * (1 - part)
    own = n / np.maximum(city_left + city_right, 1)
    square = (left - n * part) ** 2 / np.maximum(sway * (1 - own), 1e-12)
    return Steps(np.where(n > 0, square, 0.0), sway, n / 2)


def fit_drift(steps: Steps, noise: CountNoise, places: Floats) -> Floats:
    """The drift a year (draws,) over places taken so many times, `places` (draws, n).

    What is left of the steps' variance when noise is taken off, each step weighted by how much of
    it is signal; a moment estimator, after DerSimonian and Laird (1986), Control. Clin. Trials
    7(3). A step counts for no more than `LARGEST_STEP` times what is expected, so that the few
    places where something happened do not make all others drift: Huber's proposal 2 (1964), Ann.
    Math. Stat. 35(1).
    """
    dispersion = noise.dispersion(steps.count)
    variance = np.zeros(len(places))
    for _ in range(DRIFT_ROUNDS):
        expected = dispersion + steps.sway * variance[0]
        weight = np.where(steps.count > 0, steps.sway / expected**2, 0.0)
        square = np.minimum(steps.square, LARGEST_STEP * expected)
        above = places @ (weight * (square - CAPPED_MEAN * dispersion)).sum(axis=1)
        room = CAPPED_MEAN * (places @ (weight * steps.sway).sum(axis=1))
        variance = np.maximum(above / np.maximum(room, 1e-12), 0.0)
    return np.sqrt(variance)


class NoiseEstimate(NamedTuple):
    """The noise of a kind of count, and resampled estimates (draws,) of its parameters."""

    noise: CountNoise
    draws: CountNoise


def estimate_noise(
    months: Floats, year_counts: Floats, years: Floats, draws: int, rng: np.random.Generator
) -> NoiseEstimate:
    """The noise of counts (n, years, 12) of months, NaN where none, and drift of (n, m) of years.

    Intervals come from resampling places. `years` (m,) are the whole ones that `year_counts` has.
    """
    moments = month_moments(months)
    steps = year_steps(year_counts, years)
    n = len(months)
    places = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n), size=draws)])
    summed = moments.of(places)
    drift = np.zeros(len(places))
    for _ in range(ROUNDS):
        a, power, correlation = fit_noise(summed, drift)
        first = CountNoise(max(a[0], 0.0), power[0], max(correlation[0], 0.0))
        drift = fit_drift(steps, first, places) if steps.square.shape[1] else drift
    noise = CountNoise(first.a, float(power[0]), first.correlation, float(drift[0]))
    return NoiseEstimate(noise, CountNoise(a[1:], power[1:], correlation[1:], drift[1:]))
