"""Times a full-size build, and beside it a plain pandas script of the study's own steps."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from la_crime import demo

SLOWEST = 10
# dbt through its module, so that it is this environment's
DBT_BUILD = ["-m", "dbt.cli.main", "--quiet", "build"]


def bench(folder: Path, scale: float) -> int:
    """Make data of a scale in a folder, build it, run the script, print times and peaks of memory.

    Returns the exit code of whichever failed, or 0.
    """
    started = time.perf_counter()
    demo.generate(folder / "data", scale=scale)
    print(f"demo data at scale {scale:g}: {time.perf_counter() - started:.1f} s")
    database = folder / "bench.duckdb"
    database.unlink(missing_ok=True)
    target = folder / "target"
    settings = {"LA_CRIME_DATA_DIR": str(folder / "data"), "LA_CRIME_DB": str(database)}
    build = [*DBT_BUILD, "--target-path", str(target), "--log-path", str(folder / "logs")]
    code = timed("dbt build with every test", build, settings)
    if code:
        return code
    for seconds, node in slowest_nodes(target / "run_results.json"):
        print(f"  {seconds:6.2f} s  {node}")
    return timed(
        "the study's steps in pandas", ["-m", "la_crime.study_script", str(folder / "data")]
    )


def timed(label: str, words: list[str], settings: dict[str, str] | None = None) -> int:
    """Run Python with these words; print seconds and peak memory; return the exit code."""
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
    return code


def peak_bytes(usage: resource.struct_rusage) -> int:
    """Give the peak of resident memory in bytes: Linux counts it in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def slowest_nodes(run_results: Path) -> list[tuple[float, str]]:
    """List the nodes of a dbt run that took longest, with their seconds."""
    results = json.loads(run_results.read_text())["results"]
    times = [(result["execution_time"], result["unique_id"]) for result in results]
    return sorted(times, reverse=True)[:SLOWEST]
