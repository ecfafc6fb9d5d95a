"""The clustering maths against published, hand-computed and independently computed values."""

import itertools

import ckwrap
import kmeans1d
import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import cut_tree
from scipy.sparse import csr_array
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import load_iris
from sklearn.feature_extraction.image import grid_to_graph
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
)
from threadpoolctl import threadpool_info, threadpool_limits

from la_crime.measures import clustering, frames
from la_crime.stats import contiguity, intervals, kmeans, partitions, transforms
from la_crime.stats import linkage as linking
from la_crime.stats import scores as scoring
from la_crime.stats.algorithms import ALGORITHMS, LINKAGE_METHODS, UNCONSTRAINED


def column(*values):
    return np.array(values, dtype=float)[:, None]


def same_partition(left, right):
    """Whether two labelings group the rows alike, whatever the numbers of the clusters."""
    pairs = set(zip(left, right, strict=True))
    return len(pairs) == len(set(left)) == len(set(right))


def sum_of_squares(x, labels):
    return sum(((x[labels == g] - x[labels == g].mean(axis=0)) ** 2).sum() for g in set(labels))


@pytest.fixture(scope="module")
def iris():
    return load_iris().data


# --- Transforms


def test_raw_and_log1p():
    x = np.array([[0, np.e - 1], [np.expm1(2), 7]])
    assert np.array_equal(transforms.TRANSFORMS["raw"](x), x)
    assert np.allclose(transforms.TRANSFORMS["log1p"](x), [[0, 1], [2, np.log(8)]])
    assert transforms.TRANSFORMS["raw"](np.array([[1]])).dtype == np.float64


def test_log1p_zscore_has_population_deviation_one():
    # The logs are 0, 1, 2: mean 1, population variance 2/3.
    z = transforms.TRANSFORMS["log1p_zscore"](np.expm1(column(0, 1, 2)))
    assert np.allclose(z[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)])


def test_log1p_zscore_of_a_constant_feature_is_zeros():
    x = np.column_stack([np.full(7, 5), np.arange(7)])
    z = transforms.TRANSFORMS["log1p_zscore"](x)
    assert np.array_equal(z[:, 0], np.zeros(7))
    assert np.isclose(z[:, 1].std(), 1)


def test_clr_of_a_known_composition():
    expected = [[-np.log(2), 0, np.log(2)]] * 2
    assert np.allclose(
        transforms.TRANSFORMS["clr"](np.array([[1, 2, 4], [0.125, 0.25, 0.5]])), expected
    )


def test_rank_averages_ties():
    ranks = transforms.TRANSFORMS["rank"](np.array([[10, 3], [20, 2], [10, 1], [40, 0]]))
    assert np.array_equal(ranks, [[0.375, 1], [0.75, 0.75], [0.375, 0.5], [1, 0.25]])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("log1p", -1, "zero or more"),
        ("log1p_zscore", -1, "zero or more"),
        ("clr", 0, "strictly positive"),
        ("clr", np.nan, "strictly positive"),
    ],
)
def test_a_transform_rejects_what_it_cannot_take(name, value, message):
    with pytest.raises(ValueError, match=message):
        transforms.TRANSFORMS[name](np.array([[1.0, value]]))


def test_transformed_rounds_and_names_its_choices():
    assert transforms.transformed(column(1 / 3), "raw")[0, 0] == 0.333333333
    with pytest.raises(ValueError, match=r"unknown transform 'sqrt'.*'clr'"):
        transforms.transformed(column(1), "sqrt")


# --- K-means


def test_one_feature_gives_the_published_example():
    # The example in the manual of Ckmeans.1d.dp (Wang & Song 2011).
    x = column(-1, 2, -1, 2, 4, 5, 6, -1, 2, -1)
    labels = partitions.kmeans_partitions(x, [3])[3]
    assert same_partition(labels, [0, 1, 0, 1, 2, 2, 2, 0, 1, 0])
    assert scoring.score_partition(x, labels)["inertia"] == 2


def best_by_brute_force(values, k):
    """The least sum of squares over every division of the sorted values into k stretches."""
    ordered = np.sort(values)
    return min(
        sum(((part - part.mean()) ** 2).sum() for part in np.split(ordered, list(at)))
        for at in itertools.combinations(range(1, len(ordered)), k - 1)
    )


@pytest.mark.parametrize("offset", [0, 1e9])
@pytest.mark.parametrize("seed", range(20))
def test_one_feature_is_optimal(seed, offset):
    rng = np.random.default_rng(seed)
    values = offset + (rng.integers(0, 12, 11) if seed % 2 else rng.lognormal(0, 1.5, 11))
    distinct = len(np.unique(values))
    for k in range(1, min(distinct, 6) + 1):
        labels = partitions.kmeans_partitions(values[:, None], [k])[k]
        assert len(set(labels)) == k
        assert len(set(zip(values, labels, strict=True))) == distinct, "equal values, one cluster"
        cost = sum_of_squares(values - offset, labels)
        assert np.isclose(cost, best_by_brute_force(values - offset, k), atol=1e-8)
        reference = ckwrap.ckmeans(values - offset, k).labels
        assert np.isclose(cost, sum_of_squares(values - offset, reference), atol=1e-8)


