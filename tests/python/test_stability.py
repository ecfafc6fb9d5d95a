"""Agreement and noise against arithmetic by hand, closed forms, scikit-learn and real totals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import POISSON_NOISE
from scipy.special import ive
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, cohen_kappa_score

from la_crime.measures import stability as s
from la_crime.stats import agreement, partitions, transforms
from la_crime.stats import tiers as tiering
from la_crime.stats.noise import POISSON, CountNoise, pooled_levels

ROOT = Path(__file__).parents[2]


def ari(left, right, k):
    return agreement.adjusted_rand_index(
        agreement.contingency(np.asarray(left), np.asarray(right), k)
    )


def volumes(by_period, scope="area"):
    """The long frame of a dict of counts by period."""
    parts = [
        pd.DataFrame({"place_id": range(len(v)), "period_id": period, "volume": v})
        for period, v in by_period.items()
    ]
    return pd.concat(parts).assign(scope=scope).astype({"place_id": str})


def members(years, **pooled):
    """The years of each period: every single year its own, and the pooled periods named."""
    sums = {**{year: [year] for year in years}, **pooled}
    pairs = [(period, year) for period, own in sums.items() for year in own]
    return pd.DataFrame(pairs, columns=["period_id", "year_id"])


# --- Tiers of resampled volumes


def test_volume_tiers_are_the_runs_own():
    rng = np.random.default_rng(0)
    drawn = rng.poisson(rng.uniform(20, 900, 25), (20, 25)).astype(float)
    for transform in tiering.ORDERED_TRANSFORMS:
        found = tiering.volume_tiers(drawn, 4, transform)
        for row, tiers in zip(drawn, found, strict=True):
            x = transforms.transformed(row[:, None], transform)
            assert np.array_equal(
                tiers, partitions.rank_clusters(partitions.kmeans_partitions(x, [4])[4], row)
            )


def test_small_volumes_have_no_tier_and_do_not_move_the_others():
    whole = np.array([[400.0, 390, 60, 50, 11, 10, 9, 0]])
    for transform in tiering.ORDERED_TRANSFORMS:
        found = tiering.volume_tiers(whole, 3, transform, min_volume=10)
        assert found.tolist() == [[1, 1, 2, 2, 3, 3, 0, 0]]


def test_fewer_distinct_volumes_than_tiers():
    assert tiering.volume_tiers(np.array([[5, 5, 9]]), 4).tolist() == [[2, 2, 1]]
    assert tiering.volume_tiers(np.array([[1, 2]]), 4, min_volume=10).tolist() == [[0, 0]]


def test_tiers_need_a_transform_that_keeps_the_order():
    with pytest.raises(ValueError, match="'clr'"):
        tiering.volume_tiers(np.ones((1, 3)), 2, "clr")


def test_two_equal_places_recounted_have_the_share_of_the_closed_form():
    # A is alone in the lower tier where A < B. The difference of two Poisson counts of mean 30 is
    # 0 with probability exp(-60) I0(60) (Skellam 1946); the rest halves.
    drawn = POISSON.recount(np.random.default_rng(0), np.array([30.0, 30.0]), 20_000)
    p = tiering.tier_shares(tiering.volume_tiers(drawn, 2, "raw"), 2)
    lower = (1 - ive(0, 60)) / 2
    assert np.allclose(p, [[1 - lower, lower]] * 2, atol=0.01)


def test_places_far_apart_keep_their_tier_whatever_noise_is_supposed():
    volumes = np.array([90_000.0, 900, 90_000, 900, 9])
    found = tiering.recounts(volumes, CountNoise(drift=0.05), 12, 200, np.random.default_rng(0))
    assert tuple(found) == tiering.NOISES
    for counts in found.values():
        p = tiering.tier_shares(tiering.volume_tiers(counts, 3), 3)
        assert np.array_equal(p, np.eye(3)[[0, 1, 0, 1, 2]])


def test_draws_below_the_floor_are_left_out():
    drawn = POISSON.recount(np.random.default_rng(0), np.array([9000.0, 900, 11, 0]), 500)
    p = tiering.tier_shares(tiering.volume_tiers(drawn, 2, min_volume=10), 2)
    assert np.allclose(p[:3].sum(axis=1), 1)
    assert np.isnan(p[3]).all()


def test_each_noise_scatters_recounts_as_it_says():
    # A level is known to within its own noise, so a recount has that variance twice over.
    volumes = np.full(400, 1000.0) * np.exp(np.linspace(-1, 1, 400))
    noise = CountNoise(a=1.5, power=0.0, drift=0.1)
    found = tiering.recounts(volumes, noise, 12, 400, np.random.default_rng(1))
    level = np.exp(pooled_levels(volumes, noise).mean)
    spread = {name: ((n / level - 1) ** 2 * level).mean() for name, n in found.items()}
    assert spread["recount"] == pytest.approx(2 * 2.5, rel=0.03)
    assert spread["poisson"] == pytest.approx(2, rel=0.03)
    assert spread["three_times"] == pytest.approx(2 * 3, rel=0.03)
    assert spread["other_year"] == pytest.approx(2 * 2.5 + 0.1**2 * level.mean(), rel=0.05)


def test_ranks_of_clear_and_of_equal_levels():
    rng = np.random.default_rng(0)
    drawn = np.exp(rng.normal(np.log([900.0, 100, 100, 10]), 0.01, (2000, 4)))
    low, high = tiering.rank_intervals(drawn)
    assert (low.tolist(), high.tolist()) == ([1, 2, 2, 4], [1, 3, 3, 4])


# --- Agreement


def test_ari_by_hand():
    # Pairs together: in both 1, left 2, right 1, of 6; expected 1/3: (1 - 1/3) / (3/2 - 1/3).
    assert np.isclose(ari([1, 1, 2, 2], [1, 1, 2, 3], 3)[0], 4 / 7)


def test_ari_is_scikit_learns_for_many_draws_at_once():
    rng = np.random.default_rng(0)
    left, right = rng.integers(1, 5, (2, 30, 21))
    expected = [adjusted_rand_score(a, b) for a, b in zip(left, right, strict=True)]
    assert np.allclose(ari(left, right, 4), expected)
    expected = [adjusted_rand_score(a, right[0]) for a in left]
    assert np.allclose(ari(left, right[0], 4), expected)


def test_ari_of_identical_renamed_and_independent_labels():
    rng = np.random.default_rng(0)
    left, right = rng.integers(1, 5, (2, 200, 100))
    assert np.allclose(ari(left, left, 4), 1)
    assert np.allclose(ari(left, 5 - left, 4), 1)
    assert abs(ari(left, right, 4).mean()) < 0.005


def test_ari_leaves_out_places_without_a_tier():
    assert np.isclose(ari([1, 1, 2, 2, 0, 1], [1, 1, 2, 3, 1, 0], 3)[0], 4 / 7)
    assert ari([1, 1], [1, 1], 1)[0] == 1
    assert np.isnan(ari([1, 0], [0, 1], 1)[0])


def test_agreement_by_hand():
    # Kappa: one of four places is a step off, 1/4; chance of ranks (2,1,1) and (1,2,1) of four:
    # (2 (0+2+4) + (1+0+1) + (4+2+0)) / 16 = 20/16; 1 - (1/4) / (20/16) = 0.8.
    # Spearman: ranks 4 3 2 1 and 4 2 3 1 differ by 1 twice: 1 - 6 * 2 / (4 * 15) = 0.8.
    volume = np.array([40.0, 30, 20, 10])
    other = np.array([9.0, 7, 8, 1])
    found = agreement.agreement(np.array([1, 1, 2, 3]), np.array([1, 2, 2, 3]), volume, other)
    assert found["n_places"] == 4
    assert found["weighted_kappa"] == 0.8
    assert found["spearman"] == 0.8


def test_kappa_sees_the_order_of_tiers_and_ari_does_not():
    tiers, volume = np.repeat([1, 2, 3, 4], 5), np.arange(20.0)[::-1]
    found = agreement.agreement(tiers, 5 - tiers, volume, volume[::-1])
    assert found["ari"] == found["ami"] == 1
    assert found["weighted_kappa"] == found["spearman"] == -1


def test_agreement_of_ties_and_of_nothing():
    rng = np.random.default_rng(0)
    left, right = rng.poisson(3.0, (2, 30)).astype(float)
    tiers = tiering.volume_tiers(np.stack([left, right]), 3)
    found = agreement.agreement(*tiers, left, right)["spearman"]
    assert np.isclose(found, spearmanr(left, right).statistic)
    one = agreement.agreement(np.ones(3, int), np.ones(3, int), np.ones(3), np.ones(3))
    assert one["ari"] == 1
    assert np.isnan([one["weighted_kappa"], one["spearman"]]).all()
    none = agreement.agreement(np.array([1, 0]), np.array([0, 1]), left[:2], right[:2])
    assert none["n_places"] == 0
    assert np.isnan(none["ari"])
    with pytest.raises(ValueError, match="differ in length"):
        agreement.agreement(tiers[0], tiers[1][:9], left, right)


def test_weighted_kappa_is_scikit_learns_for_many_draws_at_once():
    rng = np.random.default_rng(0)
    left, right = rng.integers(1, 5, (2, 30, 21))
    expected = [
        cohen_kappa_score(a, b, labels=[1, 2, 3, 4], weights="quadratic")
        for a, b in zip(left, right, strict=True)
    ]
    assert np.allclose(agreement.weighted_kappa(agreement.contingency(left, right, 4)), expected)


def judged(ari, kappa, ari_p025=0.5, kappa_p025=0.8):
    band = {"noise_ari_p025": ari_p025, "noise_kappa_p025": kappa_p025}
    return agreement.verdict({"ari": ari, "weighted_kappa": kappa}, band)


def test_verdicts():
    assert judged(0.5, 0.8) == "no change shown"
    assert judged(0.49, 0.8) == "change shown"
    assert judged(0.5, 0.79) == "change shown"
    assert judged(0.5, 0.59) == "large change shown"
    assert judged(1.0, np.nan) == "no change shown"
    assert judged(0.49, 0.59, np.nan, np.nan) is None


# --- Periods


def main_runs(k=4):
    """How tiers of volume are made in both scopes."""
    of_run = {"k": k, "transform": "log1p", "min_incidents": 10}
    return pd.DataFrame({"scope": ["area", "district"], **of_run})


@pytest.fixture(scope="module")
def area_totals():
    """The agreement of every pair of years, real totals of the 21 areas, by pair."""
    totals = pd.read_csv(ROOT / "cities" / "los_angeles" / "crimes_by_area_year.csv")
    rows = totals.rename(columns={"area_id": "place_id", "year": "period_id", "crimes": "volume"})
    rows = rows.assign(scope="area").astype({"place_id": str, "period_id": str})
    years = [str(year) for year in range(2010, 2024)]
    pooled = {"2010-2019": years[:10], "2010-2023": years}
    found = s.period_agreement(rows, members(years, **pooled), main_runs(), POISSON_NOISE)
    return found.set_index(["left_id", "right_id"])


def test_real_area_totals_reproduce_the_independent_look(area_totals):
    consecutive = [(str(year), str(year + 1)) for year in range(2010, 2023)]
    steps = area_totals.loc[consecutive, "ari"]
    assert (round(steps.min(), 2), round(steps.max(), 2)) == (0.30, 0.84)
    expected = {"2010": (0.30, 0.67), "2010-2019": (0.76, 0.95), "2010-2023": (0.36, 0.82)}
    for left, figures in expected.items():
        row = area_totals.loc[(left, "2017")]
        assert (round(row["ari"], 2), round(row["weighted_kappa"], 2)) == figures


def test_2017_against_its_own_noise(area_totals):
    # Half of Poisson recounts leave all tiers as they are, half make the ARI 0.86 or less: what
    # lies in the middle is between the two.
    row = area_totals.loc[("2017", "2017")]
    assert 0.85 < row["noise_ari_median"] < 1
    assert row["noise_ari_p05"] == pytest.approx(0.35, abs=0.05)
    assert (row["ari"], row["verdict"]) == (1.0, "no change shown")


YEARS = [str(year) for year in range(2010, 2018)]


def without_change(seed, n=40):
    """Counts by year, each place keeping its share, with city totals that move."""
    rng = np.random.default_rng(seed)
    share = rng.lognormal(0, 0.8, n)
    return {year: rng.poisson(share * rng.uniform(150, 250)) for year in YEARS}


def test_without_change_alarms_come_at_the_nominal_rate():
    periods = members(YEARS, all=YEARS, early=YEARS[:4])
    rates = []
    for seed in range(20):
        found = s.period_agreement(
            volumes(without_change(seed)), periods, main_runs(), POISSON_NOISE, draws=60
        )
        pairs = found[found["left_id"] != found["right_id"]]
        rates.append((pairs["verdict"] != "no change shown").mean())
    assert len(pairs) == 10 * 9 / 2
    assert 0.02 < np.mean(rates) < 0.09


def test_a_planted_change_is_found():
    counts = without_change(0)
    after = {y: np.roll(v, 20) if y >= "2014" else v for y, v in counts.items()}
    found = s.period_agreement(volumes(after), members(YEARS), main_runs(), POISSON_NOISE, draws=60)
    is_across = (found["left_id"] < "2014") & (found["right_id"] >= "2014")
    assert (found.loc[is_across, "verdict"] == "large change shown").all()
    assert (found.loc[~is_across, "verdict"] == "no change shown").mean() > 0.8


def test_shares_that_change_are_said_beside_tiers():
    """Of forty places five double after 2013, and no other changes."""
    counts = without_change(0)
    factor = np.where(np.arange(40) < 5, 2, 1)
    after = {y: v * factor if y >= "2014" else v for y, v in counts.items()}
    found = s.period_agreement(
        volumes(after), members(YEARS), main_runs(), POISSON_NOISE, draws=200
    ).set_index(["left_id", "right_id"])
    across, within = found.loc[("2013", "2014")], found.loc[("2012", "2013")]
    assert across["shares_p_value"] == pytest.approx(1 / 201)
    assert within["shares_p_value"] > 0.05
    assert int(across["share_change_largest_place_id"]) < 5
    assert across["share_change_largest_low"] < 1 < across["share_change_largest_high"]
    assert across["share_change_median_low"] < across["share_change_median"] < 0.2
    assert np.isnan(found.loc[("2012", "2012"), "shares_p_value"])


def test_share_changes_by_hand():
    """One of three places triples: beside the median, two stay and it alone has changed."""
    left, right = np.array([99.5, 199.5, 49.5]), np.array([199.5, 399.5, 299.5])
    found = agreement.share_changes(left, right, np.ones(3), np.full(3, 2.0))
    assert np.allclose(found.log_change, [0, 0, np.log(3)])
    assert np.allclose(found.error**2, [1 / 100 + 2 / 200, 1 / 200 + 2 / 400, 1 / 50 + 2 / 300])
    assert np.isclose(found.statistic, np.log(3) ** 2 / (1 / 50 + 2 / 300))


def test_what_the_verdict_can_see_is_the_least_share_that_moves_it():
    band = {"noise_ari_p025": 1.0, "noise_kappa_p025": 1.0}
    tiers = np.repeat([[1, 2, 3, 4]], 25, axis=1)
    moves = agreement.drawn_moves(100, np.random.default_rng(0))
    assert agreement.detectable_share(tiers, np.repeat(tiers, 50, 0), 4, band, moves) == 0.02
    deaf = {"noise_ari_p025": -1.0, "noise_kappa_p025": -1.0}
    assert np.isnan(agreement.detectable_share(tiers, tiers, 4, deaf, moves))
    unknown = {"noise_ari_p025": np.nan, "noise_kappa_p025": np.nan}
    assert np.isnan(agreement.detectable_share(tiers, tiers, 4, unknown, moves))


def test_the_share_that_is_seen_is_that_of_tables_made_one_by_one():
    rng = np.random.default_rng(0)
    left, right = np.sort(rng.integers(0, 5, (2, 60, 90)), axis=2)
    moves = agreement.drawn_moves(90, rng)
    for floor in (0.2, 0.5, 0.7, 0.85):
        band = {"noise_ari_p025": floor, "noise_kappa_p025": floor}
        expected = []
        for i, share in enumerate(agreement.MOVED_SHARES):
            inwards = np.where((right + moves.step) % 5 == 0, -moves.step, moves.step)
            is_moved = (moves.begins <= i) & (right > 0)
            table = agreement.contingency(left, right + inwards * is_moved, 4)
            ari, kappa = agreement.adjusted_rand_index(table), agreement.weighted_kappa(table)
            if ((ari < floor) | (kappa < floor)).mean() >= agreement.POWER:
                expected.append(share)
        found = agreement.detectable_share(left, right, 4, band, moves)
        assert found == expected[0] if expected else np.isnan(found)


def test_moves_take_each_share_of_places():
    moves = agreement.drawn_moves(2000, np.random.default_rng(0))
    taken = [(moves.begins <= i).mean() for i in range(len(agreement.MOVED_SHARES))]
    assert np.allclose(taken, agreement.MOVED_SHARES, atol=0.01)
    assert set(moves.step.ravel()) == {-1, 1}


def test_adjusted_mutual_information_is_scikit_learns():
    rng = np.random.default_rng(0)
    for _ in range(20):
        left, right = rng.integers(1, rng.integers(2, 6, 2), (30, 2)).T
        table = agreement.contingency(left, right, 5)[0]
        expected = adjusted_mutual_info_score(left, right)
        assert agreement.adjusted_mutual_information(table) == pytest.approx(expected)


def test_the_interval_of_a_median_holds_it():
    # Conover's table: of ten values the second and the ninth, with 97.9 %.
    assert agreement.median_interval(np.arange(10.0)[::-1]) == (1, 8)
    assert agreement.median_interval(np.array([3.0, 1, 2])) == (1, 3)
    drawn = np.sort(np.random.default_rng(0).exponential(size=(2000, 101)), axis=1)
    ends = np.array([agreement.median_interval(one) for one in drawn])
    assert np.mean((ends[:, 0] <= np.log(2)) & (np.log(2) <= ends[:, 1])) == pytest.approx(
        0.954, abs=0.015
    )


def test_mid_percentiles_of_a_coin():
    # Half 0 and half 1: the mid-distribution is 1/4 at 0 and 3/4 at 1, and half-way between, 1/2.
    coin = np.repeat([0.0, 1.0], 500)
    assert agreement.mid_percentiles(coin, [50])[0] == pytest.approx(0.5)
    assert agreement.mid_percentiles(coin, [25])[0] == pytest.approx(0)
    assert agreement.mid_percentiles(coin, [95])[0] == 1
    # of many values it is the usual percentile
    values = np.random.default_rng(0).normal(size=20_000)
    assert agreement.mid_percentiles(values, [2.5])[0] == pytest.approx(-1.96, abs=0.05)


def test_period_agreement_does_not_depend_on_rows_or_other_scopes():
    rows = volumes(without_change(0))
    periods = members(YEARS[:3])
    both = pd.concat([rows, volumes(without_change(1), "district")]).sample(frac=1, random_state=0)
    found = s.period_agreement(
        both, periods.sample(frac=1, random_state=0), main_runs(), POISSON_NOISE, draws=20
    )
    alone = s.period_agreement(rows, periods, main_runs(), POISSON_NOISE, draws=20)
    pd.testing.assert_frame_equal(found[found["scope"] == "area"], alone)
    ids = alone[["left_id", "right_id"]].to_numpy().tolist()
    assert ids == sorted(ids)
    assert all(left <= right for left, right in ids)


def test_periods_that_cannot_be_clustered_are_left_out():
    counts = {"2010": [900, 500, 60, 50, 20, 9], "2011": [900, 500, 60, 9, 9, 9]}
    found = s.period_agreement(
        volumes(counts), members(["2010", "2011", "2012"]), main_runs(), POISSON_NOISE, draws=10
    )
    assert found[["left_id", "right_id", "n_places"]].to_numpy().tolist() == [["2010", "2010", 5]]
    found = s.period_agreement(
        volumes(counts), members(["2010", "2011"]), main_runs(2), POISSON_NOISE, draws=10
    )
    assert found["n_places"].tolist() == [5, 3, 3]
    assert s.period_agreement(
        volumes(counts), members(["2010"]), main_runs()[1:], POISSON_NOISE
    ).empty


def test_a_volume_given_twice_is_an_error():
    rows = volumes({"2010": [1, 2, 3]})
    with pytest.raises(ValueError, match="two volumes"):
        s.period_agreement(pd.concat([rows, rows]), members(["2010"]), main_runs(), POISSON_NOISE)


# --- Runs


def run_frames(counts_of):
    own = {"scope": "area", "source": "crimes", "k": 3, "transform": "log1p", "months": 12}
    runs = pd.DataFrame({"run_id": list(counts_of), **own}).assign(min_incidents=10)
    parts = []
    for run_id, counts in counts_of.items():
        counts = np.asarray(counts)
        part = {"run_id": run_id, "place_id": [f"p{i:02}" for i in range(len(counts))]}
        tiers = tiering.volume_tiers(counts[None], 3)[0]
        parts.append(pd.DataFrame({**part, "cluster_rank": tiers, "volume": counts}))
    return runs, pd.concat(parts)


COUNTS = [9000, 8500, 1000, 999, 985, 150, 120, 100]


def test_run_tier_confidence_marks_the_border():
    # By the gaps 8500/1000 and 985/150 all is clear but for 330, halfway in logs from 150 to 800.
    runs, assignments = run_frames({"a": [9000, 8800, 800, 790, 340, 150, 148, 146]})
    found = s.run_tier_confidence(runs, assignments, POISSON_NOISE)
    assert len(found) == 8 * 3 * len(tiering.NOISES)
    assert np.allclose(found.groupby(["place_id", "noise"])["probability"].sum(), 1)
    own = found[found["is_own_tier"] & (found["noise"] == s.JUDGED_BY)].set_index("place_id")
    assert own["cluster_rank"].to_dict() == dict(
        zip(assignments["place_id"], assignments["cluster_rank"], strict=True)
    )
    assert own.index[own["is_borderline"]].tolist() == ["p04"]
    assert own.loc[["p00", "p07"], "probability"].tolist() == [1, 1]


def test_runs_do_not_depend_on_row_order_or_on_other_runs():
    rng = np.random.default_rng(0)
    both = run_frames({"a": COUNTS, "b": rng.poisson(200, 30)})
    alone = run_frames({"b": rng.poisson(200, 0)})[0], both[1][both[1]["run_id"] == "b"]
    shuffled = [frame.sample(frac=1, random_state=0) for frame in both]
    for function in (s.run_tier_confidence, s.run_levels, s.run_noise):
        found = function(*shuffled, POISSON_NOISE, draws=50)
        pd.testing.assert_frame_equal(
            found[found["run_id"] == "b"].reset_index(drop=True),
            function(*alone, POISSON_NOISE, draws=50),
        )


def test_run_noise_of_places_far_apart_is_none():
    runs, assignments = run_frames({"a": COUNTS})
    assert s.run_noise(runs, assignments, POISSON_NOISE).to_numpy().tolist() == [
        ["a", 1.0, 1.0, 1.0, 1.0, 1.0]
    ]


def test_run_agreement():
    runs, assignments = run_frames({"a": COUNTS, "b": COUNTS[::-1], "c": COUNTS[:6]})
    pairs = pd.DataFrame(
        [("algorithm", "b", "a"), ("algorithm", "a", "c"), ("feature_set", "a", "missing")],
        columns=["compared", "left_id", "right_id"],
    )
    found = s.run_agreement(assignments, pairs, s.run_noise(runs, assignments, POISSON_NOISE))
    assert found["left_id"].tolist() == ["a", "b"]
    assert found["n_places"].tolist() == [6, 8]
    # p05 has no third tier of its own in run c, but the six places keep their groups.
    assert found["ari"][0] == 1
    assert found["verdict"].tolist() == ["no change shown", "large change shown"]
    assert found["weighted_kappa"][1] < 0
    without = s.run_agreement(assignments, pairs)
    assert without["verdict"].isna().all()
    assert without[list(agreement.NOISE_MEASURES)].isna().all(axis=None)


def test_empty_inputs_give_empty_frames():
    runs, assignments = run_frames({"a": COUNTS})
    pairs = pd.DataFrame({"compared": ["x"], "left_id": ["a"], "right_id": ["a"]})
    empty = {
        "CONFIDENCE_COLUMNS": s.run_tier_confidence(runs, assignments[:0], POISSON_NOISE),
        "LEVEL_COLUMNS": s.run_levels(runs, assignments[:0], POISSON_NOISE),
        "NOISE_COLUMNS": s.run_noise(runs[:0], assignments, POISSON_NOISE),
        "RUN_AGREEMENT_COLUMNS": s.run_agreement(assignments[:0], pairs),
        "PERIOD_AGREEMENT_COLUMNS": s.period_agreement(
            volumes({"2010": [1]})[:0], members(["2010"]), main_runs(), POISSON_NOISE
        ),
    }
    for name, frame in empty.items():
        assert frame.empty
        assert frame.dtypes.astype(str).to_dict() == getattr(s, name)


def test_a_repeated_run_is_an_error():
    runs, assignments = run_frames({"a": COUNTS})
    with pytest.raises(ValueError, match="not unique"):
        s.run_noise(pd.concat([runs, runs]), assignments, POISSON_NOISE)
