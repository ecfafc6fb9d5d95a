"""The demo's crimes and arrests have the planted totals and the city's quirks."""

import numpy as np
import pandas as pd
import pytest
from demo_files import (
    ARRESTS_17,
    ARRESTS_25,
    ARRESTS_API,
    CRIMES_26,
    CRIMES_28,
    CRIMES_API,
    NIBRS,
    SCALE,
    reasons,
    truth_of,
)
from helpers import SEEDS
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from la_crime.demo import city, shares


def test_totals_by_area_and_year(kept: pd.DataFrame) -> None:
    """Kept crimes are the published counts at this scale, exactly."""
    published = pd.read_csv(SEEDS / "crimes_by_area_year.csv")
    expected = published.set_index(["year", "area_id"])["crimes"] * SCALE
    found = kept.groupby([kept["occurred"].dt.year, kept["area"].astype(int)]).size()
    to_2023 = found[found.index.get_level_values(0) <= 2023]
    assert to_2023.tolist() == np.floor(expected.sort_index() + 0.5).astype(int).tolist()
    of_2024 = pd.read_csv(SEEDS / "crimes_by_year.csv").set_index("year")["crimes"][2024]
    assert abs(found[2024].sum() - of_2024 * SCALE) <= 21 / 2


def test_2024_falls_away(kept: pd.DataFrame) -> None:
    """The old feed thins out after the move to NIBRS in March 2024."""
    months = kept[kept["occurred"].dt.year == 2024].groupby(kept["occurred"].dt.month).size()
    assert months[[1, 2]].min() > months[4:9].max() > months[[10, 11, 12]].max() * 3


def test_arrests_by_year(arrest_days: pd.DataFrame) -> None:
    """Distinct usable arrests are the yearly figures at this scale; 2025 ends with July."""
    distinct = arrest_days.drop_duplicates("id")
    found = distinct.groupby(distinct["day"].dt.year).size().to_dict()
    assert found == {year: round(n * SCALE) for year, n in shares.ARRESTS_BY_YEAR.items()}
    assert sum(shares.ARRESTS_BY_YEAR[year] for year in range(2010, 2020)) == 1_340_000
    assert distinct["day"].max() <= pd.Timestamp("2025-07-31")


def test_arrests_overlap(arrest_days: pd.DataFrame, frames: dict) -> None:
    """The second half of 2018 is in two files, and the truth counts it once as duplicate."""
    repeated = arrest_days[arrest_days.duplicated("id")]
    assert repeated["day"].between("2018-07-01", "2018-12-31").all()
    duplicates = truth_of(frames, "file")["rows_duplicate"].astype(int)
    assert duplicates[[ARRESTS_17, ARRESTS_25, ARRESTS_API]].tolist() == [len(repeated), 0, 0]


def test_truth_of_files_adds_up(
    reports: pd.DataFrame,
    kept: pd.DataFrame,
    all_offences: pd.DataFrame,
    cases: pd.DataFrame,
    frames: dict,
) -> None:
    """Rows read are kept, duplicate or rejected for the stated reason, file by file."""
    all_rows = pd.concat([reports, all_offences.assign(file=NIBRS)])
    kept = pd.concat([kept[~kept["id"].isin(cases["id"])], all_offences.assign(file=NIBRS)])
    kept = kept[reasons(kept).isna()]
    truth = truth_of(frames, "file").drop("truth.parquet", errors="ignore").astype(float)
    for path in (CRIMES_26, CRIMES_28, CRIMES_API, NIBRS):
        rows = all_rows[all_rows["file"] == path]
        found = reasons(rows).value_counts()
        stated = truth.loc[path].filter(like="rejected: ").rename(lambda x: x[10:])
        assert found.to_dict() == stated.to_dict()
        assert found.min() >= 3
        n_kept = (kept["file"] == path).sum()
        assert truth.loc[path, "rows"] == len(rows) == len(frames[path])
        assert truth.loc[path, "rows_duplicate"] == len(rows) - n_kept - found.sum()
        assert truth.loc[path, "cases"] == rows.loc[reasons(rows).isna(), "id"].nunique()
    for path in (ARRESTS_17, ARRESTS_25, ARRESTS_API):
        assert truth.loc[path, "rows"] == len(frames[path])
        assert truth.loc[path].filter(like="rejected: ").dropna().tolist() == [3] * 4


def test_later_extract_wins(reports: pd.DataFrame) -> None:
    """Overlapping reports changed status or code since the older extract, which ends earlier."""
    usable = reports[reasons(reports).isna()]
    newest = usable.groupby("file")["reported"].max()
    assert newest[CRIMES_26] < newest[CRIMES_28] < newest[CRIMES_API]
    pairs = usable[usable["file"] == CRIMES_26].merge(
        usable[usable["file"] == CRIMES_28], on="id", suffixes=("_old", "_new")
    )
    assert (pairs["occurred_old"].dt.year == 2014).all()
    assert (pairs["occurred_old"] == pairs["occurred_new"]).all()
    assert 0.005 < (pairs["code_old"] != pairs["code_new"]).mean() < 0.03
    changed = pairs[pairs["status_old"] != pairs["status_new"]]
    assert 0.005 < len(changed) / len(pairs) < 0.05
    assert set(changed["status_old"]) == {"IC"}


