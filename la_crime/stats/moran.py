"""Spatial autocorrelation: global and local Moran's I.

`x` is (n, v): a row a place, in the order of the weights, and a column a variable.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import fft, stats
from scipy.sparse import csr_array

from la_crime.stats.arrays import Floats, Ints

SIGNIFICANCE = 0.05
# Rounding to these moves a p-value near 0.001 by less than 0.5 % in the middle case: no more than
# chance would with forty million permutations.
STEPS = 2**11


def global_moran(x: Floats, matrix: csr_array) -> dict[str, Floats]:
    """Global Moran's I of each of the v columns of `x` (n, v) under (n, n) weights, each (v,).

    Keys: `morans_i`, `expected_i`, `variance_i`, `z` and `p_value` (two-sided, normal), with the
    moments of the randomisation hypothesis. NaN for a constant column, below four places, or with
    no neighbours at all. Sources: Moran (1950), Biometrika 37(1-2); Cliff & Ord (1981), "Spatial
    processes", pages 42-46.
    """
    n = len(x)
    both = matrix + matrix.T
    s0 = matrix.sum()
    is_defined = (np.ptp(x, axis=0) > 0) & (n > 3) & (s0 > 0)
    if not is_defined.any():
        names = ("morans_i", "expected_i", "variance_i", "z", "p_value")
        return dict.fromkeys(names, np.full(x.shape[1], np.nan))
    s1 = both.power(2).sum() / 2
    s2 = (both.sum(axis=1) ** 2).sum()
    z = x - x.mean(axis=0)
    squares = np.where(is_defined, (z**2).sum(axis=0), np.nan)
    morans_i = n / s0 * (z * (matrix @ z)).sum(axis=0) / squares
    kurtosis = n * (z**4).sum(axis=0) / squares**2
    expected = -1 / (n - 1)
    plain = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    peaked = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (plain - peaked) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    score = (morans_i - expected) / np.sqrt(variance)
    return {
        "morans_i": morans_i,
        "expected_i": np.where(is_defined, expected, np.nan),
        "variance_i": variance,
        "z": score,
        "p_value": 2 * stats.norm.sf(np.abs(score)),
    }


def conditional_p_values(x: Floats, matrix: csr_array) -> Floats:
    """(n, v) two-sided p-values of each place's spatial lag, given its own value; exact.

    A place with k neighbours is held against the sums of every k of the other places, which are all
    counted, not sampled: no chance is in the p-value. p is twice the smaller tail, each tail with
    the observed sum and its ties. Values are first rounded to whole steps, at most `STEPS` from the
    lowest to the highest; a step is a power of two, so whole numbers within `STEPS` stay what they
    are. NaN for an island and for a constant column. Raises ValueError unless the weights of each
    row are equal. Sources: Anselin (1995), Geographical Analysis 27(2), for the conditional
    hypothesis; Pagano & Tritchler (1983), "On obtaining permutation distributions in polynomial
    time", JASA 78(382), for the distribution of sums by Fourier transform.
    """
    degree = np.diff(matrix.indptr)
    if not np.allclose(matrix.data, np.repeat(1 / np.maximum(degree, 1), degree)):
        raise ValueError("permutation needs row-standardised weights, equal within a row")
    p_values = np.full(x.shape, np.nan)
    around = (matrix != 0).astype(np.int64)
    # The sum of k of the others is their total less the sum of those left out: the fewer are taken.
    few = np.minimum(degree, len(x) - 1 - degree)
    for j in np.flatnonzero(np.ptp(x, axis=0) > 0):
        whole = _whole_steps(x[:, j])
        observed = np.where(few == degree, around @ whole, whole.sum() - whole - around @ whole)
        at_most = _sums_at_most(whole, int(few.max()))
        for k in np.unique(few[degree > 0]):
            places = np.flatnonzero((few == k) & (degree > 0))
            p_values[places, j] = _two_sided(at_most, len(x), k, whole[places], observed[places])
    return p_values


def _whole_steps(values: Floats) -> Ints:
    """Values (n,) as whole steps above the lowest, the highest half of `STEPS` or more."""
    above = values - values.min()
    exponent = np.frexp(above.max() / STEPS)[1]
    return np.rint(np.ldexp(above, -exponent)).astype(np.int64)


def _sums_at_most(whole: Ints, most: int) -> Floats:
    """(most + 1, length): of the subsets of k of `whole` (n,), how many sum to at most s, [k, s].

    The generating function of the subsets' sums, by Newton's identities from those of the values'
    multiples, at each frequency by itself.
    """
    length = fft.next_fast_len(int(max(most, 1) * whole.max()) + 1)
    spectrum = fft.fft(np.bincount(whole, minlength=length))
    frequency = np.arange(length // 2 + 1)
    power = [spectrum[j * frequency % length] for j in range(1, most + 1)]
    subsets = [np.ones(len(frequency), dtype=complex)]
    for k in range(1, most + 1):
        terms = (subsets[k - j] * power[j - 1] * (-1) ** (j - 1) for j in range(1, k + 1))
        subsets.append(sum(terms) / k)
    return np.cumsum(fft.irfft(np.array(subsets), length, axis=1), axis=1)


def _two_sided(at_most: Floats, n: int, k: int, own: Ints, observed: Ints) -> Floats:
    """(m,) p-values of sums `observed` (m,) of k of the n - 1 places beside one of `own` (m,)."""

    def share(bound: Ints) -> Floats:
        # Subsets without the place: all, less those that hold it, which are k - 1 without it, ...
        held = np.arange(k + 1)[:, None]
        left = np.clip(bound - held * own, -1, at_most.shape[1] - 1)
        counted = np.where(left < 0, 0.0, at_most[k - held, left])
        return ((-1.0) ** held * counted).sum(axis=0)

    every = comb(n - 1, k)
    low, high = share(observed) / every, 1 - share(observed - 1) / every
    # the observed sum is one of them
    return np.clip(2 * np.minimum(low, high), 2 / every, 1.0)


def local_moran(x: Floats, matrix: csr_array) -> tuple[Floats, NDArray[np.str_]]:
    """Local Moran's I (n, v) of `x` (n, v), and each place's quadrant, as `high-low`.

    The first word is the place's own value against the mean, the second its neighbours' mean.
    I_i is z_i x lag_i over the population variance, so where there are no islands the mean of I_i
    is the global I. NaN and no quadrant, '', for a constant column; 0 and '' for an island.
    Source: Anselin (1995), "Local indicators of spatial association - LISA", Geographical
    Analysis 27(2).
    """
    varies = np.ptp(x, axis=0) > 0
    z = x - x.mean(axis=0)
    lag = matrix @ z
    local_i = np.where(varies, z * lag / np.where(varies, (z**2).mean(axis=0), 1.0), np.nan)
    own, around = (np.where(side > 0, "high", "low") for side in (z, lag))
    quadrant = np.strings.add(np.strings.add(own, "-"), around)
    has_any = (np.diff(matrix.indptr) > 0)[:, None]
    return local_i, np.where(varies & has_any, quadrant, "")
