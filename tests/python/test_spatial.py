"""Neighbours, Moran's I and the point pattern test against esda, libpysal and hand arithmetic."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.stats import fisher_exact, hypergeom

from la_crime.measures import patterns as patterns_over
from la_crime.measures import spatial
from la_crime.spatial import boundaries, neighbourhoods
from la_crime.stats import moran as morans
from la_crime.stats import patterns
from la_crime.stats.noise import CountNoise

PROJECT = Path(__file__).parents[2]
REAL_BOUNDARIES = PROJECT.parent / "shared" / "data" / "real" / "boundaries"


def real_boundaries(name):
    """The path of a real boundary layer; without it the test says so and is skipped."""
    path = REAL_BOUNDARIES / name
    if not path.exists():
        pytest.skip(f"not tested on the real boundaries: {path} is not there")
    return path


def square(column, row):
    """A ring: the unit square whose lower left corner is at (column, row)."""
    return np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) + np.array([column, row])


def pairs(weights):
    """The sorted pairs of place ids that are neighbours."""
    rows, columns = weights.matrix.nonzero()
    named = zip(rows, columns, strict=True)
    return {tuple(sorted((weights.place_ids[i], weights.place_ids[j]))) for i, j in named}


def grid(size, queen=True):
    """Weights of a size x size grid, its places named so that they sort row by row."""
    row, column = np.divmod(np.arange(size**2), size)
    apart = np.abs([np.subtract.outer(row, row), np.subtract.outer(column, column)])
    steps = apart.max(axis=0) if queen else apart.sum(axis=0)
    names = [f"{i:02}{j:02}" for i, j in zip(row, column, strict=True)]
    return neighbourhoods.Weights(names, neighbourhoods.row_standardised(steps == 1), "queen")


def long_frame(weights, x, scope="district", period="2017"):
    """The values frame of x (n, v), its columns named g0, g1 and on."""
    n, v = x.shape
    return pd.DataFrame(
        {
            "scope": scope,
            "place_id": np.repeat(weights.place_ids, v),
            "period_id": period,
            "crime_group": np.tile([f"g{j}" for j in range(v)], n),
            "value": x.ravel().astype(float),
        }
    )


# --- Neighbours


def test_queen_takes_edges_and_corners():
    # c d      a touches b and c along an edge and d at a corner; e stands alone.
    # a b  e
    named = {"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1), "e": (5, 0)}
    weights = neighbourhoods.queen_neighbours({name: [square(*at)] for name, at in named.items()})
    assert weights.place_ids == ["a", "b", "c", "d", "e"]
    assert weights.neighbours == "queen"
    assert pairs(weights) == set(itertools.combinations("abcd", 2))
    third = 1 / 3
    assert np.allclose(weights.matrix.toarray()[0], [0, third, third, third, 0])
    assert weights.matrix.toarray()[4].sum() == 0  # an island


def test_queen_does_not_depend_on_the_order_of_places():
    outlines = {f"{i}{j}": [square(i, j)] for i in range(4) for j in range(3)}
    first = neighbourhoods.queen_neighbours(outlines)
    second = neighbourhoods.queen_neighbours(dict(reversed(outlines.items())))
    assert first.place_ids == second.place_ids
    assert (first.matrix != second.matrix).nnz == 0


def test_queen_unites_parts_and_rounds_to_a_metre():
    outlines = {
        "1": [square(0, 0)],
        "2": [square(9, 0), square(1 + 4e-6, 0)],
        "3": [square(20, 0), square(10, 1)],  # the second at a corner of 2's far part
    }
    weights = neighbourhoods.queen_neighbours(outlines)
    assert weights.place_ids == ["1", "2", "3"]
    assert pairs(weights) == {("1", "2"), ("2", "3")}


@pytest.mark.parametrize(
    ("file_name", "places", "expected"),
    [("reporting_districts.geojson", 1135, 3540), ("divisions.geojson", 21, 43)],
)
def test_queen_on_the_real_layers(file_name, places, expected):
    # Pairs counted by libpysal 4.14 (weights.Queen.from_iterable) and by shapely 2.2 (intersects),
    # which agree with each other and with ours pair by pair.
    weights = neighbourhoods.queen_neighbours(boundaries.read(real_boundaries(file_name)).rings)
    assert len(weights.place_ids) == places
    assert len(pairs(weights)) == expected
    assert np.allclose(weights.matrix.sum(axis=1), 1)  # no islands


def test_moran_on_the_real_layer_is_esdas():
    # esda 2.8 Moran of log1p(area_km2) on libpysal's Queen: I and its z under randomisation. Areas
    # are the project's own seed.
    weights = neighbourhoods.queen_neighbours(
        boundaries.read(real_boundaries("reporting_districts.geojson")).rings
    )
    districts = pd.read_csv(PROJECT / "cities" / "los_angeles" / "small_areas.csv").astype(
        {"small_area": "str"}
    )
    area = districts.set_index("small_area")["area_km2"].loc[weights.place_ids]
    moran = morans.global_moran(np.log1p(area.to_numpy())[:, None], weights.matrix)
    assert moran["morans_i"][0] == pytest.approx(0.5202495569192138)
    assert moran["z"][0] == pytest.approx(30.0271686202631)


@pytest.mark.parametrize(
    ("touching", "joined"),
    [([], [(0, 1), (1, 2), (2, 3)]), ([(0, 3)], [(0, 1), (0, 3), (1, 2)])],
)
def test_pieces_are_joined_where_they_are_nearest(touching, joined):
    points = np.array([[0.0, 0], [1, 0], [3, 0], [7, 0]])
    adjacency = np.zeros((4, 4))
    for one, other in touching:
        adjacency[one, other] = adjacency[other, one] = 1
    found = neighbourhoods.connected(csr_array(adjacency), points).toarray()
    assert (found == found.T).all()
    assert np.argwhere(np.triu(found)).tolist() == [list(pair) for pair in joined]


def test_nearest_neighbours_by_hand():
    # On one meridian, at 0, 1, 3 and 7 hundredths of a degree.
    lat = np.array([34.07, 34.00, 34.03, 34.01])
    weights = neighbourhoods.nearest_neighbours(["d", "a", "c", "b"], lat, np.full(4, -118.0), k=2)
    assert weights.place_ids == ["a", "b", "c", "d"]
    assert weights.neighbours == "2 nearest"
    half = [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 1, 0]]
    assert np.array_equal(weights.matrix.toarray(), np.array(half) / 2)


def test_nearest_neighbours_are_measured_in_km_not_in_degrees():
    # At 60 degrees north a degree of longitude is half one of latitude.
    lat, lon = np.array([60.0, 60.0, 60.6]), np.array([0.0, 1.0, 0.0])
    weights = neighbourhoods.nearest_neighbours(["a", "east", "north"], lat, lon, k=1)
    assert weights.matrix.toarray()[0].tolist() == [0, 1, 0]


def test_nearest_neighbours_where_points_coincide_or_are_few():
    same = neighbourhoods.nearest_neighbours(list("abcdefgh"), np.zeros(8), np.zeros(8), k=2)
    assert same.matrix.diagonal().sum() == 0
    assert (np.diff(same.matrix.indptr) == 2).all()
    few = neighbourhoods.nearest_neighbours(["a", "b"], np.zeros(2), np.arange(2.0), k=6)
    assert few.matrix.toarray().tolist() == [[0, 1], [1, 0]]
    assert neighbourhoods.nearest_neighbours(["a"], np.zeros(1), np.zeros(1)).matrix.nnz == 0
    assert neighbourhoods.nearest_neighbours([], np.zeros(0), np.zeros(0)).matrix.shape == (0, 0)


def test_nearest_neighbours_reject_what_they_cannot_place():
    with pytest.raises(ValueError, match="at least one"):
        neighbourhoods.nearest_neighbours(["a", "b"], np.zeros(2), np.zeros(2), k=0)
    with pytest.raises(ValueError, match="not unique"):
        neighbourhoods.nearest_neighbours(["a", "a"], np.zeros(2), np.zeros(2))
    with pytest.raises(ValueError, match="no coordinates"):
        neighbourhoods.nearest_neighbours(["a", "b"], np.array([np.nan, 0]), np.zeros(2))


# --- Autocorrelation

ROW, COLUMN = np.divmod(np.arange(25), 5)
LATTICE = np.column_stack([(3 * ROW + COLUMN) % 7 + ROW, (ROW * 7 + 3 * COLUMN**2) % 11]) * 1.0

# esda 2.8: Moran(LATTICE column, libpysal lat2W(5, 5, rook) row-standardised).
ESDA_MORAN = {
    False: [  # rook: I, EI, VI_rand, z_rand, p_rand
        (0.284786463151403, -1 / 24, 0.023168449945734144, 2.1447286202775, 0.0319745511992),
        (-0.14706660891327364, -1 / 24, 0.02368103329184059, -0.6849203165585, 0.4933942048876),
    ],
    True: [
        (0.1884963768115942, -1 / 24, 0.011620078486468736, 2.1351631274574, 0.032747687627602),
        (-0.15679203965732985, -1 / 24, 0.011874070625538437, -1.0565042207343, 0.29073791354560),
    ],
}
# esda 2.8: Moran_Local(UNTIED, queen, permutations=99999, seed=1): Is, p_sim and q, of which Is
# divides by the sample variance and p_sim is the one smaller tail. No two sums tie, for esda adds
# in floating point and so misses some ties (see the enumeration below).
UNTIED = np.sin(np.arange(25.0) ** 2 / 7) + np.arange(25.0) / 20
ESDA_LOCAL_I = """
    1.210740705717 0.557641691755 0.059073035359 -0.106036250928 -0.093813641012 0.984348779816
    0.514774894976 -0.157654089822 0.007489747368 0.11247846024 -0.893954939213 0.270085905568
    -0.632103018224 -0.336823666997 -0.010978396129 -0.023709981486 -0.403008038273 -0.003060283866
    0.509504330316 0.644166685337 0.102648118249 0.088956356735 0.081061655145 0.561818818618
    1.428747698492
