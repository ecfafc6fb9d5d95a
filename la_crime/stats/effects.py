"""Effect sizes with intervals: how far groups differ, and ratios of two counts.

With hundreds of thousands of incidents every p-value is tiny, so verdicts come from the effect
size alone. Intervals resample places, not incidents, because incidents cluster in places.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from la_crime.stats.arrays import Floats, Ints, rounded
from la_crime.stats.resampling import recentred_interval

VERDICTS = np.array(["negligible", "small", "medium", "large"])
# Cohen (1988), "Statistical power analysis for the behavioral sciences", chapter 7: w.
W_THRESHOLDS = (0.1, 0.3, 0.5)
# Mangiafico (2016), "Summary and analysis of extension program evaluation in R": epsilon-squared.
EPSILON_THRESHOLDS = (0.01, 0.08, 0.26)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Adjusted p-values (m,) of p-values (m,); NaN, which is no test, stays NaN and is not counted.

    Rejecting those at or below q keeps the expected share of false rejections at or below q.
    Raises ValueError for a p-value outside 0 to 1. Source: Benjamini & Hochberg (1995),
    "Controlling the false discovery rate", JRSS B 57(1).
    """
    adjusted = np.array(p_values, dtype=np.float64)
    is_test = ~np.isnan(adjusted)
    if is_test.any():
        adjusted[is_test] = stats.false_discovery_control(adjusted[is_test], method="bh")
    return adjusted


def ratio_interval(
    arrests: Ints,
    crimes: Ints,
    arrests_dispersion: Floats | float = 1.0,
    crimes_dispersion: Floats | float = 1.0,
) -> tuple[Floats, Floats, Floats]:
    """Arrests per 100 crimes, and the low and high end of its 95 % interval, each (n,).

    Both counts (n,) are independent, with so many times the variance of Poisson counts: each is
    taken as the Poisson count that is as unsure, which is exact for a dispersion of 1. Given their
    sum the arrests are then binomial, whose Clopper-Pearson interval is turned into one of the
    ratio. All three are NaN where there are no crimes. Raises ValueError for a negative count.
    Sources: Przyborowski & Wilenski (1940), "Homogeneity of results in testing samples from Poisson
    series", Biometrika 31(3-4); Wedderburn (1974), "Quasi-likelihood functions", Biometrika 61(3),
    for the dispersion.
    """
    arrests, crimes, of_arrests, of_crimes = np.broadcast_arrays(
        *(
            np.asarray(part, dtype=np.float64)
            for part in (arrests, crimes, arrests_dispersion, crimes_dispersion)
        )
    )
    if (arrests < 0).any() or (crimes < 0).any():
        raise ValueError("a ratio of counts needs counts of zero or more")
    at_least_one = np.where(crimes > 0, crimes, np.nan)
    sure_arrests, sure_crimes = arrests / of_arrests, at_least_one / of_crimes
    share_low = np.where(arrests > 0, stats.beta.ppf(0.025, sure_arrests, sure_crimes + 1), 0.0)
    share_high = stats.beta.ppf(0.975, sure_arrests + 1, sure_crimes)
    scale = of_arrests / of_crimes
    low = np.where(crimes > 0, scale * share_low / (1 - share_low), np.nan)
    high = scale * share_high / (1 - share_high)
    return rounded(100 * arrests / at_least_one), rounded(100 * low), rounded(100 * high)


class Association(NamedTuple):
    """A test of tables and its effect size; each field has the shape of the stack of tables."""

    statistic: Any
    p_value: Any
    effect_size: Any
    df_star: Any


def cramers_v(table: Floats) -> Association:
    """Pearson's chi-square and bias-corrected Cramér's V of tables (..., r, c) of counts.

    Empty rows and columns do not count. df_star is min(r, c) - 1. Everything is NaN where fewer
    than two rows or columns have a count. p treats incidents as independent, which they are not.
    Raises ValueError for a negative count. Source: Bergsma (2013), "A bias-correction for
    Cramér's V and Tschuprow's T", J. Korean Stat. Soc. 42(3).
    """
    table = np.asarray(table, dtype=np.float64)
    if (table < 0).any():
        raise ValueError("a table of counts needs counts of zero or more")
    by_row, by_column = table.sum(axis=-1), table.sum(axis=-2)
    n = by_row.sum(axis=-1)
    r, c = (by_row > 0).sum(axis=-1), (by_column > 0).sum(axis=-1)
    expected = by_row[..., :, None] * by_column[..., None, :] / np.maximum(n, 1)[..., None, None]
    terms = (table - expected) ** 2 / np.where(expected > 0, expected, 1.0)
    chi_square = terms.sum(axis=(-2, -1))

    is_defined = (r > 1) & (c > 1)
    degrees = np.where(is_defined, (r - 1) * (c - 1), 1)
    others = np.maximum(n - 1, 1)
    phi_square = np.maximum(0.0, chi_square / np.maximum(n, 1) - degrees / others)
    corrected = np.minimum(r - (r - 1) ** 2 / others, c - (c - 1) ** 2 / others) - 1
    # A table with about as many rows as incidents leaves nothing to measure.
    is_defined &= corrected > 0
    v = np.sqrt(phi_square / np.where(is_defined, corrected, 1.0))
    return Association(
        np.where(is_defined, chi_square, np.nan),
        np.where(is_defined, stats.chi2.sf(chi_square, degrees), np.nan),
        # The correction is one of bias, and can step over 1 in a table of a few incidents.
        np.where(is_defined, np.minimum(v, 1.0), np.nan),
        np.where(is_defined, np.minimum(r, c) - 1, np.nan),
    )


