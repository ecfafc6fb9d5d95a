"""Publishes the marts: a copy that readers may hold open while the next build runs.

Beside the warehouse, the folder `published` has

    versions/<time>/    a whole set: la_crime.duckdb, parquet/, data_dictionary.csv, manifest.json,
                        SHA256SUMS; written under a hidden name, never changed after
    current             a link to one of them; replacing it is what publishes
    la_crime.duckdb ..  links into `current`, so that the whole set changes at one moment
"""

import contextlib
import csv
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb

import la_crime
from la_crime import settings
from la_crime.files import plain_cell, quoted, sha256, sync
from la_crime.warehouse.opening import opened, require_crimes

DATABASE = "la_crime.duckdb"
MANIFEST = "manifest.json"
DICTIONARY = "data_dictionary.csv"
CHECKSUMS = "SHA256SUMS"
NAMES = (DATABASE, "parquet", DICTIONARY, MANIFEST, CHECKSUMS)
# the oldest format that DuckDB writes, which every version from 1.0 on opens
STORAGE_VERSION = "v1.0.0"
# columns that had another name before: views in the schema `former` show it for a version more
FORMER_NAMES = {"small_area": "reporting_district"}
SHOWN_FAULTS = 5
# seconds that a version stays after it was current: DuckDB first looks where a link leads, then
# opens what it found
GRACE = 60


def publish(warehouse: Path) -> str:
    """Publish the marts of a warehouse; say in a line what was published.

    Raises ValueError or OSError, and leaves what was published before as it was, if the last build
    of the warehouse was not a whole one that passed, or if it cannot be read or copied.
    """
    keep = settings.keep_versions()
    folder = published_folder(warehouse)
    versions = folder / "versions"
    with opened(warehouse) as con:
        invocation = passed_build(con, warehouse)
        require_crimes(con, warehouse)
        versions.mkdir(parents=True, exist_ok=True)
        with only_publisher(folder):
            check_origin(warehouse)
            remove_hidden(folder)
            unfinished = versions / ".unfinished"
            try:
                manifest = write_version(con, unfinished, invocation, warehouse)
                make_current(folder, unfinished, manifest["version"])
            except (duckdb.Error, OSError) as error:
                raise OSError(
                    f"The marts could not be copied to {folder}, and what was published before is "
                    f"still there. Is the disk full, or the folder not yours to write? {error}"
                ) from error
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
            remove_old(versions, manifest["version"], keep)
    rows = manifest["rows"]
    return f"Published {len(rows)} tables, {sum(rows.values()):,} rows: {folder / DATABASE}"


def passed_build(con: duckdb.DuckDBPyConnection, warehouse: Path) -> str:
    """Return the id of the build that made the warehouse; ValueError unless all of it passed."""
    invocation, fault = last_build(con, "warehouse.quality.build_outcome")
    if fault:
        raise ValueError(f"{warehouse} is not published, for {fault}")
    return invocation


def last_build(con: duckdb.DuckDBPyConnection, outcome: str) -> tuple[str, str]:
    """Return the id of the build that the table of its outcome tells of, and its fault.

    The fault is the end of a sentence that says what to do; empty if all of the build passed.
    """
    try:
        rows = con.sql(f"select invocation_id, command, shortfall from {outcome}").fetchall()
    except duckdb.CatalogException:
        rows = []
    if not rows:
        return "", "the last build of it did not come to its end: run `make build`."
    invocation, command, shortfall = rows[0]
    faults = shortfall.splitlines()
    if not faults:
        return invocation, ""
    more = len(faults) - SHOWN_FAULTS
    return invocation, (
        f"the last command on it, `{command}`, was not a whole build that passed "
        f"({'; '.join(faults[:SHOWN_FAULTS])}{f'; and {more} more' if more > 0 else ''}): "
        "mend that and run `make build`."
    )


@contextlib.contextmanager
def only_publisher(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which ends with the process; BlockingIOError if another holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BlockingIOError(
            f"Another program is publishing to {folder}: try again when it is done."
        ) from error
    finally:
        os.close(descriptor)


def published_folder(warehouse: Path) -> Path:
    """Where a warehouse is published: beside it."""
    return warehouse.parent / "published"


def database_to_read(warehouse: Path) -> Path:
    """What is published of a warehouse, if anything is, else the warehouse itself.

    A reader of what is published is in no build's way, and never sees a build that did not pass.
    """
    folder = published_folder(warehouse)
    is_published = origin(folder) == warehouse.name and (folder / DATABASE).exists()
    return folder / DATABASE if is_published else warehouse


def origin(folder: Path) -> str | None:
    """The name of the warehouse that is published in a folder; None if none is."""
    manifest = folder / MANIFEST
    if not manifest.exists():
        return None
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))["warehouse"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{manifest} is not a manifest of this project, or not whole: move the folder {folder} "
            "elsewhere."
        ) from None


