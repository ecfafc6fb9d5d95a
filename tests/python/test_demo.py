"""The demo data: deterministic, in the city's layouts, with the planted totals and quirks."""

import gzip
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from la_crime.__main__ import parser
from la_crime.demo import city, draws, generate, history, shares, write

SCALE = 0.02
# the day of a date in any form that the generator writes
DAY = r"^(\d{4} [A-Z][a-z]{2} \d\d|[^ T]+)"
SEEDS = Path(__file__).parents[2] / "seeds"

CRIMES_26 = "crimes/synthetic_crimes_26col_2010_2014.csv.gz"
CRIMES_28 = "crimes/synthetic_crimes_28col_2014_2019.csv"
CRIMES_API = "crimes/synthetic_crimes_api_2020_2024.parquet"
ARRESTS_17 = "arrests/synthetic_arrests_17col_2010_2018.csv"
ARRESTS_25 = "arrests/synthetic_arrests_25col_2018_2021.csv.gz"
ARRESTS_API = "arrests/synthetic_arrests_api_2021_2025.csv"
NIBRS = "nibrs_offenses/synthetic_nibrs_offenses_2024_2026.parquet"
FILES = {
    CRIMES_26, CRIMES_28, CRIMES_API, ARRESTS_17, ARRESTS_25, ARRESTS_API, NIBRS, "truth.parquet",
}  # fmt: skip

