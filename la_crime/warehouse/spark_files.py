"""Files as a data source of Apache Spark: DuckDB reads them, each in a task.

Spark's workers import this module, and of others no more than it names.
"""

import json
from collections.abc import Iterator

import duckdb
import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

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

    def read(self, partition: InputPartition | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file, and a row for each that cannot be read.

        Where there are no files, Spark asks for the rows of None.
        """
        if partition is None:
            return
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