def test_report_numbers_lose_zeros(frames: dict) -> None:
    """The same report has nine digits in the old layout, and eight where zeros were lost."""
    old = frames[CRIMES_26]["DR Number"].dropna()
    new = frames[CRIMES_28].iloc[:, 0].dropna()
    assert old[old.str.startswith("0")].str.len().isin([4, 9]).all()
    assert (old == "0418").sum() == 1
    assert not new.str.startswith("0").any()
    assert len(set(old[old.str.startswith("0")].str.lstrip("0")) & set(new)) > 10


def test_victim_quirks(kept: pd.DataFrame) -> None:
    """Unknown victims at about their published rates."""
    assert 0.16 < (kept["age"] == 0).mean() < 0.21
    assert 0.08 < kept["sex"].isna().mean() < 0.11
    assert kept["sex"].isna().equals(kept["descent"].isna())
    assert kept.loc[kept["code"] == 510, "sex"].isna().mean() > 0.98
    assert set(kept["sex"].dropna()) >= {"M", "F", "X", "H"}
    assert set(kept["sex"].dropna()) <= set("MFXHN-")
    assert len(set(kept["descent"].dropna())) > 15
    assert 0.63 < kept["weapon"].isna().mean() < 0.70


def test_time_and_date_quirks(kept: pd.DataFrame) -> None:
    """Default times and dates heap; late reports exist, reports before the crime do not."""
    assert 0.03 < (kept["time"] == 1200).mean() < 0.055
    assert 0.012 < (kept["time"] == 1).mean() < 0.025
    days = kept.groupby("occurred").size()
    assert 2.5 < days["2010-01-01"] / days["2010-01-02":"2010-01-31"].mean() < 6
    assert (kept["occurred"].dt.day == 1).mean() > 1.3 * 12 / 365
    lag = (kept["reported"] - kept["occurred"]).dt.days
    assert 0.003 < (lag > 365).mean() < 0.04
    assert 0.4 < (lag == 0).mean() < 0.65


