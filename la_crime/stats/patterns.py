"""The similarity of two patterns over the same places: Andresen's test."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from scipy.stats import binom

from la_crime.stats.arrays import Bools, Floats, Ints, rounded
from la_crime.stats.effects import benjamini_hochberg
from la_crime.stats.moran import SIGNIFICANCE
from la_crime.stats.resampling import NORMAL_95


@dataclass(frozen=True)
class PatternSimilarity:
    """Andresen's test of two patterns over the same n places; arrays are (n,), in their order.

    `s_index` is the share of places that are similar, `robust_s_index` the same of those places
    alone that have an incident in either pattern. `is_similar` is Andresen's flag, uncorrected.
    `p_value`, `q_value` and `is_different` (q at most 0.05) compare the two shares of a place.
    `dissimilarity` and its interval are those of `dissimilarity`.
    """

    s_index: float
    robust_s_index: float
    base_share: Floats
    test_share: Floats
    test_low: Floats
    test_high: Floats
    is_similar: Bools
    p_value: Floats
    q_value: Floats
    is_different: Bools
    dissimilarity: float
    dissimilarity_low: float
    dissimilarity_high: float


def pattern_similarity(
    base: Ints,
    test: Ints,
    base_dispersion: Floats | float = 1.0,
    test_dispersion: Floats | float = 1.0,
) -> PatternSimilarity:
    """Andresen's spatial point pattern test of two patterns' counts, `base` and `test`, both (n,).

    The test pattern's incidents are resampled; a place is similar where the base pattern's share
    lies within the middle 95 % of its resampled shares. All incidents are drawn, with replacement
    (the bootstrap variant), for the 85 % drawn without, as first published, give intervals less
    than half as wide as chance makes them. Counts so drawn are binomial, and their percentiles
    known without drawing any. The base pattern counts as known, so
    two samples of the same pattern give an S of about 0.8, not 1, and less where incidents come in
    batches, for they are drawn one by one, as published: compare S with S. `is_similar` and S
    describe, they do not judge. The p-values do: under the noise of both sides, so many times
    Poisson's variance a place (`base_dispersion`, `test_dispersion`), by Fisher's exact test of a
    place's share, doubling the smaller tail, then corrected by Benjamini-Hochberg. Raises
    ValueError for lengths that differ, a count that is negative or not whole, or a pattern without
    incidents. Sources: Andresen (2009), "Testing for similarity in area-based spatial patterns",
    Applied Geography 29(3); Andresen (2016), "An area-based nonparametric spatial point pattern
    test", Methodological Innovations 9; Wheeler, Steenbeek & Andresen (2018), Transactions in GIS
    22(3), for the corrected p-values.
    """
    base, test = np.asarray(base), np.asarray(test)
    if base.shape != test.shape:
        raise ValueError(f"{len(base)} base counts but {len(test)} test counts")
    if any((counts < 0).any() or (counts % 1 != 0).any() for counts in (base, test)):
        raise ValueError("a pattern needs whole counts of zero or more")
    base, test = base.astype(np.int64), test.astype(np.int64)
    n_base, n_test = base.sum(), test.sum()
    if n_base == 0 or n_test == 0:
        raise ValueError("a pattern needs an incident")
    low, high = (binom.ppf(tail, n_test, test / n_test) for tail in (0.025, 0.975))
    # Compared as whole numbers, so that equal shares are equal.
    is_similar = (low * n_base <= base * n_test) & (base * n_test <= high * n_base)
    has_any = base + test > 0
    p_value = _share_p_values(base, test, base_dispersion, test_dispersion)
    q_value = benjamini_hochberg(p_value)
    unlike, unlike_low, unlike_high = dissimilarity(base, test, base_dispersion, test_dispersion)
    return PatternSimilarity(
        s_index=float(rounded(is_similar.mean())),
        robust_s_index=float(rounded(is_similar[has_any].mean())),
        base_share=rounded(base / n_base),
        test_share=rounded(test / n_test),
        test_low=rounded(low / n_test),
        test_high=rounded(high / n_test),
        is_similar=is_similar,
        p_value=rounded(p_value),
        q_value=rounded(q_value),
        is_different=q_value <= SIGNIFICANCE,
        dissimilarity=unlike,
        dissimilarity_low=unlike_low,
        dissimilarity_high=unlike_high,
    )


def _share_p_values(
    base: Ints, test: Ints, base_dispersion: Floats | float, test_dispersion: Floats | float
) -> Floats:
    """(n,) Fisher p-values, twice the smaller tail, that a place's share of both is the same.

    Counts of so many times Poisson's variance are taken as that many times fewer incidents; a place
    has one such number, which leaves its shares as they are (Wedderburn 1974, Biometrika 61(3)).
    """
    both = np.maximum(base + test, 1)
    dispersion = (base_dispersion * test + test_dispersion * base) / both
    dispersion = np.where(base + test > 0, dispersion, 1.0)
    sure = [np.rint(part / dispersion) for part in (base, test, base.sum(), test.sum())]
    own_base, own_test, all_base, all_test = sure
    # Below what is expected, the lower tail of the test pattern is the smaller, else the upper one,
    # which is the lower one of the base pattern.
    is_low = own_test * all_base <= own_base * all_test
    below = np.where(is_low, own_test, own_base)
    inside, outside = (
        np.where(is_low, one, other) for one, other in ((all_test, all_base), (all_base, all_test))
    )
    return np.minimum(1.0, 2 * hypergeometric_tail(below, own_base + own_test, inside, outside))


def hypergeometric_tail(x: Floats, n: Floats, inside: Floats, outside: Floats) -> Floats:
    """(m,) chances of `x` (m,) or fewer of `inside` among `n` drawn of `inside` and `outside` ones.

    For an x of at most what is expected: terms are summed from x down until the rest is nothing.
    Sources: Loader (2000), "Fast and accurate computation of binomial probabilities", for the
    chance of x; R's `phyper`, by Welinder (2004), for the sum.
    """
    share = n / (inside + outside)
    chance = binom.pmf(x, inside, share) * binom.pmf(n - x, outside, share)
    chance /= binom.pmf(n, inside + outside, share)
    left, total, term = x.copy(), np.ones_like(x), np.ones_like(x)
    while (term > np.finfo(float).eps * total).any():
        term *= left * (outside - n + left) / ((n - left + 1) * (inside - left + 1))
        total += term
        left -= 1
    return chance * total


def dissimilarity(
    base: Ints,
    test: Ints,
    base_dispersion: Floats | float = 0.0,
    test_dispersion: Floats | float = 0.0,
) -> tuple[float, float, float]:
    """The index of dissimilarity of two patterns' counts, both (n,), and its 95 % interval.

    The share of the test pattern's incidents that would have to be in other places for each to have
    its share of the base pattern: 0 where patterns are alike, 1 where no place has both. Noise sets
    shares apart and so adds to it. That is taken off: true differences are as many times smaller
    than those seen as gives, with the variance of shares (of counts with so many times Poisson's
    variance; 0 where they are known), the index that is seen. Sources: Duncan & Duncan (1955), "A
    methodological analysis of segregation indexes", American Sociological Review 20(2); Allen et
    al. (2015), "More reliable inference for the dissimilarity index of segregation", Econometrics
    Journal 18(1), for the bias; the mean of a folded normal is Leone et al. (1961)'s.
    """
    variance = np.zeros(len(base))
    for counts, dispersion in ((base, base_dispersion), (test, test_dispersion)):
        share = counts / counts.sum()
        variance += dispersion * share * (1 - share) / counts.sum()
    spread = np.sqrt(variance)
    apart = np.abs(base / base.sum() - test / test.sum())
    seen = apart.sum() / 2

    def with_noise(part: float) -> Floats:
        z = part * apart / np.where(spread > 0, spread, 1.0)
        folded = spread * np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2)
        return np.where(spread > 0, folded + part * apart * (2 * special.ndtr(z) - 1), part * apart)

    def without_noise(index: float) -> float:
        """The part of the differences that is true where the index is so much with noise."""
        if index <= with_noise(0.0).sum() / 2 or seen == 0:
            return 0.0
        return float(
            optimize.brentq(lambda part: with_noise(part).sum() / 2 - index, 0.0, 1 + index / seen)
        )

    part = without_noise(seen)
    left = (part * apart) ** 2 + variance - with_noise(part) ** 2
    sd = np.sqrt(left.clip(0).sum()) / 2
    low, high = (without_noise(seen + side * NORMAL_95 * sd) for side in (-1, 1))
    value, low, high = (float(rounded(min(seen * at, 1.0))) for at in (part, low, high))
    return value, low, high