HEADERS = {
    CRIMES_26: (
        "DR Number,Date Reported,Date Occurred,Time Occurred,Area ID,Area Name,Reporting District,"
        "Crime Code,Crime Code Description,MO Codes,Victim Age,Victim Sex,Victim Descent,"
        "Premise Code,Premise Description,Weapon Used Code,Weapon Description,Status Code,"
        "Status Description,Crime Code 1,Crime Code 2,Crime Code 3,Crime Code 4,Address,"
        "Cross Street,Location "
    ),
    CRIMES_28: (
        "\ufeffDR_NO,Date Rptd,DATE OCC,TIME OCC,AREA ,AREA NAME,Rpt Dist No,Part 1-2,Crm Cd,"
        "Crm Cd Desc,Mocodes,Vict Age,Vict Sex,Vict Descent,Premis Cd,Premis Desc,Weapon Used Cd,"
        "Weapon Desc,Status,Status Desc,Crm Cd 1,Crm Cd 2,Crm Cd 3,Crm Cd 4,LOCATION,Cross Street,"
        "LAT,LON,year,weeknum"
    ),
    ARRESTS_17: (
        "Report ID,Arrest Date,Time,Area ID,Area Name,Reporting District,Age,Sex Code,Descent Code,"
        "Charge Group Code,Charge Group Description,Arrest Type Code,Charge,Charge Description,"
        "Address,Cross Street,Location"
    ),
    ARRESTS_25: (
        "Report ID,Report Type,Arrest Date,Time,Area ID,Area Name,Reporting District,Age,Sex Code,"
        "Descent Code,Charge Group Code,Charge Group Description,Arrest Type Code,Charge,"
        "Charge Description,Disposition Description,Address,Cross Street,LAT,LON,Location,"
        "Booking Date,Booking Time,Booking Location,Booking Location Code"
    ),
    ARRESTS_API: (
        "rpt_id,report_type,arst_date,time,area,area_desc,rd,age,sex_cd,descent_cd,grp_code,"
        "grp_description,arst_typ_cd,charge,chrg_desc,dispo_desc,location,crsst,lat,lon,bkg_date,"
        "bkg_time,bkg_location,bkg_loc_cd"
    ),
}
API_HEADERS = {
    CRIMES_API: (
        "dr_no,date_rptd,date_occ,time_occ,area,area_name,rpt_dist_no,part_1_2,crm_cd,crm_cd_desc,"
        "mocodes,vict_age,vict_sex,vict_descent,premis_cd,premis_desc,weapon_used_cd,weapon_desc,"
        "status,status_desc,crm_cd_1,crm_cd_2,crm_cd_3,crm_cd_4,location,cross_street,lat,lon"
    ),
    NIBRS: (
        "caseno,uniquenibrno,date_rptd,date_occ,time_occ,area,area_name,rpt_dist_no,"
        "totaloffensecount,group,nibr_code,nibr_description,crime_against,premis_cd,premis_desc,"
        "status,status_desc,totalvictimcount,victim_shot,domestic_violence_crime,hate_crime,"
        "gang_related_crime,transit_related_crime,homeless_victim_crime,homeless_suspect_crime,"
        "homeless_arrestee_crime,weapon_used_cd,weapon_desc,hndrdth_loc_chk,hndrdth_lat,hndrdth_lon"
    ),
}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo folder at a fiftieth of the real size."""
    out = tmp_path_factory.mktemp("demo")
    generate(out, scale=SCALE, progress=False)
    return out


@pytest.fixture(scope="session")
def frames(demo: Path) -> dict[str, pd.DataFrame]:
    """The text of every file, by its path in the demo folder."""
    return {
        path: pd.read_parquet(demo / path)
        if path.endswith("parquet")
        else pd.read_csv(demo / path, dtype=str, keep_default_na=False, na_values=[""])
        for path in FILES
    }


@pytest.fixture(scope="session")
def reports(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Crimes of all files in one form; texts that are no number or date become missing."""
    names = {
        CRIMES_26: (
            "DR Number,Date Reported,Date Occurred,Time Occurred,Area ID,Reporting District,"
            "Crime Code,Victim Age,Victim Sex,Victim Descent,Weapon Used Code,Status Code"
        ),
        CRIMES_28: (
            "DR_NO,Date Rptd,DATE OCC,TIME OCC,AREA ,Rpt Dist No,"
            "Crm Cd,Vict Age,Vict Sex,Vict Descent,Weapon Used Cd,Status"
        ),
        CRIMES_API: (
            "dr_no,date_rptd,date_occ,time_occ,area,rpt_dist_no,"
            "crm_cd,vict_age,vict_sex,vict_descent,weapon_used_cd,status"
        ),
    }
    columns = "id,reported,occurred,time,area,district,code,age,sex,descent,weapon,status"
    parts = [
        frames[path]
        .rename(columns=lambda name: name.lstrip("\ufeff"))[listed.split(",")]
        .set_axis(columns.split(","), axis=1)
        .assign(file=path, newest=newest)
        for newest, (path, listed) in enumerate(names.items())
    ]
    all_reports = pd.concat(parts, ignore_index=True)
    for column in ("id", "time", "area", "district", "code", "age", "weapon"):
        all_reports[column] = pd.to_numeric(all_reports[column], errors="coerce")
    for column in ("reported", "occurred"):
        day = all_reports[column].str.extract(DAY)[0]
        all_reports[column] = pd.to_datetime(day, format="mixed", errors="coerce")
    return all_reports


@pytest.fixture(scope="session")
def kept(reports: pd.DataFrame) -> pd.DataFrame:
    """The distinct usable reports, each from its latest extract."""
    return reports[reasons(reports).isna()].sort_values("newest").drop_duplicates("id", keep="last")


