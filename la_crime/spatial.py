"""Neighbours, spatial autocorrelation, and the similarity of two patterns over the same places.

In arrays `x` is (n, v): a row a place, in the order of the weights, and a column a variable.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.spatial import KDTree

from la_crime.clustering import Floats, Ints, log1p, rounded
from la_crime.effects import DRAWS, Bools, benjamini_hochberg

# Five decimals of a degree are about a metre, and what the city's layer is published with.
COORDINATE_DECIMALS = 5
KM_PER_DEGREE = 6371.0088 * np.pi / 180

SIGNIFICANCE = 0.05
# With 999 the smallest p-value, 0.002, could not pass a correction over a thousand places.
PERMUTATIONS = 9_999

NOT_SIGNIFICANT = "not significant"

AUTOCORRELATION_COLUMNS = {
    "scope": "str",
    "period_id": "str",
    "crime_group": "str",
    "morans_i": "float64",
    "expected_i": "float64",
    "z": "float64",
    "p_value": "float64",
    "n_places": "int64",
    "neighbours": "str",
}
CLUSTER_COLUMNS = {
    "scope": "str",
    "place_id": "str",
    "period_id": "str",
    "crime_group": "str",
    "spatial_class": "str",
    "local_i": "float64",
    "p_value": "float64",
    "q_value": "float64",
    "is_significant": "bool",
}


# --- Neighbours ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weights:
    """Who neighbours whom: n places, sorted, their row-standardised weights, and how chosen.

    A row of `matrix` (n, n) shares 1 equally among the place's neighbours; the row of an island,
    which has none, is zeros.
    """

    place_ids: list[str]
    matrix: csr_array
    neighbours: str


def row_standardised(adjacency: Any) -> csr_array:
    """The (n, n) matrix of zeros and ones with each row divided by its sum; empty rows stay."""
    ones = csr_array(adjacency, dtype=np.float64)
    return csr_array(diags_array(1 / np.maximum(ones.sum(axis=1), 1)) @ ones)


def queen_neighbours(outlines: dict[str, list[Floats]]) -> Weights:
    """Queen contiguity of places from their outlines: rings (n, 2) of degrees east and north.

    Places are neighbours when any of their rings share a vertex, rounded to about a metre. On the
    city's two layers this gives exactly the pairs that touch; a layer whose borders do not share
    their vertices would need snapping first.
    Source: Moran (1948), "The interpretation of statistical maps", JRSS B 10(2).
    """
    place_ids = sorted(outlines)
    number_of: dict[tuple[float, float], int] = {}
    place, vertex = [], []
    for row, place_id in enumerate(place_ids):
        corners = {
            (round(longitude, COORDINATE_DECIMALS), round(latitude, COORDINATE_DECIMALS))
            for ring in outlines[place_id]
            for longitude, latitude in ring.tolist()
        }
        for corner in corners:
            place.append(row)
            vertex.append(number_of.setdefault(corner, len(number_of)))
    shape = (len(place_ids), len(number_of))
    has_vertex = csr_array((np.ones(len(place)), (place, vertex)), shape)
    shared = coo_array(has_vertex @ has_vertex.T)
    is_pair = shared.row != shared.col
    pairs = (np.ones(is_pair.sum()), (shared.row[is_pair], shared.col[is_pair]))
    return Weights(place_ids, row_standardised(csr_array(pairs, shared.shape)), "queen")


def nearest_neighbours(place_ids: list[str], lat: Floats, lon: Floats, k: int = 6) -> Weights:
    """The k nearest places by their points, (n,) degrees: for use where there are no boundaries.

    Distances are in km on an equirectangular map at the mean latitude, good to far below 1 % over a
    city. Not symmetric: a remote place has near ones that have nearer ones. With k places or
    fewer, all the others are neighbours. Raises ValueError for a repeated place_id, a coordinate
    that is not finite, or k below 1.
    """
    if k < 1:
        raise ValueError(f"a place needs at least one neighbour, got k={k}")
    if len(set(place_ids)) != len(place_ids):
        raise ValueError("place_id is not unique")
    order = np.argsort(np.array(place_ids, dtype=object))
    degrees = np.column_stack([lon, lat]).astype(np.float64)[order]
    if not np.isfinite(degrees).all():
        raise ValueError("a place has no coordinates")
    n = len(order)
    nearest = min(k, n - 1)
    matrix = csr_array((n, n))
    if nearest > 0:
        squeeze = np.array([np.cos(np.radians(degrees[:, 1].mean())), 1.0])
        points = degrees * squeeze * KM_PER_DEGREE
        found = KDTree(points).query(points, k=nearest + 1)[1]
        # Where points coincide a place need not come first, nor at all, among its own nearest.
        is_self = found == np.arange(n)[:, None]
        is_self[~is_self.any(axis=1), -1] = True
        others = found[~is_self]
        matrix = csr_array((np.ones(n * nearest), others, np.arange(n + 1) * nearest), (n, n))
    name = f"{k} nearest"
    return Weights([str(place_ids[i]) for i in order], row_standardised(matrix), name)


# --- Autocorrelation -------------------------------------------------------------------------


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


def _strangers(n: int, size: int, permutations: int, seed: int) -> Ints:
    """(size, permutations) place numbers: in each column a random sample without replacement."""
    everyone = np.tile(np.arange(n, dtype=np.int32), (permutations, 1))
    shuffled = np.random.default_rng(seed).permuted(everyone, axis=1)
    return np.ascontiguousarray(shuffled[:, :size].T)


def permutation_p_values(x: Floats, matrix: csr_array, permutations: int, seed: int) -> Floats:
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
    samples = _strangers(len(x), degree.max(initial=0), permutations, seed)
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


# --- Similarity of two patterns --------------------------------------------------------------


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
    base: Ints, test: Ints, draws: int = DRAWS, seed: int = 0
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
    drawn = np.random.default_rng(seed).multinomial(n_test, test / n_test, size=draws)
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


# --- Frames in, frames out -------------------------------------------------------------------


def _scope_inputs(
    values: pd.DataFrame, weights_by_scope: dict[str, Weights]
) -> Iterator[tuple[str, Weights, pd.DataFrame, Floats]]:
    """Each scope, sorted: its weights, its v periods and groups, and its log1p values (n, v)."""
    keys = ["period_id", "crime_group"]
    for scope, part in values.groupby("scope"):
        if scope not in weights_by_scope:
            raise ValueError(f"no weights for scope {scope!r}")
        weights = weights_by_scope[scope]
        row = pd.Index(weights.place_ids, dtype="str").get_indexer(part["place_id"].astype("str"))
        if (row < 0).any():
            place_id = part["place_id"].iloc[(row < 0).argmax()]
            raise ValueError(f"scope {scope!r}: place {place_id!r} has no row in the weights")
        if part["value"].isna().any():
            raise ValueError(f"scope {scope!r}: a value is missing")
        variables = part[keys].drop_duplicates().sort_values(keys, ignore_index=True)
        col = pd.MultiIndex.from_frame(variables).get_indexer(pd.MultiIndex.from_frame(part[keys]))
        if len(np.unique(row * len(variables) + col)) < len(part):
            raise ValueError(f"scope {scope!r}: a value is given twice")
        x = np.zeros((len(weights.place_ids), len(variables)))
        x[row, col] = part["value"]
        # Rounded, so that equal places stay equal on every machine.
        yield scope, weights, variables, rounded(log1p(x))


def run_spatial_autocorrelation(
    values: pd.DataFrame, weights_by_scope: dict[str, Weights]
) -> pd.DataFrame:
    """Global Moran's I of each scope, period and crime group: `AUTOCORRELATION_COLUMNS`.

    `values` has scope, place_id, period_id, crime_group, value: crimes per km², where a place of
    the weights that is absent has none. I is of log1p(value): densities are so skewed that raw ones
    would tell of a few places alone. `neighbours` says how neighbours were chosen. Numbers are NaN
    where I is not defined: see `global_moran`. Raises ValueError for a scope without weights, a
    place that they lack, and a value that is missing, negative or given twice.
    """
    parts = [pd.DataFrame(columns=list(AUTOCORRELATION_COLUMNS))]
    for scope, weights, variables, x in _scope_inputs(values, weights_by_scope):
        moran = global_moran(x, weights.matrix)
        numbers = {name: rounded(moran[name]) for name in moran if name != "variance_i"}
        about = {"n_places": len(x), "neighbours": weights.neighbours}
        parts.append(variables.assign(scope=scope, **numbers, **about))
    return _typed(parts, AUTOCORRELATION_COLUMNS)


def run_spatial_clusters(
    values: pd.DataFrame,
    weights_by_scope: dict[str, Weights],
    permutations: int = PERMUTATIONS,
) -> pd.DataFrame:
    """Local Moran's I and class of each place, scope, period and crime group: `CLUSTER_COLUMNS`.

    Input, transform and errors are those of `run_spatial_autocorrelation`; every place of the
    weights has a row. `q_value` is `p_value` after Benjamini-Hochberg over the places of one scope,
    period and group; at most 0.05 is significant, and `spatial_class` is then `high-high`,
    `low-low`, `high-low` or `low-high` (the place's own density, then its neighbours'), else
    `not significant`. p and q are NaN for an island and for a group that is equal everywhere.
    """
    parts = [pd.DataFrame(columns=list(CLUSTER_COLUMNS))]
    for scope, weights, variables, x in _scope_inputs(values, weights_by_scope):
        local_i, quadrant = local_moran(x, weights.matrix)
        seed = zlib.crc32(scope.encode())
        p_value = permutation_p_values(x, weights.matrix, permutations, seed)
        q_value = np.apply_along_axis(benjamini_hochberg, 0, p_value)
        is_significant = q_value <= SIGNIFICANCE
        n, v = x.shape
        part = variables.loc[np.tile(np.arange(v), n)].reset_index(drop=True)
        part["scope"] = scope
        part["place_id"] = np.repeat(np.array(weights.place_ids, dtype=object), v)
        part["spatial_class"] = np.where(is_significant, quadrant, NOT_SIGNIFICANT).ravel()
        part["local_i"] = rounded(local_i).ravel()
        part["p_value"] = rounded(p_value).ravel()
        part["q_value"] = rounded(q_value).ravel()
        part["is_significant"] = is_significant.ravel()
        parts.append(part)
    return _typed(parts, CLUSTER_COLUMNS)


def _typed(parts: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """The parts one below the other, with exactly these columns and types."""
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True)[list(columns)].astype(columns)
