"""Demo data of any city, in the shape of its crime files, drawn from nothing but its folder.

Los Angeles has one of its own, of published shares and with planted changes; this one has places of
steady size, and rows such as files have: doubled, faulty, or without a place.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from la_crime.cities import Seeds
from la_crime.demo import write

WITHOUT_PLACE = 0.016  # rows with a district's number and nothing else of where
REPEATED = 0.002  # of a file's rows, which the one before has too; there they are duplicates
FAULTY_ROWS = 3  # of each kind in each file
FILES = 2
PLACES_SIGMA = 0.6  # of the logarithm of places' sizes
SPREAD_DEGREES = 0.003


def generate(out: Path, seeds: Seeds, scale: float, seed: int) -> dict:
    """Write a data folder of synthetic crimes; return what `write.generate` does.

    Raises ValueError for a city whose settings say nothing of a demo, or a scale out of range.
    """
    demo = seeds.settings["demo"]
    if not demo:
        raise ValueError(
            f"{seeds.city / 'city.toml'} says nothing of a demo: put the city's files into "
            f"{out}/crimes, or name their folder in LA_CRIME_DATA_DIR."
        )

    def write_all(folder: Path) -> dict[str, int]:
        rows = draw(seeds, demo, scale, np.random.default_rng(seed))
        return write_rows(folder, rows, seeds, demo)

    files = write.filled(out, scale, write_all)
    return {"out": str(out), "scale": scale, "seed": seed, "history": "plain", "files": files}


def write_rows(
    folder: Path, rows: pd.DataFrame, seeds: Seeds, demo: dict[str, Any]
) -> dict[str, int]:
    """Write the rows as the city's files below a new folder; return the rows of each."""
    (folder / "crimes").mkdir(parents=True)
    tallies, before = {}, rows.iloc[:0]
    for part in np.array_split(np.arange(len(rows)), FILES):
        own = rows.iloc[part]
        again = before.tail(round(REPEATED * len(own)))
        held = pd.concat([again, own, *faulty(own.head(FAULTY_ROWS))])
        years = f"{own['moment'].iloc[0].year}_{own['moment'].iloc[-1].year}"
        path = f"crimes/{write.PREFIX}{years}.csv"
        as_written(held, crime_columns(seeds), demo).to_csv(folder / path, index=False)
        rejected = {f"rejected: {why}": FAULTY_ROWS for why in FAULTS}
        for earlier in list(tallies)[-1:]:
            tallies[earlier]["rows_duplicate"] = len(again)
        tallies[path] = {"rows": len(held), "rows_duplicate": 0, **rejected}
        before = own
    write.file_truth(tallies).to_parquet(folder / write.TRUTH)
    return {path: tally["rows"] for path, tally in tallies.items()}


def draw(
    seeds: Seeds, demo: dict[str, Any], scale: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Rows by moment: report_id, moment, area_id, small_area, crime_code, lat, lon."""
    districts = pd.read_csv(seeds / "small_areas.csv")
    codes = pd.read_csv(seeds / "crime_codes.csv", dtype={"crime_code": str})["crime_code"]
    first, last = demo["years"]
    start = pd.Timestamp(year=first, month=1, day=1)
    minutes = (pd.Timestamp(year=last + 1, month=1, day=1) - start) // pd.Timedelta(minutes=1)
    n = rng.poisson(demo["crimes_a_year"] * scale * (last - first + 1))
    size = rng.lognormal(0, PLACES_SIGMA, len(districts))
    place = rng.choice(len(districts), n, p=size / size.sum())
    # a few codes are most of what is recorded, as everywhere
    share = 1 / (1 + rng.permutation(len(codes)))
    rows = pd.DataFrame(
        {
            "moment": start + pd.to_timedelta(np.sort(rng.integers(0, minutes, n)), unit="min"),
            "area_id": districts["area_id"].to_numpy()[place].astype(str),
            "small_area": districts["small_area"].to_numpy()[place].astype(str),
            "crime_code": rng.choice(codes, n, p=share / share.sum()),
            "lat": districts["lat"].to_numpy()[place] + rng.normal(0, SPREAD_DEGREES, n),
            "lon": districts["lon"].to_numpy()[place] + rng.normal(0, SPREAD_DEGREES, n),
        }
    )
    rows["report_id"] = (10_000_000 + np.arange(n)).astype(str)
    rows.loc[rng.random(n) < WITHOUT_PLACE, ["area_id", "lat", "lon"]] = None
    return rows


FAULTS = ("no usable identifier", "no usable occurrence date", "no usable area")


def faulty(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Copies of some rows that cannot be used, for each of `FAULTS` in turn."""
    renamed = rows.assign(report_id="9" + rows["report_id"])
    return [
        rows.assign(report_id=None),
        renamed.assign(moment=pd.NaT),
        renamed.assign(report_id="8" + rows["report_id"], area_id="99"),
    ]


def crime_columns(seeds: Seeds) -> dict[str, str]:
    """The name that the city's first layout of crimes gives each of our columns."""
    layouts = pd.read_csv(seeds / "file_layouts.csv", dtype=str).set_index("source")
    first = layouts.loc[["crimes"]].iloc[0].drop("layout").dropna()
    return {ours: str(names).split(" | ")[0] for ours, names in first.items()}


def as_written(rows: pd.DataFrame, names: dict[str, str], demo: dict[str, Any]) -> pd.DataFrame:
    """The rows as files write them, under these names; what is of persons and the like is empty."""
    ours = {
        column: rows[column].str.zfill(demo.get("widths", {}).get(column, 0))
        for column in ("report_id", "area_id", "small_area", "crime_code")
    }
    ours |= {"lat": rows["lat"].round(9), "lon": rows["lon"].round(9)}
    ours["date_occurred"] = ours["date_reported"] = rows["moment"].dt.strftime(demo["date"])
    ours["time_occurred"] = rows["moment"].dt.strftime("%H%M")
    if names.get("time_occurred") == names["date_occurred"]:
        del ours["time_occurred"]
    written = {name: ours.get(column) for column, name in names.items() if column in ours}
    empty = {name: None for name in names.values() if name not in written}
    return pd.DataFrame(written | empty, index=rows.index)