def test_iris_gives_its_known_inertia(iris):
    labels = partitions.kmeans_partitions(iris, [3])[3]
    assert sorted(np.bincount(labels)) == [38, 50, 62]
    assert scoring.score_partition(iris, labels)["inertia"] == pytest.approx(78.851441426, abs=1e-8)


def test_one_feature_gives_every_k_of_many_weighted_sets():
    """Sets with ties, weights and places left out, against kmeans1d on the values written out."""
    rng = np.random.default_rng(0)
    for size in (1, 2, 7, 40):
        values = rng.integers(0, 20, (6, size)).astype(float)
        values[3:] = rng.lognormal(0, 1.5, (3, size))
        weights = rng.integers(0, 3, (6, size))
        found = intervals.interval_partitions(values, 7, weights)
        for s, k in itertools.product(range(6), range(1, 8)):
            labels, written = (np.repeat(one, weights[s]) for one in (found[k - 1, s], values[s]))
            assert (found[k - 1, s] >= 0).tolist() == (weights[s] > 0).tolist()
            clusters = min(k, len(np.unique(written)))
            assert set(labels) == set(range(clusters))
            if clusters:
                reference = np.array(kmeans1d.cluster(written - written.mean(), clusters).clusters)
                cost, least = (sum_of_squares(written, one) for one in (labels, reference))
                assert np.isclose(cost, least, atol=1e-9)


def counts_like(n, p, seed):
    """Centred log-ratios (n, p) of counts like those of a city: a few types of place, noise."""
    rng = np.random.default_rng(seed)
    kinds = rng.dirichlet(np.full(p, 2.0), 5)
    share = np.array([rng.dirichlet(40 * kinds[i]) for i in rng.integers(5, size=n)])
    counts = rng.poisson(share * rng.lognormal(6, 1, (n, 1))) + 0.5
    logs = np.log(counts)
    return logs - logs.mean(axis=1, keepdims=True)


def least_sum_of_squares(x, k, starts, seed):
    """The least sum of squares that scikit-learn finds from so many starts."""
    return KMeans(k, n_init=starts, tol=0, random_state=seed).fit(x).inertia_


@pytest.mark.parametrize(("n", "k_max", "starts"), [(21, 5, 100), (90, 6, 50), (1135, 8, 10)])
@pytest.mark.parametrize("seed", range(2))
def test_kmeans_is_no_worse_than_the_librarys(n, k_max, starts, seed):
    x = counts_like(n, 12, seed)
    found = partitions.kmeans_partitions(x, range(2, k_max + 1))
    for k, labels in found.items():
        assert sorted(set(labels)) == list(range(k))
        cost = sum_of_squares(x, labels)
        assert cost <= least_sum_of_squares(x, k, starts, seed) * 1.0001


@pytest.mark.parametrize(("n", "k_max"), [(21, 5), (90, 6), (1135, 8)])
def test_ten_times_as_many_starts_find_nothing_better(n, k_max, monkeypatch):
    x = counts_like(n, 12, seed=7)
    found = partitions.kmeans_partitions(x, range(2, k_max + 1))
    monkeypatch.setattr(kmeans, "STARTS", 10 * kmeans.STARTS)
    for name in ("FOUND", "FOUND_LARGE"):
        monkeypatch.setattr(kmeans, name, 10 * getattr(kmeans, name))
    more = partitions.kmeans_partitions(x, range(2, k_max + 1))
    for k, labels in found.items():
        assert sum_of_squares(x, labels) <= sum_of_squares(x, more[k]) * 1.0001


@pytest.mark.parametrize("seed", range(10))
def test_kmeans_of_few_places_is_the_best_of_all_partitions(seed):
    x = counts_like(9, 3, seed)
    found = partitions.kmeans_partitions(x, [2, 3])
    for k, labels in found.items():
        every = (np.array((0, *rest)) for rest in itertools.product(range(k), repeat=8))
        least = min(sum_of_squares(x, one) for one in every)
        assert np.isclose(sum_of_squares(x, labels), least)


def test_lloyd_is_the_librarys(iris):
    """From the same means, for two sets at once, one of which leaves places out."""
    rng = np.random.default_rng(3)
    means = iris[rng.integers(150, size=(2, 4))]
    weights = np.ones((2, 150))
    weights[1, ::3] = 0
    labels, found, cost = kmeans.lloyd(np.array([iris, iris]), means, weights)
    for i in range(2):
        kept = weights[i] > 0
        model = KMeans(4, init=means[i], n_init=1, tol=0).fit(iris[kept])
        assert same_partition(labels[i][kept], model.labels_)
        assert np.allclose(found[i], model.cluster_centers_)
        assert cost[i] == pytest.approx(model.inertia_)