@pytest.fixture(scope="session")
def arrest_days(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Usable arrests of all files: id and day, with repeats."""
    names = {
        ARRESTS_17: ("Report ID", "Arrest Date", "Area ID"),
        ARRESTS_25: ("Report ID", "Arrest Date", "Area ID"),
        ARRESTS_API: ("rpt_id", "arst_date", "area"),
    }
    arrests = pd.concat(
        frames[path][list(columns)].set_axis(["id", "day", "area"], axis=1)
        for path, columns in names.items()
    )
    arrests["id"] = pd.to_numeric(arrests["id"], errors="coerce")
    arrests["day"] = pd.to_datetime(
        arrests["day"].str.extract(DAY)[0], format="mixed", errors="coerce"
    )
    is_usable = arrests["area"].astype(float).between(1, 21) & (arrests["day"] < "2098")
    return arrests[is_usable].dropna()


@pytest.fixture(scope="session")
def all_offences(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """NIBRS offences with identifiers, numbers and days as `reports` has them."""
    names = {
        "caseno": "id", "date_rptd": "reported", "date_occ": "occurred", "rpt_dist_no": "district",
        "time_occ": "time", "nibr_code": "code",
    }  # fmt: skip
    rows = frames[NIBRS].rename(columns=names)
    for column in ("id", "time", "area", "district"):
        rows[column] = pd.to_numeric(rows[column], errors="coerce")
    for column in ("reported", "occurred"):
        rows[column] = pd.to_datetime(rows[column].str[:10], format="%Y-%m-%d", errors="coerce")
    return rows


@pytest.fixture(scope="session")
def offences(all_offences: pd.DataFrame) -> pd.DataFrame:
    """The usable NIBRS offences."""
    return all_offences[reasons(all_offences).isna()]


@pytest.fixture(scope="session")
def cases(offences: pd.DataFrame) -> pd.DataFrame:
    """The usable NIBRS cases, each with its most serious offence and that one's crime group."""
    ranked = offences.merge(nibrs_seed(), left_on="code", right_on="nibrs_code", how="left")
    return ranked.sort_values("seriousness").drop_duplicates("id")


def nibrs_seed() -> pd.DataFrame:
    """The crosswalk from NIBRS codes to crime groups."""
    return pd.read_csv(SEEDS / "nibrs_codes.csv", dtype={"nibrs_code": str})


def reasons(reports: pd.DataFrame) -> pd.Series:
    """Why each report cannot be used, missing for those that can; a row with two faults fails."""
    faults = pd.DataFrame(
        {
            "no usable identifier": reports["id"].isna(),
            "no usable occurrence date": reports["occurred"].isna(),
            "occurrence date in the future": reports["occurred"] > "2098-01-01",
            "occurrence after report": reports["occurred"] > reports["reported"],
            "no usable area": ~reports["area"].between(1, 21),
        }
    )
    assert faults.sum(axis=1).max() == 1
    return faults.idxmax(axis=1).where(faults.any(axis=1))


def truth_of(frames: dict[str, pd.DataFrame], subject: str) -> pd.DataFrame:
    """The truth about districts or files, a column an attribute."""
    truth = frames["truth.parquet"]
    return truth[truth["subject"] == subject].pivot_table(
        index="subject_id", columns="attribute", values="value", aggfunc="first"
    )


def first_line(path: Path) -> str:
    """The header of a CSV file, byte-order mark and all."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return text[: text.index(b"\n")].decode()


def test_files_and_summary(demo: Path, tmp_path: Path) -> None:
    """Exactly the promised files, none hidden or partial, as the summary says."""
    summary = generate(tmp_path / "again", scale=SCALE, progress=False)
    found = {p.relative_to(demo).as_posix() for p in demo.rglob("*") if p.is_file()}
    assert found == FILES == set(summary["files"])
    for path in FILES:
        assert summary["files"][path]["bytes"] == (demo / path).stat().st_size
        again = (tmp_path / "again" / path).read_bytes()
        assert (demo / path).read_bytes() == again, f"{path} differs between runs"


def test_another_seed_gives_other_rows(demo: Path, tmp_path: Path) -> None:
    """The seed matters."""
    generate(tmp_path, scale=SCALE, seed=1, progress=False)
    assert (demo / ARRESTS_17).read_bytes() != (tmp_path / ARRESTS_17).read_bytes()


@pytest.mark.parametrize("path", HEADERS)
def test_header(demo: Path, path: str) -> None:
    """Names and their order, trailing spaces and byte-order mark included."""
    assert first_line(demo / path) == HEADERS[path]


def test_byte_order_mark(demo: Path) -> None:
    """The 28-column file alone begins with one."""
    assert (demo / CRIMES_28).read_bytes().startswith(b"\xef\xbb\xbfDR_NO")
    assert (demo / ARRESTS_17).read_bytes().startswith(b"Report ID")


@pytest.mark.parametrize("path", API_HEADERS)
def test_parquet_is_text(demo: Path, path: str) -> None:
    """The API files have the API's names, and every value as text."""
    columns = duckdb.sql(f"describe from '{demo / path}'").fetchall()
    assert ",".join(name for name, *_ in columns) == API_HEADERS[path]
    assert {kind for _, kind, *_ in columns} == {"VARCHAR"}


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
    layer = set(pd.read_csv(SEEDS / "reporting_districts.csv")["reporting_district"])
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
    ids = plan.districts["reporting_district"]
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
    layer = set(pd.read_csv(SEEDS / "reporting_districts.csv")["reporting_district"])
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
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its draws have random streams of their own."""
    monkeypatch.setattr(shares, "REPORTS_IN_BOTH_FEEDS", 0.5)
    monkeypatch.setattr(shares, "NIBRS_CASES_BY_YEAR", {2024: 90_000})
    generate(tmp_path, scale=SCALE, progress=False)
    assert (demo / NIBRS).read_bytes() != (tmp_path / NIBRS).read_bytes()
    for path in FILES - {NIBRS, "truth.parquet"}:
        assert (demo / path).read_bytes() == (tmp_path / path).read_bytes(), path


@pytest.mark.parametrize("scale", [0, -0.1, 2.5])
def test_scale_out_of_range(tmp_path: Path, scale: float) -> None:
    """Scales beyond the bounds are refused before anything is written."""
    with pytest.raises(ValueError, match="it must be above 0 and at most 2"):
        generate(tmp_path / "new", scale=scale, progress=False)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "stranger", ["crimes/mine.csv", "arrests/mine.csv", "nibrs_offenses/mine.csv", "notes.txt"]
)
def test_foreign_folder_is_refused(tmp_path: Path, stranger: str) -> None:
    """A folder with files that the demo did not make stays as it is."""
    (tmp_path / stranger).parent.mkdir(exist_ok=True)
    (tmp_path / stranger).write_text("mine")
    with pytest.raises(FileExistsError, match=rf"did not make \({stranger}\)"):
        generate(tmp_path, scale=0.001, progress=False)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [Path(stranger).name]


def test_file_as_folder_is_refused(tmp_path: Path) -> None:
    """A file where the folder should be is an error with advice."""
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(FileExistsError, match=r"is a file, not a folder\. Choose another"):
        generate(tmp_path / "demo", scale=0.001, progress=False)


def test_earlier_run_is_replaced(tmp_path: Path) -> None:
    """Our own folder is overwritten, other sub-folders in it stay, and no old file is left."""
    generate(tmp_path, scale=0.001, progress=False)
    (tmp_path / "crimes" / "synthetic_of_old.csv").write_text("old")
    (tmp_path / "boundaries").mkdir()
    (tmp_path / "boundaries" / "mine.geojson").write_text("{}")
    generate(tmp_path, scale=0.002, progress=False)
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == FILES | {"boundaries/mine.geojson"}


def test_a_failure_leaves_the_earlier_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-written shows, and nothing that was complete is lost."""
    generate(tmp_path, scale=0.001, progress=False)
    before = (tmp_path / CRIMES_28).read_bytes()

    def fail(*_: object) -> None:
        raise RuntimeError("no space left")

    monkeypatch.setattr(write, "district_truth", fail)
    with pytest.raises(RuntimeError, match="no space left"):
        generate(tmp_path, scale=0.002, progress=False)
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == FILES
    assert (tmp_path / CRIMES_28).read_bytes() == before


def test_progress_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """The bar names what was done, on stderr only."""
    generate(tmp_path, scale=0.001, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "wrote synthetic_crimes_28col_2014_2019.csv" in captured.err


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
    folders = {}
    for name in ("steady", "changed"):
        folders[name] = tmp_path_factory.mktemp(name)
        generate(folders[name], scale=SCALE, progress=False, history=name)
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


def test_truth_of_histories(demo: Path, other_histories: dict[str, Path]) -> None:
    """The truth names the history, and what each district and area does in it."""
    folders = {"published": demo, **other_histories}
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
