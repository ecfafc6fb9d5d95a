"""Writes the demo data: synthetic files in every layout, and what was planted in them."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from tqdm import tqdm

from la_crime.demo import places, shares
from la_crime.demo.city import CRIME_YEARS, City, expected_crimes, plan_city
from la_crime.demo.draws import (
    AFTER_REPORT,
    FAULTS,
    NIBRS_BREAK,
    ReportNumbers,
    count_arrests,
    count_crimes,
    count_in_city,
    draw_arrests,
    draw_cases,
    draw_crimes,
    draw_faulty,
    draw_moved,
    draw_offences,
    split_areas,
    split_city,
    year_of,
)
from la_crime.demo.history import CHANGE_FROM, CHANGE_TO, MIX_AFTER
from la_crime.demo.layouts import FILE_LAYOUTS, INCIDENT_TEXT, FileLayout, create_lookups
from la_crime.demo.noise import count_noise
from la_crime.files import quoted

PREFIX = "synthetic_"
TRUTH = "truth.parquet"
# what is drawn beside incidents: polygons, by the path of their file
PLACES = {
    f"boundaries/{PREFIX}neighborhoods.geojson": places.neighbourhoods,
    f"denominators/{PREFIX}tracts.geojson": places.tracts,
}
PARTIAL = ".partial"  # a hidden folder beside the sub-folders, where files grow until complete
MAX_SCALE = 2  # serial numbers and running time are made for up to twice the real size
FAULTY_ROWS = 36  # of each kind in each file, at scale 1
FEWEST_FAULTY_ROWS = 3
SHORT_REPORT_NUMBER = 418  # one published report has a number as short as this: 0418
FIRST_CASE_SERIAL = 50_001  # above the report numbers of the old feed


def generate(out: Path, scale: float, seed: int, progress: bool, history: str) -> dict:
    """Write a data folder of synthetic crimes, arrests and NIBRS offences.

    They span 2010-2024, 2010 to July 2025, and March 2024 to September 2026. Neighbourhoods cut
    across the districts, and tracts have residents and jobs.

    scale: rows relative to the real data (1 is 3.1 million crimes, 1.7 million arrests and 0.5
    million offences), above 0 and at most 2. history: how places develop over the years, one of
    `history.HISTORIES`. The same scale, seed and history give the same bytes. Files appear under
    their names only once all are complete, in place of those of an earlier run.

    Returns `{"out", "scale", "seed", "history", "files": {path within out: {"rows", "bytes"}}}`.
    Raises ValueError for a scale out of range or a history that there is not, FileExistsError for
    a folder with other people's files.
    """
    city = plan_city(seed, history=history)
    files = filled(out, scale, lambda folder: write_all(folder, city, scale, seed, progress))
    return {"out": str(out), "scale": scale, "seed": seed, "history": history, "files": files}


def filled(
    out: Path, scale: float, write: Callable[[Path], dict[str, int]]
) -> dict[str, dict[str, int]]:
    """Have files written into a new folder, then put them in `out`; rows and bytes by path.

    write: writes below a folder that is not there yet, and returns the rows of each file.
    """
    if not 0 < scale <= MAX_SCALE:
        raise ValueError(f"scale is {scale}; it must be above 0 and at most {MAX_SCALE}.")
    refuse_foreign_folder(out)
    partial = out / PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    try:
        rows = write(partial)
        publish(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return {path: {"rows": n, "bytes": (out / path).stat().st_size} for path, n in rows.items()}


def write_all(folder: Path, city: City, scale: float, seed: int, progress: bool) -> dict[str, int]:
    """Write every file below a new folder; return the rows of each."""
    loads = {"crimes": load_crimes, "arrests": load_arrests, "nibrs_offenses": load_nibrs}
    years = (*CRIME_YEARS, *shares.ARRESTS_BY_YEAR, *shares.NIBRS_CASES_BY_YEAR)
    steps = len(years) + len(FILE_LAYOUTS) + len(PLACES)
    with (
        tqdm(total=steps, disable=not progress, file=sys.stderr, unit="step") as bar,
        # one thread: rows then leave DuckDB in the same order and chunks everywhere
        duckdb.connect(config={"threads": 1, "preserve_insertion_order": True}) as con,
    ):

        def report(label: str) -> None:
            bar.set_description(f"{label:<46}")
            bar.update()

        create_lookups(con, city, seed)
        tallies = {}
        for source, load in loads.items():
            (folder / source).mkdir(parents=True)
            load(con, city, scale, seed, report)
            for layout in FILE_LAYOUTS:
                if layout.source == source:
                    tallies[layout.path] = write_file(con, layout, folder)
                    report(f"wrote {layout.name}")
            con.execute(f"drop table {source} cascade")
        for path, draw in PLACES.items():
            features = draw(city.districts, seed)
            (folder / path).parent.mkdir()
            (folder / path).write_text(places.collection(features), encoding="utf-8")
            tallies[path] = {"rows": len(features)}
            report(f"drew {Path(path).stem}")
        truth = pd.concat(
            [
                district_truth(city, scale),
                area_truth(city),
                file_truth({k: v for k, v in tallies.items() if k not in PLACES}),
                history_truth(city.history),
                noise_truth(city),
            ]
        )
        tallies[TRUTH] = {"rows": len(truth)}
        con.register("truth", truth)
        con.execute(f"copy truth to {quoted(folder / TRUTH)} (format parquet, compression zstd)")
    return {path: tally["rows"] for path, tally in tallies.items()}


def refuse_foreign_folder(out: Path) -> None:
    """Raise FileExistsError unless the folder is absent, empty or of an earlier run.

    An earlier run's folder has synthetic files, and no others, in the sub-folders of the sources.
    Hidden files do not count.
    """
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file, not a folder. Choose another --out.")
    inside = [
        path
        for source in INCIDENT_TEXT
        for path in sorted(out.glob(f"{source}/*"))
        if not path.name.startswith(".")
    ]
    foreign = [path for path in inside if not path.name.startswith(PREFIX)]
    if not inside and out.is_dir():
        ours = {out / name for name in (*INCIDENT_TEXT, TRUTH)}
        ours |= {(out / path).parent for path in PLACES}
        foreign = [
            path
            for path in sorted(out.iterdir())
            if path not in ours and not path.name.startswith(".")
        ]
    if foreign:
        raise FileExistsError(
            f"{out} holds files that the demo did not make ({foreign[0].relative_to(out)}), and "
            "they would be mixed with synthetic ones. Choose an empty or new folder for --out."
        )


def load_crimes(
    con: duckdb.DuckDBPyConnection,
    city: City,
    scale: float,
    seed: int,
    report: Callable[[str], None],
) -> None:
    """Draw all crimes, and each crime file's rows to be rejected, into the table `crimes`.

    Those that are NIBRS cases as well go into the table `moved`, as such.
    """
    numbers = ReportNumbers()
    for year in CRIME_YEARS:
        rng = np.random.default_rng([seed, 1, year])
        drawn = draw_crimes(city, year, count_crimes(city, year, scale, rng), numbers, rng)
        if year == CRIME_YEARS[0]:
            drawn.loc[drawn.index[:1], "report_id"] = SHORT_REPORT_NUMBER
        append(con, "crimes", drawn.assign(fault=0, only_in=""))
        if year == NIBRS_BREAK.year:
            append(con, "moved", draw_moved(city, drawn, np.random.default_rng([seed, 5, 0])))
        for layout in FILE_LAYOUTS:
            if layout.source == "crimes" and layout.faults_year == year:
                each = faulty_rows(scale)
                by_area = rng.multinomial(each * len(FAULTS), np.full(21, 1 / 21))
                by_area = pd.Series(by_area, index=city.crime_counts.index)
                counts = split_areas(city, year, by_area, rng)
                extra = draw_crimes(city, year, counts, numbers, rng)
                faulty = draw_faulty(extra, list(FAULTS), each, rng)
                append(con, "crimes", faulty.assign(only_in=layout.name))
        report(f"drew crimes of {year}")


def load_arrests(
    con: duckdb.DuckDBPyConnection,
    city: City,
    scale: float,
    seed: int,
    report: Callable[[str], None],
) -> None:
    """Draw all arrests, and each arrest file's rows to be rejected, into the table `arrests`."""
    numbers = ReportNumbers()
    faults = [fault for fault in FAULTS if fault != AFTER_REPORT]
    for year in shares.ARRESTS_BY_YEAR:
        rng = np.random.default_rng([seed, 2, year])
        drawn = draw_arrests(city, year, count_arrests(city, year, scale, rng), numbers, rng)
        append(con, "arrests", drawn.assign(fault=0, only_in=""))
        for layout in FILE_LAYOUTS:
            if layout.source == "arrests" and layout.faults_year == year:
                each = faulty_rows(scale)
                counts = split_city(city.arrest_weights, each * len(faults), rng)
                extra = draw_arrests(city, year, counts, numbers, rng)
                faulty = draw_faulty(extra, faults, each, rng)
                append(con, "arrests", faulty.assign(only_in=layout.name))
        report(f"drew arrests of {year}")