def check_origin(warehouse: Path) -> None:
    """Raise ValueError if another warehouse is published where this one would be."""
    folder = published_folder(warehouse)
    other = origin(folder)
    if other not in (None, warehouse.name):
        raise ValueError(
            f"{folder} has what was published from {other}, and readers would take "
            f"{warehouse.name} for it: set LA_CRIME_DB to a file in a folder of its own, or remove "
            "that folder."
        )


def remove_hidden(folder: Path) -> None:
    """Remove what a publish that was killed left behind."""
    for leftover in folder.glob(".*"):
        if leftover.is_symlink():
            leftover.unlink()
    for leftover in (folder / "versions").glob(".*"):
        shutil.rmtree(leftover)


def write_version(
    con: duckdb.DuckDBPyConnection, version: Path, invocation: str, warehouse: Path
) -> dict:
    """Write a whole set into a new folder, on disk for good; return its manifest."""
    write_tables(con, version)
    published_at = datetime.now(UTC)
    manifest = {
        "title": f"{city(con)} crimes and arrests, place by place",
        "version": published_at.strftime("%Y%m%dT%H%M%S.%fZ"),
        "published_at": f"{published_at:%Y-%m-%dT%H:%M:%SZ}",
        "invocation_id": invocation,
        "warehouse": warehouse.name,
        **describe(con),
    }
    (version / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (version / CHECKSUMS).write_text(checksums(version), encoding="utf-8")
    seal(version)
    return manifest


def make_current(folder: Path, finished: Path, version: str) -> None:
    """Give a finished set its name among the versions, and show it under the published names."""
    finished.rename(finished.with_name(version))
    sync(finished.parent)
    for name in NAMES:
        link(folder / name, Path("current", name))
    link(folder / "current", Path("versions", version))


def write_tables(con: duckdb.DuckDBPyConnection, version: Path) -> None:
    """Write the marts as plain tables with their comments, as Parquet, and as a dictionary."""
    (version / "parquet").mkdir(parents=True)
    dictionary = con.sql(
        "select table_name, '' as column_name, 'table' as type, coalesce(comment, '')"
        " from duckdb_tables() where database_name = 'warehouse' and schema_name = 'marts'"
        " union all select table_name, column_name, data_type, coalesce(comment, '')"
        " from (from duckdb_columns() order by table_name, column_index)"
        " where database_name = 'warehouse' and schema_name = 'marts'"
    ).fetchall()
    # a table before its columns, and those in their own order: Python's sort is stable
    dictionary.sort(key=lambda row: (row[0], row[1] != ""))
    con.execute(
        f"attach {quoted(version / DATABASE)} as published (storage_version '{STORAGE_VERSION}')"
    )
    con.execute("begin")
    con.execute("create schema published.marts")
    for table, column, _, description in dictionary:
        name = f'published.marts."{table}"'
        if column:
            con.execute(f'comment on column {name}."{column}" is {quoted(description)}')
        else:
            con.execute(f"create table {name} as from {mart(table)}")
            con.execute(f"comment on table {name} is {quoted(description)}")
            of_columns = {row[1]: row[3] for row in dictionary if row[0] == table and row[1]}
            con.execute(
                f"copy {name} to {quoted(version / 'parquet' / f'{table}.parquet')}"
                f" (format parquet, compression zstd, kv_metadata {{description: "
                f"{quoted(description)}, column_descriptions: {quoted(json.dumps(of_columns))}}})"
            )
    con.execute("commit")
    show_former_names(con, [(table, column) for table, column, _, _ in dictionary])
    con.execute("detach published")
    con.execute(f"attach {quoted(version / DATABASE)} as published (read_only)")
    for table in tables(con):
        parquet = quoted(version / "parquet" / f"{table}.parquet")
        copies = (f'published.marts."{table}"', f"read_parquet({parquet})")
        if any(content(con, copy) != content(con, mart(table)) for copy in copies):
            raise OSError(f"The copy of {table} is not what was copied: publish again.")
    con.execute("detach published")
    with (version / DICTIONARY).open("x", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "column", "type", "description"])
        writer.writerows(map(plain_cell, row) for row in dictionary)


