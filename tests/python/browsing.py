"""The system's Chromium, and the site's pages in it; shared by tests and `screenshots.py`."""

import shutil
import time
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
    wait_until(
        page,
        "[...document.querySelectorAll('script[data-chart]')].every("
        "  s => document.getElementById(s.dataset.chart).querySelector('svg'))",
    )


def wait_until(page: Page, condition: str, seconds: float = 30) -> None:
    """Wait until a condition in JavaScript holds; TimeoutError if it does not come to.

    Playwright's own wait evaluates text inside the page, which the pages' policy refuses.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > end:
            raise TimeoutError(f"{page.url}: not in {seconds} seconds: {condition}")
        page.wait_for_timeout(50)
