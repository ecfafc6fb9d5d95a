"""Publishing: whole versions that readers can lean on, and only of builds that passed."""

import csv
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest
from helpers import PROJECT

from la_crime.warehouse import publish

# Every table of a small warehouse holds the number of its build: a mixture would show.
TABLES = ("build_info", "dim_places", "fct_crimes_monthly", "place_profiles", "table_keys")
ROWS = 500
ROWS_OF = dict.fromkeys(TABLES, ROWS) | {"build_info": 1, "table_keys": 2}
NUMBERS = " union ".join(f"select number from marts.{table}" for table in TABLES)


def build_small(warehouse: Path, number: int) -> None:
    """Write a warehouse the way a build does: forget the outcome, make every mart, record it."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema if not exists quality; create schema if not exists marts")
        con.execute(
            "create or replace table quality.build_outcome"
            " (invocation_id varchar, command varchar, shortfall varchar)"
        )
        con.execute("begin")
        con.execute(
            "create or replace table marts.build_info as select 'synthetic demo' as dataset_kind,"
            " 'City of Los Angeles open data, LAPD' as attribution, 'Los Angeles' as city,"
            " e'crimes/a b.csv sha256:aa\ncrimes/c.csv sha256:bb' as file_hashes,"
            " timestamp '2026-01-02 03:04:05' as built_at,"
            f" '1.11.16' as dbt_version, 'v1.5.6' as duckdb_version, {number} as number"
        )
        con.execute(
            "create or replace table marts.table_keys as select * from (values"
            f" ('place_profiles', 'primary', 'place_id, month', null, null, {number}),"
            f" ('place_profiles', 'foreign', 'place_id', 'dim_places', 'place_id', {number}))"
            " as keys (table_name, kind, key_columns, referenced_table, referenced_columns, number)"
        )
        for table in TABLES[1:-1]:
            con.execute(
                f"create or replace table marts.{table} (place_id integer primary key,"
                " number integer not null, share double, is_suppressed boolean, month date)"
            )
            con.execute(
                f"insert into marts.{table} select i, {number}, i / 7, i % 2 = 0,"
                f" date '2010-01-01' + i::integer from range({ROWS}) as r(i)"
            )
            con.execute(f"comment on table marts.{table} is 'What''s in {table}. One row a place.'")
            con.execute(f"comment on column marts.{table}.share is 'The share of {table}.'")
        con.execute("commit")
        con.execute(f"insert into quality.build_outcome values ('build-{number}', 'dbt build', '')")


@pytest.fixture
def warehouse(tmp_path) -> Path:
    """A small warehouse whose only build, number 1, passed."""
    path = tmp_path / "la_crime.duckdb"
    build_small(path, 1)
    return path


@pytest.fixture
def no_grace(monkeypatch) -> None:
    """What was current a moment ago goes at once."""
    monkeypatch.setattr(publish, "GRACE", 0)


def published(warehouse: Path) -> Path:
    return warehouse.parent / "published"


def numbers(database: Path) -> list[int]:
    """The build numbers that the marts of a database hold between them: one, if it is whole."""
    with duckdb.connect(str(database), read_only=True) as con:
        for table in TABLES[1:]:
            assert con.sql(f"select count(*) from marts.{table}").fetchall() == [(ROWS_OF[table],)]
        return [number for (number,) in con.sql(NUMBERS).fetchall()]


def assert_whole(version: Path) -> int:
    """Check a version against its own checksums; return its build number."""
    listed = [line.split("  ") for line in (version / "SHA256SUMS").read_text().splitlines()]
    for digest, name in listed:
        assert hashlib.sha256((version / name).read_bytes()).hexdigest() == digest
    files = {path.relative_to(version).as_posix() for path in version.rglob("*") if path.is_file()}
    assert {name for _, name in listed} == files - {"SHA256SUMS"}
    (number,) = numbers(version / "la_crime.duckdb")
    for table in TABLES:
        # by its own name, for DuckDB may answer from what it remembers of a path
        parquet = version.resolve() / "parquet" / f"{table}.parquet"
        assert duckdb.sql(f"select distinct number from '{parquet}'").fetchall() == [(number,)]
    assert json.loads((version / "manifest.json").read_text())["invocation_id"] == f"build-{number}"
    return number


def leftovers(folder: Path) -> list[str]:
    """Whatever a publish should not leave behind."""
    names = {"current", "versions", *publish.NAMES}
    strange = [path.name for path in folder.iterdir() if path.name not in names]
    hidden = [path.name for path in (folder / "versions").iterdir() if path.name.startswith(".")]
    return strange + hidden


# --- what is published ---------------------------------------------------------------------------


def test_a_column_that_was_renamed_is_there_under_its_former_name_too(warehouse):
    with duckdb.connect(str(warehouse)) as con:
        con.execute("alter table marts.place_profiles rename number to small_area")
    publish.publish(warehouse)
    with duckdb.connect() as con:
        # under any name, as BI tools attach it
        con.execute(f"attach '{published(warehouse) / 'la_crime.duckdb'}' as theirs (read_only)")
        former = con.sql("select reporting_district, place_id from theirs.former.place_profiles")
        assert former.order("place_id").fetchmany(2) == [(1, 0), (1, 1)]
        assert con.sql(
            "select view_name from duckdb_views() where schema_name = 'former'"
        ).fetchall() == [("place_profiles",)]


def test_a_published_set_is_whole_and_described(warehouse):
    said = publish.publish(warehouse)
    folder = published(warehouse)
    assert said == (
        f"Published {len(TABLES)} tables, {sum(ROWS_OF.values()):,} rows:"
        f" {folder / 'la_crime.duckdb'}"
    )
    assert assert_whole(folder / "current") == 1
    assert leftovers(folder) == []
    assert sorted(path.name for path in (folder / "parquet").iterdir()) == [
        f"{table}.parquet" for table in TABLES
    ]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["inputs"] == {"crimes/a b.csv": "aa", "crimes/c.csv": "bb"}
    assert manifest["rows"] == ROWS_OF
    assert manifest["keys"] == {
        "place_profiles": {
            "primary": "place_id, month",
            "foreign": {"place_id": "dim_places (place_id)"},
        }
    }
    assert manifest["dataset_kind"] == "synthetic demo"
    assert manifest["attribution"] == "City of Los Angeles open data, LAPD"
    assert manifest["built_at"] == "2026-01-02T03:04:05Z"
    assert manifest["version"] == (folder / "current").readlink().name


def test_published_tables_are_plain_and_keep_types_rows_and_comments(warehouse):
    publish.publish(warehouse)
    with duckdb.connect(str(published(warehouse) / "la_crime.duckdb"), read_only=True) as con:
        assert (
            con.sql("from duckdb_constraints() where database_name = 'la_crime'").fetchall() == []
        )
        assert con.sql("select distinct schema_name from duckdb_tables()").fetchall() == [
            ("marts",)
        ]
        con.execute(f"attach '{warehouse}' as source (read_only)")
        for table in TABLES:
            here, there = f"marts.{table}", f"source.marts.{table}"
            assert con.sql(f"from {here}").fetchall() == con.sql(f"from {there}").fetchall()
            assert con.sql(f"describe {here}").columns == con.sql(f"describe {there}").columns
        assert con.sql(
            "select column_name, data_type, comment from duckdb_columns()"
            " where database_name = 'la_crime' and table_name = 'place_profiles'"
            " order by column_index"
        ).fetchall() == [
            ("place_id", "INTEGER", ""),
            ("number", "INTEGER", ""),
            ("share", "DOUBLE", "The share of place_profiles."),
            ("is_suppressed", "BOOLEAN", ""),
            ("month", "DATE", ""),
        ]


def test_the_dictionary_has_every_table_and_column(warehouse):
    publish.publish(warehouse)
    with (published(warehouse) / "data_dictionary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    profiles = [row for row in rows if row["table"] == "place_profiles"]
    assert [(row["column"], row["type"]) for row in profiles] == [
        ("", "table"),
        ("place_id", "INTEGER"),
        ("number", "INTEGER"),
        ("share", "DOUBLE"),
        ("is_suppressed", "BOOLEAN"),
        ("month", "DATE"),
    ]
    assert profiles[0]["description"] == "What's in place_profiles. One row a place."
    assert profiles[3]["description"] == "The share of place_profiles."
    assert {row["table"] for row in rows} == set(TABLES)


def test_parquet_files_describe_themselves(warehouse):
    publish.publish(warehouse)
    file = published(warehouse) / "parquet/place_profiles.parquet"
    metadata = pyarrow.parquet.read_schema(file).metadata
    assert metadata[b"description"].decode() == "What's in place_profiles. One row a place."
    columns = json.loads(metadata[b"column_descriptions"])
    assert list(columns) == ["place_id", "number", "share", "is_suppressed", "month"]
    assert columns["share"] == "The share of place_profiles."


def test_parquet_and_dictionary_are_the_same_byte_for_byte(warehouse):
    def digests() -> dict[str, str]:
        publish.publish(warehouse)
        lines = (published(warehouse) / "SHA256SUMS").read_text().splitlines()
        sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
        # the one holds a random identifier of DuckDB's, the other says when it was published
        return {k: v for k, v in sums.items() if k not in ("la_crime.duckdb", "manifest.json")}

    first = digests()
    assert len(first) == len(TABLES) + 1
    assert digests() == first


def test_published_files_cannot_be_written(warehouse):
    publish.publish(warehouse)
    current = published(warehouse) / "current"
    assert all(path.stat().st_mode & 0o222 == 0 for path in current.rglob("*") if path.is_file())


def test_what_was_current_a_moment_ago_stays(warehouse):
    for number in range(1, 6):
        build_small(warehouse, number)
        publish.publish(warehouse)
    versions = sorted((published(warehouse) / "versions").iterdir())
    assert [assert_whole(version) for version in versions] == [1, 2, 3, 4, 5]
    for version in versions[:3]:
        os.utime(version, (0, 0))  # of long ago: what they took the place of may go
    publish.publish(warehouse)
    left = sorted((published(warehouse) / "versions").iterdir())
    assert [assert_whole(version) for version in left] == [3, 4, 5, 5]


@pytest.mark.usefixtures("no_grace")
def test_the_three_newest_versions_are_kept(warehouse, monkeypatch):
    versions = published(warehouse) / "versions"
    for number in range(1, 6):
        build_small(warehouse, number)
        publish.publish(warehouse)
    assert [assert_whole(version) for version in sorted(versions.iterdir())] == [3, 4, 5]
    monkeypatch.setenv("LA_CRIME_KEEP_VERSIONS", "1")
    build_small(warehouse, 6)
    publish.publish(warehouse)
    assert [assert_whole(version) for version in versions.iterdir()] == [6]


def test_a_whole_build_is_published_row_for_row(demo_copy):
    warehouse = demo_copy.db
    publish.publish(warehouse)
    catalogue = (
        "select table_name, comment, null from duckdb_tables() where schema_name = 'marts'"
        " and database_name = $1 union all select table_name || '.' || column_name, comment,"
        " data_type from duckdb_columns() where schema_name = 'marts' and database_name = $1"
    )
    with duckdb.connect(str(published(warehouse) / "la_crime.duckdb"), read_only=True) as con:
        con.execute(f"attach '{warehouse}' as source (read_only)")
        here, there = (con.execute(catalogue, [db]).fetchall() for db in ("la_crime", "source"))
        assert sorted(here) == sorted(there)
        assert all(comment for _, comment, _ in here)
        tables = [name for name, _, data_type in here if data_type is None]
        for table in tables:
            left, right = f"la_crime.marts.{table}", f"source.marts.{table}"
            assert con.sql(f"from {left} except all from {right}").fetchall() == []
            assert con.sql(f"from {right} except all from {left}").fetchall() == []
    assert "cluster_assignments" in tables


# --- what is not published -----------------------------------------------------------------------


def assert_refused(warehouse: Path, *parts: str) -> None:
    with pytest.raises(ValueError) as caught:
        publish.publish(warehouse)
    for part in (f"{warehouse} is not published", *parts):
        assert part in str(caught.value)
    assert not published(warehouse).exists()


def test_a_part_of_a_build_is_not_published(demo_copy, run_dbt):
    ran = run_dbt(["build", "--select", "sex_codes"], demo_copy.data, demo_copy.db)
    assert ran.returncode == 0, ran.stdout
    assert_refused(
        demo_copy.db, "`dbt build`", "not everything was asked for (select)", "not run: "
    )


def test_leaving_out_data_tests_is_noticed(demo_copy, run_dbt):
    words = ["build", "--select", "sex_codes", "--exclude-resource-type", "test"]
    assert run_dbt(words, demo_copy.data, demo_copy.db).returncode == 0
    assert_refused(demo_copy.db, "not everything was asked for (exclude_resource_types)")


def test_a_failed_test_is_named_and_nothing_is_published(demo_copy, run_dbt):
    with duckdb.connect(str(demo_copy.db)) as con:
        con.execute("insert into marts.control_totals from marts.control_totals limit 1")
    words = ["test", "--select", "unique_grain_control_totals"]
    ran = run_dbt(words, demo_copy.data, demo_copy.db)
    assert ran.returncode == 1, ran.stdout
    assert_refused(demo_copy.db, "`dbt test`", "fail: unique_grain_control_totals")


def test_a_build_that_did_not_end_is_not_published(warehouse):
    with duckdb.connect(str(warehouse)) as con:
        con.execute("delete from quality.build_outcome")
    assert_refused(warehouse, "the last build of it did not come to its end: run `make build`.")
    with duckdb.connect(str(warehouse)) as con:
        con.execute("drop table quality.build_outcome")
    assert_refused(warehouse, "the last build of it did not come to its end: run `make build`.")


def test_a_long_list_of_faults_is_cut(warehouse):
    with duckdb.connect(str(warehouse)) as con:
        con.execute("update quality.build_outcome set shortfall = e'a\nb\nc\nd\ne\nf\ng'")
    assert_refused(warehouse, "(a; b; c; d; e; and 2 more)")


def test_no_warehouse(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"is not there yet: run `make build` first"):
        publish.publish(tmp_path / "none.duckdb")


def test_a_warehouse_that_is_being_built(warehouse):
    code = f"import duckdb; c = duckdb.connect({str(warehouse)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        writer.stdout.readline()
        with pytest.raises(ValueError, match="is open for writing in another program"):
            publish.publish(warehouse)
        writer.communicate(b"\n")
    publish.publish(warehouse)


def test_two_publishers_at_once(warehouse):
    published(warehouse).mkdir()
    with (
        publish.only_publisher(published(warehouse)),
        pytest.raises(BlockingIOError, match="Another program is publishing to"),
    ):
        publish.publish(warehouse)
    publish.publish(warehouse)


def test_readers_take_what_is_published_of_their_own_warehouse(warehouse):
    assert publish.database_to_read(warehouse) == warehouse
    publish.publish(warehouse)
    assert publish.database_to_read(warehouse) == published(warehouse) / "la_crime.duckdb"
    other = warehouse.with_name("mine.duckdb")
    assert publish.database_to_read(other) == other


def test_two_warehouses_do_not_share_a_folder(warehouse):
    publish.publish(warehouse)
    other = warehouse.with_name("mine.duckdb")
    build_small(other, 2)
    with pytest.raises(ValueError, match=r"has what was published from la_crime\.duckdb"):
        publish.publish(other)
    assert assert_whole(published(warehouse) / "current") == 1


@pytest.mark.parametrize("keep", ["0", "-1", "many", "1.5"])
def test_how_many_versions_are_kept_must_be_a_number(warehouse, monkeypatch, keep):
    monkeypatch.setenv("LA_CRIME_KEEP_VERSIONS", keep)
    with pytest.raises(ValueError, match=f"LA_CRIME_KEEP_VERSIONS is {keep}; it must be a whole"):
        publish.publish(warehouse)
    assert not published(warehouse).exists()


def test_a_copy_that_differs_is_not_published(warehouse, monkeypatch):
    publish.publish(warehouse)
    build_small(warehouse, 2)
    faithful = publish.content

    def faulty(con, table):
        return (0, 0) if "place_profiles.parquet" in table else faithful(con, table)

    monkeypatch.setattr(publish, "content", faulty)
    with pytest.raises(OSError, match="The copy of place_profiles is not what was copied"):
        publish.publish(warehouse)
    assert assert_whole(published(warehouse) / "current") == 1
    assert leftovers(published(warehouse)) == []


def run_publish(warehouse: Path, **options) -> subprocess.CompletedProcess:
    """Run the command itself on a warehouse."""
    return subprocess.run(
        [sys.executable, "-m", "la_crime", "publish"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "LA_CRIME_DB": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_command_says_what_it_published(warehouse):
    ran = run_publish(warehouse)
    assert (ran.returncode, ran.stderr) == (0, f"Publishing {warehouse} ...\n")
    assert ran.stdout == f"Published 5 tables, 1,503 rows: {published(warehouse)}/la_crime.duckdb\n"


def test_a_full_disk_leaves_the_last_version_and_no_rubbish(warehouse):
    """A limit on the size of files stands for the disk: the system refuses to write on."""
    publish.publish(warehouse)
    build_small(warehouse, 2)
    limit = 32 * 1024

    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ran = run_publish(warehouse, preexec_fn=limit_files)
    assert ran.returncode == 1
    assert ran.stderr.startswith(
        f"Publishing {warehouse} ...\nError: The marts could not be copied to "
        f"{published(warehouse)}, and what was published before is still there. Is the disk full, "
        "or the folder not yours to write? "
    )
    assert "Traceback" not in ran.stderr
    assert assert_whole(published(warehouse) / "current") == 1
    assert leftovers(published(warehouse)) == []
    assert len(list((published(warehouse) / "versions").iterdir())) == 1


# --- swaps and kills -----------------------------------------------------------------------------

SWAPS = 200
READERS = 8
READER = """
import os, sys, time, duckdb
os.nice(19)  # the publisher would wait for eight busy readers on few cores
database, query = sys.argv[1:]
answers, last = 0, 0
print("ready", flush=True)
while last < {swaps}:
    with duckdb.connect(database, read_only=True) as con:
        first = con.execute(query).fetchall()
        again = con.execute(query).fetchall()  # the version that was opened, whatever came since
    assert len(first) == 1 and first == again, (first, again)
    assert first[0][0] >= last, (first, last)
    last = first[0][0]
    answers += 1
    time.sleep(0.2)
