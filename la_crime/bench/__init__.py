"""Times builds from nothing, of nothing new and of new rows beside a plain pandas script."""

import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import altair as alt
import duckdb
import pandas as pd

from la_crime import demo
from la_crime.cities import Seeds
from la_crime.demo.write import PREFIX
from la_crime.files import quoted
from la_crime.inputs.layouts import match_layout, read_layouts

SLOWEST = 10
NEW_SHARE = 0.01
# a report's number begins with its year, and those of copies with 81, 82, ...
OTHER_YEARS = 80
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


# Python started anew with less memory to ask for: its limit, then its words
LIMITED = (
    "import os, resource, sys; limit = int(sys.argv[1]);"
    " resource.setrlimit(resource.RLIMIT_DATA, (limit, limit));"
    " os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


class Run(NamedTuple):
    """What one process took: seconds of the clock and of the processors, peak memory in bytes."""

    label: str
    wall: float
    cpu: float
    peak: int
    code: int


def bench(folder: Path, scale: float, picture: Path | None = None) -> int:
    """Make data of a scale in a folder and time the script and three builds of it.

    A scale above 1 is so many copies of the same city's incidents, each with numbers of its own.
    Prints a table of times and peaks of memory, with each time over the script's, and draws it if
    `picture` names a file. The script may run out of memory, as one that holds all rows does.
    Returns the exit code of the build that failed, or 0.
    """
    started = time.perf_counter()
    copies = max(1, math.ceil(scale))
    # in a process of its own: a peak of this one would count as that of each process it starts
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        made = apart.submit(demo.generate, folder / "data", scale=scale / copies).result()
        apart.submit(multiply, folder / "data", copies).result()
    print(f"demo data at scale {scale:g}: {time.perf_counter() - started:.1f} s")
    # the truth lies beside the folders of the feeds, and is no feed
    read = sum(file["rows"] for path, file in made["files"].items() if "/" in path)
    new = round(NEW_SHARE * read * copies)
    database, target = folder / "bench.duckdb", folder / "target"
    database.unlink(missing_ok=True)
    settings = {"LA_CRIME_DATA_DIR": str(folder / "data"), "LA_CRIME_DB": str(database)}
    build = [*DBT_BUILD, "--target-path", str(target), "--log-path", str(folder / "logs")]
    script = ["-m", "la_crime.bench.study_script", str(folder / "data")]
    runs = []
    for label, words in {
        "the study's steps in pandas": script,
        "full build": build,
        "build, nothing changed": build,
        f"build, {new:,} new rows": build,
    }.items():
        if "new rows" in label:
            add_newest_rows(folder / "data", new)
        # the script gets the memory that there is, and no more: the system would end something else
        runs.append(timed(label, words, settings, memory() if words is script else None))
        if code := runs[-1].code:
            print(f"{label} FAILED with exit code {code}")
            if words is not script:
                return code
        if label == "full build":
            slowest = slowest_nodes(target / "run_results.json")
    print(table(runs, scale))
    print("the slowest of the full build:")
    for seconds, node in slowest:
        print(f"  {seconds:6.2f} s  {node}")
    if picture:
        draw(runs, picture)
    return 0


def table(runs: Sequence[Run], scale: float) -> str:
    """A line a run, with its time over that of the first."""
    lines = [f"{'scale':>5}  {'':<28}{'wall s':>8}{'CPU s':>8}{'peak GB':>9}{'ratio':>7}"]
    lines += [
        f"{scale:>5g}  {run.label:<28}{run.wall:>8.1f}{run.cpu:>8.1f}{run.peak / 1e9:>9.2f}"
        + (f"{run.wall / runs[0].wall:>7.2f}" if runs[0].code == 0 else f"{'-':>7}")
        for run in runs
    ]
    return "\n".join(lines)


def draw(runs: Sequence[Run], picture: Path) -> None:
    """Draw what each run took, in seconds of the clock, to a file."""
    frame = pd.DataFrame(runs)
    bars = alt.Chart(frame).encode(
        x=alt.X("wall", title="seconds"), y=alt.Y("label", sort=None, title=None)
    )
    words = bars.mark_text(align="left", dx=4).encode(text=alt.Text("wall", format=".0f"))
    (bars.mark_bar() + words).properties(width=420).save(picture)


def multiply(data: Path, copies: int) -> None:
    """Add to each file of incidents so many copies less one, numbered anew."""
    layouts = read_layouts(Seeds(Path()) / "file_layouts.csv")
    with duckdb.connect() as con:
        con.execute("set preserve_insertion_order = false")
        for path in sorted(data.glob(f"*/{PREFIX}*")) if copies > 1 else []:
            if path.suffix == ".geojson":
                continue
            name = path.name.removeprefix(PREFIX)
            header = con.sql(f"from {source(path)} limit 0").columns
            _, found = match_layout(header, path.parent.name, layouts)
            numbers = [header[found[key]] for key in ("report_id", "offense_id") if key in found]
            for copy in range(1, copies):
                renumbered = ", ".join(
                    f'\'{OTHER_YEARS + copy}\' || "{n}" as "{n}"' for n in numbers
                )
                con.execute(
                    f"copy (select * replace ({renumbered}) from {source(path)})"
                    f" to {quoted(path.with_name(f'{PREFIX}copy_{copy}_{name}'))}"
                )


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


def memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def timed(
    label: str, words: list[str], settings: dict[str, str] | None = None, limit: int | None = None
) -> Run:
    """Run Python with these words, and take its time and its peak of memory.

    It may ask for so many bytes as `limit` says.
    """
    started = time.perf_counter()
    limited = ["-c", LIMITED, str(limit), *words] if limit else words
    process = subprocess.Popen(
        [sys.executable, *limited], env=os.environ | (settings or {}), stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    return Run(
        label,
        time.perf_counter() - started,
        usage.ru_utime + usage.ru_stime,
        peak_bytes(usage),
        os.waitstatus_to_exitcode(status),
    )


def peak_bytes(usage: resource.struct_rusage) -> int:
    """Give the peak of resident memory in bytes: Linux counts it in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def slowest_nodes(run_results: Path) -> list[tuple[float, str]]:
    """List the nodes of a dbt run that took longest, with their seconds."""
    results = json.loads(run_results.read_text())["results"]
    times = [(result["execution_time"], result["unique_id"]) for result in results]
    return sorted(times, reverse=True)[:SLOWEST]
