"""Runs the left half of the project on Apache Spark: everything that reads single incidents.

dbt's `session` method uses the Spark session that this process has, which is given two things: the
view `inspected_inputs`, which answers as `inspect_inputs` does on DuckDB, and the data source
`la_crime_files`, which reads files.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from la_crime import settings
from la_crime.cities import Seeds
from la_crime.inputs import inspection
from la_crime.warehouse import hand_over

# rows of a file that DuckDB set aside, one each: as `duckdb__add_unreadable_rows` counts them
UNREADABLE = """
    select lower(min(error_type::varchar)) from unreadable_rows
    group by scan_id, file_id, line_byte_position
"""
BATCH_ROWS = 100_000


class Files(DataSource):
    """Files as rows of text, a task each, read by DuckDB with the SQL that the macros make.

    Options: `columns`, the names of the text columns; `scans`, as JSON a list of the files: `rows`,
    the query for a file's rows, and the `file_name` and `landing_key` of those it cannot read.
    """

    @classmethod
    def name(cls) -> str:
        """What SQL calls it."""
        return "la_crime_files"

    def schema(self) -> str:
        """The columns that every file has, and the fault of a row that could not be read."""
        columns = ["file_name", "landing_key", "date_reported_order", "date_occurred_order"]
        return ", ".join(
            f"{name} string" for name in [*columns, *self.options["columns"].split(), "unreadable"]
        )

    def reader(self, schema) -> DataSourceReader:
        """Read each file in a task of its own."""
        return FilesReader(schema.fieldNames(), json.loads(self.options["scans"]))


class FilesReader(DataSourceReader):
    """The reader of `Files`; what runs in Spark's workers needs DuckDB and PyArrow there."""

    def __init__(self, names: list[str], scans: list[dict[str, str]]) -> None:
        self.schema = pa.schema([(name, pa.string()) for name in names])
        self.scans = scans

    def partitions(self) -> list[InputPartition]:
        """Give every file to a task."""
        return [InputPartition(scan) for scan in self.scans]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file, and a row for each that cannot be read."""
        scan = partition.value
        with duckdb.connect(config={"threads": 1}) as con:
            rows = con.execute(scan["rows"]).to_arrow_reader(BATCH_ROWS)
            for batch in rows:
                yield self._batch(
                    dict(zip(rows.schema.names, batch.columns, strict=True)), len(batch)
                )
            if con.execute(
                "select count(*) from duckdb_tables() where table_name = 'unreadable_rows'"
            ).fetchone()[0]:
                faults = [fault for (fault,) in con.execute(UNREADABLE).fetchall()]
                named = {name: [scan[name]] * len(faults) for name in ("file_name", "landing_key")}
                yield self._batch({**named, "unreadable": faults}, len(faults))

    def _batch(self, columns: dict, rows: int) -> pa.RecordBatch:
        """Rows with these columns; the others are null."""
        return pa.RecordBatch.from_arrays(
            [
                pa.array(columns[name], pa.string())
                if isinstance(columns.get(name), list)
                else columns.get(name, pa.nulls(rows, pa.string()))
                for name in self.schema.names
            ],
            schema=self.schema,
        )


def session(tables: Path) -> SparkSession:
    """Start Spark, or take the session that `spark-submit` gave, and teach it the project's words.

    tables: the folder for Spark's tables, on disks that every worker sees.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the first `python3` of the path
    spark = (
        SparkSession.builder.appName("la_crime")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.warehouse.dir", tables.resolve().as_uri())
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")  # dbt asks for the session before each statement
    spark.dataSource.register(Files)
    inspected = inspection.inspect(
        settings.data_folder().resolve(),
        seeds=Seeds(Path()),
        unpacked=(settings.warehouse().parent / "unpacked").resolve(),
    )
    answer = spark.createDataFrame([(json.dumps(inspected),)], "answer string")
    answer.createOrReplaceTempView("inspected_inputs")
    return spark


def write_waist(spark: SparkSession, manifest: Path, folder: Path) -> dict:
    """Hand the tables at the waist over to a folder; return the hand-over's manifest.

    manifest: dbt's own, of the run that built them. Rows are in the order of all their columns, so
    that the same data gives the same files.
    """
    hand_over.begin(folder)
    for node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values():
        if node["resource_type"] != "model" or "waist" not in node["tags"]:
            continue
        table = spark.table(f"{node['schema']}.{node['name']}")
        parts = folder / f"_{node['name']}"
        table.coalesce(1).sortWithinPartitions(*table.columns).write.mode("overwrite").parquet(
            parts.resolve().as_uri()
        )
        (part,) = parts.glob("part-*.parquet")
        part.replace(folder / f"{node['name']}.parquet")
        shutil.rmtree(parts)
    return hand_over.finish(folder, project=Path())
