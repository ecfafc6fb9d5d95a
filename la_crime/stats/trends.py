"""Trends of places' shares of a total, beside counting noise."""

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student_t

from la_crime.stats.arrays import Floats

# A slope steeper than a factor of e^3 a year is a place that opened or closed: no need to go on.
MAX_SLOPE = 3.0
NEWTON_STEPS = 50
CONFIDENCE = 0.95


def share_trends(counts: Floats, totals: Floats, years: Floats) -> dict[str, Floats]:
    """The trend of each place's share of a total, and how unevenly its counts vary.

    `counts` is (n, m), a row a place and a column a year; `totals` (m,) are the city's, all
    positive; `years` (m,), m of 3 or more. Each place has a Poisson regression with a level, a
    log-linear trend and the offset log(total), fitted by Newton's method on its one free
    parameter, for the level follows from the place's own total. Returns (n,) each:

    - `slope`: change of the log share per year, with `ci_low`, `ci_high` (95 %, Wald);
    - `p_value`: of no trend, likelihood ratio against Student's t with m - 2 degrees of freedom;
    - `dispersion`: Pearson chi-square of one constant share, per degree of freedom (1 = Poisson),
      with `dispersion_p_value`;
    - `first_share`, `last_share`: the fitted share of the total in the first and the last year.

    Errors are quasi-Poisson, never narrower than Poisson: what varies more than a recount does
    has to show its trend against its own scatter. NaN for a place without counts. Raises
    ValueError for a total of zero and fewer than 3 years. Sources: McCullagh & Nelder (1989),
    "Generalized Linear Models", chapters 6 and 9; Cochran (1954), Biometrics 10(4).
    """
    if len(years) < 3:
        raise ValueError(f"a trend needs 3 years or more, got {len(years)}")
    if not (totals > 0).all():
        raise ValueError("a year's total is zero")
    own = counts.sum(axis=1)
    n = np.where(own > 0, own, np.nan)
    t = years - np.average(years, weights=totals)
    slope = _slopes(counts, totals, t)
    level, fitted = _profile(slope, totals, t)
    variance = fitted @ t**2 - (fitted @ t) ** 2
    expected = n[:, None] * fitted
    excess = ((counts - expected) ** 2 / np.maximum(expected, 1e-12)).sum(axis=1) / (len(t) - 2)
    scale = np.maximum(excess, 1.0)
    error = np.sqrt(scale / (n * np.maximum(variance, 1e-12)))
    # Twice the rise in the log likelihood over that of no trend.
    deviance = 2 * (slope * (counts @ t) - n * (level - np.log(totals.sum())))
    z = np.sqrt(np.maximum(deviance, 0.0) / scale)
    width = student_t.ppf(0.5 + CONFIDENCE / 2, len(t) - 2) * error
    flat = n[:, None] * totals / totals.sum()
    chi_square = ((counts - flat) ** 2 / flat).sum(axis=1)
    share = n[:, None] * fitted / totals
    return {
        "slope": np.where(own > 0, slope, np.nan),
        "ci_low": slope - width,
        "ci_high": slope + width,
        "p_value": 2 * student_t.sf(z, len(t) - 2),
        "dispersion": chi_square / (len(t) - 1),
        "dispersion_p_value": chi2.sf(chi_square, len(t) - 1),
        "first_share": share[:, 0],
        "last_share": share[:, -1],
    }


def _profile(slope: Floats, totals: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Per place the log of its summed weights (n,), and each year's expected part of it (n, m)."""
    weight = totals * np.exp(slope[:, None] * t)
    total = weight.sum(axis=1)
    return np.log(total), weight / total[:, None]


def _slopes(counts: Floats, totals: Floats, t: Floats) -> Floats:
    """Maximum-likelihood slopes (n,), within plus and minus `MAX_SLOPE`, by Newton's method."""
    observed = (counts @ t) / np.maximum(counts.sum(axis=1), 1)
    slope = np.zeros(len(counts))
    for _ in range(NEWTON_STEPS):
        _, part = _profile(slope, totals, t)
        mean = part @ t
        variance = np.maximum(part @ t**2 - mean**2, 1e-9)
        # Steps are held back, because far from the optimum Newton's method overshoots.
        step = np.clip((observed - mean) / variance, -0.5, 0.5)
        slope = np.clip(slope + step, -MAX_SLOPE, MAX_SLOPE)
        if np.abs(step).max(initial=0.0) < 1e-12:
            break
    return slope
