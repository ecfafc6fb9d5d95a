"""Trends of places' counts beside the typical place, with errors that hold for drifting series."""

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student_t

from la_crime.stats.arrays import Floats

CONFIDENCE = 0.95
# Half of the years further off than three standard deviations are no trend and no lasting jump.
RESTLESS = 10.0


def share_trends(
    counts: Floats, years: Floats, dispersion: Floats, drift: float
) -> dict[str, Floats]:
    """The trend of each place beside the typical one, and how unevenly its counts vary.

    `counts` is (n, m), a row a place and a column a year; `years` (m,), m of 3 or more;
    `dispersion` (n, m) or (n, 1) the variance over the mean of each count; `drift` how far a log
    share moves in a year. A year of the city is taken off as the median of what places have above
    their own mean, not as a sum, so that one place's rise is not the fall of all others by
    arithmetic alone. What is left of a log count (half an incident added) has a level and a slope,
    counting noise, and a random walk of standard deviation `drift` a year: generalised least
    squares. A walk wanders off without a trend, so that a trend has to be steeper than that.
    Returns (n,) each:

    - `slope`: change of the log per year, with `ci_low`, `ci_high` (95 %);
    - `p_value`: of no trend, by Student's t with m - 2 degrees of freedom, whose tails allow for
      a drift that is itself estimated;
    - `dispersion`: squares of what a level alone leaves, beside what noise and drift make of it,
      per degree of freedom (1 = noise and drift alone), with `dispersion_p_value`;
    - `change`: the fitted change of the log from the first to the last year.

    Errors are those that noise and drift give, which many places have measured, but wider for a
    place whose middling year varies more than `RESTLESS` times that: one lasting jump is a change,
    many are not. NaN for a place without counts. Raises ValueError for fewer than 3 years. Source:
    Harvey (1989), "Forecasting, Structural Time Series Models and the Kalman Filter", section 2.3
    (a random walk with noise).
    """
    if len(years) < 3:
        raise ValueError(f"a trend needs 3 years or more, got {len(years)}")
    m = len(years)
    has_counts = counts.sum(axis=1) > 0
    log = np.log(counts + 0.5)
    above = log - log.mean(axis=1, keepdims=True)
    if has_counts.any():
        log = log - np.median(above[has_counts], axis=0)
    elapsed = years - years[0]
    walk = drift**2 * np.minimum.outer(elapsed, elapsed)
    covariance = walk + np.eye(m) * (dispersion / (counts + 0.5))[:, None, :]
    design = np.column_stack([np.ones(m), elapsed - elapsed.mean()])
    _, level_left, _ = _generalised_least_squares(log, covariance, design[:, :1])
    line, _, error = _generalised_least_squares(log, covariance, design)
    slope = line[:, 1]
    level_squares = (level_left**2).sum(axis=1)
    scatter = np.median(level_left**2, axis=1) / chi2.ppf(0.5, 1)
    error = error * np.sqrt(np.maximum(scatter / RESTLESS, 1.0))
    width = student_t.ppf(0.5 + CONFIDENCE / 2, m - 2) * error
    found = {
        "slope": slope,
        "ci_low": slope - width,
        "ci_high": slope + width,
        "p_value": 2 * student_t.sf(np.abs(slope) / error, m - 2),
        "dispersion": level_squares / (m - 1),
        "dispersion_p_value": chi2.sf(level_squares, m - 1),
        "change": slope * elapsed[-1],
    }
    return {name: np.where(has_counts, value, np.nan) for name, value in found.items()}


def _generalised_least_squares(
    y: Floats, covariance: Floats, design: Floats
) -> tuple[Floats, Floats, Floats]:
    """Coefficients (n, q) of y (n, m) by `design` (m, q), what is left (n, m), the last's error.

    `covariance` is (n, m, m); what is left is whitened, of variance 1 where that is right. Source:
    Aitken (1936), Proc. R. Soc. Edinb. 55.
    """
    inverse = np.linalg.inv(covariance)
    information = design.T @ inverse @ design
    right = (design.T @ inverse @ y[:, :, None])[:, :, 0]
    coefficients = np.linalg.solve(information, right[:, :, None])[:, :, 0]
    residual = y - coefficients @ design.T
    white = np.linalg.solve(np.linalg.cholesky(covariance), residual[:, :, None])[:, :, 0]
    error = np.sqrt(np.linalg.inv(information)[:, -1, -1])
    return coefficients, white, error
