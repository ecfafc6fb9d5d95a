"""The demo's other histories: steady, and with a planted change."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from demo_files import CRIMES_API, FILES, NIBRS, SCALE, truth_of
from helpers import SEEDS

from la_crime.__main__ import parser
from la_crime.demo import city, draws, generate, history, shares

SEEDS_TRIED = range(1, 7)


def drawn_counts(plan: city.City, scale: float, seed: int) -> np.ndarray:
    """Crimes drawn by year and district, (Y, D), as `generate` draws them."""
    rng = np.random.default_rng([seed, 9])
    return np.stack([draws.count_crimes(plan, year, scale, rng) for year in city.CRIME_YEARS])


def drawn_arrests(plan: city.City, scale: float, seed: int) -> np.ndarray:
    """Arrests drawn by year and district."""
    rng = np.random.default_rng([seed, 9])
    return np.stack([draws.count_arrests(plan, y, scale, rng) for y in shares.ARRESTS_BY_YEAR])


def by_area(plan: city.City, counts: np.ndarray) -> np.ndarray:
    """Counts by year and area, of counts by year and district."""
    area = plan.districts["area_id"].to_numpy()
    return np.stack([counts[:, area == a].sum(axis=1) for a in range(1, 22)], axis=1)


def dispersion_z(counts: np.ndarray) -> float:
    """How far the chi-square of year x place lies from independence, in standard deviations.

    Chi-square of independence has (Y - 1)(P - 1) degrees of freedom and twice that as its variance.
    Cells that expect little widen it a little more: Var[(n - e)^2 / e] = 2 + 1 / e if n is Poisson.
    """
    counts = counts[:, counts.sum(axis=0) > 0]
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    variance = freedom * (2 + (1 / np.maximum(expected, 0.05)).mean())
    return (((counts - expected) ** 2 / expected).sum() - freedom) / np.sqrt(variance)


@pytest.fixture(scope="session")
def other_histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Demo folders with each of the other histories."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("steady", "changed")}
    for name, folder in folders.items():
        generate(folder, scale=SCALE, progress=False, history=name)
    return folders


def usable_of_api(folder: Path) -> pd.DataFrame:
    """Area, district and year of the usable crimes in the latest file, 2020-2024."""
    return duckdb.sql(
        f"""
        select area::int as area, rpt_dist_no::int as district, date_occ[:4]::int as year
        from '{folder / CRIMES_API}'
        where dr_no is not null and area::int between 1 and 21 and date_occ <= date_rptd
        qualify row_number() over (partition by dr_no) = 1
        """
    ).df()


def test_steady_is_poisson_noise() -> None:
    """Shares of places vary over the years as Poisson noise does; as published, areas move."""
    found, arrests, published = [], [], []
    for seed in SEEDS_TRIED:
        plan = city.plan_city(seed, history="steady")
        counts, arrested = drawn_counts(plan, 0.04, seed), drawn_arrests(plan, 0.04, seed)
        found.append([dispersion_z(counts), dispersion_z(by_area(plan, counts))])
        arrests.append([dispersion_z(arrested), dispersion_z(by_area(plan, arrested))])
        plan = city.plan_city(seed)
        counts = drawn_counts(plan, 0.04, seed)
        published.append([dispersion_z(counts), dispersion_z(by_area(plan, counts))])
    for z in (np.array(found), np.array(arrests)):
        assert np.abs(z).max() < 3.5
        assert np.abs(z.mean(axis=0)).max() < 3 / np.sqrt(len(SEEDS_TRIED))
    assert np.min(published) > 5


def test_steady_totals_are_poisson_too() -> None:
    """Year totals follow the published ones, and neither they nor the areas' are met exactly."""
    plan = city.plan_city(2010, history="steady")
    counts = drawn_counts(plan, 0.05, seed=1)
    by_year = city.yearly_counts(SEEDS).sum().to_numpy() * 0.05
    z = (counts.sum(axis=1) - by_year) / np.sqrt(by_year)
    assert np.abs(z).max() < 4
    assert 0.3 < (z**2).mean() < 2.2  # 15 years: chi-square / 15 lies within these at 99.9 %
    area = by_area(plan, counts)
    expected = plan.crime_counts.to_numpy().T * 0.05
    assert 0.8 < ((area - expected) ** 2 / expected).mean() < 1.25  # 315 cells


def test_steady_mixes_do_not_move() -> None:
    """Every district keeps its share of the city and its crime mix."""
    plan = city.plan_city(2010, history="steady")
    assert np.ptp(plan.crime_weights, axis=0).max() <= 1
    assert np.ptp(plan.crime_mix, axis=0).max() <= 1
    assert np.ptp(city.plan_city(2010).crime_mix, axis=0).max() > 1e6