def test_lloyd_fills_a_cluster_that_is_empty():
    labels, _, cost = kmeans.lloyd(column(0, 1, 10)[None], column(0, 50, 60)[None])
    assert sorted(labels[0]) == [0, 1, 2]
    assert cost == pytest.approx(0)


def test_an_exchange_leaves_what_lloyd_would_keep():
    # Means 2 and 11: 6 is nearer to 2, at 4 against 5. But it leaves 4² · 3/2 = 24 behind, and
    # brings 5² · 1/2 = 12.5 to the one place at 11.
    x = column(0, 0, 6, 11)
    labels = np.array([0, 0, 0, 1])
    assert np.array_equal(kmeans.lloyd(x[None], column(2, 11)[None])[0][0], labels)
    assert np.array_equal(kmeans.exchanged(x, labels, 2), [0, 0, 1, 1])


@pytest.mark.parametrize("x", [column(1, 1, 2), np.array([[1, 1], [1, 1], [2, 1]])])
@pytest.mark.parametrize("k", [0, 3])
def test_kmeans_needs_as_many_distinct_places(x, k):
    with pytest.raises(ValueError, match=f"distinct places, got k={k} with 2"):
        partitions.kmeans_partitions(x, [k])[k]
    assert same_partition(partitions.kmeans_partitions(x, [2])[2], [0, 0, 1])


# --- Hierarchies

# Points 0, 1, 3, 7, whose merges are the same by each method; the heights are by hand.
POINTS = column(0, 1, 3, 7)
HEIGHTS = {
    "ward": [1, 2.5 * np.sqrt(4 / 3), 17 / 3 * np.sqrt(3 / 2)],
    "average": [1, 2.5, 17 / 3],
    "complete": [1, 3, 7],
}


@pytest.mark.parametrize("method", LINKAGE_METHODS)
def test_linkage_by_hand(method):
    linkage = linking.linkage_matrix(POINTS, method)
    assert np.array_equal(linkage[:, [0, 1, 3]], [[0, 1, 2], [2, 4, 3], [3, 5, 4]])
    assert np.allclose(linkage[:, 2], HEIGHTS[method])


def test_ward_height_is_the_rise_in_inertia(iris):
    x = iris[:12]
    rise = np.diff(
        [
            sum_of_squares(x, linking.cuts(linking.linkage_matrix(x, "ward"), [k])[k])
            for k in range(12, 0, -1)
        ]
    )
    assert np.allclose(linking.linkage_matrix(x, "ward")[:, 2] ** 2 / 2, rise)


def test_linkage_of_one_place_has_no_merges():
    assert linking.linkage_matrix(column(5), "ward").shape == (0, 4)
    assert np.array_equal(linking.cuts(np.empty((0, 4)), [1])[1], [0])


def test_linkage_names_its_methods():
    with pytest.raises(ValueError, match=r"unknown linkage method 'single'.*'complete'"):
        linking.linkage_matrix(POINTS, "single")


@pytest.mark.parametrize("method", LINKAGE_METHODS)
def test_cut_agrees_with_scipy_where_no_heights_tie(method):
    linkage = linking.linkage_matrix(np.random.default_rng(5).normal(size=(40, 3)), method)
    for k in range(1, 41):
        assert same_partition(linking.cuts(linkage, [k])[k], cut_tree(linkage, n_clusters=k)[:, 0])


@pytest.mark.parametrize("method", LINKAGE_METHODS)
@pytest.mark.parametrize("x", [column(0, 1, 2, 3, 4, 5), np.ones((6, 2)), column(0, 0, 0, 1, 1, 9)])
def test_cut_gives_exactly_k_clusters_on_ties(method, x):
    linkage = linking.linkage_matrix(x, method)
    for k in range(1, 7):
        assert set(linking.cuts(linkage, [k])[k]) == set(range(k))


@pytest.mark.parametrize("k", [0, 5])
def test_cut_needs_a_possible_k(k):
    with pytest.raises(ValueError, match=f"got k={k} with 4"):
        linking.cuts(linking.linkage_matrix(POINTS, "ward"), [k])[k]


def test_cophenetic_correlation_by_hand(iris):
    # Deviations in sixths: distances -17 -5 19 -11 13 1, heights -17 -8 11 -8 11 11.
    value = linking.cophenetic_correlation(linking.linkage_matrix(POINTS, "average"), POINTS)
    assert value == pytest.approx(780 / np.sqrt(966 * 780))
    # R: cor(cophenetic(hclust(dist(iris[, 1:4]), "average")), dist(iris[, 1:4]))
    value = linking.cophenetic_correlation(linking.linkage_matrix(iris, "average"), iris)
    assert value == pytest.approx(0.8769561, abs=2e-7)


@pytest.mark.parametrize("x", [column(1), column(1, 2), np.ones((4, 1)), np.eye(3)])
def test_cophenetic_correlation_can_be_undefined(x):
    assert np.isnan(linking.cophenetic_correlation(linking.linkage_matrix(x, "average"), x))


# --- Merges of neighbours alone


def path_of(n):
    """The adjacency of n places in a row."""
    return csr_array(np.abs(np.subtract.outer(np.arange(n), np.arange(n))) == 1, dtype=float)


