"""The multiverse on cities small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest

from la_crime import robustness as rb

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


def test_specifications_are_every_combination():
    found = rb.specifications("area", ["all", "b"], ["all"])
    assert len(found) == 3 * 2 * 4 * 3 * 2 * 1
    assert not found.duplicated().any()
    assert len(rb.specifications("district", ["all"], ["all"])) == 3 * 2 * 2 * 3
    with pytest.raises(ValueError, match="'city'"):
        rb.specifications("city", ["all"], ["all"])


def test_same_position_by_hand():
    # Three tiers stand at 1/6, 3/6, 5/6; four at 1/8, 3/8, 5/8, 7/8: the middle is as near to
    # the second as to the third. Five stand at .1, .3, .5, .7, .9: nearest 1, 2, 2 or 3, 3, 4.
    agrees = {
        k: [
            {h for h in range(1, 5) if rb.same_position(np.array([rank]), k, np.array([h]), 4)[0]}
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
    specs, place_ids, ranks = rb.multiverse_ranks(volumes(BOTH), "area")
    assert len(specs) == len(ranks) == 144
    assert place_ids == [f"p{i:02}" for i in range(12)]
    of_logs = ranks[((specs["k"] == 4) & (specs["transform"] == "log1p")).to_numpy()]
    assert len(of_logs) == 16
    assert (of_logs == np.repeat([1, 2, 3, 4], 3)).all()


def test_share_agreeing_is_counted_over_the_specifications():
    found, _ = rb.tier_robustness(volumes(BOTH))
    specs, _, ranks = rb.multiverse_ranks(volumes(BOTH), "area")
    agrees = {3: [{1}, {2, 3}, {4}], 4: [{1}, {2}, {3}, {4}], 5: [{1}, {2}, {2, 3}, {3}, {4}]}
    for place, row in found.iterrows():
        kept = [
            row.headline_rank in agrees[k][r - 1]
            for k, r in zip(specs["k"], ranks[:, place], strict=True)
        ]
        assert row.share_agreeing == pytest.approx(np.mean(kept))
    assert found["headline_rank"].tolist() == np.repeat([1, 2, 3, 4], 3).tolist()
    assert found["headline_tier"].unique().tolist() == ["high", "medium-high", "medium-low", "low"]
    assert (found["n_specifications"] == 144).all()
    assert found["share_agreeing"][[0, 11]].min() > 0.9  # the ends hold whatever is chosen


def test_a_cleaning_choice_that_moves_one_place():
    moved = [*COUNTS[:11], 158]  # the last place, low, joins the medium-low
    _, choices = rb.tier_robustness(volumes({**BOTH, ("shock", "all"): moved}))
    row = choices.set_index(["dimension", "choice"]).loc[("cleaning", "shock")]
    assert row["share_moved_alone"] == pytest.approx(1 / 12)
    # Pairs together: before 4 x 3 = 12, after 3 + 3 + 6 + 1 = 13, in both 3 + 3 + 3 + 1 = 10, of
    # 66: expected 12 x 13 / 66.
    expected = 12 * 13 / 66
    assert row["ari_alone"] == pytest.approx((10 - expected) / (12.5 - expected))
    # Given for one period only, so half as many as the choice that is given for both.
    assert row["n_specifications"] == 72


def test_the_headline_choice_moves_nothing_alone():
    _, choices = rb.tier_robustness(volumes(BOTH))
    rows = choices.set_index(["dimension", "choice"])
    for dimension, choice in rb.HEADLINE.items():
        alone = rows.loc[(dimension, str(choice)), ["ari_alone", "share_moved_alone"]]
        assert alone.tolist() == [1, 0]
    assert rows.loc[("period_id", "2017"), "ari_alone"] == 1
    assert list(rows.index) == sorted(rows.index)
    assert rows["n_specifications"].groupby("dimension").sum().eq(144).all()


def test_density_ranks_the_densest_first():
    area = np.tile(1 / np.array(COUNTS[::-1]) * 1e4, 2)
    specs, _, ranks = rb.multiverse_ranks(volumes(BOTH, area_km2=area), "area")
    is_density = (specs["denominator"] == "per km²").to_numpy()
    found = ranks[is_density & (specs["transform"] == "raw").to_numpy()]
    density = np.array(COUNTS) * np.array(COUNTS[::-1])
    assert (found[:, density.argmax()] == 1).all()
    assert (found[:, density.argmin()] == found.max(axis=1)).all()


def test_small_and_unmeasured_places_are_left_out_where_they_must_be():
    counts = [*COUNTS, 9]
    area = np.tile([np.nan] + [1.0] * 12, 2)
    rows = volumes({("all", "all"): counts, ("all", "2017"): counts}, area_km2=area)
    found, _ = rb.tier_robustness(rows)
    assert found["place_id"].tolist() == [f"p{i:02}" for i in range(12)]
    assert found["n_specifications"].tolist() == [72] + [144] * 11


def test_specifications_with_too_few_places_are_left_out():
    few = {("all", "all"): [900, 500, 90, 80, 20], ("all", "2017"): [90, 50, 12, 11, 2]}
    specs, _, _ = rb.multiverse_ranks(volumes(few), "area")
    assert specs.groupby("period_id")["k"].unique().map(list).to_dict() == {
        "2017": [3],
        "all": [3, 4],
    }
    none = rb.tier_robustness(volumes({("all", "2017"): COUNTS}))
    assert all(frame.empty for frame in none)


def test_robustness_does_not_depend_on_rows_or_other_scopes():
    rng = np.random.default_rng(0)
    other = {choice: rng.poisson(200, 30) for choice in BOTH}
    rows = pd.concat([volumes(BOTH), volumes(other, scope="district")])
    found = rb.tier_robustness(rows.sample(frac=1, random_state=0))
    for frame, alone in zip(found, rb.tier_robustness(volumes(BOTH)), strict=True):
        own = frame[frame["scope"] == "area"].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone)


def test_robustness_errors_and_empty():
    rows = volumes(BOTH)
    with pytest.raises(ValueError, match="two volumes"):
        rb.tier_robustness(pd.concat([rows, rows]))
    with pytest.raises(ValueError, match="'city'"):
        rb.tier_robustness(rows.assign(scope="city"))
    frames = rb.tier_robustness(rows[:0])
    for frame, columns in zip(frames, (rb.PLACE_COLUMNS, rb.CHOICE_COLUMNS), strict=True):
        assert frame.empty
        assert frame.dtypes.astype(str).to_dict() == columns
