"""Demo data at a fiftieth of the real size, and its rows as tests want them."""

from pathlib import Path

import pandas as pd
import pytest
from demo_files import (
    ARRESTS_17,
    ARRESTS_25,
    ARRESTS_API,
    CRIMES_26,
    CRIMES_28,
    CRIMES_API,
    DAY,
    INCIDENTS,
    NIBRS,
    nibrs_seed,
    reasons,
)


@pytest.fixture(scope="session")
def frames(small_demo: Path) -> dict[str, pd.DataFrame]:
    """The text of every file, by its path in the demo folder."""
    return {
        path: pd.read_parquet(small_demo / path)
        if path.endswith("parquet")
        else pd.read_csv(small_demo / path, dtype=str, keep_default_na=False, na_values=[""])
        for path in (*INCIDENTS, "truth.parquet")
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
