"""The site of the demo data, and the system's Chromium, which all tests of a process share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import browsing
import duckdb
import pytest
from helpers import PROJECT
from playwright.sync_api import Browser, sync_playwright
from sites import Watched, build_site


@pytest.fixture(scope="session")
def built(demo_warehouse, once) -> Path:
    """The site of the demo data."""
    return once("site", lambda folder: build_site(*demo_warehouse, folder))


@pytest.fixture(scope="session")
def marts(demo_warehouse):
    """The marts that the site was written from."""
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium."""
    if browsing.CHROMIUM is None:
        message = "no Chromium: install Debian's package `chromium`, or any that is on the PATH"
        if os.environ.get("LA_CRIME_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        opened = browsing.launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def watched(browser: Browser):
    """A fresh offline page as wide as a desktop's."""
    with browser.new_context(offline=True, viewport={"width": 1280, "height": 900}) as context:
        yield Watched(context)


@pytest.fixture(scope="session")
def with_lineage(built, demo_warehouse, once) -> Path:
    """The site with dbt's documentation, which opens the warehouse for writing, hence a copy."""

    def fill(folder: Path) -> None:
        shutil.copytree(built, folder / "site")
        ran = subprocess.run(
            [sys.executable, "-m", "la_crime", "docs", "--out", folder / "site/lineage/index.html"],
            cwd=PROJECT,
            env=os.environ
            | {
                "LA_CRIME_DATA_DIR": str(demo_warehouse.data),
                "LA_CRIME_DB": str(shutil.copy(demo_warehouse.db, folder)),
                "DBT_TARGET_PATH": str(folder / "target"),
                "DBT_LOG_PATH": str(folder / "logs"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    return once("lineage", fill) / "site"
