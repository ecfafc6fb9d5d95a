"""Takes the README's pictures anew from `site`, which must be of demo data (make screenshots)."""

import sys
from pathlib import Path

import browsing
from helpers import PROJECT
from playwright.sync_api import Browser, sync_playwright

FOLDER = PROJECT / "docs" / "screenshots"
# address, where to scroll to, height of the window in pixels
PICTURES = {
    "map": ("index.html", "body", 1180),
    "stability": ("stability.html", "#title-tiers_by_year", 705),
    "place": ("place.html#area-12", "body", 1325),
}
WIDTH = 1160  # of the window in pixels
SCALE = 0.8
LARGEST = 200_000  # bytes


def take(browser: Browser, site: Path, out: Path) -> None:
    """Write each picture of a site into a folder; ValueError for one of real data or too large."""
    for name, (address, start, height) in PICTURES.items():
        page = browser.new_page(
            viewport={"width": WIDTH, "height": height}, device_scale_factor=SCALE
        )
        browsing.open_page(page, site, address)
        if not page.locator(".synthetic").count():
            raise ValueError(f"{site} is not of demo data: no picture of it belongs in {out}.")
        page.locator(start).evaluate("element => element.scrollIntoView()")
        picture = page.screenshot()
        if len(picture) > LARGEST:
            raise ValueError(f"the picture {name} has {len(picture):,} bytes: make it smaller.")
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.png").write_bytes(picture)
        page.close()


if __name__ == "__main__":
    try:
        with sync_playwright() as playwright:
            take(browsing.launch(playwright), PROJECT / "site", FOLDER)
    except ValueError as error:
        sys.exit(f"Error: {error}")
