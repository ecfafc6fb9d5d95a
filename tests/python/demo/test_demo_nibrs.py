"""The demo's NIBRS offences: their totals, cases and quirks, beside the old feed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import FILES, NIBRS, SCALE, nibrs_seed, reasons
from helpers import SEEDS

from la_crime.demo import city, generate, shares


def test_nibrs_totals(offences: pd.DataFrame) -> None:
    """Offences are the published number at this scale, from the break to the newest day."""
    cases = list(shares.NIBRS_CASES_BY_YEAR.values())
    further = [round(share * n) for n in cases for share in shares.FURTHER_OFFENCES]
    assert sum(cases) + sum(further) == 489_955
    assert len(offences) == pytest.approx(489_955 * SCALE, abs=6)  # each year rounds thrice
    assert offences["occurred"].min() == pd.Timestamp("2024-03-07")
    assert pd.Timestamp("2026-09-25") <= offences["occurred"].max()
    assert offences["reported"].max() == pd.Timestamp("2026-09-29")


def test_nibrs_offences_of_a_case(offences: pd.DataFrame) -> None:
    """One row an offence: other codes of one case in one place, numbered from the most serious."""
    texts = offences["id"].astype(int).astype(str).str.zfill(9) + offences["code"]
    sequence = offences["uniquenibrno"].str[12:].astype(int)
    assert offences["uniquenibrno"].tolist() == (texts + sequence.astype(str)).tolist()
    assert offences["uniquenibrno"].is_unique
    of_case = offences.groupby("id")
    size = of_case["code"].transform("size")
    assert (size == offences["totaloffensecount"].astype(int)).all()
    assert (sequence == of_case.cumcount() + 1).all()
    share = of_case.size().value_counts(normalize=True)
    assert share[[1, 2, 3]].tolist() == pytest.approx([0.88, 0.10, 0.02], abs=0.002)
    same = of_case[["occurred", "reported", "time", "area", "district"]].nunique()
    assert same.max().tolist() == [1] * 5
    rank = offences["code"].map(nibrs_seed().set_index("nibrs_code")["seriousness"])
    known = rank.notna()
    assert (rank[known].groupby(offences["id"]).diff().dropna() > 0).all()


def test_nibrs_takes_what_the_old_feed_loses(cases: pd.DataFrame, kept: pd.DataFrame) -> None:
    """Through 2024 both feeds together have a usual month; the old one ends with the year."""
    old, new = (
        rows.groupby(rows["occurred"].dt.to_period("M")).size()
        for rows in (kept[~kept["id"].isin(cases["id"])], cases)
    )
    usual = old["2024-01":"2024-02"].mean()
    both = old["2024-03":"2024-12"] + new["2024-03":"2024-12"]
    assert (both / usual).between(0.85, 1.25).all()
    assert new["2024-03":"2024-05"].sum() < 0.4 * 3 * usual
    assert new["2024-10":"2024-12"].sum() > 0.85 * both["2024-10":"2024-12"].sum()
    usual = new["2025-01":"2025-12"].mean()
    assert (new["2025-01":"2026-08"] / usual).between(0.75, 1.25).all()
    assert old.index.max() < new.index.max() - 12


def test_nibrs_newest_weeks_are_short(cases: pd.DataFrame) -> None:
    """The last two weeks have about half as many a day as those before."""
    days = cases.groupby("occurred").size()
    daily = days["2026-07-01":"2026-09-15"].sum() / 77
    assert 0.35 < days["2026-09-16":].sum() / 14 / daily < 0.65


def test_reports_in_both_feeds(cases: pd.DataFrame, kept: pd.DataFrame) -> None:
    """A few reports since the break are NIBRS cases: same number, area, district, day and kind."""
    both = kept.merge(cases, on="id", suffixes=("_old", "_new"))
    since = kept["occurred"] >= "2024-03-07"
    assert 0.01 < len(both) / since.sum() < 0.035
    for column in ("occurred", "reported", "area", "district", "time"):
        assert (both[f"{column}_old"] == both[f"{column}_new"]).all(), column
    groups = pd.read_csv(SEEDS / "crime_codes.csv").set_index("crime_code")["crime_group"]
    known = both["code_old"].isin(groups.index) & both["crime_group"].notna()
    assert (both["code_old"].map(groups) == both["crime_group"])[known].all()
    assert known.sum() > 20


def test_nibrs_follows_the_city(cases: pd.DataFrame) -> None:
    """Cases lie where the crimes of the last year do, and are of the planned crime groups."""
    plan = city.plan_city(seed=2010)
    weights = plan.crime_weights[-1] / plan.crime_weights[-1].sum()
    ids = plan.districts["small_area"]
    found = cases["district"].value_counts().reindex(ids).fillna(0).to_numpy()
    expected = len(cases) * weights
    assert ((found - expected) ** 2).sum() / expected.sum() == pytest.approx(1, abs=0.2)
    mix = plan.crime_mix[-1] / plan.crime_mix[-1].sum(axis=1, keepdims=True)
    archetype = plan.districts["archetype"].to_numpy()
    position = pd.Series(np.arange(len(ids)), index=ids)
    at = cases["district"].map(position)
    for name in shares.ARCHETYPES:
        inside = archetype == name
        planned = (weights[inside, None] * mix[inside]).sum(axis=0) / weights[inside].sum()
        groups = cases.loc[at.isin(np.flatnonzero(inside)), "crime_group"]
        share = groups.value_counts(normalize=True).reindex(plan.crime_groups).fillna(0)
        assert share.to_numpy() == pytest.approx(planned, abs=0.03), name


def test_nibrs_quirks(all_offences: pd.DataFrame, offences: pd.DataFrame, frames: dict) -> None:
    """Midnights, lost zeros, decimals, unknown areas, codes, districts and coordinates."""
    text = frames[NIBRS]
    dates = text["date_occ"].dropna().loc[lambda x: x != "N/A"]
    assert dates.str.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\.000").all()
    assert offences["time"].between(0, 2359).all()
    assert offences["time"].nunique() > 100
    for column, width in (("time_occ", 4), ("area", 2), ("rpt_dist_no", 4)):
        assert 0.003 < (text[column].dropna().str.len() < width).mean() < 0.04
    assert text["premis_cd"].str.endswith(".0").mean() == pytest.approx(0.03, abs=0.01)
    unusable = text.loc[reasons(all_offences) == "no usable area"]
    assert set(unusable["area"].dropna()) == {"00", "99"}
    assert unusable["rpt_dist_no"].isna().all()
    unknown = ~offences["code"].isin(nibrs_seed()["nibrs_code"])
    assert 0 < unknown.mean() < 0.003
    assert offences["nibr_description"].isna().equals(unknown)
    layer = set(pd.read_csv(SEEDS / "small_areas.csv")["small_area"])
    off = offences[~offences["district"].isin(layer)]
    assert 0.0003 < len(off) / len(offences) < 0.004
    assert (off["district"] // 100 == off["area"]).all()
    assert 0.001 < (offences["hndrdth_lat"].astype(float) == 0).mean() < 0.006
    numbers = text["caseno"].dropna().loc[lambda x: x != "UNKNOWN"]
    assert numbers.str.fullmatch(r"\d{9}").all()


def test_nibrs_flags_say_nothing(frames: dict) -> None:
    """The flags on people are there to be left unread: no, or blank."""
    flags = frames[NIBRS].loc[:, "victim_shot":"homeless_arrestee_crime"]
    assert flags.shape[1] == 8
    assert set(np.unique(flags)) == {"No", ""}


def test_nibrs_shares_cover_the_seed() -> None:
    """Every crime group has NIBRS codes, and weights name only codes that there are."""
    seed = nibrs_seed()
    assert set(seed["crime_group"]) == set(shares.CRIME_SHAPES)
    assert set(shares.NIBRS_CODE_WEIGHTS) <= set(seed["nibrs_code"])
    assert not set(shares.UNKNOWN_NIBRS_CODES) & set(seed["nibrs_code"])


def test_nibrs_leaves_the_other_files_alone(
    small_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its draws have random streams of their own."""
    monkeypatch.setattr(shares, "REPORTS_IN_BOTH_FEEDS", 0.5)
    monkeypatch.setattr(shares, "NIBRS_CASES_BY_YEAR", {2024: 90_000})
    generate(tmp_path, scale=SCALE, progress=False)
    assert (small_demo / NIBRS).read_bytes() != (tmp_path / NIBRS).read_bytes()
    for path in FILES - {NIBRS, "truth.parquet"}:
        assert (small_demo / path).read_bytes() == (tmp_path / path).read_bytes(), path
