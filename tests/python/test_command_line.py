"""The command line: what a person sees, above all when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from la_crime import bench, demo, summary

PROJECT = Path(__file__).parents[2]


def la_crime(*words: str, cwd: Path = PROJECT, **settings: str) -> subprocess.CompletedProcess:
    """Run `python -m la_crime` with these words and settings."""
    return subprocess.run(
        [sys.executable, "-m", "la_crime", *words],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command():
    shown = la_crime("--help").stdout
    commands = "demo", "build", "publish", "fetch", "refresh", "site", "summary", "docs", "bench"
    for command in commands:
        assert f"\n    {command} " in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["demo", "--scale", "0"], "Error: scale is 0.0; it must be above 0 and at most 2."),
        (
            ["summary"],
            "Error: {db} is not there yet: run `make build` first, or set LA_CRIME_DB to another.",
        ),
        (
            ["docs"],
            "Error: {db} is not there yet: run `make build` first, or set LA_CRIME_DB to another.",
        ),
        (
            ["publish"],
            "Error: {db} is not there yet: run `make build` first, or set LA_CRIME_DB to another.",
        ),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(words, message, tmp_path):
    db = tmp_path / "none.duckdb"
    ran = la_crime(*words, LA_CRIME_DB=str(db))
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == message.format(db=db)
    assert "Traceback" not in ran.stderr


def test_build_says_where_to_run_it(tmp_path):
    ran = la_crime("build", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"Error: dbt_project.yml is not in {tmp_path}: run this from the project's folder.\n"
    )


def test_a_build_on_a_bad_folder_fails_with_the_reason(tmp_path):
    ran = la_crime(
        "build",
        LA_CRIME_DATA_DIR=str(tmp_path / "nowhere"),
        LA_CRIME_DB=str(tmp_path / "db" / "x.duckdb"),
        DBT_TARGET_PATH=str(tmp_path / "target"),
        DBT_LOG_PATH=str(tmp_path / "logs"),
    )
    assert ran.returncode == 1
    assert f"The data folder {tmp_path / 'nowhere'} does not exist." in ran.stdout + ran.stderr
    assert "The build failed; what it printed above says where." in ran.stderr
    assert not (tmp_path / "db" / "published").exists()
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_warehouse_that_another_program_writes_is_one_line(tmp_path):
    db = tmp_path / "busy.duckdb"
    with duckdb.connect(str(db)):
        ran = la_crime("summary", LA_CRIME_DB=str(db))
    assert ran.returncode == 1
    assert "Could not set lock on file" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_summary_agrees_with_the_marts(demo_warehouse):
    text = summary.summary(demo_warehouse.db)
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        read, kept = con.sql(
            "select sum(rows_read), sum(rows_kept) from marts.row_reconciliation"
            " where source_name = 'crimes'"
        ).fetchall()[0]
        highest, volume = con.sql(
            "select place_name, volume from marts.cluster_assignments"
            " inner join marts.dim_places using (scope, place_id)"
            " where run_id = 'area__all__crimes__volume__kmeans' order by volume desc limit 1"
        ).fetchall()[0]
    assert "SYNTHETIC" in text
    assert f"crimes    {int(read):>12,}{int(kept):>12,}" in text
    assert f"  high         {highest} {volume}" in text
    assert str(demo_warehouse.db) in text


def test_bench_times_a_process_and_tells_of_its_failure(capsys):
    assert bench.timed("nothing", ["-c", "pass"])[1] == 0
    assert bench.timed("a failure", ["-c", "raise SystemExit(3)"])[1] == 3
    printed = capsys.readouterr().out
    assert "nothing: " in printed
    assert "a failure: " in printed
    assert "FAILED with exit code 3" in printed


def test_bench_adds_rows_that_are_new_to_both_live_feeds(tmp_path):
    demo.generate(tmp_path, scale=0.005, progress=False)
    before = set(tmp_path.glob("*/*"))
    rows = 300
    bench.add_newest_rows(tmp_path, rows)
    added = sorted(
        path.relative_to(tmp_path).as_posix() for path in set(tmp_path.glob("*/*")) - before
    )
    assert added == ["arrests/synthetic_new.csv", "nibrs_offenses/synthetic_new.parquet"]
    for path, (feed, day, numbers) in zip(added, bench.LIVE_FEEDS, strict=True):
        new, old = (bench.source(tmp_path / name) for name in (path, feed))
        newest = duckdb.sql(f"select max({day}) from {old} where {day} like '20%'").fetchall()
        assert duckdb.sql(f"select max({day}), count(*) from {new}").fetchall() == [
            (newest[0][0], rows // 2)
        ]
        for number in numbers:
            query = f"select 1 from {new} semi join {old} using ({number})"
            assert not duckdb.sql(query).fetchall()


def test_bench_lists_the_slowest_nodes_first(tmp_path):
    results = [{"execution_time": t, "unique_id": f"model.{t}"} for t in (1.0, 3.0, 2.0)]
    path = tmp_path / "run_results.json"
    path.write_text(json.dumps({"results": results}))
    assert bench.slowest_nodes(path) == [(3.0, "model.3.0"), (2.0, "model.2.0"), (1.0, "model.1.0")]