def test_contiguous_linkage_by_hand():
    """1 and 10 are the likest neighbours, 9 apart; 0 is nearer to their mean, so heights fall."""
    linkage = linking.linkage_matrix(column(0, 10, 1, 12), "ward_contiguous", path_of(4))
    assert np.array_equal(linkage[:, [0, 1, 3]], [[1, 2, 2], [0, 4, 3], [3, 5, 4]])
    assert np.allclose(linkage[:, 2], [9, 5.5 * np.sqrt(4 / 3), 25 / 3 * np.sqrt(3 / 2)])
    assert linkage[1, 2] < linkage[0, 2]
    found = linking.cuts(linkage, range(1, 5))
    assert [found[k].tolist() for k in range(1, 5)] == [
        [0, 0, 0, 0],
        [1, 1, 1, 0],
        [0, 2, 2, 1],
        [0, 1, 2, 3],
    ]


def greedy_partitions(x, adjacency):
    """The partitions, by falling k, of merging again and again the likest two that touch."""
    near = adjacency.toarray() > 0
    labels = np.arange(len(x))
    while True:
        yield labels
        pairs = {(a, b) for a, b in itertools.combinations(sorted(set(labels)), 2)}
        touching = [(a, b) for a, b in pairs if near[labels == a][:, labels == b].any()]
        if not touching:
            return
        rise = {
            (a, b): sum_of_squares(x, np.where(labels == b, a, labels)) for a, b in sorted(touching)
        }
        a, b = min(rise, key=rise.get)
        labels = np.where(labels == b, a, labels)


def test_contiguous_clusters_are_those_of_an_exhaustive_search_and_of_scikit_learn():
    x = np.random.default_rng(3).normal(size=(24, 2))
    grid = csr_array(grid_to_graph(4, 6))
    grid.setdiag(0)
    linkage = linking.linkage_matrix(x, "ward_contiguous", grid)
    for labels in greedy_partitions(x, grid):
        k = len(set(labels))
        found = linking.cuts(linkage, [k])[k]
        assert same_partition(found, labels)
        peer = AgglomerativeClustering(n_clusters=k, connectivity=grid, linkage="ward")
        assert same_partition(found, peer.fit(x).labels_)
        for cluster in range(k):
            is_in = found == cluster
            assert not contiguity.pieces(grid[is_in][:, is_in]).any()
    assert k == 1


def test_contiguous_height_is_the_rise_in_inertia():
    x = np.random.default_rng(4).normal(size=(12, 3))
    linkage = linking.linkage_matrix(x, "ward_contiguous", path_of(12))
    found = linking.cuts(linkage, range(1, 13))
    inertia = [sum_of_squares(x, found[k]) for k in range(12, 0, -1)]
    assert np.allclose(linkage[:, 2] ** 2 / 2, np.diff(inertia))


def test_contiguous_linkage_of_neighbours_all_round_is_wards(iris):
    x = np.unique(iris, axis=0)[::7]
    everybody = csr_array(1 - np.eye(len(x)))
    contiguous, free = (
        linking.linkage_matrix(x, "ward_contiguous", everybody),
        linking.linkage_matrix(x, "ward"),
    )
    assert np.allclose(contiguous, free)


@pytest.mark.parametrize("adjacency", [None, csr_array((4, 4)), csr_array(np.eye(4)[[1, 0, 3, 2]])])
def test_contiguous_linkage_needs_neighbours_that_connect(adjacency):
    with pytest.raises(ValueError, match="needs neighbours that connect all places"):
        linking.linkage_matrix(POINTS, "ward_contiguous", adjacency)


def test_places_that_are_left_out_are_passed_through():
    """Of seven in a row the third, fourth and sixth are left out; none, and all but one."""
    kept = np.array([True, True, False, False, True, False, True])
    assert np.array_equal(contiguity.among(path_of(7), kept).toarray() > 0, path_of(4).toarray())
    assert np.array_equal(contiguity.among(path_of(3), [True] * 3).toarray(), path_of(3).toarray())
    assert contiguity.among(path_of(3), [True, False, False]).toarray().tolist() == [[0]]


# --- Ranks and names


def test_rank_one_has_the_highest_mean_volume():
    labels = np.array([7, 0, 7, 3, 0, 0])
    # Means: 5.5 for 7, 6 for 3, 4 for 0, whose total of 12 is the highest.
    assert np.array_equal(partitions.rank_clusters(labels, [10, 4, 1, 6, 4, 4]), [2, 3, 2, 1, 3, 3])


@pytest.mark.parametrize("numbers", list(itertools.permutations(range(3))))
def test_equal_means_are_ranked_by_first_member(numbers):
    labels = np.array(numbers)[[0, 1, 2, 1, 0]]
    assert np.array_equal(partitions.rank_clusters(labels, [5, 4, 9, 6, 5]), [2, 3, 1, 3, 2])


