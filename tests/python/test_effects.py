"""Effect sizes, intervals and corrections against published tables and hand arithmetic."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, kruskal

from la_crime.measures import effects as measured_effects
from la_crime.stats import effects, resampling

# Snee (1974), The American Statistician 28(1): hair (black, brown, red, blond) by eye colour
# (brown, blue, hazel, green) of 592 students.
HAIR_BY_EYE = np.array([[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]])


def numbers(text):
    return np.array(text.split(), dtype=float)


# --- Shared


def test_benjamini_hochberg_on_their_own_example():
    # Benjamini & Hochberg (1995), section 4.1: at 0.05 the four smallest of these are rejected.
    p_values = numbers("""
        0.0001 0.0004 0.0019 0.0095 0.0201 0.0278 0.0298 0.0344 0.0459
        0.3240 0.4262 0.5719 0.6528 0.7590 1.0000
    """)
    adjusted = effects.benjamini_hochberg(p_values)
    assert (adjusted <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


def test_benjamini_hochberg_passes_over_what_was_not_tested():
    adjusted = effects.benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    assert np.allclose(adjusted, [0.02, np.nan, 0.04], equal_nan=True)
    assert np.isnan(effects.benjamini_hochberg(np.array([np.nan]))).all()
    assert len(effects.benjamini_hochberg(np.array([]))) == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        effects.benjamini_hochberg(np.array([0.5, 1.5]))


def test_normal_interval_by_hand():
    # 0.4, 0.5 and 0.6 have a standard deviation of 0.1.
    draws = np.array([[0.4, 0.4, np.nan], [0.5, np.nan, np.nan], [0.6, 0.6, np.nan]])
    low, high = resampling.normal_interval(np.array([0.3, 0.95, 0.5]), draws)
    assert np.allclose(low[:2], [0.3 - 0.1959964, 0.95 - 1.959964 * np.sqrt(0.02)])
    assert np.allclose(high[:2], [0.3 + 0.1959964, 1])
    assert np.isnan([low[2], high[2]]).all()


def test_recentred_interval():
    # The draws 0 to 100 have the median 50; 2.5 % and 97.5 % lie 47.5 to either side.
    draws = np.arange(101.0)[:, None]
    low, high = resampling.recentred_interval(
        np.array([10.0]), draws, lowest=-np.inf, highest=np.inf
    )
    assert (low[0], high[0]) == (-37.5, 57.5)
    assert resampling.recentred_interval(0.2, draws[:, 0]) == (0, 1)
    draws[::2] = np.nan
    low, high = resampling.recentred_interval(
        np.array([10.0]), draws, lowest=-np.inf, highest=np.inf
    )
    assert high[0] - low[0] == pytest.approx(0.95 * 98)
    assert np.isnan(resampling.recentred_interval(0.2, np.full(9, np.nan))).all()


def test_ratio_interval_is_that_of_r():
    # R's help for poisson.test: 11 cases in 800 against 21 in 3011 person-years, rate ratio
    # 1.971488, 95 % interval 0.8584264 to 4.2772659.
    ratio, low, high = (x / 100 * 3011 / 800 for x in effects.ratio_interval(11, 21))
    assert ratio == pytest.approx(1.971488, abs=5e-7)
    assert low == pytest.approx(0.8584264, abs=5e-8)
    assert high == pytest.approx(4.2772659, abs=5e-8)


def test_ratio_interval_at_its_ends():
    ratio, low, high = effects.ratio_interval(np.array([0, 5, 0, 40]), np.array([10, 0, 0, 40]))
    assert np.isnan([ratio[1:3], low[1:3], high[1:3]]).all()
    # No arrests: the share's upper end is 1 - 0.025^(1/10), as an odds 0.025^(-1/10) - 1.
    assert (ratio[0], low[0]) == (0, 0)
    assert high[0] == pytest.approx(100 * (0.025**-0.1 - 1))
    # As many of each: the interval is symmetric in logarithm.
    assert ratio[3] == 100
    assert low[3] * high[3] == pytest.approx(100**2)
    with pytest.raises(ValueError, match="zero or more"):
        effects.ratio_interval(np.array([-1]), np.array([3]))


def test_ratio_interval_of_noisier_counts_is_that_of_as_sure_poisson_counts():
    """Four times the variance is what a quarter of the counts would have, of the same ratio."""
    found = effects.ratio_interval(np.array([40]), np.array([200]), 4.0, 4.0)
    assert np.allclose(found, effects.ratio_interval(np.array([10]), np.array([50])))


def test_ratio_interval_covers():
    rng = np.random.default_rng(0)
    _, low, high = effects.ratio_interval(rng.poisson(6, 4000), rng.poisson(30, 4000))
    assert 0.95 <= ((low <= 20) & (high >= 20)).mean() <= 0.985  # exact, so a little wide


# --- Composition


def test_cramers_v_of_hair_and_eye_colour():
    # Published with R's vcd: chi-square 138.29 on 9 degrees, V 0.279. The correction, by hand:
    # phi^2 = 138.2898 / 592 - 9 / 591 = 0.218369; r and c become 4 - 9 / 591 = 3.984772;
    # V = sqrt(0.218369 / 2.984772) = 0.270483.
    association = effects.cramers_v(HAIR_BY_EYE)
    assert association.statistic == pytest.approx(138.2898, abs=5e-5)
    assert np.sqrt(association.statistic / 592 / 3) == pytest.approx(0.279, abs=5e-4)
    assert association.effect_size == pytest.approx(0.270483, abs=5e-7)
    assert association.df_star == 3
    assert association.p_value == pytest.approx(chi2_contingency(HAIR_BY_EYE).pvalue)


def test_cramers_v_of_two_by_two_by_hand():
    # 200 (60 x 70 - 40 x 30)^2 / (100 x 100 x 90 x 110) = 18.1818; phi^2 = 0.0909091 - 1 / 199;
    # V = sqrt(0.0858840 / (1 - 1 / 199)) = 0.293799.
    association = effects.cramers_v(np.array([[60, 40], [30, 70]]))
    assert association.statistic == pytest.approx(18.181818)
    assert association.effect_size == pytest.approx(0.293799, abs=5e-7)


def test_cramers_v_of_none_and_of_all():
    assert effects.cramers_v(np.array([[10, 20, 30], [20, 40, 60]])).effect_size == 0
    assert effects.cramers_v(np.diag([50, 50, 50])).effect_size == pytest.approx(1)


def test_cramers_v_passes_over_empty_rows_and_columns():
    padded = np.zeros((5, 6))
    padded[np.ix_([0, 1, 3, 4], [1, 2, 3, 5])] = HAIR_BY_EYE
    assert np.allclose(effects.cramers_v(padded), effects.cramers_v(HAIR_BY_EYE))


def test_cramers_v_where_there_is_nothing_to_compare():
    # One row, one column, one row with counts, no counts, and as many rows as incidents.
    for table in ([[3, 4]], [[3], [4]], [[3, 4], [0, 0]], [[0, 0], [0, 0]], [[1, 0], [0, 1]]):
        assert np.isnan(effects.cramers_v(np.array(table))).all()
    with pytest.raises(ValueError, match="zero or more"):
        effects.cramers_v(np.array([[1, -1], [2, 3]]))


def test_cramers_v_of_a_stack_is_that_of_each_table():
    tables = np.random.default_rng(1).poisson(9, (6, 3, 4))
    together = effects.cramers_v(tables)
    for i, table in enumerate(tables):
        alone = effects.cramers_v(table)
        assert together.effect_size[i] == alone.effect_size
        assert together.statistic[i] == pytest.approx(chi2_contingency(table).statistic)


def test_bias_correction_takes_chance_away():
    tables = np.random.default_rng(2).multinomial(200, np.full(20, 1 / 20), 500).reshape(-1, 4, 5)
    association = effects.cramers_v(tables)
    assert np.sqrt(association.statistic / 200 / 3).mean() > 0.13
    assert association.effect_size.mean() < 0.06


def test_verdicts_of_v():
    # Two tiers: V is Cohen's w. Four tiers by many categories: w = V x sqrt(3).
    cases = [(0.09, 1), (0.1, 1), (0.29, 1), (0.3, 1), (0.5, 1), (0.05, 3), (0.06, 3), (0.29, 3)]
    assert [effects.v_verdict(*case) for case in cases] == (
        ["negligible", "small", "small", "medium", "large", "negligible", "small", "large"]
    )


# --- Rates


def test_kruskal_wallis_by_hand():
    # Ranks 1-3, 4-6 and 7-9: rank sums 6, 15, 24. H = 12 / (9 x 10) x (36 + 225 + 576) / 3 - 3 x 10
    # = 7.2, on 2 degrees p = exp(-3.6); epsilon-squared = 7.2 / 8.
    association = effects.kruskal_wallis(np.arange(9) ** 2, np.repeat([1, 2, 3], 3))
    assert association.statistic == pytest.approx(7.2)
    assert association.p_value == pytest.approx(np.exp(-3.6))
    assert association.effect_size == pytest.approx(0.9)


def test_kruskal_wallis_with_ties_is_scipys():
    rng = np.random.default_rng(3)
    values, groups = rng.poisson(3, 80), rng.integers(0, 4, 80)
    expected = kruskal(*(values[groups == g] for g in range(4)))
    association = effects.kruskal_wallis(values, groups)
    assert association.statistic == pytest.approx(expected.statistic)
    assert association.p_value == pytest.approx(expected.pvalue)
    assert association.effect_size == pytest.approx(expected.statistic / 79)


def test_kruskal_wallis_weights_repeat_places():
    rng = np.random.default_rng(4)
    values, groups = rng.poisson(3, 30), np.repeat([0, 1, 2], 10)
    weights = resampling.resampled_within(groups, 5, np.random.default_rng(6))
    drawn = effects.kruskal_wallis(values, groups, weights)
    for i, times in enumerate(weights.astype(int)):
        repeated = effects.kruskal_wallis(np.repeat(values, times), np.repeat(groups, times))
        assert drawn.statistic[i] == pytest.approx(repeated.statistic)
        assert drawn.effect_size[i] == pytest.approx(repeated.effect_size)


def test_kruskal_wallis_where_there_is_nothing_to_compare():
    for values, groups in (([1.0, 2, 3], [1, 1, 1]), ([2.0, 2, 2], [1, 1, 2]), ([], [])):
        association = effects.kruskal_wallis(np.array(values), np.array(groups, dtype=int))
        assert np.isnan(association.effect_size)
    with pytest.raises(ValueError, match="none may be missing"):
        effects.kruskal_wallis(np.array([1.0, np.nan]), np.array([1, 2]))


def test_verdicts_of_epsilon_squared():
    sizes = [0.009, 0.01, 0.079, 0.08, 0.259, 0.26, 1.0]
    assert [effects.epsilon_verdict(size) for size in sizes] == (
        ["negligible", "small", "small", "medium", "medium", "large", "large"]
    )


# --- Runs


def test_resampling_keeps_the_size_of_tiers():
    tiers = np.array([1, 2, 2, 3, 3, 3])
    weights = resampling.resampled_within(tiers, 50, np.random.default_rng(1))
    for tier, size in ((1, 1), (2, 2), (3, 3)):
        assert (weights[:, tiers == tier].sum(axis=1) == size).all()


def planted(seed=0, places=60, crimes=400):
    """One run of three tiers: `mix` and `rate` differ by tier, `even` and `noise` do not."""
    rng = np.random.default_rng(seed)
    rank = np.arange(places) % 3 + 1
    by_tier = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.2, 0.7]])
    of = {"mix": by_tier, "even": np.tile(by_tier[1], (3, 1)), "volume": by_tier}
    parts = []
    for characteristic, shares in of.items():
        n = np.array([rng.multinomial(crimes, shares[r - 1]) for r in rank])
        part = {"characteristic": characteristic, "category": np.tile(["x", "y", "z"], places)}
        keys = {"place_id": np.repeat(np.arange(places).astype(str), 3)}
        parts.append(
            pd.DataFrame({**keys, "cluster_rank": np.repeat(rank, 3), **part, "n": n.ravel()})
        )
    about = {"place_id": np.arange(places).astype(str), "cluster_rank": rank}
    rates = [
        pd.DataFrame({**about, "characteristic": "rate", "rate": rng.normal(-2.0 * rank)}),
        pd.DataFrame({**about, "characteristic": "noise", "rate": rng.normal(size=places)}),
    ]
    used = pd.DataFrame({"run_id": ["r"], "characteristic": ["volume"]})
    return used, pd.concat(parts).assign(run_id="r"), pd.concat(rates).assign(run_id="r")


def test_planted_differences_are_found_and_others_are_not():
    found = measured_effects.run_tier_effects(*planted()).set_index("characteristic")
    assert found["verdict"].to_dict() == {
        "even": "negligible",
        "mix": "large",
        "noise": "negligible" if found.loc["noise", "effect_size"] < 0.01 else "small",
        "rate": "large",
        "volume": "used in clustering",
    }
    assert found.loc["mix", "test"] == "chi-square"
    assert found.loc["mix", "effect_size_name"] == "Cramér's V"
    assert found.loc["rate", "test"] == "Kruskal-Wallis"
    assert found.loc["rate", "effect_size_name"] == "epsilon-squared"
    tested = found.drop("volume")
    assert (tested["low"] <= tested["effect_size"]).all()
    assert (tested["effect_size"] <= tested["high"]).all()
    assert found.loc["mix", "low"] > found.loc["even", "high"]


def test_what_made_the_clusters_gets_no_test():
    row = measured_effects.run_tier_effects(*planted()).set_index("characteristic").loc["volume"]
    assert row["used_in_clustering"]
    assert row[["test", "statistic", "p_value", "effect_size", "low", "high"]].isna().all()


def test_effects_are_those_of_the_whole_table():
    used, counts, rates = planted()
    found = measured_effects.run_tier_effects(used, counts, rates).set_index("characteristic")
    mix = counts[counts["characteristic"] == "mix"]
    table = mix.pivot_table(index="cluster_rank", columns="category", values="n", aggfunc="sum")
    expected = effects.cramers_v(table.to_numpy())
    assert found.loc["mix", "statistic"] == pytest.approx(float(expected.statistic))
    assert found.loc["mix", "effect_size"] == pytest.approx(float(expected.effect_size))
    rate = rates[rates["characteristic"] == "rate"]
    by_tier = [part["rate"] for _, part in rate.groupby("cluster_rank")]
    assert found.loc["rate", "statistic"] == pytest.approx(kruskal(*by_tier).statistic)


def test_incidents_that_cluster_in_places_widen_the_interval():
    # The same table of tiers, once from places alike and once from places each all x or all z.
    rank = np.repeat([1, 2], 20)
    alike = np.tile([10, 10], (40, 1))
    apart = np.tile([[20, 0], [0, 20]], (20, 1))
    weights = resampling.resampled_within(rank, 200, np.random.default_rng(0))
    narrow = effects.composition_effect(alike, rank, weights)
    wide = effects.composition_effect(apart, rank, weights)
    assert narrow["effect_size"] == wide["effect_size"] == 0
    assert narrow["high"] == 0
    assert wide["high"] > 0.1


def test_frame_is_sorted_and_independent_of_order():
    used, counts, rates = planted()
    counts = pd.concat([counts.assign(run_id="s"), counts])
    found = measured_effects.run_tier_effects(used, counts, rates)
    assert list(found) == list(measured_effects.EFFECT_COLUMNS)
    keys = ["run_id", "characteristic"]
    pd.testing.assert_frame_equal(found, found.sort_values(keys, ignore_index=True))
    mixed = [frame.sample(frac=1, random_state=1) for frame in (used, counts, rates)]
    pd.testing.assert_frame_equal(found, measured_effects.run_tier_effects(*mixed))
    # Without crimes a place has no row: it is the same as rows of zero.
    pd.testing.assert_frame_equal(
        found, measured_effects.run_tier_effects(used, counts[counts["n"] > 0], rates)
    )


def test_missing_rates_leave_their_places_out():
    used, counts, rates = planted()
    rates = rates[rates["characteristic"] == "rate"]
    some = rates.assign(rate=rates["rate"].where(rates["place_id"].astype(int) < 30))
    found = measured_effects.run_tier_effects(used, counts[:0], some)
    known = some.dropna()
    expected = kruskal(*(part["rate"] for _, part in known.groupby("cluster_rank")))
    assert found["statistic"].iloc[0] == pytest.approx(expected.statistic)


def test_one_tier_is_not_testable():
    used, counts, rates = planted()
    alone = [frame.assign(cluster_rank=1) for frame in (counts, rates)]
    found = measured_effects.run_tier_effects(used[:0], *alone)
    assert (found["verdict"] == "not testable").all()
    assert found[["test", "effect_size", "low"]].isna().all(axis=None)


def test_no_rows_give_an_empty_typed_frame():
    used, counts, rates = planted()
    found = measured_effects.run_tier_effects(used[:0], counts[:0], rates[:0])
    assert len(found) == 0
    assert {
        name: str(kind) for name, kind in found.dtypes.items()
    } == measured_effects.EFFECT_COLUMNS


def test_frames_that_cannot_be_used_are_errors():
    used, counts, rates = planted()
    with pytest.raises(ValueError, match="two clusters"):
        measured_effects.run_tier_effects(used, counts, rates.assign(cluster_rank=9))
    with pytest.raises(ValueError, match="'mix' twice"):
        measured_effects.run_tier_effects(used, pd.concat([counts, counts[:1]]), rates)