def load_nibrs(
    con: duckdb.DuckDBPyConnection,
    city: City,
    scale: float,
    seed: int,
    report: Callable[[str], None],
) -> None:
    """Draw all NIBRS offences, and the rows to be rejected, into the table `nibrs_offenses`.

    The cases that the old feed has too (table `moved`) are among those of the first year.
    """
    numbers = ReportNumbers(FIRST_CASE_SERIAL)
    weights = city.crime_weights[-1]
    moved = con.sql("from moved order by row_id").df()
    for year, total in shares.NIBRS_CASES_BY_YEAR.items():
        rng = np.random.default_rng([seed, 5, year])
        already = moved[year_of(moved["occurred"].to_numpy()) == year]
        counts = count_in_city(city, total * scale - len(already), weights, rng)
        cases = draw_cases(city, year, counts, numbers, rng)
        cases = pd.concat([cases, already[cases.columns]], ignore_index=True)
        append(con, "nibrs_offenses", draw_offences(city, cases, rng).assign(fault=0, only_in=""))
        for layout in FILE_LAYOUTS:
            if layout.source == "nibrs_offenses" and layout.faults_year == year:
                each = faulty_rows(scale)
                counts = split_city(weights, each * len(FAULTS), rng)
                extra = draw_cases(city, year, counts, numbers, rng)
                extra = extra.assign(sequence=1, offences=1)
                faulty = draw_faulty(extra, list(FAULTS), each, rng)
                append(con, "nibrs_offenses", faulty.assign(only_in=layout.name))
        report(f"drew NIBRS offences of {year}")


