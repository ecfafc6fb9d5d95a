"""Spark's left half is DuckDB's, row for row, and so are the marts built on what it hands over.

It needs the extra `spark` and a Java of 17 or later, and is skipped, with words, without them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import helpers as h
import pytest

from la_crime import demo

if os.environ.get("LA_CRIME_REQUIRE_SPARK") != "1":
    pytest.importorskip("pyspark", reason="the project's extra `spark` is not installed")
    pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")

HEADER = ",".join(h.CRIMES_28)
COLUMNS = ["DR_NO", "Date Rptd", "DATE OCC", "TIME OCC", "AREA", "Rpt Dist No", "Crm Cd"]
COLUMNS += ["Vict Age", "Vict Sex", "Vict Descent"]
ODD_CELLS = [
    (
        "900000001",
        "01/08/2020 12:00:00 AM",
        "01/08/2020",
        "22:30",
        "1",
        "0101",
        "510",
        "34",
        "m",
        "b",
    ),
    (
        " 900000002 ",
        "1/8/2020",
        "1/7/2020 0:00",
        "10:30 PM",
        "1.0",
        "101.0",
        "'510",
        "1_0",
        "",
        "-",
    ),
    (
        "900,000,003",
        "2020-01-08",
        "2020-01-08T00:00:00",
        "0.9375",
        "1e0",
        "1,01",
        "+510",
        "0",
        " F ",
        "H",
    ),
    ("900000004.0", "08-Jan-2020", "Jan 7, 2020", "2400", "", "0162", "510.00", "-1", "NULL", "w"),
    ("9.1E+08", "43838", "43838.5", "1,315", "99", "", "", "121", "X", "X"),
    ("900000006", "Jan 7, 2020", "02/30/2020", "9am", "1", "0101", "510", "٣", "M", "B"),
    (
        "900000007",
        "13/13/2020",
        "12/31/2019",
        "0.5",
        "\u00a01\u2003",
        "x",
        "510",
        "200",
        "\u2003x\u00a0",
        "?",
    ),
    ("", "", "", "", "", "", "", "", "", ""),
    ("900000009", "20200108", "6 November 1969", "12:61", "21", "2199", "510", "18", "M", "B"),
    ("900000010", "01/08/2099", "01/08/2099", "0001", "2", "0201", "624", "25", "F", "W"),
]
UNREADABLE = ["900000020,too few", ",".join(["900000021", *["x"] * 40])]


def odd_file() -> bytes:
    """Crimes whose cells are written in unusual ways, among rows that nobody can split."""
    plain = dict.fromkeys(h.CRIMES_28, "")
    lines = [HEADER]
    ordinary = ("1200", "1", "0101", "510", "30", "M", "B")
    days = [f"{month:02}/{day:02}/2020" for month in range(1, 11) for day in range(1, 22)]
    rows = ODD_CELLS + [
        (str(910000000 + n), "10/22/2020", day, *ordinary) for n, day in enumerate(days)
    ]
    for row in rows:
        cells = {**plain, **dict(zip(COLUMNS, row, strict=True)), "LAT": "34,05", "LON": "-118.24"}
        lines.append(",".join('"' + cells[name] + '"' for name in h.CRIMES_28))
    text = "\n".join([*lines, *UNREADABLE]) + "\n"
    return text.encode() + b'"900000022","\xff' + b'",' + b",".join([b"x"] * 26) + b"\n"


# A short run is shorter with less of Java's compiler and one thread that collects garbage.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m"
SUBMIT = f"--driver-java-options '{JAVA}' --conf spark.sql.shuffle.partitions=2 pyspark-shell"

# A build on Spark that ends with staging.
STAGE = """
import sys
from pathlib import Path
from la_crime.warehouse import build, spark

tables = Path(sys.argv[1])
session = spark.session(tables, before=spark.clear(tables))
staging = ["--select", "+path:models/staging", "--exclude-resource-type", "test"]
if not build.run_dbt("build", "--target", "spark", *staging):
    raise SystemExit(1)
