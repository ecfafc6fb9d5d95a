"""Same input, same output: the marts of two builds, row by row in the order they are stored in."""

import hashlib
import os
from pathlib import Path

import duckdb


def checksums(db: Path) -> dict[str, str]:
    """A checksum of every mart but `build_info`, which says when it was built."""
    with duckdb.connect(str(db), read_only=True) as con:
        tables = con.sql(
            "select table_name from information_schema.tables"
            " where table_schema = 'marts' and table_name != 'build_info' order by table_name"
        ).fetchall()
        return {
            name: hashlib.sha256(repr(con.table(f"marts.{name}").fetchall()).encode()).hexdigest()
            for (name,) in tables
        }


def test_one_thread_on_one_core_builds_the_same_marts(demo_warehouse, tmp_path, run_dbt):
    """The session's warehouse is built with the profile's threads on every core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # DuckDB and BLAS then have one thread too
    try:
        db = tmp_path / "again.duckdb"
        words = ["build", "--resource-type", "seed", "--resource-type", "model", "--threads", "1"]
        ran = run_dbt(words, data_dir=demo_warehouse.data, db=db)
        assert ran.returncode == 0, ran.stdout
    finally:
        os.sched_setaffinity(0, cores)
    assert checksums(db) == checksums(demo_warehouse.db)
