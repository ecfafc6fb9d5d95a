"""The exposures: each page of the site and the summary, with the marts that they really read."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from la_crime import site
from la_crime.site import data, recent
from la_crime.warehouse import summary


class Watched:
    """A connection that notes the tables of the schema `marts` in every query."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.read: set[str] = set()

    def execute(self, query: str, values: Any = None) -> duckdb.DuckDBPyConnection:
        """Run a query as the connection would."""
        parsed = self.con.execute("select json_serialize_sql(?)", [query]).fetchall()[0][0]
        self.read |= set(tables_of_marts(json.loads(parsed)))
        return self.con.execute(query, values)

    sql = execute


def tables_of_marts(part: Any) -> Iterator[str]:
    """The tables of the schema `marts` anywhere in a parsed query."""
    if isinstance(part, dict):
        if part.get("schema_name") == "marts":
            yield part["table_name"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from tables_of_marts(inner)


@pytest.fixture
def watched(demo_warehouse) -> Iterator[Watched]:
    """The marts of the demo warehouse, watched."""
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        yield Watched(con)


@pytest.fixture(scope="module")
def exposures(manifest) -> dict[str, dict]:
    """The exposures by name, as dbt reads them without a warning."""
    return {found["name"]: found for found in manifest["exposures"].values()}


def marts_of(exposure: dict) -> set[str]:
    """The models that an exposure says it depends on."""
    return {node.removeprefix("model.la_crime.") for node in exposure["depends_on"]["nodes"]}


def test_there_is_an_exposure_for_each_page_and_the_summary(exposures):
    assert exposures.keys() == {"summary", *(f"site_{name}" for name in site.PAGES)}


@pytest.mark.parametrize("name", site.PAGES)
def test_a_page_reads_what_its_exposure_says(name, exposures, watched, demo_warehouse):
    exposure = exposures[f"site_{name}"]
    page = site.module(name).page(watched)
    site.about(watched)  # the foot of every page
    # the browser draws these from scripts
    if name in ("map", "place"):
        data.map_data(watched, demo_warehouse.data)
    if name == "place":
        data.place_data(watched, demo_warehouse.data)
    if name in ("lately", "place"):
        recent.about(watched)
        recent.by_file(recent.place_changes(watched), watched)
    assert marts_of(exposure) == watched.read
    assert (exposure["label"], exposure["url"]) == (page.menu, f"../{page.slug}.html")
    assert exposure["description"].startswith(page.question)


def test_the_summary_reads_what_its_exposure_says(exposures, watched, demo_warehouse, monkeypatch):
    opened = contextlib.nullcontext(watched)
    monkeypatch.setattr(summary.duckdb, "connect", lambda *_, **__: opened)
    summary.summary(demo_warehouse.db)
    assert marts_of(exposures["summary"]) == watched.read