def test_rank_clusters_needs_a_volume_for_each_label():
    with pytest.raises(ValueError, match="2 labels but 1 volumes"):
        partitions.rank_clusters(np.array([0, 1]), [1])


@pytest.mark.parametrize(
    ("k", "names"),
    [
        (1, ["tier 1 of 1"]),
        (2, ["high", "low"]),
        (3, ["high", "medium", "low"]),
        (4, ["high", "medium-high", "medium-low", "low"]),
        (5, ["high", "medium-high", "medium", "medium-low", "low"]),
        (6, [f"tier {i} of 6" for i in range(1, 7)]),
    ],
)
def test_tier_names(k, names):
    assert [partitions.tier_name(rank, k) for rank in range(1, k + 1)] == names


@pytest.mark.parametrize("rank", [0, 5])
def test_a_tier_outside_the_range_has_no_name(rank):
    with pytest.raises(ValueError, match=f"1 to 4, got {rank}"):
        partitions.tier_name(rank, 4)


# --- Scores


def test_silhouette_by_hand():
    distances = scoring.distance_matrix(column(0, 1, 5, 6, 20))
    values = scoring.silhouette_values(distances, np.array([4, 4, 2, 2, 9]))
    assert np.array_equal(values, [0.818181818, 0.777777778, 0.777777778, 0.818181818, 0])


# Rousseeuw (1987), table 1: dissimilarities between twelve countries, below the diagonal.
COUNTRIES = ["BEL", "BRA", "CHI", "CUB", "EGY", "FRA", "IND", "ISR", "USA", "USS", "YUG", "ZAI"]
DISSIMILARITIES = """
5.58
7.00 6.50
7.08 7.00 3.83
4.83 5.08 8.17 5.83
2.17 5.75 6.67 6.92 4.92
6.42 5.00 5.58 6.00 4.67 6.42
3.42 5.50 6.42 6.42 5.00 3.92 6.17
2.50 4.92 6.25 7.33 4.50 2.25 6.33 2.75
6.08 6.67 4.25 2.67 6.00 6.17 6.17 6.92 6.17
5.25 6.83 4.50 3.75 5.75 5.42 6.08 5.83 6.67 3.67
4.75 3.00 6.08 6.67 5.00 5.58 4.83 6.17 5.67 6.50 6.92
"""


# The same, figures 2 and 3: each cluster's countries with their silhouettes, and the mean of all.
FIGURES = {
    0.28: [
        {"USA": 0.43, "BEL": 0.39, "FRA": 0.35, "ISR": 0.30, "BRA": 0.22, "EGY": 0.20, "ZAI": 0.19},
        {"CUB": 0.40, "USS": 0.34, "CHI": 0.33, "YUG": 0.26, "IND": -0.04},
    ],
    0.33: [
        {"USA": 0.47, "FRA": 0.44, "BEL": 0.42, "ISR": 0.37, "EGY": 0.02},
        {"ZAI": 0.28, "BRA": 0.25, "IND": 0.17},
        {"CUB": 0.48, "USS": 0.44, "YUG": 0.31, "CHI": 0.31},
    ],
}


@pytest.mark.parametrize("mean", FIGURES)
def test_silhouette_of_the_published_example(mean):
    distances = np.zeros((12, 12))
    distances[np.tril_indices(12, -1)] = [float(value) for value in DISSIMILARITIES.split()]
    distances += distances.T
    cluster_of = {country: i for i, group in enumerate(FIGURES[mean]) for country in group}
    published = {country: s for group in FIGURES[mean] for country, s in group.items()}
    labels = np.array([cluster_of[country] for country in COUNTRIES])
    values = scoring.silhouette_values(distances, labels)
    expected = [published[country] for country in COUNTRIES]
    assert np.allclose(values, expected, atol=0.00501)
    assert np.isclose(values.mean(), mean, atol=0.00501)


@pytest.mark.parametrize("p", [1, 4])
def test_silhouette_agrees_with_scikit_learn(iris, p):
    x = iris[:, :p]
    for k in (2, 3, 8):
        labels = partitions.kmeans_partitions(x, [k])[k]
        labels[0] = 99
        values = scoring.silhouette_values(scoring.distance_matrix(x), labels)
        assert np.allclose(values, silhouette_samples(x, labels), atol=1e-9)


def test_silhouette_at_the_edges():
    distances = scoring.distance_matrix(column(1, 2, 4))
    assert np.isnan(scoring.silhouette_values(distances, np.zeros(3, dtype=int))).all()
    assert np.array_equal(scoring.silhouette_values(distances, np.arange(3)), np.zeros(3))
    assert np.array_equal(
        scoring.silhouette_values(np.zeros((4, 4)), np.array([0, 0, 1, 1])), np.zeros(4)
    )


def test_scores_by_hand():
    # Centroids 0.5 and 5.5 about 3: between 25, within 1; spreads 0.5 and 0.5 at distance 5.
    scores = scoring.score_partition(column(0, 1, 5, 6), np.array([3, 3, 1, 1]))
    assert scores == {"inertia": 1, "calinski_harabasz": 50, "davies_bouldin": 0.2}


