"""The similarity of two patterns over the same places: Andresen's test."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from la_crime.stats.arrays import Bools, Floats, Ints, rounded
from la_crime.stats.effects import benjamini_hochberg
from la_crime.stats.moran import SIGNIFICANCE
from la_crime.stats.resampling import DRAWS


@dataclass(frozen=True)
class PatternSimilarity:
    """Andresen's test of two patterns over the same n places; arrays are (n,), in their order.

    `s_index` is the share of places that are similar, `robust_s_index` the same of those places
    alone that have an incident in either pattern. `is_similar` is Andresen's flag, uncorrected.
    `p_value`, `q_value` and `is_different` (q at most 0.05) compare the two shares of a place.
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


def pattern_similarity(
    base: Ints, test: Ints, rng: np.random.Generator, draws: int = DRAWS
) -> PatternSimilarity:
    """Andresen's spatial point pattern test of two patterns' counts, `base` and `test`, both (n,).

    The test pattern's incidents are resampled `draws` times; a place is similar where the base
    pattern's share lies within the middle 95 % of its resampled shares. All incidents are drawn,
    with replacement (the bootstrap variant), for the 85 % drawn without, as first published, give
    intervals less than half as wide as chance makes them. The base pattern counts as known, so
    two samples of the same pattern give an S of about 0.8, not 1: compare S with S. The p-values
    count chance on both sides: Fisher's exact test of a place's share, doubling the smaller tail,
    then corrected by Benjamini-Hochberg. Raises ValueError for lengths that differ, a count that
    is negative or not whole, or a pattern without incidents. Sources: Andresen (2009), "Testing for
    similarity in area-based spatial patterns", Applied Geography 29(3); Andresen (2016), "An
    area-based nonparametric spatial point pattern test", Methodological Innovations 9; Wheeler,
    Steenbeek & Andresen (2018), Transactions in GIS 22(3), for the corrected p-values.
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
    drawn = rng.multinomial(n_test, test / n_test, size=draws)
    trimmed = int(0.025 * draws)
    drawn.sort(axis=0)
    low, high = drawn[trimmed], drawn[draws - 1 - trimmed]
    # Compared as whole numbers, so that equal shares are equal.
    is_similar = (low * n_base <= base * n_test) & (base * n_test <= high * n_base)
    has_any = base + test > 0
    p_value = _share_p_values(base, test)
    q_value = benjamini_hochberg(p_value)
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
    )


def _share_p_values(base: Ints, test: Ints) -> Floats:
    """(n,) Fisher p-values, twice the smaller tail, that a place's share of both is the same."""
    given = (base.sum() + test.sum(), base + test, test.sum())
    at_most = stats.hypergeom.cdf(test, *given)
    at_least = stats.hypergeom.sf(test - 1, *given)
    return np.minimum(1.0, 2 * np.minimum(at_most, at_least))
