"""What BI tools see: the published file with other DuckDBs, Node and SQLAlchemy."""

import csv
import importlib.util
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa
from helpers import PROJECT

from la_crime.warehouse import publish

CLIENTS = PROJECT / "tests" / "clients"

spec = importlib.util.spec_from_file_location("duckdb_versions", CLIENTS / "duckdb_versions.py")
duckdb_versions = importlib.util.module_from_spec(spec)
spec.loader.exec_module(duckdb_versions)


@pytest.fixture(scope="module")
def database(demo_warehouse, tmp_path_factory) -> Path:
    """The published file of the demo warehouse."""
    warehouse = tmp_path_factory.mktemp("clients") / demo_warehouse.db.name
    shutil.copyfile(demo_warehouse.db, warehouse)
    publish.publish(warehouse)
    return warehouse.parent / "published" / "la_crime.duckdb"


def had(command: list, cwd: Path) -> None:
    """Run an installation; skip the test, and say why, if the registry is out of reach."""
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    if ran.returncode != 0:
        pytest.skip(f"not tried: {' '.join(command[:3])} failed: {ran.stderr.strip()[-200:]}")


@pytest.mark.parametrize("version", ["1.0", "lock", "2.0"])
def test_duckdb_of_other_versions_reads_everything(database, version):
    try:
        duckdb_versions.install(version)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"not tried: DuckDB {version} is not to be had here: {error.stderr[-200:]}")
    found = duckdb_versions.open_with(version, database)
    if version != "lock":
        assert found["duckdb"].startswith(f"{version}.")
    assert len(found["rows"]) > 30
    assert duckdb_versions.faults(found, database) == []


def test_the_script_fails_when_rows_or_comments_differ(database, tmp_path):
    copy = Path(shutil.copytree(database.parent / "current", tmp_path / "copy")) / database.name
    manifest = copy.with_name("manifest.json")
    manifest.chmod(0o644)
    changed = json.loads(manifest.read_text())
    changed["rows"]["dim_places"] += 1
    manifest.write_text(json.dumps(changed))
    dictionary = copy.with_name("data_dictionary.csv")
    dictionary.chmod(0o644)
    dictionary.write_text(dictionary.read_text().replace("One row", "A row", 1))
    script = [sys.executable, CLIENTS / "duckdb_versions.py", copy, "--only", "lock"]
    ran = subprocess.run(script, capture_output=True, text=True, check=False)
    if "FAILED" in ran.stdout and "other" not in ran.stdout:
        pytest.skip(f"not tried: DuckDB cannot be installed here: {ran.stdout[-200:]}")
    assert ran.returncode == 1
    assert "FAILED: other rows and comments than published" in ran.stdout


def test_node_reads_rows_and_comments(database):
    if not shutil.which("npm"):
        pytest.skip("not tried: there is no npm here")
    folder = PROJECT / "target" / "clients" / "node"
    shutil.copytree(CLIENTS / "node", folder, dirs_exist_ok=True)
    had(["npm", "install", "--no-save", "--no-audit", "--no-fund"], folder)
    ran = subprocess.run(
        ["node", "count.mjs", database, "dim_places"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    manifest = json.loads(database.with_name("manifest.json").read_text())
    answer = json.loads(ran.stdout)
    assert answer["rows"] == manifest["rows"]["dim_places"]
    assert answer["comment"].startswith("The places that are compared")


@pytest.fixture
def sqlalchemy_connection(database):
    """A connection as BI tools open one."""
    engine = sa.create_engine(
        f"duckdb:///{database}", connect_args={"read_only": True}, poolclass=sa.NullPool
    )
    with warnings.catch_warnings(), engine.connect() as con:
        warnings.simplefilter("ignore")  # it warns of indexes, and there are none
        yield con


def test_sqlalchemy_reflects_tables_columns_types_and_comments(sqlalchemy_connection, database):
    inspector = sa.inspect(sqlalchemy_connection)
    assert "la_crime.marts" in inspector.get_schema_names()
    inspected, reflected = [], []
    for name in inspector.get_table_names("marts"):
        comment = inspector.get_table_comment(name, schema="marts")["text"]
        inspected.append((name, "", "table", comment))
        inspected += [
            (name, column["name"], str(column["type"]), column["comment"])
            for column in inspector.get_columns(name, schema="marts")
        ]
        table = sa.Table(name, sa.MetaData(), schema="marts", autoload_with=sqlalchemy_connection)
        reflected.append((name, "", "table", table.comment))
        reflected += [(name, c.name, str(c.type), c.comment) for c in table.columns]
    with database.with_name("data_dictionary.csv").open(newline="", encoding="utf-8") as file:
        dictionary = [
            (
                row["table"],
                row["column"],
                row["type"].replace("DOUBLE", "FLOAT"),
                row["description"],
            )
            for row in csv.DictReader(file)
        ]
    assert sorted(inspected) == sorted(dictionary)
    assert sorted(reflected) == sorted(dictionary)


def test_sqlalchemy_queries_what_it_reflected_and_cannot_write(sqlalchemy_connection, database):
    manifest = json.loads(database.with_name("manifest.json").read_text())
    places = sa.Table(
        "dim_places", sa.MetaData(), schema="marts", autoload_with=sqlalchemy_connection
    )
    count = sa.select(sa.func.count(places.c.place_id))
    assert sqlalchemy_connection.execute(count).scalar() == manifest["rows"]["dim_places"]
    with pytest.raises(sa.exc.SQLAlchemyError, match="read-only"):
        sqlalchemy_connection.execute(sa.text("drop table marts.dim_places"))
