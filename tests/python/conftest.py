"""What tests share: a warehouse built once from small demo data, and a way to run dbt."""

import fcntl
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb
import helpers
import inspecting
import pytest

from la_crime import demo, settings

# Files whose tests build much: begun first, lest one of two processes ends alone.
SLOW = (
    "test_attack.py",
    "test_refresh.py",
    "test_planted_change.py",
    "test_other_runs.py",
    "test_reproducible.py",
    "test_recipes.py",
    "test_keeping.py",
    "test_publish.py",
    "test_command_line.py",
    "test_unit_tests.py",
    "test_area_totals.py",
)


def pytest_collection_modifyitems(items):
    """Put the tests of the slowest files first; see `--no-loadscope-reorder` in pyproject.toml."""
    items.sort(key=lambda item: SLOW.index(name) if (name := item.path.name) in SLOW else len(SLOW))


class Warehouse(NamedTuple):
    """A built warehouse and the data folder that it was built from."""

    db: Path
    data: Path


@pytest.fixture(scope="session")
def run_dbt():
    """`helpers.run_dbt`, for tests that take what they need as fixtures."""
    return helpers.run_dbt


@pytest.fixture(scope="session")
def forked():
    """A context of `multiprocessing` whose processes begin with the costly imports done."""
    context = multiprocessing.get_context("forkserver")
    modules = ["pandas", "pytest", "la_crime.portal.fetch", "la_crime.warehouse.publish"]
    context.set_forkserver_preload(modules)
    return context


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], None]], Path]:
    """A function that makes a folder, once for all processes: its name, and what fills it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def made(name: str, fill: Callable[[Path], None]) -> Path:
        folder, whole = shared / name, shared / f"{name}.whole"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                folder.mkdir()
                fill(folder)
                whole.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def demo_warehouse(once) -> Warehouse:
    """The whole project built and tested on demo data at scale 0.1.

    With `LA_CRIME_TEST_WAREHOUSE`, a copy of that one: of what `make build` made of this very code.
    """

    def fill(folder: Path) -> None:
        made = warehouse(folder)
        if built := os.environ.get("LA_CRIME_TEST_WAREHOUSE"):
            shutil.copytree(settings.default_data_folder(), made.data)
            shutil.copyfile(built, made.db)
        else:
            demo.generate(made.data, scale=0.1, progress=False)
            ran = helpers.run_dbt(["build"], data_dir=made.data, db=made.db)
            assert ran.returncode == 0, ran.stdout
        with duckdb.connect(str(made.db), read_only=True) as con:
            outcome = con.sql("select command, shortfall from quality.build_outcome")
            assert outcome.fetchall() == [("dbt build", "")]

    def warehouse(folder: Path) -> Warehouse:
        return Warehouse(folder / helpers.WAREHOUSE, folder / "data")

    return warehouse(once("demo", fill))


@pytest.fixture(scope="session")
def manifest(once) -> dict:
    """The project as dbt parses it, which gives no warning."""

    def fill(folder: Path) -> None:
        words = ["parse", "--warn-error"]
        ran = helpers.run_dbt(words, Path("none"), folder / helpers.WAREHOUSE, folder)
        assert ran.returncode == 0, ran.stdout

    return json.loads((once("parsed", fill) / "target/manifest.json").read_text())


@pytest.fixture(scope="session")
def small_demo(once) -> Path:
    """A folder of demo data at a fiftieth of the real size."""
    return once("small_demo", lambda folder: demo.generate(folder, scale=0.02, progress=False))


@pytest.fixture
def demo_copy(demo_warehouse, tmp_path) -> Warehouse:
    """A copy of the demo warehouse that a test may change."""
    copy = shutil.copyfile(demo_warehouse.db, tmp_path / demo_warehouse.db.name)
    return demo_warehouse._replace(db=copy)


@pytest.fixture
def folder(tmp_path):
    """A data folder with one good file of crimes, `crimes/good.csv`."""
    helpers.put(tmp_path / "crimes/good.csv", inspecting.GOOD)
    return tmp_path