@pytest.mark.parametrize("k", [2, 3, 8])
def test_scores_agree_with_scikit_learn(iris, k):
    labels = partitions.kmeans_partitions(iris, [k])[k]
    scores = scoring.score_partition(iris, labels)
    expected = [score(iris, labels) for score in (calinski_harabasz_score, davies_bouldin_score)]
    assert [scores["calinski_harabasz"], scores["davies_bouldin"]] == pytest.approx(expected)


def test_scores_are_rounded(iris):
    for value in scoring.score_partition(iris, partitions.kmeans_partitions(iris, [3])[3]).values():
        assert value == round(value, 9)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 1, 2]])
def test_scores_can_be_undefined(labels):
    scores = scoring.score_partition(column(0.1, 0.1, 5, 6), np.array(labels))
    assert np.isfinite(scores["inertia"])
    assert np.isnan([scores["calinski_harabasz"], scores["davies_bouldin"]]).all()


def test_scores_need_a_label_for_each_place():
    with pytest.raises(ValueError, match="2 labels but 3 places"):
        scoring.score_partition(column(1, 2, 3), np.array([0, 1]))
    with pytest.raises(ValueError, match="2 labels but 3 places"):
        scoring.silhouette_values(np.zeros((3, 3)), np.array([0, 1]))


# --- Frames


def long_features(x, run_id="r"):
    """A long frame of an (n, p) array, its places P000, P001, … and features f0, f1, …"""
    n, p = x.shape
    return pd.DataFrame(
        {
            "run_id": run_id,
            "place_id": np.repeat([f"P{i:03d}" for i in range(n)], p),
            "feature": np.tile([f"f{j}" for j in range(p)], n),
            "value": x.ravel(),
        }
    )


def one_run(**changes):
    run = {
        "run_id": "r",
        "scope": "s",
        "period_id": "all",
        "source": "crimes",
        "feature_set": "volume",
        "transform": "raw",
        "algorithm": "kmeans",
        "k": 3,
        "k_min": 2,
        "k_max": 4,
    }
    return pd.DataFrame([run | changes])


def long_volumes(features):
    """Each place's first feature as its volume."""
    first = features[features["feature"] == "f0"]
    return first[["run_id", "place_id", "value"]].rename(columns={"value": "volume"})


def all_round(runs, features):
    """The neighbours of contiguous runs, if every place neighbours every other."""
    contiguous = runs.loc[runs["algorithm"] == "ward_contiguous", "run_id"]
    places = features.loc[features["run_id"].isin(contiguous), ["run_id", "place_id"]]
    places = places.drop_duplicates()
    pairs = places.merge(places.rename(columns={"place_id": "neighbour_id"}), on="run_id")
    return pairs[pairs["place_id"] != pairs["neighbour_id"]]


def everything(runs, features):
    linkages = clustering.run_linkages(runs, features, all_round(runs, features))
    labels = clustering.run_labels(runs, features, linkages, long_volumes(features))
    return linkages, labels, clustering.run_scores(runs, features, labels)


@pytest.fixture(scope="module")
def four_runs(iris):
    """A run of each algorithm on iris, whose run_ids are the algorithms, out of order."""
    names = ["ward", "kmeans", "complete", "average"]
    runs = pd.concat([one_run(run_id=name, algorithm=name) for name in names])
    features = pd.concat([long_features(iris, name) for name in names])
    return runs, features


def test_feature_matrix_sorts_places_and_features():
    features = pd.DataFrame(
        {"place_id": ["b", "a", "b", "a"], "feature": ["y", "x", "x", "y"], "value": [1, 2, 3, 4]}
    )
    place_ids, names, x = frames.feature_matrix(features)
    assert (place_ids, names) == (["a", "b"], ["x", "y"])
    assert np.array_equal(x, [[2, 4], [3, 1]])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "x", 1), ("a", "x", 1)], "place 'a' has feature 'x' twice"),
        ([("a", "x", 1), ("a", "y", 1), ("b", "x", 1)], "place 'b' has no finite value of 'y'"),
        ([("a", "x", 1), ("b", "x", np.nan)], "place 'b' has no finite value of 'x'"),
        ([("a", "x", np.inf)], "place 'a' has no finite value of 'x'"),
        ([("a", "x", 1), (None, "x", 1)], "no place_id or no feature"),
    ],
)
def test_feature_matrix_needs_each_cell_once(rows, message):
    with pytest.raises(ValueError, match=message):
        frames.feature_matrix(pd.DataFrame(rows, columns=["place_id", "feature", "value"]))


def test_linkage_rows():
    runs, features = one_run(algorithm="average"), long_features(POINTS)
    rows = clustering.run_linkages(runs, features, all_round(runs, features))
    assert dict(rows.dtypes.astype(str)) == clustering.LINKAGE_COLUMNS
    assert rows[["step", "left_id", "right_id", "size"]].to_numpy().tolist() == [
        [0, 0, 1, 2],
        [1, 2, 4, 3],
        [2, 3, 5, 4],
    ]
    assert rows["height"].tolist() == [1, 2.5, 5.666666667]
    assert rows["cophenetic_correlation"].tolist() == [0.898584117] * 3