print(answers)
"""


def test_readers_see_whole_versions_through_200_swaps(warehouse, monkeypatch):
    publish.publish(warehouse)
    monkeypatch.setattr(publish, "GRACE", 10)
    database = published(warehouse) / "la_crime.duckdb"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER.format(swaps=SWAPS), database, NUMBERS],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    try:
        for reader in readers:
            assert reader.stdout.readline() == "ready\n"
        for number in range(2, SWAPS + 1):
            build_small(warehouse, number)
            publish.publish(warehouse)
        ended = [reader.communicate(timeout=100) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
    assert [error for _, error in ended] == [""] * READERS
    assert min(int(answers) for answers, _ in ended) > 20
    monkeypatch.setattr(publish, "GRACE", 0)
    publish.publish(warehouse)
    assert leftovers(published(warehouse)) == []
    versions = sorted((published(warehouse) / "versions").iterdir())
    assert [assert_whole(version) for version in versions] == [SWAPS - 1, SWAPS, SWAPS]


@pytest.mark.usefixtures("no_grace")
def test_a_reader_that_holds_a_removed_version_reads_on(warehouse):
    publish.publish(warehouse)
    database = str(published(warehouse) / "la_crime.duckdb")
    with duckdb.connect(database, read_only=True) as held:
        for number in range(2, 6):
            build_small(warehouse, number)
            publish.publish(warehouse)
        assert held.sql(NUMBERS).fetchall() == [(1,)]
    with duckdb.connect(database, read_only=True) as anew:
        assert anew.sql(NUMBERS).fetchall() == [(5,)]


def build_and_publish(warehouse: Path, first: int, ready) -> None:
    """Build and publish numbers from the first on, until killed."""
    publish.GRACE = 0
    ready.send(True)
    for number in count(first):
        build_small(warehouse, number)
        publish.publish(warehouse)


@pytest.mark.usefixtures("no_grace")
def test_a_kill_at_any_moment_leaves_a_whole_version(warehouse, forked):
    """Builds and publishes in a loop, killed at 20 moments of the first few rounds."""
    publish.publish(warehouse)
    moments = random.Random(20)  # noqa: S311  (moments, not secrets)
    last = 1
    for trial in range(1, 21):
        here, there = forked.Pipe()
        process = forked.Process(target=build_and_publish, args=(warehouse, trial * 1000, there))
        process.start()
        assert here.recv()
        time.sleep(moments.uniform(0, 0.6))
        assert process.is_alive()
        process.kill()
        process.join()
        number = assert_whole(published(warehouse) / "current")
        assert numbers(published(warehouse) / "la_crime.duckdb") == [number]
        assert number == last or trial * 1000 <= number < (trial + 1) * 1000
        for version in (published(warehouse) / "versions").glob("[!.]*"):
            assert_whole(version)
        last = number
    build_small(warehouse, 2)
    publish.publish(warehouse)
    assert assert_whole(published(warehouse) / "current") == 2
    assert leftovers(published(warehouse)) == []
    assert len(list((published(warehouse) / "versions").iterdir())) == 3


KILLED_AT = """
import os, signal, shutil, sys
from pathlib import Path
from la_crime.warehouse import publish
name, nth = sys.argv[2], int(sys.argv[3])
owner = {"sync": publish, "rmtree": shutil}.get(name, Path)
original, calls = getattr(owner, name), 0
def killed(*args, **options):
    global calls
    calls += 1
    if calls == nth:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **options)