(tables / spark.STAGING / spark.WHOLE).touch()
session.stop()
"""


def on_spark(work: Path, data: Path, *words: str) -> subprocess.Popen:
    """Start a Python of the project's own whose warehouse is in `work/spark`."""
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=h.PROJECT,
        env={
            **os.environ,
            "LA_CRIME_DATA_DIR": str(data),
            "LA_CRIME_DB": str(work / "spark" / h.WAREHOUSE),
            "DBT_TARGET_PATH": str(work / "spark/target"),
            "DBT_LOG_PATH": str(work / "spark/logs"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_SUBMIT_ARGS": SUBMIT,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def succeeded(process: subprocess.Popen) -> bool:
    """Wait for a process; show what it said if it failed."""
    said, _ = process.communicate()
    print(said)
    return process.returncode == 0


def earlier(data: Path, folder: Path) -> Path:
    """The data folder of an earlier day: a file less, one shorter, one more, and none of NIBRS."""
    shutil.copytree(data, folder)
    shutil.rmtree(folder / "nibrs_offenses")
    next(folder.glob("crimes/*_26col_*")).unlink()
    grown = next(folder.glob("arrests/*_api_*"))
    grown.write_bytes(b"".join(grown.read_bytes().splitlines(keepends=True)[:-200]))
    h.put(folder / "crimes/gone.csv", h.csv_bytes(h.CRIMES_API, [["1"] * len(h.CRIMES_API)]))
    return folder


def put_into_the_future(staged: Path) -> None:
    """Mark every usable crime that was staged as one of a later day than its build's."""
    marked = staged.with_suffix(".parquet")
    duckdb.sql(
        "copy (select * replace (coalesce(reject_reason, 'occurrence date in the future')"
        f" as reject_reason) from read_parquet('{staged}/*.parquet')) to '{marked}'"
    )
    shutil.rmtree(staged)
    staged.mkdir()
    marked.rename(staged / marked.name)


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """A demo of every layout with a file of odd cells, built on each engine: `spark`, `duckdb`.

    Spark has staged the files of an earlier day before. Data tests run on Spark alone, and
    DuckDB keeps of its own build what Spark's hand-over leaves as it is.
    """
    work = tmp_path_factory.mktemp("spark")
    data, tables = work / "data", work / "spark/spark"
    demo.generate(data, scale=0.005, progress=False)
    h.put(data / "crimes/it's odd.csv", odd_file())

    staging = on_spark(work, earlier(data, work / "earlier"), "-c", STAGE, str(tables))
    ran = h.run_dbt(["build", *h.WITHOUT_TESTS], data, work / "duckdb" / h.WAREHOUSE)
    assert succeeded(staging)
    assert ran.returncode == 0, ran.stdout
    put_into_the_future(tables / "staging.db/stg_crimes")

    assert succeeded(on_spark(work, data, "-m", "la_crime", "hand_over"))
    shutil.copy(work / "duckdb" / h.WAREHOUSE, work / "spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LA_CRIME_HANDED_OVER", str(work / "spark/handed_over"))
        ran = h.run_dbt(["build", *h.WITHOUT_TESTS], data, work / "spark" / h.WAREHOUSE)
    assert ran.returncode == 0, ran.stdout
    return work


def differences(con, left: str, right: str) -> int:
    """The rows that one of two queries has and the other has not, as often."""
    return con.sql(
        f"select count(*) from ((from ({left}) except all from ({right}))"
        f" union all (from ({right}) except all from ({left})))"
    ).fetchone()[0]


def test_every_table_of_the_left_half_is_alike(work):
    con = duckdb.connect(work / "duckdb/la_crime.duckdb", read_only=True)
    compared = {}
    for folder in sorted((work / "spark/spark").glob("*.db/*")):
        schema, name = folder.parent.name.removesuffix(".db"), folder.name
        # text as it was read, which DuckDB keeps none of; a mark; and what fails in tests
        if name.startswith(("raw_", "_")) or schema == "quality":
            continue
        # the key by which DuckDB keeps a file's rows hangs on its own SQL
        columns = [
            (f'"{column}"', type_)
            for column, type_ in con.sql(
                "select column_name, data_type from duckdb_columns()"
                f" where schema_name = '{schema}' and table_name = '{name}'"
                " and column_name != 'landing_key' order by column_index"
            ).fetchall()
        ]
        ours = f"select {', '.join(column for column, _ in columns)} from {schema}.{name}"
        cast = ", ".join(f"{column}::{type_} as {column}" for column, type_ in columns)
        theirs = f"select {cast} from read_parquet('{folder}/*.parquet')"
        if not any(folder.glob("*.parquet")):  # a seed without rows
            theirs = f"{ours} limit 0"
        compared[f"{schema}.{name}"] = differences(con, ours, theirs)
    assert len(compared) > 35
    assert compared == dict.fromkeys(compared, 0)


def test_every_mart_is_alike(work):
    con = duckdb.connect()
    for engine in ("duckdb", "spark"):
        con.execute(f"attach '{work / engine / 'la_crime.duckdb'}' as {engine}_built (read_only)")
    marts = con.sql(
        "select table_name from duckdb_tables() where database_name = 'duckdb_built'"
        " and schema_name = 'marts' and table_name != 'build_info'"
    ).fetchall()
    compared = {
        mart: differences(
            con,
            f"select * from duckdb_built.marts.{mart}",
            f"select * from spark_built.marts.{mart}",
        )
        for (mart,) in marts
    }
    assert len(compared) > 40
    assert compared == dict.fromkeys(compared, 0)


def test_the_odd_file_has_rows_of_every_fate(work):
    con = duckdb.connect(work / "spark/la_crime.duckdb", read_only=True)
    reasons = con.sql(
        "select reason from marts.reject_reasons where file_name = 'crimes/it''s odd.csv'"
    ).fetchall()
    assert {reason.partition(":")[0] for (reason,) in reasons} == {
        "no usable area",
        "no usable identifier",
        "no usable occurrence date",
        "occurrence before the series",
        "occurrence date in the future",
        "row cannot be read",
    }


def test_files_that_did_not_change_are_not_read_again(work):
    texts = f"{work}/spark/spark/staging.db/raw_*/*.parquet"
    read = duckdb.sql(f"select distinct file_name from '{texts}'").order("file_name").fetchall()
    assert [name for (name,) in read] == [
        "arrests/synthetic_arrests_api_2021_2025.csv",
        "crimes/synthetic_crimes_26col_2010_2014.csv.gz",
        "nibrs_offenses/synthetic_nibrs_offenses_2024_2026.parquet",
    ]


def test_what_was_staged_counts_once_staging_is_whole(tmp_path):
    from la_crime.warehouse import spark

    tables = tmp_path / "spark"
    rows = h.put(tables / "staging.db/stg_crimes/part.parquet", b"whole")
    assert not spark.clear(tables).exists()  # a build that was broken off before any was whole
    assert not tables.exists()

    h.put(rows, b"whole")
    (tables / spark.STAGING / spark.WHOLE).touch()
    before = spark.clear(tables)
    assert (before / "stg_crimes/part.parquet").read_bytes() == b"whole"

    h.put(rows, b"half of it")
    assert spark.clear(tables) == before
    assert not tables.exists()
    assert (before / "stg_crimes/part.parquet").read_bytes() == b"whole"


def test_a_source_without_files_has_no_rows():
    from la_crime.warehouse.spark_files import FilesReader

    # of a reader that names no tasks Spark asks the rows of None
    reader = FilesReader(["file_name"], scans=[])
    assert reader.partitions() == []
    assert list(reader.read(None)) == []