def test_histories_share_the_city() -> None:
    """The same seed has the same tiers, archetypes and addresses in every history."""
    published, steady, changed = (city.plan_city(2010, history=h) for h in history.HISTORIES)
    for plan in (steady, changed):
        pd.testing.assert_frame_equal(plan.districts, published.districts)
        pd.testing.assert_frame_equal(plan.blocks, published.blocks)
        assert (plan.charge_mix == published.charge_mix).all()
    assert (steady.arrest_weights == changed.arrest_weights).all()
    assert (steady.crime_weights[0] != changed.crime_weights[0]).mean() < 0.01


@pytest.mark.parametrize("seed", [2010, 1, 2])
def test_changed_districts(seed: int) -> None:
    """Risen districts have 2.5 times the crime relative to the steady ones, fallen ones 0.4."""
    plan = city.plan_city(seed, history="changed")
    change = plan.district_change
    counts = drawn_counts(plan, 0.05, seed)
    years = np.array(city.CRIME_YEARS)
    before = counts[years <= history.CHANGE_FROM].sum(axis=0)
    after = counts[years >= history.CHANGE_TO].sum(axis=0)
    is_steady = change["planted_change"] == "steady"
    base = after[is_steady].sum() / before[is_steady].sum()
    single = ~plan.districts["area_id"].isin([*history.AREA_FACTORS, history.MIX_AREA])
    for word, factor in (("rising", history.RISE), ("falling", history.FALL)):
        chosen = (change["planted_change"] == word) & single
        assert chosen.sum() == 34  # 3 % of 1135
        assert not plan.districts.loc[chosen, "is_high_volume"].any()
        assert plan.districts.loc[chosen, "area_id"].nunique() >= 12
        assert (change.loc[chosen, "planted_factor"] == factor).all()
        ratio = after[chosen].sum() / before[chosen].sum() / base
        assert ratio == pytest.approx(factor, rel=0.12)


@pytest.mark.parametrize("seed", [2010, 1, 2])
def test_changed_areas(seed: int) -> None:
    """Two areas change places by volume, one changes its mix alone, the others hardly move."""
    plan = city.plan_city(seed, history="changed")
    share = plan.crime_counts / plan.crime_counts.sum()
    assert share[2010].to_numpy() == pytest.approx(share[2014].to_numpy(), rel=1e-5)
    assert share[2016].to_numpy() == pytest.approx(share[2024].to_numpy(), rel=1e-5)
    ratio = share[2016] / share[2014]
    others = ratio.drop(list(history.AREA_FACTORS))
    assert others.between(0.98, 1.02).all()
    for area_id, factor in history.AREA_FACTORS.items():
        assert ratio[area_id] == pytest.approx(factor, rel=0.01)
    order = share[[2014, 2016]].rank(ascending=False)
    assert order.loc[3].tolist() == order.loc[4, [2016, 2014]].tolist() == [2, 20]
    half = (share[2014] + share[2016]) / 2
    assert share[2015].to_numpy() == pytest.approx(half.to_numpy(), rel=0.01)


def test_changed_mix() -> None:
    """Every district of the area ends as violence and robbery; no other district's mix moves."""
    plan = city.plan_city(2010, history="changed")
    mix = plan.crime_mix / plan.crime_mix.sum(axis=2, keepdims=True)
    before, after = mix[0], mix[-1]
    inside = (plan.districts["area_id"] == history.MIX_AREA).to_numpy()
    assert np.abs(mix - before)[:, ~inside].max() < 1e-8
    violent = np.isin(plan.crime_groups, ["homicide", "robbery", "aggravated_assault"])
    already = (plan.districts["archetype"] == history.MIX_AFTER).to_numpy()
    risen = after[:, violent].sum(axis=1) / before[:, violent].sum(axis=1)
    assert risen[inside & ~already].min() > 1.5
    assert risen[inside & already] == pytest.approx(1, abs=1e-6)
    typical = before[~inside & already].mean(axis=0)
    assert after[inside].mean(axis=0) == pytest.approx(typical, rel=0.15)