def show_former_names(con: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]]) -> None:
    """Add a view for each published table with a column that had another name.

    The views name no database, for a reader may attach the file under any name.
    """
    before = con.sql("select current_database()").fetchone()[0]
    con.execute("use published; create schema former")
    for table, column in columns:
        if former := FORMER_NAMES.get(column):
            con.execute(
                f'create view former."{table}" as select {column} as {former}, * exclude ({column})'
                f' from marts."{table}"'
            )
    con.execute(f'use "{before}"')


def city(con: duckdb.DuckDBPyConnection) -> str:
    """The city that the marts are of."""
    return con.sql("select city from warehouse.marts.build_info").fetchall()[0][0]


def describe(con: duckdb.DuckDBPyConnection) -> dict:
    """Say what the marts are: of what, from which files, made with what, how many rows, by what
    keys.
    """
    kind, attribution, files, built_at, dbt, engine = con.sql(
        "select dataset_kind, attribution, file_hashes, built_at, dbt_version, duckdb_version"
        " from warehouse.marts.build_info"
    ).fetchall()[0]
    return {
        "dataset_kind": kind,
        "attribution": attribution,
        "built_at": f"{built_at:%Y-%m-%dT%H:%M:%SZ}",
        "made_with": {
            "la_crime": la_crime.__version__,
            "dbt": dbt,
            "duckdb": engine.removeprefix("v"),
            "storage_version": STORAGE_VERSION.removeprefix("v"),
        },
        "inputs": dict(line.rsplit(" sha256:", 1) for line in files.splitlines()),
        "rows": {
            table: con.sql(f"select count(*) from {mart(table)}").fetchall()[0][0]
            for table in tables(con)
        },
        "keys": keys(con),
    }


def keys(con: duckdb.DuckDBPyConnection) -> dict[str, dict]:
    """The primary key of each mart, and what its foreign keys lead to, by their columns.

    DuckDB 1.0 opens no file that declares them.
    """
    found: dict[str, dict] = {}
    for table, kind, columns, referenced in con.sql(
        "select table_name, kind, key_columns,"
        " referenced_table || ' (' || referenced_columns || ')'"
        " from warehouse.marts.table_keys order by table_name, kind desc, key_columns"
    ).fetchall():
        told = found.setdefault(table, {"primary": None, "foreign": {}})
        if kind == "primary":
            told["primary"] = columns
        else:
            told["foreign"][columns] = referenced
    return found


def tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """List the marts of the warehouse by name."""
    found = con.sql(
        "select table_name from duckdb_tables()"
        " where database_name = 'warehouse' and schema_name = 'marts' order by table_name"
    ).fetchall()
    return [table for (table,) in found]


def mart(table: str) -> str:
    """Name a mart of the warehouse in SQL."""
    return f'warehouse.marts."{table}"'


def content(con: duckdb.DuckDBPyConnection, table: str) -> tuple:
    """Return the number of rows and a sum over their hashes, which the same rows share."""
    return con.sql(f"select count(*), sum(hash(t)) from {table} as t").fetchall()[0]


def checksums(version: Path) -> str:
    """List the SHA-256 of every file of a version, as `sha256sum` does."""
    paths = sorted(path for path in version.rglob("*") if path.is_file())
    return "".join(f"{sha256(path)}  {path.relative_to(version).as_posix()}\n" for path in paths)


def seal(version: Path) -> None:
    """Put a version on disk for good; its files can then be read, and no longer written."""
    for path in [*version.rglob("*"), version]:
        if path.is_file():
            path.chmod(0o444)
        sync(path)


def link(name: Path, target: Path) -> None:
    """Make a name a link to a target, at one moment, whatever it was before."""
    if name.is_symlink() and name.readlink() == target:
        return
    hidden = name.with_name(f".{name.name}")
    hidden.symlink_to(target)
    hidden.replace(name)
    sync(name.parent)


def remove_old(versions: Path, current: str, keep: int) -> None:
    """Remove all but the `keep` newest versions, save what was current until a moment ago."""
    kept = sorted(versions.iterdir(), key=lambda version: (version.name == current, version.name))
    for old, successor in list(pairwise(kept))[: max(0, len(kept) - keep)]:
        if time.time() - successor.stat().st_mtime >= GRACE:
            # hidden first, so that no half of a version is ever in sight
            shutil.rmtree(old.rename(old.with_name(f".{old.name}")))
