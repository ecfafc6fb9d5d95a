"""What tests share: a warehouse built once from small demo data, and a way to run dbt."""

from pathlib import Path
from typing import NamedTuple

import helpers
import inspecting
import pytest

from la_crime import demo


class Warehouse(NamedTuple):
    """A built warehouse and the data folder that it was built from."""

    db: Path
    data: Path


@pytest.fixture(scope="session")
def run_dbt():
    """`helpers.run_dbt`, for tests that take what they need as fixtures."""
    return helpers.run_dbt


@pytest.fixture(scope="session")
def demo_warehouse(tmp_path_factory) -> Warehouse:
    """The whole project built and tested on demo data at scale 0.1."""
    folder = tmp_path_factory.mktemp("demo")
    demo.generate(folder / "data", scale=0.1, progress=False)
    built = Warehouse(folder / "demo.duckdb", folder / "data")
    ran = helpers.run_dbt(["build"], data_dir=built.data, db=built.db)
    assert ran.returncode == 0, ran.stdout
    return built


@pytest.fixture
def folder(tmp_path):
    """A data folder with one good file of crimes, `crimes/good.csv`."""
    helpers.put(tmp_path / "crimes/good.csv", inspecting.GOOD)
    return tmp_path
