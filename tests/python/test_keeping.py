"""What a build makes and tests anew, and what it keeps: a project of three tables and two tests."""

import json
import shutil

import duckdb
import pytest
import test_boundaries
from helpers import PROJECT, WAREHOUSE, put

FILES = {
    "dbt_project.yml": """
name: small
profile: la_crime
seed-paths: [numbers]
vars: {series_start: "2010-01-01"}
on-run-start:
  - "create schema if not exists quality"
  - "create table if not exists quality.kept (
       node_id varchar, inputs_hash varchar, contents_hash varchar)"
models: {+materialized: table}
""",
    "numbers/numbers.csv": "n\n1\n2\n30\n",
    "models/doubled.sql": "select n * 2 as n from {{ ref('numbers') }}",
    "models/large.sql": "select n from {{ ref('doubled') }} where n > 10",
    "models/counted.py": """
from la_crime import settings

def model(dbt, session):
    settings.data_folder()
    return dbt.ref("large").aggregate("count(*) as n")
""",
    "models/models.yml": """
models:
  - name: large
    columns: [{name: n, data_tests: [unique]}]
  - name: counted
    columns: [{name: n, data_tests: [not_null]}]
""",
}
TABLES = {"numbers", "doubled", "large", "counted"}
EVERYTHING = TABLES | {"unique_large_n", "not_null_counted_n"}


class Small:
    """The project, with functions that change it and that build it."""

    def __init__(self, folder, run_dbt):
        self.folder, self.db, self.run_dbt = folder, folder / WAREHOUSE, run_dbt
        for name, text in FILES.items():
            put(folder / "project" / name, text.encode())
        for name in ("keeping", "check_inputs", "hand_over"):
            (folder / "project/macros").mkdir(exist_ok=True)
            shutil.copy(PROJECT / f"macros/{name}.sql", folder / "project/macros")
        shutil.copy(PROJECT / "profiles.yml", folder / "project")
        # the plugin, and what it reads
        for name in ("cities", "la_crime", "seeds"):
            (folder / "project" / name).symlink_to(PROJECT / name)

    def write(self, name, text):
        put(self.folder / "project" / name, text.encode())

    def made(self, *words):
        """The nodes that a command made or tested, and their results; what it kept is not there."""
        self.run_dbt(
            words or ["build"],
            data_dir=self.folder / "data",
            db=self.db,
            work=self.folder / "work",
            project=self.folder / "project",
        )
        found = json.loads((self.folder / "work/target/run_results.json").read_text())["results"]
        return {
            node["unique_id"].split(".")[2]: node["status"]
            for node in found
            if node["adapter_response"].get("_message") != "KEPT"
            and not node["unique_id"].startswith("operation")
        }

    def ask(self, query):
        with duckdb.connect(str(self.db)) as con:
            return con.execute(query).fetchall()


@pytest.fixture
def small(tmp_path, run_dbt):
    """The project, built once."""
    project = Small(tmp_path, run_dbt)
    assert set(project.made()) == EVERYTHING
    return project


def test_what_did_not_change_is_kept_until_a_full_refresh(small):
    assert not small.made()
    assert set(small.made("test")) == EVERYTHING - TABLES
    assert set(small.made("build", "--full-refresh")) == EVERYTHING


def test_a_change_goes_as_far_as_rows_change(small):
    small.write("numbers/numbers.csv", "n\n1\n3\n30\n")
    assert set(small.made()) == {"numbers", "doubled", "large"}
    small.write("numbers/numbers.csv", "n\n1\n3\n20\n")
    assert set(small.made()) == {"numbers", "doubled", "large", "counted", "unique_large_n"}
    assert small.ask("select n from large") == [(40,)]


def test_a_column_of_another_type_goes_on(small):
    small.write("models/large.sql", "select n::bigint as n from {{ ref('doubled') }} where n > 10")
    assert {"large", "counted", "unique_large_n"} <= set(small.made())


def test_configuration_and_descriptions_count(small):
    said = "  - {name: doubled, description: Twice as much.}"
    small.write("models/models.yml", FILES["models/models.yml"] + said)
    assert set(small.made()) == {"doubled"}


def test_outlines_are_what_python_reads_beside_tables(small):
    layer = test_boundaries.of(test_boundaries.polygon())
    put(small.folder / "data/boundaries/districts.geojson", layer)
    assert set(small.made()) == {"counted"}
    assert not small.made()


def test_a_table_that_failed_or_is_gone_is_made_anew(small):
    small.write("models/doubled.sql", "select error('no') as n")
    assert small.made()["doubled"] == "error"
    small.write("models/doubled.sql", FILES["models/doubled.sql"])
    assert set(small.made()) == {"doubled"}
    small.ask("drop table large")
    assert set(small.made()) == {"large"}


def test_a_test_that_failed_runs_until_it_passes(small):
    small.write("numbers/numbers.csv", "n\n30\n30\n")
    assert small.made()["unique_large_n"] == "fail"
    assert small.made() == {"unique_large_n": "fail", "counted": "skipped"} | {
        "not_null_counted_n": "skipped"
    }
    small.write("numbers/numbers.csv", FILES["numbers/numbers.csv"])
    assert small.made()["unique_large_n"] == "pass"
    assert not small.made()
