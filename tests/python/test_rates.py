"""Rates: against published values, and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from la_crime.measures import rates as measure
from la_crime.spatial.neighbourhoods import Weights
from la_crime.stats.rates import count_interval, empirical_bayes

# Homicides 1979-84 and population of 78 counties around Saint Louis, and who neighbours whom
# (counted from 1): GeoDa's example `stl`, which esda documents its smoothed rates with.
HOMICIDES = [
    4,
    19,
    3,
    2,
    2,
    28,
    61,
    3,
    7,
    3,
    4,
    0,
    1,
    12,
    0,
    2,
    6,
    6,
    3,
    4,
    0,
    2,
    9,
    2,
    23,
    5,
    2,
    2,
    0,
    2,
    10,
    4,
    95,
    8,
    31,
    0,
    407,
    5,
    10,
    1238,
    3,
    14,
    0,
    2,
    18,
    369,
    5,
    0,
    3,
    0,
    40,
    9,
    7,
    1,
    3,
    2,
    8,
    5,
    11,
    12,
    8,
    10,
    2,
    8,
    7,
    25,
    6,
    19,
    6,
    2,
    2,
    6,
    9,
    0,
    1,
    13,
    3,
    4,
]
POPULATION = [
    189087,
    425580,
    69649,
    88540,
    33697,
    774843,
    1056438,
    172182,
    224033,
    113497,
    218510,
    87628,
    36354,
    316661,
    53222,
    141872,
    103469,
    193449,
    295848,
    99013,
    34772,
    65947,
    155266,
    123387,
    612258,
    135365,
    133297,
    186877,
    68404,
    68779,
    192789,
    96686,
    1480530,
    92864,
    905683,
    93388,
    5863876,
    109086,
    265200,
    2658090,
    199528,
    347829,
    79838,
    72381,
    432159,
    1605518,
    110883,
    48352,
    121762,
    92348,
    891502,
    225007,
    113880,
    46260,
    108510,
    55620,
    213680,
    131792,
    109953,
    108864,
    205880,
    260154,
    90841,
    255875,
    253540,
    372227,
    100389,
    345641,
    87410,
    66694,
    64680,
    127071,
    107508,
    43056,
    61456,
    353841,
    47507,
    68218,
]
NEAR = (
    "7 3 6 | 10 8 5 | 7 4 1 | 9 5 3 7 | 10 4 9 2 | 16 12 11 7 1 | 19 9 11 18 1 6 3 4 | 15 10 2 "
    "| 20 19 13 10 7 4 5 | 17 15 9 13 20 21 5 2 8 | 18 16 6 7 | 16 14 6 | 20 9 10 | 22 16 12 | "
    "23 10 17 8 | 28 27 18 22 14 12 6 11 | 30 26 23 21 10 15 | 33 32 19 16 27 11 7 | 24 20 18 "
    "33 7 9 | 24 21 19 9 13 10 | 35 26 24 20 17 10 | 29 28 14 16 | 31 25 17 30 15 | 35 33 21 19 "
    "20 | 42 31 23 | 34 30 21 35 17 | 41 39 32 28 36 16 18 | 29 36 27 22 16 | 38 36 22 28 | 43 "
    "34 31 26 17 23 | 44 42 43 30 23 25 | 33 27 41 18 | 46 40 35 32 41 18 24 19 | 43 35 45 26 "
    "30 | 45 37 33 21 24 34 26 | 47 39 38 29 28 27 | 51 45 40 46 49 35 | 48 47 29 36 | 52 50 41 "
    "47 36 27 | 46 37 33 | 50 46 39 27 33 32 | 53 31 44 25 | 61 59 54 44 45 34 30 31 | 54 53 43 "
    "31 42 | 60 59 51 37 35 43 34 | 49 50 57 41 33 40 37 | 56 55 52 48 38 36 39 | 55 47 38 | 63 "
    "51 46 57 37 | 58 57 52 39 41 46 | 64 60 49 63 37 45 | 62 58 56 47 39 50 | 65 54 44 42 | 65 "
    "61 43 44 53 | 56 48 47 | 62 55 47 52 | 67 63 66 58 50 49 46 | 66 52 62 50 57 | 69 61 60 70 "
    "45 43 | 70 64 51 45 59 | 72 65 59 69 43 54 | 68 66 56 52 58 | 64 57 67 49 51 | 71 70 63 67 "
    "51 60 | 61 72 54 53 | 73 67 62 68 58 57 | 76 75 71 66 57 64 63 | 73 62 66 | 77 72 70 74 59 "
    "61 | 74 71 78 64 60 69 59 | 78 75 67 64 70 | 77 69 61 65 | 76 66 68 | 77 78 70 69 | 78 76 "
    "67 71 | 73 67 75 | 74 69 72 | 75 71 74 70 "
)
# the first ten rates in esda's documentation of Empirical_Bayes and Spatial_Empirical_Bayes
GLOBAL = [
    2.36718950e-05, 4.54539167e-05, 4.78114019e-05, 2.76907146e-05, 6.58989323e-05,
    3.66494122e-05, 5.79952721e-05, 2.03064590e-05, 3.31152999e-05, 3.02748380e-05,
]  # fmt: skip
SPATIAL = [
    4.01485749e-05, 3.62437513e-05, 4.93034844e-05, 5.09387329e-05, 3.72735210e-05,
    3.69333797e-05, 5.40245456e-05, 2.99806055e-05, 3.73034109e-05, 3.47270722e-05,
]  # fmt: skip


def counties():
    """Who neighbours whom, (78, 78) of zeros and ones."""
    near = [[int(at) - 1 for at in row.split()] for row in NEAR.split("|")]
    rows = np.repeat(np.arange(len(near)), [len(row) for row in near])
    return csr_array((np.ones(len(rows)), (rows, np.concatenate(near))), (78, 78))


def test_global_rates_are_those_of_esda():
    found = empirical_bayes(HOMICIDES, POPULATION).mean
    assert found[:10] == pytest.approx(GLOBAL, rel=1e-8)


def test_spatial_rates_are_those_of_esda():
    found = empirical_bayes(HOMICIDES, POPULATION, near=counties()).mean
    assert found[:10] == pytest.approx(SPATIAL, rel=1e-8)


def test_a_place_belongs_to_its_neighbours_whatever_they_say():
    with_itself = csr_array(counties() + csr_array(np.eye(78)))
    left, right = (
        empirical_bayes(HOMICIDES, POPULATION, near=near).mean for near in (counties(), with_itself)
    )
    assert left == pytest.approx(right)


def test_more_noise_draws_rates_nearer_together():
    spreads = [np.ptp(empirical_bayes(HOMICIDES, POPULATION, phi).mean) for phi in (1, 2, 5)]
    assert spreads[0] > spreads[1] > spreads[2]


def test_places_that_differ_by_noise_alone_have_one_rate():
    found = empirical_bayes([9, 11, 10], [100, 100, 100])
    assert found.mean == pytest.approx([0.1] * 3)
    assert found.sd == pytest.approx([0] * 3)


def test_a_rate_needs_a_base():
    with pytest.raises(ValueError, match="a base above 0"):
        empirical_bayes([1, 2], [10, 0])


@pytest.mark.parametrize(
    ("count", "low", "high"),  # Garwood (1936), table 1
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (5, 1.62, 11.67), (10, 4.80, 18.39), (50, 37.11, 65.92)],
)
def test_the_interval_of_a_poisson_count_is_garwoods(count, low, high):
    found = count_interval(np.array([count]))
    assert [float(end[0]) for end in found] == pytest.approx([low, high], abs=0.005)


def test_an_interval_holds_its_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    for dispersion in (1.0, 3.0):
        n = rng.negative_binomial(40 / (dispersion - 1), 1 / dispersion, 20_000) if (
            dispersion > 1
        ) else rng.poisson(40, 20_000)  # fmt: skip
        low, high = count_interval(n, dispersion)
        assert 0.945 <= ((low <= 40) & (high >= 40)).mean() <= 0.975


KEY = {"scope": "ward", "period_id": "2020", "source": "crimes", "denominator": "residents"}
NOISE = pd.DataFrame(
    {
        "scope": ["ward", "ward"],
        "source": "crimes",
        "category": ["all", "robbery"],
        "a": [1.0, 0.0],
        "power": 0.0,
        "correlation": 0.0,
        "drift": 0.0,
    }
)
WARDS = Weights(["1", "2", "3", "4"], csr_array(np.eye(4, k=1) + np.eye(4, k=-1)), "touching")


def counts(group="all", n=(100, 200, 50, 0)):
    """Counts of four wards of a thousand residents each, over half a year."""
    rows = {"place_id": ["1", "2", "3", "4"], "n": n, "base": 1000.0, "months": 6}
    return pd.DataFrame({**KEY, "incident_group": group, **rows})


def test_rates_are_a_year_and_a_thousand():
    found = measure.run_rates(counts(), NOISE, {"ward": WARDS})
    assert found["rate"].tolist() == [200, 400, 100, 0]
    assert set(found["city_rate"]) == {175}
    # the variance is twice the mean: 100 tells as much as 50 of a Poisson count
    assert found["rate_low"].iloc[0] == pytest.approx(2 * 2 * 37.11, abs=0.05)
    assert found["rate_high"].iloc[0] == pytest.approx(2 * 2 * 65.92, abs=0.05)
    assert found["rate_low"].iloc[3] == 0 < found["rate_high"].iloc[3]
    assert found["rate_rank"].tolist() == [2, 1, 3, 4]
    assert (found["rank_low"] <= found["rate_rank"]).all()
    assert (found["rate_rank"] <= found["rank_high"]).all()


def test_a_group_has_its_own_noise_and_no_rank():
    both = pd.concat([counts(), counts("robbery"), counts("theft")]).sample(frac=1, random_state=1)
    found = measure.run_rates(both, NOISE, {"ward": WARDS}).set_index("incident_group")
    width = (found["rate_high"] - found["rate_low"]).groupby(level=0).first()
    assert (
        width["theft"] == width["all"] > width["robbery"]
    )  # without noise of its own, that of all
    assert (
        found.loc[["robbery", "theft"], ["rate_rank", "rank_low", "rank_high"]]
        .isna()
        .all(axis=None)
    )


def test_rates_do_not_hang_on_the_order_of_rows():
    shuffled = counts().sample(frac=1, random_state=3)
    left, right = (measure.run_rates(x, NOISE, {"ward": WARDS}) for x in (counts(), shuffled))
    pd.testing.assert_frame_equal(left, right)


def test_rates_of_no_counts_are_no_rows():
    assert measure.run_rates(counts()[:0], NOISE, {}).columns.tolist() == list(measure.RATE_COLUMNS)


def test_a_place_must_have_weights():
    stranger = counts().assign(place_id=["1", "2", "3", "x"])
    with pytest.raises(ValueError, match="place 'x' has no row in the weights"):
        measure.run_rates(stranger, NOISE, {"ward": WARDS})