def test_changed_files_follow_the_plan(other_histories: dict[str, Path]) -> None:
    """What the files hold is the planted history, and 2024 falls away in all places alike."""
    changed = usable_of_api(other_histories["changed"]).groupby("area").size()
    steady = usable_of_api(other_histories["steady"]).groupby("area").size()
    ratio = (changed / changed.sum()) / (steady / steady.sum())
    assert ratio[4] == pytest.approx(1.7, rel=0.15)
    assert ratio[3] == pytest.approx(0.6, rel=0.15)
    assert ratio.drop([3, 4]).between(0.85, 1.15).all()
    rows = usable_of_api(other_histories["steady"])
    table = pd.crosstab(rows["year"], rows["area"]).loc[2020:2024].to_numpy()
    assert abs(dispersion_z(table)) < 3.5


def test_nibrs_follows_the_histories(other_histories: dict[str, Path]) -> None:
    """After a planted change NIBRS cases lie as the last crimes do; totals are not met exactly."""
    counts = {
        name: duckdb.sql(
            "select area::int as area, count(distinct caseno) as cases"
            f" from '{folder / NIBRS}' where area::int between 1 and 21 group by all order by all"
        ).df().set_index("area")["cases"]
        for name, folder in other_histories.items()
    }  # fmt: skip
    ratio = counts["changed"] / counts["steady"]
    assert ratio[4] == pytest.approx(1.7, rel=0.2)
    assert ratio[3] == pytest.approx(0.6, rel=0.2)
    assert ratio.drop([3, 4]).between(0.75, 1.25).all()
    planned = sum(shares.NIBRS_CASES_BY_YEAR.values()) * SCALE
    for name in ("changed", "steady"):
        assert 3 < abs(counts[name].sum() - planned) < 4 * np.sqrt(planned), name


def test_truth_of_histories(small_demo: Path, other_histories: dict[str, Path]) -> None:
    """The truth names the history, and what each district and area does in it."""
    folders = {"published": small_demo, **other_histories}
    truths = {
        name: {"truth.parquet": pd.read_parquet(path / "truth.parquet")}
        for name, path in folders.items()
    }
    for name, frames in truths.items():
        assert truth_of(frames, "demo").loc["history", "history"] == name
    assert truth_of(truths["published"], "area").empty
    steady = truth_of(truths["steady"], "district")
    assert set(steady["planted_change"]) == {"steady"}
    assert set(steady["planted_factor"]) == {"1"}
    assert set(truth_of(truths["steady"], "area")["planted_change"]) == {"steady"}

    told = truth_of(truths["changed"], "demo").loc["history"].to_dict()
    assert told == {
        "history": "changed", "change_from": "2014", "change_to": "2016",
        "mix_after": "violence and robbery",
    }  # fmt: skip
    areas = truth_of(truths["changed"], "area")
    assert areas.loc[["3", "4", "15", "1"], "planted_change"].tolist() == [
        "falling", "rising", "mix", "steady",
    ]  # fmt: skip
    assert areas.loc[["3", "4", "15", "1"], "planted_factor"].tolist() == ["0.6", "1.7", "1", "1"]
    assert areas["planted_change"].value_counts()["steady"] == 18
    districts = truth_of(truths["changed"], "district")
    area = districts.index.astype(int) // 100
    assert set(districts["planted_change"]) == {"rising", "falling", "steady", "mix"}
    assert ((districts["planted_change"] == "mix") == (area == 15)).all()
    assert set(districts.loc[area == 4, "planted_factor"]) == {"1.7"}
    expected = districts["expected_crimes"].astype(float).sum()
    published = city.yearly_counts(SEEDS).to_numpy().sum()
    assert expected == pytest.approx(published * SCALE * (1 - shares.OFF_LAYER_ROWS), rel=1e-4)


@pytest.mark.parametrize("name", ["steady", "changed"])
def test_histories_are_deterministic(
    other_histories: dict[str, Path], tmp_path: Path, name: str
) -> None:
    """The same scale, seed and history give the same bytes, unlike those of the default."""
    generate(tmp_path, scale=SCALE, progress=False, history=name)
    for path in FILES:
        again = (tmp_path / path).read_bytes()
        assert (other_histories[name] / path).read_bytes() == again, f"{path} differs"


def test_unknown_history(tmp_path: Path) -> None:
    """A history that there is not is refused before anything is written."""
    with pytest.raises(ValueError, match="'stedy'; it must be one of published, steady, changed"):
        generate(tmp_path / "new", scale=0.001, progress=False, history="stedy")
    assert not (tmp_path / "new").exists()


def test_command_line_offers_every_history() -> None:
    """The command's choices, written out there to keep its start quick, are all histories."""
    for name in history.HISTORIES:
        assert parser().parse_args(["demo", "--history", name]).history == name
    assert parser().parse_args(["demo"]).history == "published"
    with pytest.raises(SystemExit):
        parser().parse_args(["demo", "--history", "stedy"])