def test_frames_agree_with_the_functions(iris, four_runs):
    linkages, labels, scores = everything(*four_runs)
    assert list(linkages["run_id"].unique()) == ["average", "complete", "ward"]
    assert labels[["run_id", "k"]].drop_duplicates().to_numpy().tolist() == [
        [name, k] for name in sorted(UNCONSTRAINED) for k in (2, 3, 4)
    ]
    for (name, k), part in labels.groupby(["run_id", "k"]):
        if name == "kmeans":
            expected = partitions.kmeans_partitions(iris, [k])[k]
        else:
            expected = linking.cuts(linking.linkage_matrix(iris, name), [k])[k]
        assert np.array_equal(part["cluster_rank"], partitions.rank_clusters(expected, iris[:, 0]))
        assert part["tier"].tolist() == [
            partitions.tier_name(rank, k) for rank in part["cluster_rank"]
        ]
        assert np.array_equal(part["leaf_id"], np.arange(150))
        assert np.allclose(part["silhouette"], silhouette_samples(iris, expected), atol=1e-9)
    assert dict(labels.dtypes.astype(str)) == clustering.LABEL_COLUMNS
    assert dict(scores.dtypes.astype(str)) == clustering.SCORE_COLUMNS
    # Iris with k = 3, as scikit-learn's users know it.
    known = scores[(scores["run_id"] == "kmeans") & (scores["k"] == 3)].iloc[0]
    assert known["inertia"] == pytest.approx(78.8514, abs=1e-4)
    assert known["silhouette"] == pytest.approx(0.5528, abs=1e-4)
    assert known["calinski_harabasz"] == pytest.approx(561.628, abs=1e-3)
    assert known["davies_bouldin"] == pytest.approx(0.6620, abs=1e-4)
    assert known["smallest_cluster"] == 38


def test_the_order_of_rows_does_not_matter(four_runs):
    runs, features = four_runs
    shuffled = (runs.sample(frac=1, random_state=1), features.sample(frac=1, random_state=2))
    for left, right in zip(everything(*four_runs), everything(*shuffled), strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    linkages, labels, scores = everything(runs, features)
    volumes = long_volumes(features)
    again = clustering.run_labels(
        runs, features, linkages.sample(frac=1, random_state=3), volumes.iloc[::-1]
    )
    pd.testing.assert_frame_equal(labels, again, check_exact=True)
    scored = clustering.run_scores(runs, features, labels.sample(frac=1, random_state=4))
    pd.testing.assert_frame_equal(scores, scored, check_exact=True)


def test_threads_do_not_matter(four_runs):
    with threadpool_limits(1):
        one = everything(*four_runs)
    with threadpool_limits(4):
        four = everything(*four_runs)
    for left, right in zip(one, four, strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.mark.parametrize(
    "function", ["kmeans_partitions", "run_linkages", "run_labels", "run_scores"]
)
def test_each_entry_runs_on_one_thread(function, monkeypatch):
    seen = []

    def probe(*_):
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        raise StopIteration

    module = partitions if function == "kmeans_partitions" else clustering
    monkeypatch.setattr(module, "n_distinct" if module is partitions else "run_inputs", probe)
    frames = [pd.DataFrame({"run_id": []})] * 4
    arguments = {
        "kmeans_partitions": [POINTS, [2]],
        "run_linkages": frames[:3],
        "run_labels": frames,
        "run_scores": frames[:3],
    }
    with threadpool_limits(2), pytest.raises(StopIteration):
        getattr(module, function)(*arguments[function])
    assert set(seen) == {1}


def ks_of(**changes):
    """The k that a run on the points 0, 0, 1, 3, 7 (four of them distinct) is given labels for."""
    _, labels, scores = everything(one_run(**changes), long_features(column(0, 0, 1, 3, 7)))
    assert labels["k"].unique().tolist() == scores["k"].tolist()
    return scores["k"].tolist()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_k_stops_short_of_the_distinct_places(algorithm):
    assert ks_of(algorithm=algorithm, k=3, k_min=2, k_max=9) == [2, 3]
    assert ks_of(algorithm=algorithm, k=4, k_min=5, k_max=9) == []


def test_the_runs_own_k_is_taken_in():
    assert ks_of(k=3, k_min=1, k_max=1) == [1, 3]


def test_one_cluster_has_inertia_alone():
    _, labels, scores = everything(one_run(k=1, k_min=1, k_max=1), long_features(POINTS))
    assert labels["silhouette"].isna().all()
    # Squares about the mean of 2.75.
    assert scores["inertia"].tolist() == [28.75]
    assert scores["smallest_cluster"].tolist() == [4]
    assert scores[["silhouette", "calinski_harabasz", "davies_bouldin"]].isna().all(axis=None)


def test_a_run_without_features_has_no_rows():
    runs = pd.concat([one_run(algorithm="ward"), one_run(run_id="none", algorithm="ward")])
    for frame in everything(runs, long_features(POINTS)):
        assert frame["run_id"].unique().tolist() == ["r"]


@pytest.mark.parametrize("algorithm", ["kmeans", "ward"])
def test_one_place_has_no_rows(algorithm):
    for frame in everything(one_run(algorithm=algorithm), long_features(column(4))):
        assert frame.empty


def test_parts_are_stacked_with_what_repeats():
    columns = {"run_id": "str", "k": "int64", "value": "float64"}
    parts = [
        {"run_id": "a", "k": 2, "value": np.array([1.0, 2.0])},
        {"value": 3.0, "run_id": ["b"], "k": 4},
    ]
    found = frames.stacked(parts, columns)
    assert found.to_numpy().tolist() == [["a", 2, 1.0], ["a", 2, 2.0], ["b", 4, 3.0]]
    for frame in (found, frames.stacked([], columns)):
        assert frame.dtypes.astype(str).to_dict() == columns


@pytest.mark.parametrize("rows", ["runs", "features"])
def test_empty_frames_give_empty_frames(rows):
    runs, features = one_run(algorithm="ward"), long_features(POINTS)
    runs, features = (runs[:0], features) if rows == "runs" else (runs, features[:0])
    columns = (clustering.LINKAGE_COLUMNS, clustering.LABEL_COLUMNS, clustering.SCORE_COLUMNS)
    for frame, expected in zip(everything(runs, features), columns, strict=True):
        assert frame.empty
        assert dict(frame.dtypes.astype(str)) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"algorithm": "dbscan"}, r"run 'r': unknown algorithm 'dbscan'.*'kmeans'"),
        ({"transform": "sqrt"}, r"run 'r': unknown transform 'sqrt'"),
        ({"transform": "clr"}, r"run 'r': clr needs strictly positive"),
        ({"k_min": 0}, r"got k=0"),
        ({"algorithm": "ward", "k_min": 0}, r"got k=0"),
    ],
)
def test_a_run_that_cannot_be_done_says_why(changes, message):
    with pytest.raises(ValueError, match=message):
        everything(one_run(**changes), long_features(POINTS))