setattr(owner, name, killed)
publish.GRACE = 0
publish.publish(Path(sys.argv[1]))
"""


@pytest.mark.usefixtures("no_grace")
@pytest.mark.parametrize(
    ("step", "nth", "number"),
    [
        ("chmod", 2, 1),  # while files are sealed
        ("rename", 1, 1),  # before a version gets its name
        ("symlink_to", 1, 1),  # after that, before it is current
        ("replace", 1, 1),  # when the link to it is there, hidden
        ("rename", 2, 2),  # when it is current, before the oldest goes
        ("rmtree", 2, 2),  # when the oldest is hidden, and before it is removed
    ],
)
def test_a_kill_between_two_steps_leaves_a_whole_version(warehouse, monkeypatch, step, nth, number):
    monkeypatch.setenv("LA_CRIME_KEEP_VERSIONS", "1")
    publish.publish(warehouse)
    build_small(warehouse, 2)
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_AT, warehouse, step, str(nth)], cwd=PROJECT, check=False
    )
    assert ran.returncode == -signal.SIGKILL
    assert assert_whole(published(warehouse) / "current") == number
    for version in (published(warehouse) / "versions").glob("[!.]*"):
        assert_whole(version)
    build_small(warehouse, 3)
    publish.publish(warehouse)
    assert [assert_whole(version) for version in (published(warehouse) / "versions").iterdir()] == [
        3
    ]
    assert leftovers(published(warehouse)) == []
