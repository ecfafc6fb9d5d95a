"""Spatial autocorrelation: global and local Moran's I.

`x` is (n, v): a row a place, in the order of the weights, and a column a variable.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse import csr_array

from la_crime.stats.arrays import Bools, Floats, Ints

SIGNIFICANCE = 0.05
# With 999 the smallest p-value, 0.002, could not pass a correction over a thousand places.
PERMUTATIONS = 9_999


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


def _strangers(n: int, size: int, permutations: int, rng: np.random.Generator) -> Ints:
    """(size, permutations) place numbers: in each column a random sample without replacement."""
    everyone = np.tile(np.arange(n, dtype=np.int32), (permutations, 1))
    shuffled = rng.permuted(everyone, axis=1)
    return np.ascontiguousarray(shuffled[:, :size].T)


def permutation_p_values(
    x: Floats, matrix: csr_array, permutations: int, rng: np.random.Generator
) -> Floats:
    """(n, v) two-sided p-values of each place's spatial lag, given its own value (conditional).

    A place with k neighbours is held against the sums of k of the other places at random. One set
    of random samples serves all places and all columns: of the samples of size k, those that
    happen to hold the place itself are left out for it, which leaves samples of the others. p is
    twice the smaller tail, each tail counting ties and the observed sum. NaN for an island and for
    a constant column. Raises ValueError unless the weights of each row are equal. Sources: Anselin
    (1995), Geographical Analysis 27(2); Phipson & Smyth (2010), SAGMB 9(1), for the 1 added.
    """
    degree = np.diff(matrix.indptr)
    if not np.allclose(matrix.data, np.repeat(1 / np.maximum(degree, 1), degree)):
        raise ValueError("permutation needs row-standardised weights, equal within a row")
    varies = np.ptp(x, axis=0) > 0
    p_values = np.full(x.shape, np.nan)
    if not varies.any():
        return p_values
    # Whole numbers add up to the same sum in any order, so that ties are seen as ties; scaling by a
    # power of two leaves those alone that are whole already.
    largest = np.frexp(np.abs(x[:, varies]).max(axis=0))[1]
    whole = np.rint(np.ldexp(x[:, varies], 40 - largest)).T
    observed = whole @ (matrix != 0).T.astype(np.float64)
    samples = _strangers(len(x), degree.max(initial=0), permutations, rng)
    sums = np.zeros((len(whole), permutations))
    for k, drawn in enumerate(samples, start=1):
        sums += whole[:, drawn]
        places = np.flatnonzero(degree == k)
        if len(places):
            holds = [(samples[:k] == place).any(axis=0) for place in places]
            tested = np.ix_(places, varies)
            p_values[tested] = _two_sided(sums, observed[:, places], holds).T
    return p_values


def _two_sided(sums: Floats, observed: Floats, left_out: list[Bools]) -> Floats:
    """(v, m) p-values of `observed` (v, m) among `sums` (v, draws), its left-out draws apart."""
    ordered = np.sort(sums, axis=1)
    rows = list(zip(ordered, observed, strict=True))
    at_most = np.array([np.searchsorted(row, seen, side="right") for row, seen in rows])
    at_least = sums.shape[1] - np.array([np.searchsorted(row, seen) for row, seen in rows])
    p_values = np.empty(observed.shape)
    for j, is_out in enumerate(left_out):
        out, seen = sums[:, is_out], observed[:, [j]]
        low = at_most[:, j] - (out <= seen).sum(axis=1)
        high = at_least[:, j] - (out >= seen).sum(axis=1)
        tail = (np.minimum(low, high) + 1) / (sums.shape[1] - out.shape[1] + 1)
        p_values[:, j] = np.minimum(1.0, 2 * tail)
    return p_values


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
