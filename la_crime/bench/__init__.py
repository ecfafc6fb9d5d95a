"""Times a full-size build, a plain pandas script of the study's own steps, and a refresh."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from la_crime import demo
from la_crime.files import quoted

SLOWEST = 10
NEW_SHARE = 0.01
# the feeds that go on, each with the column that tells its newest rows and those that number them
LIVE_FEEDS = (
    ("arrests/synthetic_arrests_api_2021_2025.csv", "arst_date", ["rpt_id"]),
    (
        "nibrs_offenses/synthetic_nibrs_offenses_2024_2026.parquet",
        "date_rptd",
        ["caseno", "uniquenibrno"],
    ),
)
# dbt by its function, so that it is this environment's
DBT_BUILD = ["-c", "from dbt.cli.main import cli; cli()", "--quiet", "build"]


def bench(folder: Path, scale: float) -> int:
    """Make data of a scale in a folder, build it, run the script, build again with new rows.

    Prints times and peaks of memory. Returns the exit code of whichever failed, or 0.
    """
    started = time.perf_counter()
    made = demo.generate(folder / "data", scale=scale)
    print(f"demo data at scale {scale:g}: {time.perf_counter() - started:.1f} s")
    database = folder / "bench.duckdb"
    database.unlink(missing_ok=True)
    target = folder / "target"
    settings = {"LA_CRIME_DATA_DIR": str(folder / "data"), "LA_CRIME_DB": str(database)}
    build = [*DBT_BUILD, "--target-path", str(target), "--log-path", str(folder / "logs")]
    full, code = timed("dbt build with every test", build, settings)
    if code:
        return code
    for seconds, node in slowest_nodes(target / "run_results.json"):
        print(f"  {seconds:6.2f} s  {node}")
    _, code = timed(
        "the study's steps in pandas", ["-m", "la_crime.bench.study_script", str(folder / "data")]
    )
    if code:
        return code
    # the truth lies beside the folders of the feeds, and is no feed
    rows = round(
        NEW_SHARE * sum(file["rows"] for path, file in made["files"].items() if "/" in path)
    )
    add_newest_rows(folder / "data", rows)
    again, code = timed(f"dbt build with {rows:,} new rows", build, settings)
    print(f"  {again / full:.2f} of the first build")
    return code


def add_newest_rows(data: Path, rows: int) -> None:
    """Add files with so many new rows like the newest ones, as many to each live feed."""
    limit = rows // len(LIVE_FEEDS)
    with duckdb.connect() as con:
        for path, day, numbers in LIVE_FEEDS:
            new = (data / path).with_name("synthetic_new" + Path(path).suffix)
            renumbered = ", ".join(f"'9' || {number} as {number}" for number in numbers)
            con.execute(
                f"copy (select * replace ({renumbered}) from {source(data / path)}"
                f" where {day} like '20%' order by {day} desc, {numbers[-1]} limit {limit})"
                f" to {quoted(new)}"
            )


def source(path: Path) -> str:
    """A file of text columns as SQL reads it."""
    if path.suffix == ".parquet":
        return f"read_parquet({quoted(path)})"
    return f"read_csv({quoted(path)}, all_varchar = true)"


def timed(
    label: str, words: list[str], settings: dict[str, str] | None = None
) -> tuple[float, int]:
    """Run Python with these words; print seconds and peak memory; return seconds and exit code."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], env=os.environ | (settings or {}), stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    print(
        f"{label}: {seconds:.1f} s, peak {peak_bytes(usage) / 1e9:.2f} GB"
        + (f", FAILED with exit code {code}" if code else "")
    )
    return seconds, code


def peak_bytes(usage: resource.struct_rusage) -> int:
    """Give the peak of resident memory in bytes: Linux counts it in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def slowest_nodes(run_results: Path) -> list[tuple[float, str]]:
    """List the nodes of a dbt run that took longest, with their seconds."""
    results = json.loads(run_results.read_text())["results"]
    times = [(result["execution_time"], result["unique_id"]) for result in results]
    return sorted(times, reverse=True)[:SLOWEST]
