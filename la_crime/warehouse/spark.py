"""Runs the left half of the project on Apache Spark: everything that reads single incidents.

dbt's `session` method uses the Spark session that this process has, which is given two things: the
view `inspected_inputs`, which answers as `inspect_inputs` does on DuckDB, and the data source
`la_crime_files`, which reads files.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from la_crime import settings
from la_crime.cities import Seeds
from la_crime.inputs import inspection
from la_crime.warehouse import hand_over, spark_files

# in the folder of the staging tables: they are whole
WHOLE = "_whole"
STAGING = "staging.db"
# what the macros call the tables that an earlier build staged
STAGED_BEFORE = "staged_before"


def clear(tables: Path) -> Path:
    """Clear the folder for Spark's tables; return the folder of those that were staged before.

    These are of the last build that was not broken off, whatever has been begun since.
    """
    before = tables.with_name(f"{tables.name}_{STAGED_BEFORE}")
    if (tables / STAGING / WHOLE).exists():
        shutil.rmtree(before, ignore_errors=True)
        (tables / STAGING).rename(before)
    shutil.rmtree(tables, ignore_errors=True)
    return before


def session(tables: Path, before: Path) -> SparkSession:
    """Start Spark, or take the session that `spark-submit` gave, and teach it the project's words.

    tables, before: the folders for Spark's tables, and of those staged before, if there are any;
    on disks that every worker sees.
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
    spark.dataSource.register(spark_files.Files)
    inspected = inspection.inspect(
        settings.data_folder().resolve(),
        seeds=Seeds(Path()),
        unpacked=(settings.warehouse().parent / "unpacked").resolve(),
    )
    answer = spark.sql("select :answer as answer", {"answer": json.dumps(inspected)})
    answer.createOrReplaceTempView("inspected_inputs")
    spark.sql(f"create schema {STAGED_BEFORE}")
    for table in before.glob("stg_*"):
        spark.sql(
            f"create table {STAGED_BEFORE}.{table.name} using parquet"
            f" location '{table.resolve().as_uri()}'"
        )
    return spark


def write_waist(spark: SparkSession, manifest: Path, folder: Path) -> dict:
    """Hand the tables at the waist over to a folder; return the hand-over's manifest.

    manifest: dbt's own, of the run that built them. Rows are in the order of all their columns,
    so that the same data gives the same files.
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
        hand_over.put(part, folder, node["name"])
        shutil.rmtree(parts)
    return hand_over.finish(folder, project=Path())
