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
    ("900000007", "13/13/2020", "12/31/2019", "0.5", "\u00a01\u2003", "x", "510", "200", "x", "?"),
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


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """A demo of every layout with a file of odd cells, built on each engine: `spark`, `duckdb`."""
    work = tmp_path_factory.mktemp("spark")
    demo.generate(work / "data", scale=0.005, progress=False)
    h.put(work / "data/crimes/it's odd.csv", odd_file())
    for engine in ("duckdb", "spark"):
        ran = subprocess.run(
            [sys.executable, "-m", "la_crime", "build", "--engine", engine],
            cwd=h.PROJECT,
            env={
                **os.environ,
                "LA_CRIME_DATA_DIR": str(work / "data"),
                "LA_CRIME_DB": str(work / engine / "la_crime.duckdb"),
                "DBT_TARGET_PATH": str(work / engine / "target"),
                "DBT_LOG_PATH": str(work / engine / "logs"),
                "SPARK_LOCAL_IP": "127.0.0.1",
            },
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
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
        if name.startswith("raw_"):  # text as it was read, which DuckDB keeps none of
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


def test_a_source_without_files_has_no_rows():
    from la_crime.warehouse.spark_files import FilesReader

    # of a reader that names no tasks Spark asks the rows of None
    reader = FilesReader(["file_name"], scans=[])
    assert reader.partitions() == []
    assert list(reader.read(None)) == []