def test_contiguous_runs_pass_through_the_places_that_they_leave_out():
    """a - b - c - d in a row, of which run r leaves out b; of the other scope nothing is known."""
    row = [("a", "b"), ("b", "c"), ("c", "d")]
    neighbours = pd.DataFrame(
        [("s", *pair) for left, right in row for pair in ((left, right), (right, left))],
        columns=["scope", "place_id", "neighbour_id"],
    )
    runs = pd.concat([one_run(), one_run(run_id="other", scope="t")])
    places = pd.DataFrame({"run_id": ["other", "r", "r", "r"], "place_id": ["a", "d", "c", "a"]})
    found = clustering.run_neighbours(runs, places, neighbours)
    assert dict(found.dtypes.astype(str)) == clustering.NEIGHBOUR_COLUMNS
    assert found.to_numpy().tolist() == [
        ["r", "a", "c"],
        ["r", "c", "a"],
        ["r", "c", "d"],
        ["r", "d", "c"],
    ]
    none = clustering.run_neighbours(runs[:0], places, neighbours)
    assert none.empty
    assert dict(none.dtypes.astype(str)) == clustering.NEIGHBOUR_COLUMNS


def test_a_neighbour_is_a_place_of_the_run():
    runs, features = one_run(algorithm="ward_contiguous"), long_features(POINTS)
    stray = pd.DataFrame({"run_id": ["r"], "place_id": ["P000"], "neighbour_id": ["P009"]})
    with pytest.raises(ValueError, match="'P000' and 'P009' are not both of its places"):
        clustering.run_linkages(runs, features, stray)


def test_a_run_is_given_once():
    with pytest.raises(ValueError, match="run_id is not unique"):
        everything(pd.concat([one_run(), one_run()]), long_features(POINTS))


def test_each_place_needs_one_volume():
    features = long_features(POINTS)
    linkages, _, _ = everything(one_run(), features)
    volumes = long_volumes(features)
    for given, message in [
        (volumes[1:], "run 'r': no volume for place 'P000'"),
        (volumes.assign(run_id="other"), "run 'r': no volume for place 'P000'"),
        (pd.concat([volumes, volumes]), "run 'r': a place has two volumes"),
    ]:
        with pytest.raises(ValueError, match=message):
            clustering.run_labels(one_run(), features, linkages, given)


def test_linkages_and_labels_must_fit_the_run():
    runs, features = one_run(algorithm="ward"), long_features(POINTS)
    linkages, labels, _ = everything(runs, features)
    for given, merges in [(linkages[1:], 2), (linkages[:0], 0)]:
        with pytest.raises(ValueError, match=f"run 'r': 4 places but {merges} merges, not 3"):
            clustering.run_labels(runs, features, given, long_volumes(features))
    with pytest.raises(ValueError, match="3 labels but 4 places"):
        clustering.run_scores(runs, features, labels[labels["place_id"] != "P000"])
