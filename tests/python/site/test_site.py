"""The built site in a browser: it opens from files, and all can use it."""

import csv
import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from sites import OF_A_PLACE, SLUGS, WIDTHS, Watched, build_site


def test_every_page_is_built(built):
    assert sorted(path.stem for path in built.glob("*.html")) == sorted(SLUGS)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("address", [*(f"{slug}.html" for slug in SLUGS), *OF_A_PLACE])
def test_a_page_opens_offline_for_everyone(browser, built, address, width):
    with browser.new_context(offline=True, viewport={"width": width, "height": 850}) as context:
        watched = Watched(context)
        page = watched.open(built, address)
        found = Axe().run(page, options={"preload": False}).response["violations"]
        bad = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SEVERE]
        assert bad == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").inner_text().endswith("?")
        assert page.locator(".answer").inner_text().endswith(".")
        assert page.locator("nav a").count() == len(SLUGS)
        assert "Synthetic demo data" in page.locator(".synthetic").inner_text()
        footer = page.locator("footer").inner_text()
        for part in ("not for patrol allocation", "City of Los Angeles open data", "Crimes are"):
            assert part in footer
        page.emulate_media(media="print")
        assert page.locator(".watermark").is_visible()
        assert page.locator("nav").is_hidden()
        assert watched.faults == []


SEVERE = ("serious", "critical")


def test_charts_have_text_and_data(built):
    for slug in SLUGS:
        html = (built / f"{slug}.html").read_text()
        charts = re.findall(r'<script type="application/json" data-chart="([^"]+)">', html)
        assert len(re.findall(r'<p class="hidden">Chart: \S', html)) == len(charts)
        linked = re.findall(r'href="(csv/[^"]+)" download', html)
        for name in charts:
            assert f"csv/{slug}-{name}.csv" in linked
        for path in linked:
            with (built / path).open() as file:
                assert next(csv.reader(file)), f"{path} has no header"


def test_every_link_leads_somewhere(built):
    texts = {path.name: path.read_text() for path in built.glob("*.html")}
    for name, html in texts.items():
        for link in re.findall(r'href="([^"]+)"', html):
            target, _, anchor = link.partition("#")
            if link == "data:,":
                continue
            assert not target or (built / target).exists(), f"{name} links to {link}"
            if anchor and target not in ("place.html", "index.html"):
                assert f'id="{anchor}"' in texts[target or name], f"{name} links to {link}"


def test_the_site_is_small_and_quick(built, watched):
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    assert size < 25e6
    start = time.perf_counter()
    page = watched.open(built, "index.html")
    page.wait_for_selector("#map a[data-tier]:not([data-tier=''])")
    assert time.perf_counter() - start < 2


def test_the_same_marts_give_the_same_site(built, demo_warehouse, tmp_path):
    again = build_site(demo_warehouse.db, demo_warehouse.data, tmp_path / "again")
    files = sorted(path.relative_to(built) for path in built.rglob("*") if path.is_file())
    assert [
        path for path in files if (built / path).read_bytes() != (again / path).read_bytes()
    ] == []
