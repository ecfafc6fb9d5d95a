"""What tests of the site share: how it is built, and a page that is watched."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import browsing
import duckdb
from helpers import PROJECT
from playwright.sync_api import BrowserContext, Page

from la_crime import site

SLUGS = ["index" if name == "map" else name for name in site.PAGES]
OF_A_PLACE = ["place.html#area-12", "lately.html#area-12"]
WIDTHS = {"desktop": 1280, "phone": 390}


def build_site(db: Path, data: Path, out: Path) -> Path:
    """Run `python -m la_crime site` without dbt's documentation."""
    ran = subprocess.run(
        [sys.executable, "-m", "la_crime", "site", "--no-lineage"]  # noqa: RUF005
        + ["--database", str(db), "--out", str(out)],
        cwd=PROJECT,
        env=os.environ | {"LA_CRIME_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return out


class Watched:
    """A page of an offline browser with all that went wrong on it."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda m: m.type == "error" and self.faults.append(m.text))
        self.page.on("request", lambda request: self.note_request(request.url))

    def note_request(self, url: str) -> None:
        """Remember a request that leaves the files."""
        if not url.startswith(("file://", "data:", "blob:")):
            self.faults.append(f"request to {url}")

    def open(self, folder: Path, address: str) -> Page:
        """Open a page of the site as a file and wait for all its charts."""
        self.page.goto("about:blank")
        browsing.open_page(self.page, folder, address)
        return self.page


BREAK_IN = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'


def copy_of_marts(
    warehouse: Path, query: Callable[[str], str] = "from {}".format, file: str | Path = ":memory:"
) -> duckdb.DuckDBPyConnection:
    """The marts of a warehouse in a database of their own, each as its query by name says."""
    con = duckdb.connect(str(file))
    (own,) = con.execute("select current_database()").fetchone()
    con.execute(f"attach '{warehouse}' as warehouse (read_only)")
    con.execute("create schema marts; use warehouse.marts")
    for (table,) in con.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'warehouse' and schema_name = 'marts'"
    ).fetchall():
        con.execute(f"create table {own}.marts.{table} as {query(table)}")
    con.execute(f"use {own}; detach warehouse")
    return con