def v_verdict(v: float, df_star: float) -> str:
    """The size of a Cramér's V, by Cohen's w = V x sqrt(df_star) against `W_THRESHOLDS`.

    With two tiers or two categories w is V itself; in wider tables a smaller V counts as much.
    """
    return str(VERDICTS[np.searchsorted(W_THRESHOLDS, v * np.sqrt(df_star), side="right")])


def kruskal_wallis(values: Floats, groups: Ints, weights: Floats | None = None) -> Association:
    """Kruskal-Wallis H, corrected for ties, and epsilon-squared of `values` (n,) in `groups` (n,).

    `weights` (draws, n), whole numbers, says how often each draw takes each value, and makes each
    field of the result (draws,); without it each value counts once. epsilon-squared, H / (n - 1),
    goes from 0 to 1. NaN where fewer than two groups, or all values are equal. df_star is the
    number of groups less one. Sources: Kruskal & Wallis (1952), JASA 47(260); Kelley (1935),
    "An unbiased correlation ratio measure", PNAS 21(9); Tomczak & Tomczak (2014), "The need to
    report effect size estimates revisited", Trends in Sport Sciences 21(1).
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) != len(groups) or np.isnan(values).any():
        raise ValueError("each value needs a group, and none may be missing")
    taken = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    group = np.unique(np.asarray(groups)[order], return_inverse=True)[1]
    _, starts, tie = np.unique(values[order], return_index=True, return_inverse=True)
    taken = taken[..., order]
    in_tie = np.add.reduceat(taken, starts, axis=-1) if len(starts) else taken
    midrank = np.cumsum(in_tie, axis=-1) - (in_tie - 1) / 2

    members = np.eye(group.max(initial=-1) + 1)[group]
    size = taken @ members
    rank_sum = (taken * midrank[..., tie]) @ members
    n = taken.sum(axis=-1)
    n_groups = (size > 0).sum(axis=-1)
    h = (rank_sum**2 / np.maximum(size, 1)).sum(axis=-1) * 12 / np.maximum(n * (n + 1), 1)
    h -= 3 * (n + 1)
    untied = n**3 - n - (in_tie**3 - in_tie).sum(axis=-1)
    is_defined = (n_groups > 1) & (untied > 0)
    # H is zero or more; the subtraction above may leave it a rounding error below.
    h = np.maximum(h * (n**3 - n) / np.where(is_defined, untied, 1.0), 0.0)
    return Association(
        np.where(is_defined, h, np.nan),
        np.where(is_defined, stats.chi2.sf(h, np.maximum(n_groups - 1, 1)), np.nan),
        np.where(is_defined, h / np.maximum(n - 1, 1), np.nan),
        np.where(is_defined, n_groups - 1, np.nan),
    )


def epsilon_verdict(epsilon_squared: float) -> str:
    """The size of an epsilon-squared against `EPSILON_THRESHOLDS`."""
    return str(VERDICTS[np.searchsorted(EPSILON_THRESHOLDS, epsilon_squared, side="right")])


def _effect(name: str, test: str, point: Association, draws: Floats, verdict: str) -> dict:
    """The columns of one tested characteristic; `not testable` where the effect is undefined."""
    if np.isnan(point.effect_size):
        return {"verdict": "not testable"}
    low, high = recentred_interval(point.effect_size, draws)
    return {
        "test": test,
        "statistic": float(point.statistic),
        "p_value": float(point.p_value),
        "effect_size_name": name,
        "effect_size": float(point.effect_size),
        "low": float(low),
        "high": float(high),
        "verdict": verdict,
    }


def composition_effect(counts: Floats, tiers: Ints, weights: Floats) -> dict:
    """Test, Cramér's V and interval of how `counts` (n, c categories) differ by `tiers` (n,).

    `weights` (draws, n) as of `resampled_within`. The keys are columns of `EFFECT_COLUMNS`.
    """
    members = [np.flatnonzero(tiers == tier) for tier in np.unique(tiers)]
    point = cramers_v(np.stack([counts[m].sum(axis=0) for m in members]))
    drawn = cramers_v(np.stack([weights[:, m] @ counts[m] for m in members], axis=1))
    verdict = v_verdict(float(point.effect_size), float(point.df_star))
    return _effect("Cramér's V", "chi-square", point, drawn.effect_size, verdict)


def rate_effect(rates: Floats, tiers: Ints, weights: Floats) -> dict:
    """Test, epsilon-squared and interval of how `rates` (n,) differ by `tiers` (n,); NaN left out.

    `weights` (draws, n) as of `resampled_within`. The keys are columns of `EFFECT_COLUMNS`.
    """
    known = ~np.isnan(rates)
    point = kruskal_wallis(rates[known], tiers[known])
    drawn = kruskal_wallis(rates[known], tiers[known], weights[:, known])
    verdict = epsilon_verdict(float(point.effect_size))
    return _effect("epsilon-squared", "Kruskal-Wallis", point, drawn.effect_size, verdict)