def test_code_and_place_quirks(kept: pd.DataFrame, frames: dict) -> None:
    """Unknown codes, districts off the layer, stations of another area, unknown coordinates."""
    known = set(pd.read_csv(SEEDS / "crime_codes.csv")["crime_code"])
    unknown = kept[~kept["code"].isin(known) & kept["code"].notna()]
    assert set(unknown["code"]) == {998, 999}
    assert 0.0002 < len(unknown) / len(kept) < 0.001
    layer = set(pd.read_csv(SEEDS / "small_areas.csv")["small_area"])
    off = kept[~kept["district"].isin(layer)]
    assert 0.0005 < len(off) / len(kept) < 0.003
    assert (off["district"] // 100 == off["area"]).all()
    station = kept["id"] // 100_000 % 100
    assert 0.002 < (station != kept["area"]).mean() < 0.005
    lat = frames[CRIMES_API]["lat"].astype(float)
    assert 0.002 < (lat == 0).mean() < 0.005
    assert (lat > 34.4).any()


def test_text_quirks(frames: dict) -> None:
    """Dates in three forms, lost zeros, codes as decimals, padded addresses, three locations."""
    portal = frames[CRIMES_28]
    dates = portal["DATE OCC"].dropna()
    assert 0.5 < dates.str.fullmatch(r"\d{4} [A-Z][a-z]{2} \d\d 12:00:00 AM").mean() < 0.65
    assert 0.3 < dates.str.fullmatch(r"\d\d/\d\d/\d{4} 00:00").mean() < 0.45
    assert 0.02 < dates.str.fullmatch(r"\d{1,2}/\d{1,2}/\d{4} 0:00").mean() < 0.04
    for column, width in (("TIME OCC", 4), ("AREA ", 2), ("Rpt Dist No", 4)):
        assert 0.003 < (portal[column].dropna().str.len() < width).mean() < 0.04
    assert portal["Premis Cd"].str.endswith(".0").mean() == pytest.approx(0.03, abs=0.01)
    assert portal["LOCATION"].str.contains("    ").mean() > 0.5
    assert portal["Cross Street"].notna().mean() == pytest.approx(0.15, abs=0.06)
    old = frames[CRIMES_26]["Location "]
    assert old.str.fullmatch(r"\(-?[\d.]+, -?[\d.]+\)").mean() > 0.9
    assert old.str.fullmatch(r"\(    -?[\d.]+,  -?[\d.]+\)").mean() > 0.03
    arrests = frames[ARRESTS_17]
    assert arrests["Time"].str.fullmatch(r"\d{1,4}\.0").all()
    assert arrests["Arrest Date"].str.fullmatch(r"\d{4}-\d\d-\d\d").mean() > 0.99
    assert arrests["Location"].str.startswith("{'latitude': '3").mean() > 0.01
    assert frames[ARRESTS_25]["Location"].str.fullmatch(r"POINT \(-?[\d.]+ [\d.]+\)").all()
    iso = r"\d{4}-\d\d-\d\dT00:00:00\.000"
    assert frames[CRIMES_API]["date_rptd"].dropna().str.fullmatch(iso).all()


def test_charge_groups(frames: dict) -> None:
    """A null group in 6.7 % of the older arrests; every code has its description in the seed."""
    old = frames[ARRESTS_17]
    assert 0.06 < old["Charge Group Code"].isna().mean() < 0.075
    assert old["Charge Group Code"].isna().equals(old["Charge Group Description"].isna())
    assert old["Charge Group Code"].dropna().str.fullmatch(r"\d+\.0").all()
    described = pd.read_csv(SEEDS / "charge_groups.csv")["charge_group_code"].dropna()
    assert set(shares.CHARGE_SHAPES) <= set(described)


def test_shares_cover_the_seeds() -> None:
    """Every crime group of the code list has a shape, and mixes name only what exists."""
    groups = set(pd.read_csv(SEEDS / "crime_codes.csv")["crime_group"])
    assert set(shares.CRIME_SHAPES) == groups
    assert all(set(factors) <= groups for factors in shares.ARCHETYPES.values())
    for shape in shares.CRIME_SHAPES.values():
        assert set(shares.PREMISE_MIXES[shape.premises]) <= set(shares.PREMISES)
        assert set(shares.WEAPON_MIXES[shape.weapons]) <= set(shares.WEAPONS)
        assert shape.hours in shares.HOUR_PROFILES


def test_truth_of_districts(kept: pd.DataFrame, frames: dict) -> None:
    """Every district has its truth, and the data follow it."""
    truth = truth_of(frames, "district")
    assert set(truth.columns) == {
        "archetype", "expected_crimes", "expected_arrests", "planted_tier",
    }  # fmt: skip
    assert len(truth) == 1135
    expected = truth["expected_crimes"].astype(float)
    assert expected.sum() == pytest.approx(len(kept) * (1 - shares.OFF_LAYER_ROWS), rel=1e-4)
    found = kept["district"].astype(int).astype(str).value_counts().reindex(truth.index).fillna(0)
    assert np.corrcoef(found, expected)[0, 1] > 0.98
    assert (found < 3).sum() > 5
    archetypes = truth["archetype"].value_counts(normalize=True)
    assert set(archetypes.index) == set(shares.ARCHETYPES)
    assert archetypes.between(0.2, 0.3).all()


def test_planted_high_districts_are_the_highest(frames: dict) -> None:
    """The planted tier holds the city's highest expected volumes, spread over many areas."""
    truth = truth_of(frames, "district")
    expected = truth["expected_crimes"].astype(float)
    is_high = truth["planted_tier"] == "high"
    assert 0.035 < is_high.mean() < 0.045
    assert expected[is_high].min() > expected[~is_high].max()
    assert len({int(district) // 100 for district in truth.index[is_high]}) > 15


def test_archetypes_can_be_recovered() -> None:
    """K-means on the planned mixes finds the planted four: noise does not drown them."""
    plan = city.plan_city(seed=2010)
    groups = plan.crime_groups
    mix = plan.crime_mix.sum(axis=0).astype(float)
    is_sensitive = np.isin(groups, ["sexual_offences", "offences_against_children"])
    mix[:, groups.index("other_offences")] += mix[:, is_sensitive].sum(axis=1)
    log_mix = np.log(mix[:, ~is_sensitive])
    centred = log_mix - log_mix.mean(axis=1, keepdims=True)
    labels = KMeans(4, n_init=10, random_state=0).fit_predict(centred)
    assert adjusted_rand_score(plan.districts["archetype"], labels) > 0.9


def test_city_mix_is_published_mix() -> None:
    """Raking keeps the city's share of each crime group over all years."""
    plan = city.plan_city(seed=2010)
    published = plan.crime_codes.groupby("crime_group")["rows_2010_2023"].sum()
    area = plan.districts["area_id"].to_numpy()
    volumes = np.zeros(plan.crime_weights.shape)
    for area_id, counts in plan.crime_counts.iterrows():
        weights = plan.crime_weights[:, area == area_id]
        of_area = weights / weights.sum(axis=1, keepdims=True)
        volumes[:, area == area_id] = of_area * counts.to_numpy()[:, None]
    mix = plan.crime_mix / plan.crime_mix.sum(axis=2, keepdims=True)
    planned = np.einsum("yd,ydg->g", volumes, mix) / volumes.sum()
    expected = (published / published.sum())[plan.crime_groups]
    assert planned == pytest.approx(expected.to_numpy(), rel=1e-3)
