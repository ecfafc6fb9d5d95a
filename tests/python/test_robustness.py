"""The multiverse on cities small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest

from la_crime.measures import robustness as rb
from la_crime.stats import multiverse

# Four groups of three, far apart on any scale; areas of 1 km², so that densities are counts.
COUNTS = [8000, 7900, 7800, 800, 790, 780, 160, 159, 158, 30, 29, 28]


def volumes(by_choice, area_km2=1.0, scope="area"):
    """The long frame of counts by (cleaning, period_id)."""
    parts = [
        pd.DataFrame(
            {"place_id": [f"p{i:02}" for i in range(len(counts))], "volume": counts}
        ).assign(cleaning=cleaning, period_id=period_id)
        for (cleaning, period_id), counts in by_choice.items()
    ]
    return pd.concat(parts).assign(scope=scope, area_km2=area_km2)


BOTH = {("all", "all"): COUNTS, ("all", "2017"): COUNTS}
HEADLINE = {
    "transform": "log1p",
    "denominator": "count",
    "algorithm": "kmeans",
    "k": 4,
    "cleaning": "all",
    "period_id": "all",
}
ALGORITHMS = pd.DataFrame(
    {
        "scope": ["area"] * 4 + ["district"] * 2,
        "algorithm": ["average", "kmeans", "ward", "complete", "ward", "kmeans"],
    }
)
OF_AREAS = ALGORITHMS.loc[ALGORITHMS["scope"] == "area", "algorithm"].tolist()


def runs(k=4, period_id="all"):
    """The main run of both scopes."""
    of_run = {"period_id": period_id, "transform": "log1p", "min_incidents": 10}
    return pd.DataFrame({"scope": ["area", "district"], **of_run, "algorithm": "kmeans", "k": k})


def robustness(rows, k=4, period_id="all"):
    return rb.tier_robustness(rows, runs(k, period_id), ALGORITHMS)


def ranks_of(rows):
    return rb.multiverse_ranks(rows, HEADLINE, OF_AREAS, 10)


def test_contiguous_runs_are_no_choice():
    assert "ward_contiguous" not in {
        *rb.specifications(HEADLINE, [*OF_AREAS, "ward_contiguous"], ["all"], ["all"])["algorithm"]
    }


def test_specifications_are_every_combination():
    found = rb.specifications(HEADLINE, OF_AREAS, ["all", "b"], ["all"])
    assert len(found) == 3 * 2 * 4 * 3 * 2 * 1
    assert not found.duplicated().any()
    assert len(rb.specifications(HEADLINE, ["ward", "kmeans"], ["all"], ["all"])) == 3 * 2 * 2 * 3


@pytest.mark.parametrize(("k", "near"), [(2, [2, 3]), (3, [2, 3, 4]), (5, [4, 5, 6])])
def test_specifications_are_around_the_headline(k, near):
    headline = HEADLINE | {"k": k, "transform": "log1p_zscore"}
    found = rb.specifications(headline, ["kmeans"], ["all"], ["whole"])
    assert found["k"].unique().tolist() == near
    assert "log1p_zscore" in found["transform"].unique()


@pytest.mark.parametrize("k", [3, 5])
def test_the_headline_is_the_main_runs(k):
    rows = volumes({("all", "whole"): COUNTS, ("all", "2016"): COUNTS})
    found = robustness(rows, k, "whole")
    headline = found[found["n_departures"] == 0]
    assert (headline[["k", "period_id"]].drop_duplicates().to_numpy() == [[str(k), "whole"]]).all()
    assert headline["headline_rank"].max() == k
    assert robustness(rows, k, "all").empty


def test_same_position_by_hand():
    # Three tiers stand at 1/6, 3/6, 5/6; four at 1/8, 3/8, 5/8, 7/8: the middle is as near to
    # the second as to the third. Five stand at .1, .3, .5, .7, .9: nearest 1, 2, 2 or 3, 3, 4.
    agrees = {
        k: [
            {
                h
                for h in range(1, 5)
                if multiverse.same_position(np.array([rank]), k, np.array([h]), 4)[0]
            }
            for rank in range(1, k + 1)
        ]
        for k in (3, 4, 5)
    }
    assert agrees == {
        3: [{1}, {2, 3}, {4}],
        4: [{1}, {2}, {3}, {4}],
        5: [{1}, {2}, {2, 3}, {3}, {4}],
    }


def test_four_clear_groups_hold_for_every_four_tiers_of_counts():
    specs, place_ids, ranks = ranks_of(volumes(BOTH))
    assert len(specs) == len(ranks) == 144
    assert place_ids == [f"p{i:02}" for i in range(12)]
    of_logs = ranks[((specs["k"] == 4) & (specs["transform"] == "log1p")).to_numpy()]
    assert len(of_logs) == 16
    assert (of_logs == np.repeat([1, 2, 3, 4], 3)).all()


def test_places_keep_the_tier_whose_position_they_keep():
    found = robustness(volumes(BOTH))
    specs, _, ranks = ranks_of(volumes(BOTH))
    assert len(found) == ranks.size
    agrees = {3: [{1}, {2, 3}, {4}], 4: [{1}, {2}, {3}, {4}], 5: [{1}, {2}, {2, 3}, {3}, {4}]}
    rank_of = {
        (*spec, f"p{place:02}"): rank
        for spec, row in zip(specs.astype(str).itertuples(index=False), ranks, strict=True)
        for place, rank in enumerate(row)
    }
    for row in found.itertuples(index=False):
        rank = rank_of[(*(getattr(row, name) for name in rb.DIMENSIONS), row.place_id)]
        assert row.keeps_tier == (row.headline_rank in agrees[int(row.k)][rank - 1])
    places = found.drop_duplicates("place_id")
    assert places["headline_rank"].tolist() == np.repeat([1, 2, 3, 4], 3).tolist()
    assert places["headline_tier"].unique().tolist() == ["high", "medium-high", "medium-low", "low"]
    kept = found.groupby("place_id")["keeps_tier"].mean()
    assert kept.iloc[[0, 11]].min() > 0.9  # the ends hold whatever is chosen


def test_a_cleaning_choice_that_moves_one_place():
    moved = [*COUNTS[:11], 158]  # the last place, low, joins the medium-low
    found = robustness(volumes({**BOTH, ("shock", "all"): moved}))
    alone = found[(found["cleaning"] == "shock") & (found["n_departures"] == 1)]
    assert alone["keeps_tier"].tolist() == [True] * 11 + [False]
    # Pairs together: before 4 x 3 = 12, after 3 + 3 + 6 + 1 = 13, in both 3 + 3 + 3 + 1 = 10, of
    # 66: expected 12 x 13 / 66.
    expected = 12 * 13 / 66
    assert alone["ari"].to_numpy() == pytest.approx((10 - expected) / (12.5 - expected))


def test_departures_are_the_choices_that_are_not_the_headlines():
    found = robustness(volumes(BOTH))
    headline = found[found["n_departures"] == 0]
    assert headline["place_id"].tolist() == [f"p{i:02}" for i in range(12)]
    assert headline["keeps_tier"].all()
    assert (headline["ari"] == 1).all()
    for dimension, choice in HEADLINE.items():
        assert (headline[dimension] == str(choice)).all()
        # Without this choice of the headline's, what is nearest to it departs once.
        rest = found.loc[found[dimension] != str(choice), "n_departures"]
        assert rest.min() == 1 if dimension != "cleaning" else rest.empty
    farthest = found[found["n_departures"] == 5].iloc[0]
    assert all(farthest[d] != str(c) for d, c in HEADLINE.items() if d != "cleaning")


def test_density_ranks_the_densest_first():
    area = np.tile(1 / np.array(COUNTS[::-1]) * 1e4, 2)
    specs, _, ranks = ranks_of(volumes(BOTH, area_km2=area))
    is_density = (specs["denominator"] == "per km²").to_numpy()
    found = ranks[is_density & (specs["transform"] == "raw").to_numpy()]
    density = np.array(COUNTS) * np.array(COUNTS[::-1])
    assert (found[:, density.argmax()] == 1).all()
    assert (found[:, density.argmin()] == found.max(axis=1)).all()


def test_small_and_unmeasured_places_are_left_out_where_they_must_be():
    counts = [*COUNTS, 9]
    area = np.tile([np.nan] + [1.0] * 12, 2)
    rows = volumes({("all", "all"): counts, ("all", "2017"): counts}, area_km2=area)
    found = robustness(rows)["place_id"].value_counts(sort=False)
    assert found.to_dict() == {"p00": 72} | {f"p{i:02}": 144 for i in range(1, 12)}


def test_specifications_with_too_few_places_are_left_out():
    few = {("all", "all"): [900, 500, 90, 80, 20], ("all", "2017"): [90, 50, 12, 11, 2]}
    specs, _, _ = ranks_of(volumes(few))
    assert specs.groupby("period_id")["k"].unique().map(list).to_dict() == {
        "2017": [3],
        "all": [3, 4],
    }
    assert robustness(volumes({("all", "2017"): COUNTS})).empty


def test_robustness_does_not_depend_on_rows_or_other_scopes():
    rng = np.random.default_rng(0)
    other = {choice: rng.poisson(200, 30) for choice in BOTH}
    rows = pd.concat([volumes(BOTH), volumes(other, scope="district")])
    found = robustness(rows.sample(frac=1, random_state=0))
    own = found[found["scope"] == "area"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, robustness(volumes(BOTH)))


def test_robustness_errors_and_empty():
    rows = volumes(BOTH)
    with pytest.raises(ValueError, match="two volumes"):
        robustness(pd.concat([rows, rows]))
    for none in (robustness(rows[:0]), robustness(rows.assign(scope="city"))):
        assert none.empty
        assert none.dtypes.astype(str).to_dict() == rb.COLUMNS