"""
ESDA_P_SIM = """
    0.0125 0.02689 0.18375 0.29375 0.26017 0.01462 0.09719 0.04829 0.40181 0.35926 0.01024 0.19939
    0.02784 0.22078 0.4675 0.49619 0.13946 0.48124 0.03947 0.09975 0.4045 0.3376 0.32439 0.01757
    0.00516
"""
ESDA_QUADRANT = "3 3 3 4 4 3 3 4 3 3 4 3 4 2 4 4 2 2 1 1 1 1 1 1 1"
QUADRANTS = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}


@pytest.mark.parametrize("queen", [False, True])
def test_global_moran_is_esdas(queen):
    moran = morans.global_moran(LATTICE, grid(5, queen).matrix)
    names = ("morans_i", "expected_i", "variance_i", "z", "p_value")
    computed = np.column_stack([moran[name] for name in names])
    assert np.allclose(computed, ESDA_MORAN[queen], rtol=1e-9, atol=1e-300)


def test_global_moran_by_hand():
    # A 2 x 2 board, rook neighbours: each place has two, weight 1/2 each, so S0 = 4 = n.
    # 1 0 over 0 1: deviations +-1/2, all neighbours opposite, I = sum(z x -z) / sum(z^2) = -1.
    # 1 1 over 0 0: one neighbour alike and one opposite, lag 0, I = 0. E[I] = -1/3.
    boards = np.array([[1, 0, 0, 1], [1, 1, 0, 0]], dtype=float).T
    moran = morans.global_moran(boards, grid(2, queen=False).matrix)
    assert moran["morans_i"].tolist() == [-1, 0]
    assert np.allclose(moran["expected_i"], -1 / 3)
    # The six ways to place two 1s: I is -1 on the two diagonals and 0 on the other four, so under
    # randomisation the mean is -1/3 and the variance 2/6 - 1/9 = 2/9.
    assert np.allclose(moran["variance_i"], 2 / 9)


def test_global_moran_where_it_is_not_defined():
    nothing = morans.global_moran(np.ones((9, 1)), grid(3).matrix)
    no_neighbours = morans.global_moran(LATTICE, csr_array((25, 25)))
    three = morans.global_moran(
        np.arange(3.0)[:, None], neighbourhoods.row_standardised(np.ones((3, 3)))
    )
    for moran in (nothing, no_neighbours, three):
        assert all(np.isnan(moran[name]).all() for name in moran)
    beside = morans.global_moran(np.column_stack([LATTICE[:, 0], np.ones(25)]), grid(5).matrix)
    assert np.isnan(beside["z"]).tolist() == [False, True]


def test_local_moran_is_esdas():
    matrix = grid(5).matrix
    local_i, quadrant = morans.local_moran(UNTIED[:, None], matrix)
    assert np.allclose(local_i[:, 0] * 24 / 25, np.array(ESDA_LOCAL_I.split(), dtype=float))
    assert quadrant[:, 0].tolist() == [QUADRANTS[int(q)] for q in ESDA_QUADRANT.split()]
    p_values = morans.conditional_p_values(UNTIED[:, None], matrix)
    one_tail = np.array(ESDA_P_SIM.split(), dtype=float)
    # esda's are simulated: 0.013 is over four standard errors.
    assert np.allclose(p_values[:, 0], np.minimum(1, 2 * one_tail), atol=0.013)


def enumerated_p_value(x, place, neighbours):
    """Twice the smaller tail of the sums of all other places, as many as there are neighbours."""
    others = np.delete(x, place)
    sums = np.array([sum(some) for some in itertools.combinations(others, len(neighbours))])
    observed = x[neighbours].sum()
    return min(1, 2 * min((sums <= observed).mean(), (sums >= observed).mean()))


def test_conditional_p_values_count_ties():
    # Four places of 3, 5 and 8 neighbours, where sums tie often. Without ties they would be 0.143,
    # 0.022, 0.039 and 0.031.
    matrix = grid(5).matrix
    p_values = morans.conditional_p_values(LATTICE[:, [0]], matrix)
    for place, found in zip((0, 6, 7, 22), (0.2312, 0.0346, 0.0584, 0.0511), strict=True):
        assert p_values[place, 0] == pytest.approx(found, abs=0.004)
    # the corner's three neighbours, of the 2024 threes of the others
    by_hand = enumerated_p_value(LATTICE[:, 0], 0, [1, 5, 6])
    assert p_values[0, 0] == pytest.approx(by_hand, abs=1e-12)


def test_conditional_p_values_are_exact_for_any_number_of_neighbours():
    # Place i has i + 1 neighbours, up to all others, after which every sum is the same.
    x = np.array([0.0, 3, 3, 41, 7, 0, 12, 5, 900, 2, 1, 64])
    is_neighbour = np.zeros((12, 12), dtype=bool)
    for place in range(12):
        is_neighbour[place, np.delete(np.arange(12), place)[: place + 1]] = True
    p_values = morans.conditional_p_values(
        x[:, None], neighbourhoods.row_standardised(is_neighbour)
    )[:, 0]
    by_hand = [enumerated_p_value(x, i, np.flatnonzero(is_neighbour[i])) for i in range(12)]
    assert p_values == pytest.approx(by_hand, abs=1e-12)
    assert p_values[-1] == 1


def test_local_verdicts_hang_on_no_draw(monkeypatch):
    weights = grid(30)
    x = np.random.default_rng(3).lognormal(0, 1, (900, 4))
    x += 4 * (weights.matrix @ x)
    values = long_frame(weights, x)
    found = spatial.run_spatial_clusters(values, {"district": weights})
    assert 40 < found["is_significant"].sum() < 3000
    monkeypatch.setattr(morans, "STEPS", 2**14)
    finer = spatial.run_spatial_clusters(values, {"district": weights})
    # What rounding moves is at the threshold itself, and the same in every build.
    moved = found["spatial_class"] != finer["spatial_class"]
    assert moved.mean() < 0.002
    assert (finer["q_value"][moved] / 0.05 - 1).abs().lt(0.01).all()
    surely = finer["p_value"] < 0.05
    apart = (found["p_value"] / finer["p_value"] - 1).abs()[surely]
    assert apart.median() < 0.005
    assert apart.max() < 0.03
    # the permutations that the p-value counts, drawn
    place = np.flatnonzero(np.diff(weights.matrix.indptr) == 8)[0]
    z = spatial.rounded(np.log1p(x[:, 0]))
    observed = z[weights.matrix.indices[weights.matrix.indptr[place] :][:8]].sum()
    rng, others = np.random.default_rng(5), np.delete(z, place)
    sums = np.array([rng.choice(others, 8, replace=False).sum() for _ in range(10_000)])
    drawn = min(1, 2 * min((sums <= observed).mean(), (sums >= observed).mean()))
    one = finer[(finer["place_id"] == weights.place_ids[place]) & (finer["crime_group"] == "g0")]
    assert one["p_value"].item() == pytest.approx(drawn, abs=0.04)


def test_local_moran_sums_to_the_global_one():
    weights = grid(5)
    local_i, _ = morans.local_moran(LATTICE, weights.matrix)
    assert np.allclose(
        local_i.mean(axis=0), morans.global_moran(LATTICE, weights.matrix)["morans_i"]
    )


def test_conditional_p_value_by_hand():
    # A path of five places, 9 8 1 2 3. The first has one neighbour, 8, among the others 8, 1, 2, 3:
    # at least 8 in 1 of 4, so p = 2 x 1/4. The second has two, 9 + 1 = 10: of the six pairs of
    # 9, 1, 2, 3 (10, 11, 12, 3, 4, 5) three are at least 10 and four at most 10, p = 2 x 3/6 = 1.
    path = np.abs(np.subtract.outer(np.arange(5), np.arange(5))) == 1
    x = np.array([[9.0], [8], [1], [2], [3]])
    p_values = morans.conditional_p_values(x, neighbourhoods.row_standardised(path))
    assert p_values[:2, 0] == pytest.approx([0.5, 1], abs=1e-12)


def test_conditional_p_values_have_no_opinion_on_islands_and_constants():
    matrix = csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0.0]]))
    x = np.array([[1.0, 5], [2, 5], [4, 5]])
    p_values = morans.conditional_p_values(x, matrix)
    assert np.isnan(p_values).tolist() == [[False, True], [False, True], [True, True]]
    assert np.isnan(morans.conditional_p_values(x[:, [1]], matrix)).all()
    local_i, quadrant = morans.local_moran(x, matrix)
    assert local_i[2, 0] == 0
    assert quadrant[:, 1].tolist() == ["", "", ""]
    assert quadrant[2, 0] == ""


def test_permutation_needs_equal_weights():
    uneven = csr_array(np.array([[0, 0.9, 0.1], [0.5, 0, 0.5], [0.5, 0.5, 0]]))
    with pytest.raises(ValueError, match="equal within a row"):
        morans.conditional_p_values(LATTICE[:3], uneven)


def planted(size=20):
    """A grid whose left half is dense, with a hole in it, and a peak in its sparse right half."""
    rng = np.random.default_rng(7)
    column = np.arange(size**2) % size
    density = np.where(column < size // 2, rng.uniform(80, 120, size**2), rng.uniform(0, 2, 400))
    hole, peak = 10 * size + 4, 10 * size + 15
    density[[hole, peak]] = 0, 100
    return grid(size), density, hole, peak


def test_clusters_have_the_right_sign():
    weights, density, hole, peak = planted()
    frame = spatial.run_spatial_clusters(
        long_frame(weights, density[:, None]), {"district": weights}
    ).set_index("place_id")
    classes = frame.loc[weights.place_ids, "spatial_class"].to_numpy()
    assert classes[hole] == "low-high"
    assert classes[peak] == "high-low"
    found = frame[frame["is_significant"]]
    dense = pd.Series(density, index=weights.place_ids).loc[found.index]
    lag = pd.Series(weights.matrix @ density, index=weights.place_ids).loc[found.index]
    own, around = np.where(dense > 50, "high", "low"), np.where(lag > 50, "high", "low")
    assert (found["spatial_class"] == [f"{a}-{b}" for a, b in zip(own, around, strict=True)]).all()
    assert {"high-high", "low-low"} <= set(classes)
    assert (found["local_i"] > 0).eq(found["spatial_class"].isin(["high-high", "low-low"])).all()
    assert (found["q_value"] <= 0.05).all()
    rest = frame[~frame["is_significant"]]
    assert (rest["spatial_class"] == "not significant").all()
    assert (frame["q_value"] >= frame["p_value"]).all()


def test_moran_has_the_right_sign():
    weights, density, *_ = planted()
    board = (np.add(*np.divmod(np.arange(400), 20)) % 2) * 100
    rook = grid(20, queen=False)
    frame = spatial.run_spatial_autocorrelation(
        long_frame(rook, np.column_stack([density, board])), {"district": rook}
    )
    assert frame["morans_i"].iloc[0] > 0.8
    assert frame["z"].iloc[0] > 10
    assert frame["morans_i"].iloc[1] == pytest.approx(-1)
    assert frame["z"].iloc[1] < -10
    assert (frame["p_value"] < 1e-6).all()
    assert weights.neighbours == frame["neighbours"].iloc[0]


def test_random_densities_are_not_clustered():
    weights = grid(20)
    values = long_frame(weights, np.random.default_rng(11).lognormal(0, 1, (400, 200)))
    clusters = spatial.run_spatial_clusters(values, {"district": weights})
    # Before the correction 5 % of places pass; after, at most 5 % of the groups have any.
    assert (clusters["p_value"] <= 0.05).mean() == pytest.approx(0.05, abs=0.01)
    assert clusters.groupby("crime_group")["is_significant"].any().mean() <= 0.08
    moran = spatial.run_spatial_autocorrelation(values, {"district": weights})
    assert (moran["p_value"] <= 0.05).mean() == pytest.approx(0.05, abs=0.035)


def test_frames_are_sorted_complete_and_independent_of_order():
    weights = grid(5)
    areas = neighbourhoods.Weights(["1", "10", "2", "3"], grid(2).matrix, "2 nearest")
    by_scope = {"district": weights, "area": areas}
    values = pd.concat(
        [
            long_frame(weights, LATTICE, period="all"),
            long_frame(weights, LATTICE[::-1]),
            long_frame(areas, np.arange(4.0)[:, None], scope="area"),
        ]
    )
    shuffled = values.sample(frac=1, random_state=1)
    moran = spatial.run_spatial_autocorrelation(values, by_scope)
    clusters = spatial.run_spatial_clusters(values, by_scope)
    pd.testing.assert_frame_equal(moran, spatial.run_spatial_autocorrelation(shuffled, by_scope))
    pd.testing.assert_frame_equal(clusters, spatial.run_spatial_clusters(shuffled, by_scope))
    for frame, keys in (
        (moran, ["scope", "period_id", "crime_group"]),
        (clusters, ["scope", "place_id", "period_id", "crime_group"]),
    ):
        pd.testing.assert_frame_equal(frame, frame.sort_values(keys, ignore_index=True))
        assert not frame.duplicated(keys).any()
    assert len(clusters) == 25 * 4 + 4
    assert moran["n_places"].tolist() == [4, 25, 25, 25, 25]
    assert moran["neighbours"].tolist() == ["2 nearest"] + ["queen"] * 4


def test_an_absent_place_has_no_crime_and_values_are_logged():
    weights = grid(5)
    x = LATTICE[:, [0]] - 3
    x[x < 0] = 0
    whole = long_frame(weights, x)
    by_scope = {"district": weights}
    moran = spatial.run_spatial_autocorrelation(whole, by_scope)
    without_zeros = spatial.run_spatial_autocorrelation(whole[whole["value"] > 0], by_scope)
    pd.testing.assert_frame_equal(moran, without_zeros)
    direct = morans.global_moran(np.log1p(x), weights.matrix)["morans_i"][0]
    assert moran["morans_i"].iloc[0] == pytest.approx(direct)


def test_a_group_without_crime_has_rows_without_numbers():
    weights = grid(3)
    values = long_frame(weights, np.zeros((9, 1)))
    moran = spatial.run_spatial_autocorrelation(values, {"district": weights})
    assert moran[["morans_i", "z", "p_value"]].isna().all(axis=None)
    clusters = spatial.run_spatial_clusters(values, {"district": weights})
    assert (clusters["spatial_class"] == "not significant").all()
    assert clusters[["local_i", "p_value", "q_value"]].isna().all(axis=None)


def test_no_values_give_empty_typed_frames():
    values = long_frame(grid(2), np.ones((4, 1)))[:0]
    for run, columns in (
        (spatial.run_spatial_autocorrelation, spatial.AUTOCORRELATION_COLUMNS),
        (spatial.run_spatial_clusters, spatial.CLUSTER_COLUMNS),
    ):
        frame = run(values, {})
        assert len(frame) == 0
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == columns


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.assign(scope="area"), "no weights for scope 'area'"),
        (lambda v: v.assign(place_id=v["place_id"].replace("0000", "9999")), "'9999' has no row"),
        (lambda v: v.assign(value=v["value"].where(v["value"] > 0)), "value is missing"),
        (lambda v: v.assign(value=-v["value"]), "zero or more"),
        (lambda v: pd.concat([v, v[:1]]), "given twice"),
    ],
)
def test_values_that_cannot_be_used_are_errors(change, message):
    values = long_frame(grid(2), np.arange(4.0)[:, None])
    with pytest.raises(ValueError, match=message):
        spatial.run_spatial_autocorrelation(change(values), {"district": grid(2)})


# --- Similarity of two patterns


def test_a_pattern_is_similar_to_itself():
    counts = np.random.default_rng(1).negative_binomial(0.5, 0.02, 300)
    result = patterns.pattern_similarity(counts, counts)
    assert result.s_index == result.robust_s_index == 1
    assert result.is_similar.all()
    assert (result.p_value == 1).all()
    assert not result.is_different.any()


def test_a_pattern_is_similar_to_one_ten_times_its_size():
    counts = np.array([0, 3, 40, 500, 7])
    assert patterns.pattern_similarity(counts, 10 * counts).s_index == 1
    assert patterns.pattern_similarity(10 * counts, counts).s_index == 1


def test_disjoint_patterns_are_not_similar():
    left, right = np.array([50, 50, 0, 0, 0, 0]), np.array([0, 0, 50, 50, 0, 0])
    result = patterns.pattern_similarity(left, right)
    # The two places that have neither are alike, and the robust index does not count them.
    assert result.s_index == pytest.approx(2 / 6)
    assert result.robust_s_index == 0
    assert result.is_different.tolist() == [True] * 4 + [False] * 2


def test_the_place_that_changed_is_the_one_flagged():
    base = np.full(50, 100)
    test = base.copy()
    test[[3, 8]] = 250, 20
    result = patterns.pattern_similarity(base, test)
    assert np.flatnonzero(result.is_different).tolist() == [3, 8]
    assert result.test_low[3] > result.base_share[3]
    assert result.test_high[8] < result.base_share[8]
    assert (result.test_low <= result.test_share).all()
    assert (result.test_share <= result.test_high).all()


def test_share_p_values_are_fishers():
    # SciPy's one-sided tests of place i against the rest, twice the smaller.
    base, test = np.array([8, 2, 0, 10]), np.array([1, 5, 3, 9])
    for i, p_value in enumerate(patterns.pattern_similarity(base, test).p_value):
        table = [[base[i], base.sum() - base[i]], [test[i], test.sum() - test[i]]]
        tails = [fisher_exact(table, alternative=tail).pvalue for tail in ("less", "greater")]
        assert p_value == pytest.approx(min(1, 2 * min(tails)))


def test_batches_make_shares_less_sure():
    base, test = np.full(20, 400), np.full(20, 400)
    test[0] = 500
    poisson, batched, mixed = (
        patterns.pattern_similarity(base, test, *dispersions)
        for dispersions in ((1.0, 1.0), (4.0, 4.0), (1.0, np.full(20, 7.0)))
    )
    # Four times the variance is a quarter of the incidents: 100 and 125 of 2000 and 2025.
    table = [[100, 1900], [125, 1900]]
    tails = [fisher_exact(table, alternative=tail).pvalue for tail in ("less", "greater")]
    assert batched.p_value[0] == pytest.approx(2 * min(tails))
    assert poisson.is_different[0]
    assert not batched.is_different[0]
    assert poisson.p_value[0] < mixed.p_value[0]
    # S is Andresen's, whatever the noise
    assert poisson.s_index == batched.s_index


def test_batches_alone_raise_no_flags():
    # One pattern, in two samples of three times Poisson's variance: flagged somewhere in most pairs
    # if taken as Poisson, in about one of twenty if taken as they are.
    rng, noise = np.random.default_rng(1), CountNoise(a=2.0)
    as_poisson, as_they_are = [], []
    for _ in range(60):
        level = rng.gamma(3, 3000, 21)
        base, test = (noise.recount(rng, level * size, 1)[0].astype(int) for size in (1, 0.3))
        for flags, dispersion in ((as_poisson, 1.0), (as_they_are, 3.0)):
            result = patterns.pattern_similarity(base, test, dispersion, dispersion)
            flags.append(result.is_different.any())
    assert np.mean(as_poisson) > 0.6
    assert 0 < np.mean(as_they_are) <= 0.12


def test_pairs_of_patterns_have_the_noise_of_their_sources():
    counts = pd.DataFrame(
        {
            "scope": "area",
            "compared": "source",
            "left_id": "crimes 2010-2011",
            "right_id": "arrests 2010-2011",
            "left_source": "crimes",
            "right_source": "arrests",
            "n_years": 2,
            "place_id": [f"{i:02}" for i in range(20)],
            "left_n": 400,
            "right_n": [600] + [480] * 19,
        }
    )
    noise = pd.DataFrame(
        [("area", "crimes", "all", 0.0, 0.0, 0.0, 0.0), ("area", "arrests", "all", 0.3, 1, 0, 0)],
        columns=["scope", "source", "category", "a", "power", "correlation", "drift"],
    )
    found = patterns_over.run_pattern_similarity(counts, noise)
    # 480 arrests in 24 months: 20 a month, a dispersion of 1 + 0.3 x 20 = 7; 600, of 8.5
    dispersion = np.array([8.5] + [7.0] * 19)
    direct = patterns.pattern_similarity(counts["left_n"], counts["right_n"], 1.0, dispersion)
    assert found["q_value"].tolist() == direct.q_value.tolist()
    for name in ("dissimilarity", "dissimilarity_low", "dissimilarity_high"):
        assert set(found[name]) == {getattr(direct, name)}
    assert not found["is_different"].any()
    poisson = patterns_over.run_pattern_similarity(counts, noise.assign(a=0.0))
    assert poisson["is_different"].tolist() == [True] + [False] * 19


def test_dissimilarity_by_hand():
    # Shares 0.5 0.3 0.2 and 0.2 0.3 0.5: three in ten would have to be elsewhere.
    base, test = np.array([50, 30, 20]), np.array([2, 3, 5])
    assert patterns.dissimilarity(base, test) == (0.3, 0.3, 0.3)
    assert patterns.dissimilarity(base, base * 7) == (0, 0, 0)
    assert patterns.dissimilarity(np.array([9, 0]), np.array([0, 4])) == (1, 1, 1)
    # The test pattern's shares, 50 and 50 of 100, have a standard error of 0.05 each; the base's
    # are known. Where the truth is one standard error apart, the mean of the folded normal is
    # sqrt(2 / pi) exp(-1/2) + (1 - 2 x 0.158655) = 1.166631 of them: seen that far apart,
    # 0.0583315, the truth is 0.05. Its standard error, sqrt(2 (2 - 1.166631²)) / 2 of 0.05, leaves
    # nothing at the low end, and at the high end 2.2745 of 0.05 with noise, 2.2664 without.
    base = np.array([4_416_685, 5_583_315])
    found = patterns.dissimilarity(base, np.array([50, 50]), 0.0, 1.0)
    assert found == pytest.approx((0.05, 0, 0.11332), abs=2e-5)


def test_dissimilarity_holds_the_truth():
    # Known shares, a dispersion of 2, and a true index of about 0.13.
    rng = np.random.default_rng(6)
    level = rng.gamma(3, 30, 300)
    other = level * np.exp(rng.normal(0, 0.33, 300))
    true = patterns.dissimilarity(np.rint(level * 1e6), np.rint(other * 1e6))[0]
    found = [
        patterns.dissimilarity(2 * rng.poisson(level / 2), 2 * rng.poisson(other / 2), 2.0, 2.0)
        for _ in range(200)
    ]
    plain = [patterns.dissimilarity(rng.poisson(level), rng.poisson(other))[0] for _ in range(50)]
    assert np.mean(plain) > true + 0.01
    assert np.mean([value for value, _, _ in found]) == pytest.approx(true, abs=0.002)
    assert np.mean([low <= true <= high for _, low, high in found]) > 0.92


def test_two_samples_of_one_pattern():
    # The base's own noise is not in the interval, so the chance that it covers is that of a
    # normal variable within 1.96 / sqrt(2), 0.83; discreteness takes a little off.
    rng = np.random.default_rng(2)
    rates = rng.gamma(2, 20, 400)
    runs = [patterns.pattern_similarity(rng.poisson(rates), rng.poisson(rates)) for _ in range(20)]
    assert 0.78 < np.mean([run.s_index for run in runs]) < 0.86
    # After the correction a false flag anywhere is rare.
    assert np.mean([run.is_different.any() for run in runs]) <= 0.1


def test_pattern_similarity_follows_the_order_of_places():
    rng = np.random.default_rng(4)
    base, test = rng.poisson(20, 60), rng.poisson(20, 60)
    found = patterns.pattern_similarity(base, test)
    backwards = patterns.pattern_similarity(base[::-1], test[::-1])
    assert backwards.s_index == found.s_index
    assert np.array_equal(backwards.test_low[::-1], found.test_low)
    assert np.array_equal(backwards.q_value[::-1], found.q_value)


def test_resampled_shares_are_those_of_incidents_drawn_with_replacement():
    test = np.array([0, 1, 5, 30, 400])
    found = patterns.pattern_similarity(np.ones(5, dtype=int), test)
    drawn = np.random.default_rng(0).multinomial(436, test / 436, size=40_000) / 436
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    assert np.allclose(found.test_low, low)
    assert np.allclose(found.test_high, high)


def test_the_hypergeometric_tail_is_the_librarys():
    rng = np.random.default_rng(0)
    inside, outside = rng.integers(1, 4000, (2, 300))
    n = rng.integers(0, inside + outside + 1)
    x = np.floor(rng.random(300) * n * inside / (inside + outside))
    x = np.maximum(x, np.maximum(n - outside, 0))
    x[0], n[0] = 0, 0
    found = patterns.hypergeometric_tail(x, n, inside, outside)
    assert np.allclose(found, hypergeom.cdf(x, inside + outside, inside, n), rtol=1e-9, atol=1e-300)
    assert (found < 1e-3).sum() > 50


@pytest.mark.parametrize(
    ("base", "test", "message"),
    [
        ([1, 2], [1, 2, 3], "2 base counts but 3"),
        ([1, -1], [1, 2], "whole counts"),
        ([1, 2], [0.5, 2], "whole counts"),
        ([0, 0], [1, 2], "needs an incident"),
        ([], [], "needs an incident"),
    ],
)
def test_patterns_that_cannot_be_compared_are_errors(base, test, message):
    with pytest.raises(ValueError, match=message):
        patterns.pattern_similarity(np.array(base), np.array(test))
