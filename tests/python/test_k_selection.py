"""How many clusters, on data whose answer is planted, worked by hand or known in closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from la_crime.measures import clustering, k_selection
from la_crime.stats import bootstrap, intervals, partitions
from la_crime.stats import gap as gaps
from la_crime.stats import linkage as linking
from la_crime.stats.resampling import generator


def blobs(centres, n=15, spread=0.3, seed=0):
    rng = np.random.default_rng(seed)
    centres = np.repeat(np.asarray(centres, dtype=float), n, axis=0)
    return centres + rng.normal(scale=spread, size=centres.shape)


NO_NEIGHBOURS = pd.DataFrame(columns=list(clustering.NEIGHBOUR_COLUMNS))
THREE = blobs([[0, 0], [6, 0], [0, 6]])


def labels_of(x, ks_tried, algorithm="kmeans"):
    if algorithm == "kmeans":
        return {k: partitions.kmeans_partitions(x, [k])[k] for k in ks_tried}
    return {k: linking.cuts(linking.linkage_matrix(x, algorithm), [k])[k] for k in ks_tried}


def gap_k(x, algorithm="kmeans", k_max=6):
    found = labels_of(x, range(2, k_max + 1), algorithm)
    gap, gap_se = gaps.gap_statistic(x, found, algorithm, np.random.default_rng(1))
    return gaps.one_standard_error_k(np.arange(1, k_max + 1), gap, gap_se)


def frames(matrices, algorithm="kmeans", k_max=4):
    """Runs, features, labels and scores, as the models hand them on, of matrices by run_id."""
    runs, features, volumes = [], [], []
    for run_id, x in matrices.items():
        run = {"run_id": run_id, "transform": "raw", "algorithm": algorithm}
        runs.append({**run, "k": 3, "k_min": 2, "k_max": k_max})
        for i, row in enumerate(x):
            volumes.append((run_id, f"p{i:03}", row.sum()))
            features += [(run_id, f"p{i:03}", f"f{j}", value) for j, value in enumerate(row)]
    runs = pd.DataFrame(runs)
    features = pd.DataFrame(features, columns=["run_id", "place_id", "feature", "value"])
    volumes = pd.DataFrame(volumes, columns=["run_id", "place_id", "volume"])
    linkages = clustering.run_linkages(runs, features, NO_NEIGHBOURS)
    labels = clustering.run_labels(runs, features, linkages, volumes)
    return runs, features, labels, clustering.run_scores(runs, features, labels)


# --- Gap statistic


def test_log_dispersion_by_hand():
    # Means 1 and 12: squares 1 + 1 + 4 + 4 = 10 over 4 rows.
    x = np.array([[0.0], [2.0], [10.0], [14.0]])
    sets, labels = np.array([x, x / 2]), np.array([[0, 0, 1, 1]] * 2)
    assert np.allclose(gaps.log_dispersions(sets, labels), np.log([2.5, 2.5 / 4]))


def test_log_dispersion_without_spread_is_minus_infinity():
    assert gaps.log_dispersions(np.ones((1, 3, 1)), np.zeros((1, 3), dtype=int)) == [-np.inf]


def test_ward_dispersions_from_heights_are_those_of_the_cuts():
    rng = np.random.default_rng(0)
    found = labels_of(THREE, range(1, 6), "ward")
    expected = [gaps.log_dispersions(THREE[None], labels[None])[0] for labels in found.values()]
    assert np.allclose(gaps._log_dispersions(THREE[None], "ward", 5, rng), [expected])


def test_reference_of_one_feature_is_the_variance_of_uniform_pieces():
    # k equal pieces of a range of 6 have variance (6 / k)^2 / 12, for many points.
    x = np.linspace(0, 6, 1000)[:, None]
    found = gaps.reference_log_dispersions(x, "kmeans", 4, np.random.default_rng(0)).mean(axis=0)
    assert np.allclose(found, np.log((6 / np.arange(1, 5)) ** 2 / 12), atol=0.03)


def test_reference_of_one_feature_has_room_for_k_with_few_places():
    assert gaps.reference_log_dispersions(np.arange(6.0)[:, None], "ward", 5, None).shape[1] == 5


@pytest.mark.parametrize("algorithm", ["kmeans", "ward", "average", "complete"])
def test_gap_finds_three_separated_blobs(algorithm):
    assert gap_k(THREE, algorithm) == 3


def test_gap_finds_two_groups_of_one_feature():
    assert gap_k(blobs([[0], [6]])) == 2


@pytest.mark.parametrize("p", [1, 2])
def test_gap_of_uniform_data_is_one(p):
    found = [gap_k(np.random.default_rng(seed).random((60, p)), k_max=4) for seed in range(10)]
    assert found.count(1) >= 8  # the rule allows one standard error, not certainty


def test_one_standard_error_rule_by_hand():
    # 0.1 < 0.5 - 0.05 and 0.5 < 0.9 - 0.05, but 0.9 >= 0.92 - 0.05.
    gap, gap_se = np.array([0.1, 0.5, 0.9, 0.92]), np.full(4, 0.05)
    assert gaps.one_standard_error_k(np.array([1, 2, 3, 4]), gap, gap_se) == 3
    assert (
        gaps.one_standard_error_k(np.array([1, 2, 3, 4]), gap, gap_se / 10) == 4
    )  # none qualifies


# --- Bootstrap stability


def test_best_jaccard_by_hand():
    """Ten points in A = {0, 1, 2, 3}, B = {4, 5, 6, 7}, C = {8, 9}, and two resamples of them.

    The first draws 0, 1, 2, 4, 5, 6, 7 and finds P = {0, 1}, Q = {2, 4, 5}, R = {6, 7}. What was
    drawn of A is {0, 1, 2}: with P 2/3, with Q 1/5, so 2/3. Of B {4, 5, 6, 7}: with Q 2/5, with
    R 2/4, so 1/2. Of C nothing: 0.
    The second draws 0, 3, 4, 8, 9 and finds P = {0, 3, 4}, Q = {8, 9}. A {0, 3}: with P 2/3. B {4}:
    with P 1/3. C {8, 9}: with Q 1.
    """
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    found = np.array(
        [[0, 0, 1, -1, 1, 1, 2, 2, -1, -1], [0, -1, -1, 0, 0, -1, -1, -1, 1, 1]],
    )
    best = bootstrap.best_jaccard(labels, found, 3)
    assert np.allclose(best, [[2 / 3, 1 / 2, 0], [2 / 3, 1 / 3, 1]])


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("algorithm", ["kmeans", "ward"])
def test_a_cluster_that_no_place_was_drawn_of_scores_nothing(algorithm, p):
    """Nine places near 0 and one far off, which a resample of ten misses with 0.9^10 = 0.35.

    Where it is drawn, both clusters are found again; where not, it has 0: so its mean is the share
    of resamples that drew it.
    """
    x = np.column_stack([[*np.linspace(0, 0.01, 9), 100.0]] * p)
    rng = np.random.default_rng(0)
    found = bootstrap.bootstrap_jaccard(x, {2: np.array([0] * 9 + [1])}, algorithm, rng)[2]
    drawn = (np.random.default_rng(0).integers(10, size=(bootstrap.BOOTSTRAPS, 10)) == 9).any(
        axis=1
    )
    assert 0 < drawn.mean() < 1
    assert found[1] == pytest.approx(drawn.mean())


@pytest.mark.parametrize("algorithm", ["kmeans", "ward"])
def test_planted_blobs_are_stable(algorithm):
    rng = np.random.default_rng(0)
    found = bootstrap.bootstrap_jaccard(THREE, labels_of(THREE, [3], algorithm), algorithm, rng)
    assert found[3].min() > 0.99


def test_clusters_of_uniform_data_are_not_stable():
    x = np.random.default_rng(0).random((60, 2))
    found = bootstrap.bootstrap_jaccard(x, labels_of(x, [5]), "kmeans", np.random.default_rng(0))
    assert found[5].mean() < bootstrap.STABLE_JACCARD


def test_bootstrap_of_fewer_distinct_rows_than_clusters():
    x = np.array([[0.0, 0], [1, 0], [5, 5], [9, 1]])
    rng = np.random.default_rng(0)
    for algorithm in ("kmeans", "ward"):
        found = bootstrap.bootstrap_jaccard(x, labels_of(x, [3], algorithm), algorithm, rng)[3]
        assert ((found >= 0) & (found <= 1)).all()


# --- Merges of neighbours alone


def test_neighbours_all_round_are_as_good_as_none():
    everybody, found = csr_array(1 - np.eye(len(THREE))), labels_of(THREE, [2, 3], "ward")
    rng = np.random.default_rng
    for contiguous, free in [
        (
            bootstrap.bootstrap_jaccard(THREE, found, "ward_contiguous", rng(0), everybody),
            bootstrap.bootstrap_jaccard(THREE, found, "ward", rng(0)),
        ),
        (
            {"gap": gaps.gap_statistic(THREE, found, "ward_contiguous", rng(0), everybody)},
            {"gap": gaps.gap_statistic(THREE, found, "ward", rng(0))},
        ),
    ]:
        assert contiguous.keys() == free.keys()
        for name, values in contiguous.items():
            assert np.allclose(values, free[name])


def test_neighbours_are_those_of_the_reference_and_of_each_resample():
    """Two halves of a row: stable where places pass on, and tighter than chance on the row."""
    x = np.r_[np.zeros(15), np.ones(15)][:, None] + np.linspace(0, 0.1, 30)[:, None]
    row = csr_array(np.abs(np.subtract.outer(np.arange(30), np.arange(30))) == 1, dtype=float)
    halves = {2: np.r_[np.zeros(15, dtype=int), np.ones(15, dtype=int)]}
    rng = np.random.default_rng
    stable = bootstrap.bootstrap_jaccard(x, halves, "ward_contiguous", rng(0), row)
    assert stable[2].min() == 1
    on_row = gaps.gap_statistic(x, halves, "ward_contiguous", rng(0), row)[0][1]
    anywhere = gaps.gap_statistic(x, halves, "ward", rng(0))[0][1]
    # uniform values in a row cannot be cut in two as well as if they lay anywhere
    assert on_row > anywhere + 0.5


# --- Frames


def test_validation_finds_the_planted_groups_in_a_frame():
    runs, features, labels, scores = frames({"a": THREE})
    found = k_selection.run_k_validation(runs, features, labels, NO_NEIGHBOURS)
    assert list(zip(found["k"], found["cluster_rank"], strict=True)) == [
        (k, rank) for k in range(1, 5) for rank in range(1, k + 1)
    ]
    assert found.loc[found["k"] == 3, "jaccard"].min() > 0.99
    assert found.loc[found["k"] == 4, "jaccard"].min() < found.loc[found["k"] == 3, "jaccard"].min()
    assert len(found.drop_duplicates(["k", "gap", "gap_se"])) == 4
    advice = k_selection.recommend_k(scores, found)
    assert advice["recommended_k"].eq(3).all()
    assert advice.set_index("k")["votes"][3] >= 4


def test_a_run_does_not_depend_on_row_order_or_on_other_runs():
    uniform = np.random.default_rng(0).random((30, 2))
    runs, features, labels, _ = frames({"b": uniform, "a": THREE})
    both = k_selection.run_k_validation(
        runs.sample(frac=1, random_state=0),
        features.sample(frac=1, random_state=1),
        labels.sample(frac=1, random_state=2),
        NO_NEIGHBOURS,
    )
    alone = k_selection.run_k_validation(*frames({"b": uniform})[:3], NO_NEIGHBOURS)
    pd.testing.assert_frame_equal(both[both["run_id"] == "b"].reset_index(drop=True), alone)


def test_empty_inputs_give_empty_frames():
    runs, features, labels, scores = frames({"a": THREE})
    found = k_selection.run_k_validation(runs, features[:0], labels[:0], NO_NEIGHBOURS)
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == k_selection.VALIDATION_COLUMNS
    advice = k_selection.recommend_k(scores[:0], found)
    assert advice.empty
    assert advice.dtypes.astype(str).to_dict() == k_selection.RECOMMENDATION_COLUMNS
    assert k_selection.run_k_validation(runs, features, labels[:0], NO_NEIGHBOURS).empty


def test_labels_that_do_not_fit_the_run():
    runs, features, labels, _ = frames({"a": THREE})
    with pytest.raises(ValueError, match=r"'a': 44 labels but 45 places, k = 2"):
        k_selection.run_k_validation(runs, features, labels[1:], NO_NEIGHBOURS)


def validation(gap, jaccard):
    rows = [
        ("a", k, rank, gap[k - 1], 0.0, value)
        for k, values in enumerate(jaccard, start=1)
        for rank, value in enumerate(values, start=1)
    ]
    return pd.DataFrame(rows, columns=list(k_selection.VALIDATION_COLUMNS))


def scores(silhouette, calinski_harabasz, davies_bouldin):
    columns = {
        "silhouette": silhouette,
        "calinski_harabasz": calinski_harabasz,
        "davies_bouldin": davies_bouldin,
    }
    return pd.DataFrame({"run_id": "a", "k": range(2, 2 + len(silhouette)), **columns})


def test_votes_by_hand():
    # Silhouette 3, Calinski-Harabasz 4, Davies-Bouldin 3; the gap rises to 4, the last; at k = 3
    # the least stable cluster has 0.8, at k = 4 it has 0.5.
    found = k_selection.recommend_k(
        scores([0.5, 0.6, 0.4], [10, 20, 30], [0.9, 0.5, 0.7]),
        validation([0, 1, 2, 3], [[1], [0.9, 0.9], [0.8, 0.9, 1], [0.5, 1, 1, 1]]),
    )
    assert found["k"].to_list() == [1, 2, 3, 4]
    assert found["votes"].to_list() == [0, 0, 3, 2]
    assert found["recommended_k"].unique().tolist() == [3]
    assert found["reason"].unique().tolist() == [
        "k = 3 has 3 of 5 votes (silhouette, Davies-Bouldin, stability);"
        " Calinski-Harabasz prefers 4, gap prefers 4."
    ]


def test_of_equals_the_smaller_k_and_undefined_measures_do_not_vote():
    # Silhouette 3, Calinski-Harabasz 2; the gap falls from 1 on, and nothing is stable.
    found = k_selection.recommend_k(
        scores([0.1, 0.2], [9, 8], [np.nan, np.nan]),
        validation([2, 1, 0], [[1], [0.2, np.nan], [0.1, 0.1, 0.1]]),
    )
    assert found["votes"].to_list() == [2, 1, 1]
    assert found["reason"][0] == (
        "k = 1 (no clusters) has 2 of 4 votes (gap, stability);"
        " silhouette prefers 3, Calinski-Harabasz prefers 2."
    )
    tied = k_selection.recommend_k(
        scores([0.1, 0.2], [9, 8], [np.nan, np.nan]),
        validation([0, 1, 2], [[1], [0.9, 0.9], [0.1, 0.1, 0.1]]),
    )
    assert tied["recommended_k"].eq(2).all()
    assert "2 of 4 votes (Calinski-Harabasz, stability), no more than another" in tied["reason"][0]


# --- What resampling shares


def test_generators_depend_on_their_names_alone():
    assert generator("a", "b").random() == generator("a", "b").random()
    # Fixed, so that a change of the seeding, which would change every published figure, is seen.
    assert generator("a", "b").integers(1000, size=3).tolist() == [213, 526, 219]
    assert generator("a", "b").random() != generator("b", "a").random()


def test_the_partition_of_one_k_is_that_of_the_clustering():
    rng = np.random.default_rng(0)
    for k in (1, 2, 5):
        values = rng.poisson(20, 40).astype(float)
        found = intervals.interval_partition(values[None], k)[0]
        expected = (
            partitions.rank_clusters(partitions.kmeans_partitions(values[:, None], [k])[k], -values)
            - 1
        )
        assert np.array_equal(found, expected)
    assert intervals.interval_partition(np.array([[7.0, 7, 3]]), 3).tolist() == [[1, 1, 0]]
    assert intervals.interval_partition(np.empty((2, 0)), 3).shape == (2, 0)
    with pytest.raises(ValueError, match="got 0"):
        intervals.interval_partition(np.ones((1, 2)), 0)
