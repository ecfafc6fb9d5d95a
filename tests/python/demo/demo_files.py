"""The demo data of these tests: its files, and how they read it."""

import pandas as pd
from helpers import SEEDS

SCALE = 0.02


# the day of a date in any form that the generator writes
DAY = r"^(\d{4} [A-Z][a-z]{2} \d\d|[^ T]+)"


CRIMES_26 = "crimes/synthetic_crimes_26col_2010_2014.csv.gz"


CRIMES_28 = "crimes/synthetic_crimes_28col_2014_2019.csv"


CRIMES_API = "crimes/synthetic_crimes_api_2020_2024.parquet"


ARRESTS_17 = "arrests/synthetic_arrests_17col_2010_2018.csv"


ARRESTS_25 = "arrests/synthetic_arrests_25col_2018_2021.csv.gz"


ARRESTS_API = "arrests/synthetic_arrests_api_2021_2025.csv"


NIBRS = "nibrs_offenses/synthetic_nibrs_offenses_2024_2026.parquet"


INCIDENTS = {CRIMES_26, CRIMES_28, CRIMES_API, ARRESTS_17, ARRESTS_25, ARRESTS_API, NIBRS}
NEIGHBOURHOODS = "boundaries/synthetic_neighborhoods.geojson"
TRACTS = "denominators/synthetic_tracts.geojson"
FILES = {*INCIDENTS, "truth.parquet", NEIGHBOURHOODS, TRACTS}


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