def faulty_rows(scale: float) -> int:
    """Rows to be rejected, of each kind in each file."""
    return max(FEWEST_FAULTY_ROWS, round(FAULTY_ROWS * scale))


def append(con: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    """Append drawn rows to a table, which the first call creates; `row_id` runs through all."""
    narrow = {column: np.int32 for column in rows.select_dtypes("number") if column != "report_id"}
    con.register("drawn", rows.astype(narrow))
    con.execute(f"create table if not exists {table} as select 0 as row_id, * from drawn limit 0")
    con.execute(
        f"insert into {table} "
        f"select row_number() over () + (select count(*) from {table}), * from drawn"
    )
    con.unregister("drawn")


def write_file(con: duckdb.DuckDBPyConnection, layout: FileLayout, folder: Path) -> dict:
    """Write one file in the order of reports; return what is in it, counted.

    Rows, duplicates, rejected rows, and cases: the report numbers that its usable rows have.
    """
    con.execute(
        f"""
        create or replace temp table held as
        from ({INCIDENT_TEXT[layout.source]})
        where only_in = '{layout.name}' or (only_in = '' and {layout.holds})
        """
    )
    con.execute(
        f"copy (select {layout.columns} from held order by first_seen, row_id) "
        f"to {quoted(folder / layout.path)} ({layout.options})"
    )
    rows, duplicates, cases = con.execute(
        f"select count(*), count(*) filter (only_in = '' and {layout.also_later}),"
        " count(distinct report_id) filter (fault = 0) from held"
    ).fetchone()
    faults = con.execute(
        "select fault, count(*) from held where fault > 0 group by fault order by fault"
    ).fetchall()
    return {
        "rows": rows,
        "rows_duplicate": duplicates,
        "cases": cases,
        **{f"rejected: {FAULTS[fault]}": n for fault, n in faults},
    }


def district_truth(city: City, scale: float) -> pd.DataFrame:
    """What was planted in each district, long: crime mix, tier, expected incidents and change.

    Crime mix and tier are those before a change. As published there is no planted change to tell:
    all areas move, and their districts with them.
    """
    crimes = expected_crimes(city, scale).sum(axis=0)
    arrests = sum(round(n * scale) for n in shares.ARRESTS_BY_YEAR.values())
    on_layer = 1 - shares.OFF_LAYER_ROWS
    attributes = {
        "archetype": city.districts["archetype"],
        "expected_crimes": [f"{n:.2f}" for n in crimes * on_layer],
        "expected_arrests": [
            f"{n:.2f}" for n in city.arrest_weights / city.arrest_weights.sum() * arrests * on_layer
        ],
        "planted_tier": np.where(city.districts["is_high_volume"], "high", "other"),
    }
    if city.district_change is not None:
        attributes |= change_columns(city.district_change)
    ids = city.districts["small_area"].astype(str)
    return long_truth("district", pd.DataFrame(attributes).set_index(ids))


def area_truth(city: City) -> pd.DataFrame:
    """What was planted in each area, long: its change, unless as published."""
    if city.area_change is None:
        return pd.DataFrame()
    ids = city.area_change.index.astype(str)
    return long_truth("area", pd.DataFrame(change_columns(city.area_change)).set_index(ids))


def change_columns(change: pd.DataFrame) -> dict[str, list[str]]:
    """A planted change as text: rising, falling, steady or mix; crimes after over before."""
    return {
        "planted_change": change["planted_change"].tolist(),
        "planted_factor": [f"{factor:g}" for factor in change["planted_factor"]],
    }


def history_truth(history: str) -> pd.DataFrame:
    """The history of the demo, long, and when and to which crime mix a change leads."""
    planted = {"history": history}
    if history == "changed":
        years = {"change_from": str(CHANGE_FROM), "change_to": str(CHANGE_TO)}
        planted |= {**years, "mix_after": MIX_AFTER}
    return long_truth("demo", pd.DataFrame(planted, index=["history"]))


def noise_truth(city: City) -> pd.DataFrame:
    """How much crimes of the old feed vary: by scope and group, as "area burglary", long.

    Attributes dispersion_month and dispersion_year, variance over mean in the place in the middle,
    1 where noise is Poisson; drift, the standard deviation of a year's change of a log share. As
    published, areas' yearly totals are met exactly, so that only their months and groups show
    bursts, and levels move at the turn of the year.
    """
    years = np.array(CRIME_YEARS) < NIBRS_BREAK.year
    mix = city.crime_mix / city.crime_mix.sum(axis=2, keepdims=True)
    expected = expected_crimes(city, 1)[years, :, None] * mix[years]
    noise = count_noise(expected, city.districts["area_id"].to_numpy(), city.followers)
    noise = noise.set_index(noise.pop("scope") + " " + noise.pop("group"))
    return long_truth("noise", noise.map("{:.4f}".format))


def file_truth(tallies: dict[str, dict]) -> pd.DataFrame:
    """Rows, duplicates, cases and rejected rows of each file, long."""
    return long_truth("file", pd.DataFrame.from_dict(tallies, orient="index"))


def long_truth(subject: str, wide: pd.DataFrame) -> pd.DataFrame:
    """One row an attribute: subject, subject_id (the index), attribute, value, all text."""
    long = wide.rename_axis("subject_id").reset_index()
    long = long.melt(id_vars="subject_id", var_name="attribute").dropna()
    long["value"] = [str(v) if isinstance(v, str) else f"{v:.0f}" for v in long["value"]]
    return long.assign(subject=subject)[["subject", "subject_id", "attribute", "value"]]


def publish(partial: Path, out: Path) -> None:
    """Put complete files under their names, in place of those of an earlier run."""
    for folder in (*INCIDENT_TEXT, *(Path(path).parent for path in PLACES)):
        (out / folder).mkdir(exist_ok=True)
        for earlier in (out / folder).glob(f"{PREFIX}*"):
            earlier.unlink()
    for path in sorted(partial.rglob("*")):
        if path.is_file():
            path.replace(out / path.relative_to(partial))
