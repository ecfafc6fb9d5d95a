"""Demo data of any city, in the shape of its files, drawn from nothing but its folder.

Los Angeles has one of its own, of published shares and with planted changes; this one has places of
steady size, and rows such as files have: doubled, faulty, or without a place.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from la_crime.cities import Seeds
from la_crime.demo import write

WITHOUT_PLACE = 0.016  # rows that say no more of where than their smallest place
REPEATED = 0.002  # of a file's rows, which the one before has too; there they are duplicates
FAULTY_ROWS = 3  # of each kind in each file
FILES = 2  # of each source
PLACES_SIGMA = 0.6  # of the logarithm of places' sizes
SPREAD_DEGREES = 0.003
# the sources, by what says how many rows a year there are
SOURCES = {"crimes_a_year": "crimes", "arrests_a_year": "arrests"}
# the tables whose first column has the values of a column of ours
CODES = {
    "crime_code": "crime_codes",
    "charge_group_code": "charge_groups",
    "arrest_type_code": "arrest_types",
    "person_age": "age_codes",
    "person_sex": "sex_codes",
    "person_descent": "descent_codes",
}


def generate(out: Path, seeds: Seeds, scale: float, seed: int) -> dict:
    """Write a data folder of synthetic rows; return what `write.generate` does.

    Raises ValueError for a city whose settings say nothing of a demo, or a scale out of range.
    """
    demo = seeds.settings["demo"]
    if not demo:
        raise ValueError(
            f"{seeds.city / 'city.toml'} says nothing of a demo: put the city's files into "
            f"{out}/crimes, or name their folder in LA_CRIME_DATA_DIR."
        )

    def write_all(folder: Path) -> dict[str, int]:
        rng = np.random.default_rng(seed)
        tallies = {}
        for line, source in SOURCES.items():
            if line in demo:
                names = column_names(seeds, source)
                rows = draw(seeds, names, demo["years"], demo[line] * scale, rng)
                tallies |= write_rows(folder / source, rows, names, demo)
        write.file_truth(tallies).to_parquet(folder / write.TRUTH)
        return {path: tally["rows"] for path, tally in tallies.items()}

    files = write.filled(out, scale, write_all)
    return {"out": str(out), "scale": scale, "seed": seed, "history": "plain", "files": files}


def write_rows(
    folder: Path, rows: pd.DataFrame, names: dict[str, str], demo: dict[str, Any]
) -> dict[str, dict[str, int]]:
    """Write a source's rows as its files in a new folder; return what is planted in each."""
    folder.mkdir(parents=True)
    tallies, before = {}, rows.iloc[:0]
    for part in np.array_split(np.arange(len(rows)), FILES):
        own = rows.iloc[part]
        again = before.tail(round(REPEATED * len(own)))
        held = pd.concat([again, own, *faulty(own.head(FAULTY_ROWS))])
        years = f"{own['moment'].iloc[0].year}_{own['moment'].iloc[-1].year}"
        path = folder / f"{write.PREFIX}{years}.csv"
        as_written(held, names, demo).to_csv(path, index=False)
        rejected = {f"rejected: {why}": FAULTY_ROWS for why in FAULTS}
        for earlier in list(tallies)[-1:]:
            tallies[earlier]["rows_duplicate"] = len(again)
        tallies[f"{folder.name}/{path.name}"] = {"rows": len(held), "rows_duplicate": 0, **rejected}
        before = own
    return tallies


def draw(
    seeds: Seeds,
    names: dict[str, str],
    years: list[int],
    a_year: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rows by moment, a_year of them in each of the years from the first to the last.

    Columns: report_id, moment, area_id, small_area, lat and lon; crime_class and those of `CODES`
    if `names` has them. Values are missing where the city has no such place or code.
    """
    areas = pd.read_csv(seeds / "areas.csv", dtype={"area_id": str})
    small_areas = pd.read_csv(seeds / "small_areas.csv", dtype={"area_id": str, "small_area": str})
    smallest = areas.assign(small_area=None) if small_areas.empty else small_areas
    first, last = years
    start = pd.Timestamp(year=first, month=1, day=1)
    minutes = (pd.Timestamp(year=last + 1, month=1, day=1) - start) // pd.Timedelta(minutes=1)
    n = rng.poisson(a_year * (last - first + 1))
    size = rng.lognormal(0, PLACES_SIGMA, len(smallest))
    place = rng.choice(len(smallest), n, p=size / size.sum())
    rows = smallest[["area_id", "small_area", "lat", "lon"]].iloc[place].reset_index(drop=True)
    rows[["lat", "lon"]] += rng.normal(0, SPREAD_DEGREES, (n, 2))
    rows["moment"] = start + pd.to_timedelta(np.sort(rng.integers(0, minutes, n)), unit="min")
    rows["report_id"] = (10_000_000 + np.arange(n)).astype(str)
    for column, table in CODES.items():
        if column in names:
            rows[column] = codes(seeds / f"{table}.csv", n, rng)
    if "crime_class" in names:
        # a class stands for a code that is missing
        is_class = rows["crime_code"].str.startswith("*")
        rows["crime_class"] = rows["crime_code"].str[1:].where(is_class)
        rows["crime_code"] = rows["crime_code"].mask(is_class)
    unknown = ["lat", "lon"] if small_areas.empty else ["area_id", "lat", "lon"]
    rows.loc[rng.random(n) < WITHOUT_PLACE, unknown] = None
    return rows


def codes(path: Path, n: int, rng: np.random.Generator) -> np.ndarray | None:
    """Codes of a table, some far more often than others, as everywhere; None if it has none."""
    there = pd.read_csv(path, dtype=str, keep_default_na=False).iloc[:, 0]
    there = there[~there.isin(["", "0"])]  # neither of these is written in files
    share = 1 / (1 + rng.permutation(len(there)))
    return rng.choice(there, n, p=share / share.sum()) if len(there) else None


FAULTS = ("no usable identifier", "no usable occurrence date", "no usable area")


def faulty(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Copies of some rows that cannot be used, for each of `FAULTS` in turn."""
    renamed = rows.assign(report_id="9" + rows["report_id"])
    return [
        rows.assign(report_id=None),
        renamed.assign(moment=pd.NaT),
        renamed.assign(report_id="8" + rows["report_id"], area_id="99"),
    ]


def column_names(seeds: Seeds, source: str) -> dict[str, str]:
    """The name that the city's first layout of a source gives each of our columns."""
    layouts = pd.read_csv(seeds / "file_layouts.csv", dtype=str).set_index("source")
    first = layouts.loc[[source]].iloc[0].drop("layout").dropna()
    return {ours: str(names).split(" | ")[0] for ours, names in first.items()}


def as_written(rows: pd.DataFrame, names: dict[str, str], demo: dict[str, Any]) -> pd.DataFrame:
    """The rows as files write them, under these names; what nobody drew is empty."""
    ours = rows.assign(lat=rows["lat"].round(9), lon=rows["lon"].round(9))
    for column, width in demo.get("widths", {}).items():
        ours[column] = rows[column].str.zfill(width)
    ours["date_occurred"] = ours["date_reported"] = rows["moment"].dt.strftime(demo["date"])
    if names.get("time_occurred") != names["date_occurred"]:
        ours["time_occurred"] = rows["moment"].dt.strftime("%H:%M:%S")
    written = {name: ours[column] for column, name in names.items() if column in ours}
    empty = {name: None for name in names.values() if name not in written}
    return pd.DataFrame(written | empty, index=rows.index)
