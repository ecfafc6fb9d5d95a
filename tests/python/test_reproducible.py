"""Same input, same output: the marts of two builds, row by row in the order they are stored in."""

import os

from helpers import DBT, WAREHOUSE, WITHOUT_TESTS, checksums


def test_one_thread_on_one_core_builds_the_same_marts(demo_warehouse, tmp_path, run_dbt):
    """The session's warehouse is built with the profile's threads on every core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # DuckDB and BLAS then have one thread too
    try:
        db = tmp_path / WAREHOUSE
        words = ["build", *WITHOUT_TESTS, "--threads", "1"]
        ran = run_dbt(words, data_dir=demo_warehouse.data, db=db, command=[DBT])
        assert ran.returncode == 0, ran.stdout
    finally:
        os.sched_setaffinity(0, cores)
    assert checksums(db) == checksums(demo_warehouse.db)
