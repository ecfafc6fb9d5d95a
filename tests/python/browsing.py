"""The system's Chromium, and the site's pages in it; shared by tests and `screenshots.py`."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def launch(playwright: Playwright) -> Browser:
    """Start the browser."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def open_page(page: Page, folder: Path, address: str) -> None:
    """Open a page of the site as a file and wait for all its charts."""
    page.goto(f"{folder.as_uri()}/{address}")
    page.wait_for_function(
        "[...document.querySelectorAll('script[data-chart]')].every("
        "  s => document.getElementById(s.dataset.chart).querySelector('svg'))"
    )
