"""The built site in a browser: it opens from files, shows what the marts say, and all can use it.

The browser is the system's Chromium. Without one these tests are skipped, or fail if
`LA_CRIME_REQUIRE_BROWSER` is 1.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import altair as alt
import browsing
import duckdb
import numpy as np
import pandas as pd
import pytest
import screenshots
from axe_playwright_python.sync_playwright import Axe
from helpers import PROJECT
from markupsafe import escape
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from la_crime import site
from la_crime.site import geometry, render
from la_crime.site.page import Page as SitePage
from la_crime.site.page import Section
from la_crime.warehouse import lineage

SLUGS = ["index" if name == "map" else name for name in site.PAGES]
WIDTHS = {"desktop": 1280, "phone": 390}


# --- Building and opening -----------------------------------------------------------------------


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


@pytest.fixture(scope="session")
def built(demo_warehouse, tmp_path_factory) -> Path:
    """The site of the demo data."""
    return build_site(demo_warehouse.db, demo_warehouse.data, tmp_path_factory.mktemp("site"))


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


@pytest.fixture
def watched(browser: Browser):
    """A fresh offline page as wide as a desktop's."""
    with browser.new_context(offline=True, viewport={"width": 1280, "height": 900}) as context:
        yield Watched(context)


# --- Every page ---------------------------------------------------------------------------------


def test_every_page_is_built(built):
    assert sorted(path.stem for path in built.glob("*.html")) == sorted(SLUGS)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("address", [*(f"{slug}.html" for slug in SLUGS), "place.html#area-12"])
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
        for part in ("not for patrol allocation", "City of Los Angeles open data", "Crimes to"):
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


# --- Nothing runs but the site's own scripts ----------------------------------------------------

BREAK_IN = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'
# columns of text that pages show; each keeps its value, so that joins and orders hold
SHOWN_TEXT = {
    "dim_places": ["place_name"],
    "dim_periods": ["period_name"],
    "dim_crime_groups": ["crime_group_name"],
    "dim_charge_groups": ["charge_group_name"],
    "study_claims": ["claim", "reason", "threshold_source"],
    "row_reconciliation": ["file_name", "layout"],
    "reject_reasons": ["reason"],
    "cluster_runs": ["caution"],
    "build_info": ["attribution", "dataset_kind"],
}


@pytest.fixture(scope="module")
def hostile(demo_warehouse, tmp_path_factory) -> Path:
    """The site of marts whose text would run as a script in a page, and as a formula in a sheet."""
    folder = tmp_path_factory.mktemp("hostile")
    with duckdb.connect(str(folder / "hostile.duckdb")) as con:
        con.execute(f"attach '{demo_warehouse.db}' as demo (read_only)")
        con.execute("create schema marts")
        for (table,) in con.execute(
            "select table_name from duckdb_tables()"
            " where database_name = 'demo' and schema_name = 'marts'"
        ).fetchall():
            broken = ", ".join(
                f"'=' || {column} || '{BREAK_IN}' as {column}"
                for column in SHOWN_TEXT.get(table, [])
            )
            replaced = f"replace ({broken})" if broken else ""
            con.execute(
                f"create table marts.{table} as select * {replaced} from demo.marts.{table}"
            )
    return build_site(folder / "hostile.duckdb", demo_warehouse.data, folder / "site")


@pytest.mark.parametrize("address", [*(f"{slug}.html" for slug in SLUGS), "place.html#area-12"])
def test_text_of_the_data_is_text_in_a_page(hostile, watched, address):
    page = watched.open(hostile, address)
    if "#" in address:
        page.wait_for_selector("#place[data-place]")
    assert page.locator("footer").inner_text().count(BREAK_IN) == 2
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0
    assert watched.faults == []


def test_no_cell_of_csv_is_a_formula(hostile, watched):
    texts = 0
    for path in (hostile / "csv").iterdir():
        for cell in (cell for row in csv.reader(path.open()) for cell in row):
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), path.name
            texts += cell.startswith("'=")
    assert texts > 100
    page = watched.open(hostile, "index.html")
    with page.expect_download() as waiting:
        page.click("#download")
    rows = list(csv.DictReader(waiting.value.path().read_text().splitlines()))
    assert all(row["place_name"].startswith("'=") for row in rows)


def test_text_that_starts_a_formula_is_neutralised_and_numbers_stay(tmp_path):
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
    harmless = ["77th Street", "'quoted", "a=b", ""]
    broken = "a\r=1"
    data = pd.DataFrame({"=text": pd.Series([*starts, *harmless, broken], dtype="category")})
    data = data.assign(number=-1.5, whole=-2, mixed=[*starts[:6], -1, -2.5, None, *harmless])
    render.write_csv(data, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=text", "number", "whole", "mixed"]
    assert [row[0] for row in rows] == [
        *(f"'{text}".replace("\r", " ") for text in starts),
        *harmless,
        "a =1",
    ]
    assert {(row[1], row[2]) for row in rows} == {("-1.5", "-2")}
    assert [row[3] for row in rows][6:9] == ["-1", "-2.5", ""]


def test_every_page_allows_its_own_files_alone(built):
    for path in built.glob("*.html"):
        html = path.read_text()
        assert html.index(f'content="{escape(render.CONTENT_SECURITY_POLICY)}"') < html.index(
            "<link"
        )
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html) == [], path.name
        scripts = re.findall(r"<script ([^>]*)>", html)
        own = r'src="assets/[\w-]+\.js" defer|type="application/json" data-chart="\w+"'
        assert all(re.fullmatch(own, attributes) for attributes in scripts), path.name


@pytest.mark.parametrize("address", ["index.html", "lineage/index.html"])
def test_the_browser_refuses_what_is_not_the_sites(with_lineage, watched, tmp_path, address):
    """Should text ever slip through as HTML, it runs nothing."""
    site_copy = Path(shutil.copytree(with_lineage, tmp_path / "site"))
    path = site_copy / address
    html = path.read_text()
    path.write_text(html.replace("</body>", f"{BREAK_IN}</body>"))
    page = watched.open(site_copy, address)
    page.wait_for_timeout(500)
    assert page.evaluate("window.broken") is None
    refused = [fault for fault in watched.faults if "Content Security Policy" in fault]
    assert len(refused) >= 2
    path.write_text(
        re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text())
    )
    assert watched.open(site_copy, address).evaluate("window.broken") == 1


# --- The map ------------------------------------------------------------------------------------


def of_mart(marts, scope: str, source: str, period: str) -> dict[str, tuple]:
    """What the mart says of each place on the map: tier, volume, rate, whether borderline."""
    run = f"{scope}__{period}__{source}__volume__kmeans"
    rows = marts.execute(
        "select place_id, tier, volume, volume / area_km2, is_borderline"
        " from marts.dim_places"
        " left join (select * from marts.cluster_assignments where run_id = $run)"
        "   using (scope, place_id)"
        " left join (select place_id, is_borderline from marts.place_tier_confidence"
        "   where run_id = $run) using (place_id)"
        " where scope = $scope and is_on_boundary_layer",
        {"run": run, "scope": scope},
    ).fetchall()
    return {
        place: (tier or "", volume, rate, bool(borderline))
        for place, tier, volume, rate, borderline in rows
    }


def of_page(page: Page) -> dict[str, tuple]:
    """The same, from the attributes of the map's places; and their fill."""
    places = page.evaluate(
        "[...document.querySelectorAll('#map a[data-id]')].map("
        "a => ({...a.dataset, fill: a.firstChild.getAttribute('fill')}))"
    )
    return {
        p["id"]: (
            p["tier"],
            int(p["volume"]) if p["volume"] else None,
            float(p["rate"]) if p["rate"] else None,
            p["borderline"] == "true",
            p["fill"],
        )
        for p in places
    }


@pytest.mark.parametrize(
    ("scope", "source", "period"),
    [
        ("area", "crimes", "all"),
        ("area", "crimes", "2012"),
        ("area", "arrests", "2017"),
        ("district", "crimes", "2017"),
        ("district", "arrests", "all"),
    ],
)
def test_the_map_shows_the_mart(built, watched, marts, scope, source, period):
    page = watched.open(built, "index.html")
    page.check(f"input[name=scope][value={scope}]")
    page.check(f"input[name=source][value={source}]")
    page.select_option("select[name=period]", period)
    shown, expected = of_page(page), of_mart(marts, scope, source, period)
    assert shown.keys() == expected.keys()
    fills: dict[str, set[str]] = {}
    for place, (tier, volume, rate, borderline) in expected.items():
        assert shown[place][0] == tier, place
        assert shown[place][1] == volume, place
        assert shown[place][2] == (None if rate is None else pytest.approx(rate, abs=0.051)), place
        assert shown[place][3] == borderline, place
        fills.setdefault(tier, set()).add(shown[place][4])
    solid = {tier: {f for f in found if f.startswith("#")} for tier, found in fills.items()}
    assert all(len(found) <= 1 for found in solid.values())
    assert len({f for found in fills.values() for f in found}) == sum(map(len, fills.values()))
    striped = any(f.startswith("url(") for found in fills.values() for f in found)
    assert striped == any(borderline for *_, borderline in expected.values())
    rows = page.locator("#map-table tbody tr").count()
    assert rows == sum(1 for _, volume, *_ in expected.values() if scope == "area" or volume)
    assert watched.faults == []


@pytest.mark.parametrize(("measure", "at"), [("count", 1), ("rate", 2)])
def test_a_higher_value_is_never_lighter(built, watched, measure, at):
    page = watched.open(built, "index.html#scope=district&period=2017")
    page.check(f"input[name=measure][value={measure}]")
    shown = [(p[at], sum(bytes.fromhex(p[4][1:]))) for p in of_page(page).values() if p[at]]
    span = {
        light: (
            min(v for v, other in shown if other == light),
            max(v for v, other in shown if other == light),
        )
        for _, light in shown
    }
    assert len(span) == 5
    darkening = [span[light] for light in sorted(span, reverse=True)]
    assert all(high <= low for (_, high), (low, _) in pairwise(darkening))


def test_a_choice_can_be_shared(built, watched):
    page = watched.open(built, "index.html")
    page.check("input[name=scope][value=district]")
    page.select_option("select[name=period]", "2015")
    shared = page.url.split("#")[1]
    before = of_page(page)
    page = watched.open(built, f"index.html#{shared}")
    assert page.locator("select[name=period]").input_value() == "2015"
    assert of_page(page) == before


def test_the_map_downloads_what_it_shows(built, watched, marts):
    page = watched.open(built, "index.html#scope=area&source=arrests&period=2017")
    with page.expect_download() as waiting:
        page.click("#download")
    rows = list(csv.DictReader(waiting.value.path().read_text().splitlines()))
    expected = of_mart(marts, "area", "arrests", "2017")
    assert {row["place_id"]: (row["tier"], int(row["volume"])) for row in rows} == {
        place: (tier, volume) for place, (tier, volume, *_) in expected.items()
    }


def test_the_map_works_by_keyboard(built, watched):
    page = watched.open(built, "index.html")
    focus = "document.activeElement.dataset?.id ?? document.activeElement.name ?? ''"
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(focus))
        if page.evaluate("document.activeElement.closest('#map') !== null"):
            break
    assert {"scope", "source", "measure", "period", "zoom"} <= set(reached)
    first = reached[-1]
    page.keyboard.press("ArrowDown")
    second = page.evaluate(focus)
    assert second and second != first
    name = page.locator(f"#map a[data-id='{second}']").get_attribute("aria-label").split(":")[0]
    assert name in page.locator("#details").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#place[data-place]")
    assert page.url.endswith(f"place.html#area-{second}")
    assert page.locator("#place h2").first.inner_text().startswith(name)


def test_a_phone_shows_the_map_before_its_choices(built, browser):
    """All of it without scrolling; the choices unfold by key, and stay so while one is made."""
    with browser.new_context(offline=True, viewport={"width": 390, "height": 844}) as context:
        page = Watched(context).open(built, "index.html")
        box = page.locator("#map").bounding_box()
        assert box["y"] + box["height"] <= 844
        assert box["height"] > 300
        assert page.locator("#controls").is_hidden()
        page.locator("#choices summary").focus()
        page.keyboard.press("Enter")
        page.check("input[name=scope][value=district]")
        assert page.locator("#controls").is_visible()
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.locator("#choices summary").is_hidden()
        assert page.locator("#controls").is_visible()


# --- One place ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("place.html#area-12", "77th Street (area)"),
        ("place.html#district-1385", "Newton 1385"),
        ("place.html?district=1385", "Newton 1385"),
        ("place.html?area=12", "77th Street (area)"),
    ],
)
def test_a_shared_link_opens_its_place(built, watched, address, name):
    page = watched.open(built, address)
    page.wait_for_selector("#place[data-place]")
    assert page.locator("#place h2").first.inner_text() == name
    assert page.title().startswith(name.removesuffix(" (area)"))
    assert watched.faults == []


@pytest.mark.parametrize(
    ("typed", "place"),
    [("77th street", "area-12"), ("1385", "district-1385"), ("Newton 1385", "district-1385")],
)
def test_a_place_is_found(built, watched, typed, place):
    page = watched.open(built, "place.html")
    page.fill("#query", typed)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#place[data-place='{place}']")
    assert page.url.endswith(f"#{place}")


def test_an_unknown_place_is_said_to_be_unknown(built, watched):
    page = watched.open(built, "place.html#district-99999")
    assert "no place district-99999" in page.locator("#find-note").inner_text()
    page.fill("#query", "Atlantis")
    page.keyboard.press("Enter")
    assert "Atlantis" in page.locator("#find-note").inner_text()


def test_a_place_shows_its_years(built, watched, marts):
    page = watched.open(built, "place.html#area-12")
    page.wait_for_selector("#place[data-place]")
    page.locator("summary", has_text="years as a table").click()
    table = page.locator("table", has_text="Recorded crimes and tier by year")
    shown = [row.locator("th, td").all_inner_texts()[:3] for row in table.locator("tbody tr").all()]
    expected = marts.sql(
        "select period_id || if(record_system_of_period = 'legacy', '', '*'), volume, tier"
        " from marts.cluster_assignments"
        " inner join marts.cluster_runs using (run_id, scope)"
        " inner join marts.dim_periods using (period_id)"
        " where scope = 'area' and place_id = '12' and source = 'crimes' and is_single_year"
        " and feature_set = 'volume' and algorithm = 'kmeans' order by 1"
    ).fetchall()
    assert sum("*" in year for year, *_ in expected) == 3
    assert "* counts cases of another record system" in page.locator("#place").inner_text()
    assert [(y.split()[0], int(n.replace(",", "")), t) for y, n, t in shown] == expected


# --- The lineage --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_lineage(built, demo_warehouse, tmp_path_factory) -> Path:
    """The site with dbt's documentation, which opens the warehouse for writing, hence a copy."""
    folder = tmp_path_factory.mktemp("lineage")
    out = Path(shutil.copytree(built, folder / "site"))
    ran = subprocess.run(
        [sys.executable, "-m", "la_crime", "docs", "--out", out / "lineage" / "index.html"],
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
    return out


def test_the_lineage_shows_the_graph_from_a_file(with_lineage, watched):
    page = watched.open(with_lineage, "lineage/index.html#!/model/model.la_crime.study_claims")
    page.wait_for_selector("h1:has-text('study_claims')")
    page.get_by_title("View Lineage Graph").click()
    browsing.wait_until(
        page,
        "[...document.querySelectorAll('canvas')].some(canvas => canvas.width && canvas"
        ".getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v))",
    )
    assert watched.faults == []


def test_no_path_of_the_machine_is_in_the_site(with_lineage, demo_warehouse):
    folders = {
        *(PROJECT, demo_warehouse.data.parent, with_lineage.parent, Path.home()),
        *(Path(sys.prefix), Path(sys.base_prefix), Path(tempfile.gettempdir())),
    }
    names = {f"{folder}/" for folder in folders} | {str(PROJECT), str(demo_warehouse.data)}
    for path in with_lineage.rglob("*"):
        text = path.read_text() if path.is_file() else ""
        assert {name for name in names if name in text} == set(), path.name
    lineage = (with_lineage / "lineage" / "index.html").read_text()
    assert lineage.count('"compiled_code"') > 100


def test_a_manifest_with_new_files_and_variables_says_nothing_of_the_machine():
    """Models of files that are new are compiled with the paths of the files."""
    code = {"a": "select * from read_csv(['/somewhere/a.csv'])", "b": "select 1"}
    made = lineage.without_folders(
        {
            "metadata": {"env": {"SECRET": "x"}, "user_id": "me", "dbt_version": "1"},
            "nodes": {
                name: {"name": name, "compiled_code": text, "root_path": "/somewhere"}
                for name, text in code.items()
            },
            "disabled": {"c": [{"name": "c", "build_path": "/somewhere/c"}]},
        }
    )
    assert made == {
        "metadata": {"env": {}, "user_id": None, "dbt_version": "1"},
        "nodes": {"a": {"name": "a"}, "b": {"name": "b", "compiled_code": "select 1"}},
        "disabled": {"c": [{"name": "c"}]},
    }
    assert lineage.as_script({"text": "</script>"}) == '{"text":"\\u003c/script>"}'


def test_the_lineage_leads_to_the_page_that_reads_the_marts(with_lineage, watched):
    page = watched.open(with_lineage, "lineage/index.html#!/exposure/exposure.la_crime.site_claims")
    link = page.get_by_role("link", name="View this exposure").get_attribute("href")
    goal = (with_lineage / "lineage" / link).resolve()
    assert goal == with_lineage / "claims.html"
    assert goal.exists()
    assert watched.faults == []


# --- Responsible use ----------------------------------------------------------------------------

BANNED = re.compile(
    r"danger(?!ous or evasive driving)|unsafe|safer?\s+(area|place|district|neighbou?rhood)"
    r"|\bbad (area|place|part|neighbou?rhood)|no-go|crime-ridden|hot[- ]?spot|\bcriminals\b"
    r"|high-crime|predictive polic|offenders\b"
)


def data_files(built: Path) -> list[Path]:
    """All that the project writes itself; the script of the charts' library is not."""
    return [
        p for p in built.rglob("*") if p.suffix in (".html", ".js", ".csv") and p.name != "vega.js"
    ]


def test_no_text_blames_a_place_or_its_people(built):
    # the method page lists the words that do not fit
    files = [path for path in data_files(built) if path.name != "method.html"]
    found = {path.name: BANNED.findall(path.read_text().lower()) for path in files}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_report_number_and_no_coordinate_but_of_places(built, marts):
    of_places = marts.sql(
        "select lat, lon from marts.dim_places where lat is not null"
    ).fetchnumpy()
    known = np.concatenate([of_places["lat"], of_places["lon"]])
    for path in data_files(built):
        text = path.read_text()
        assert re.findall(r"(?<![\w.])\d{9}(?!\w)", text) == [], path.name
        found = re.findall(r"-118\.\d{4,}|(?<![\w.])3[34]\.\d{4,}", text)
        off = [at for at in set(found) if np.abs(known - float(at)).min() > 6e-5]
        assert off == [], path.name


def places_of(built: Path) -> dict[str, dict]:
    """The data of all places' pages."""
    found = {}
    for path in (built / "assets" / "places").iterdir():
        found |= json.loads(path.read_text().split(" = ", 1)[1].removesuffix(";\n"))
    return found


def test_no_sensitive_group_in_a_district(built, marts):
    names = {
        name
        for (name,) in marts.sql(
            "select crime_group_name from marts.dim_crime_groups where is_sensitive_crime_group"
            " union all select charge_group_name from marts.dim_charge_groups"
            " where is_sensitive_charge_group"
        ).fetchall()
    }
    assert names
    for key, facts in places_of(built).items():
        if key.startswith("district"):
            assert not {name for name in names if name in json.dumps(facts)}, key


def test_hidden_cells_stay_hidden(built, marts):
    places = places_of(built)
    cells = marts.sql(
        "select scope || '-' || place_id, source, period_id, characteristic, count(n), sum(n)"
        " from marts.place_profiles group by all"
    ).fetchall()
    shown = 0
    for place, source, period, characteristic, n, total in cells:
        found = places.get(place, {}).get("profiles", {}).get(source, {}).get(period, {})
        visible = [cell for cell in found.get(characteristic, []) if len(cell) > 1]
        if characteristic in found:
            assert len(visible) == n
            assert sum(cell[1] for cell in visible) == (total or 0)
            shown += n
    assert shown > 1000


def test_small_counts_of_places_are_not_shown(built):
    text = (built / "assets" / "map-data.js").read_text()
    runs = json.loads(text.split(" = ", 1)[1].removesuffix(";\n"))["runs"]
    volumes = [n for run in runs if run["isRun"] for n in run["volume"] if n is not None]
    assert min(volumes) >= 10


# --- Data that is too thin ----------------------------------------------------------------------


def test_marts_without_results_still_make_a_site(demo_warehouse, tmp_path, watched):
    thin = tmp_path / "thin.duckdb"
    with duckdb.connect(str(thin)) as con:
        con.execute(f"attach '{demo_warehouse.db}' as demo (read_only)")
        con.execute("create schema marts")
        for (table,) in con.execute(
            "select table_name from duckdb_tables()"
            " where database_name = 'demo' and schema_name = 'marts'"
        ).fetchall():
            kept = table.startswith("dim_") or table in ("build_info", "cluster_runs")
            # one crime, for a site of none is refused
            rows = "limit 1" if table == "fct_crimes_monthly" else f"where {kept}"
            con.execute(f"create table marts.{table} as from demo.marts.{table} {rows}")
        con.execute(
            "update marts.cluster_runs set status = 'not run', reason = 'too few', n_places = 0,"
            " silhouette = null"
        )
    out = build_site(thin, tmp_path, tmp_path / "site")
    page = watched.open(out, "index.html")
    assert "too thin" in page.locator("#run-note").inner_text()
    page = watched.open(out, "place.html#district-1385")
    page.wait_for_selector("#place[data-place]")
    assert "no year with enough crimes" in page.locator("#place").inner_text()
    for slug in SLUGS:
        watched.open(out, f"{slug}.html")
    assert watched.faults == []


# --- The README's pictures ----------------------------------------------------------------------


def test_pictures_in_the_readme_are_there_small_and_described():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\(docs/screenshots/(\w+)\.png\)", readme))
    assert sorted(shown.values()) == sorted(screenshots.PICTURES)
    for text, name in shown.items():
        assert "synthetic demo data" in text
        size = (screenshots.FOLDER / f"{name}.png").stat().st_size
        assert size <= screenshots.LARGEST


def test_a_site_of_real_data_is_not_pictured(built, browser, tmp_path):
    real = Path(shutil.copytree(built, tmp_path / "site"))
    for page in real.glob("*.html"):
        page.write_text(page.read_text().replace('class="synthetic"', ""))
    with pytest.raises(ValueError, match="is not of demo data"):
        screenshots.take(browser, real, tmp_path / "pictures")
    assert not (tmp_path / "pictures").exists()


def test_a_picture_that_is_too_large_is_refused(built, browser, tmp_path, monkeypatch):
    monkeypatch.setattr(screenshots, "LARGEST", 1000)
    with pytest.raises(ValueError, match="the picture map has"):
        screenshots.take(browser, built, tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- What can go wrong --------------------------------------------------------------------------


def test_a_missing_warehouse_is_one_line():
    ran = subprocess.run(
        [sys.executable, "-m", "la_crime", "site", "--database", "no/such.duckdb"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "Reading no/such.duckdb ...",
        "Error: no/such.duckdb is not there yet: run `make build` first, or set LA_CRIME_DB to"
        " another.",
    ]


def test_a_file_without_marts_is_refused(tmp_path):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(ValueError, match="has no schema marts"):
        site.build(tmp_path / "empty.duckdb", tmp_path / "site", tmp_path, lineage=False)


def a_page(*sections: Section) -> SitePage:
    """A page of some sections."""
    return SitePage("slug", "menu", "Question?", "Answer.", list(sections))


def test_a_chart_needs_a_text():
    data = pd.DataFrame({"a": [1]})
    chart = alt.Chart(data).mark_bar()
    with pytest.raises(ValueError, match="the chart bars has no alt_text"):
        render.check(a_page(Section("Title", "Text", data, "bars", chart)))


def test_sections_have_names_of_their_own():
    section = Section("Title", "Text", pd.DataFrame({"a": [1]}), "same")
    with pytest.raises(ValueError, match="two sections are called same"):
        render.check(a_page(section, section))


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (1234567, "crimes", "1,234,567"),
        (2017, "year", "2017"),
        (1.005, "value", "1.005"),
        (0.25, "value", "0.25"),
        (0.00012, "p_value", "0.0001"),
        (0.00003, "p_value", "0.00003"),
        (float("nan"), "value", "—"),
        (True, "is_complete", "yes"),
        ("high", "tier", "high"),
    ],
)
def test_cells_are_readable(value, column, text):
    assert render.cell(value, column) == text


def test_numbers_of_a_column_have_as_many_decimals():
    column = pd.Series([0.25, 0.4, 1.0, None])
    places = render.decimals(column)
    assert [render.cell(n, "share", places) for n in column] == ["0.25", "0.40", "1.00", "—"]
    assert render.decimals(pd.Series([2010.0, 2011.0])) == 0
    assert render.decimals(pd.Series(["high"])) == 0


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("crosses_nibrs_break", "Crosses NIBRS break"),
        ("adjusted_rand_index", "Adjusted Rand index"),
        ("per_km2", "Per km²"),
    ],
)
def test_columns_are_named_in_words(column, words):
    assert render.label(column) == words


# --- Outlines -----------------------------------------------------------------------------------

# four districts of 0.01 degrees in a row; the first two are area 1, the others area 2
ROW = pd.DataFrame(
    {
        "scope": "district",
        "place_id": ["101", "102", "201", "202"],
        "area_id": [1, 1, 2, 2],
        "area_km2": 1.0,
        "lat": 34.005,
        "lon": [-118.495, -118.485, -118.475, -118.465],
    }
)


def corners(path: str) -> list[tuple[int, int]]:
    """The corners of a path with one ring."""
    steps = np.array(re.findall(r"-?\d+", path), dtype=int).reshape(-1, 2)
    return [tuple(corner) for corner in steps.cumsum(axis=0).tolist()]


def test_outlines_are_those_of_the_boundaries(tmp_path):
    (tmp_path / "boundaries").mkdir()
    squares = [
        {
            "type": "Feature",
            "properties": {"REPDIST": int(place), "PREC": int(area)},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[x, 34.0], [x + 0.01, 34.0], [x + 0.01, 34.01], [x, 34.01], [x, 34.0]]
                ],
            },
        }
        for place, area, x in zip(
            ROW["place_id"], ROW["area_id"], [-118.5, -118.49, -118.48, -118.47], strict=True
        )
    ]
    (tmp_path / "boundaries" / "districts.geojson").write_text(json.dumps({"features": squares}))
    drawn = geometry.outlines(ROW, tmp_path)
    assert drawn.are_boundaries
    # 0.01 degrees are 1.112 km, 37 steps of 30 m; in longitude less by the cosine of 34 degrees
    assert (drawn.width, drawn.height) == (123, 37)
    assert set(corners(drawn.paths["district"]["101"])) == {(0, 0), (31, 0), (31, 37), (0, 37)}
    assert set(corners(drawn.paths["area"]["1"])) == {(0, 0), (61, 0), (61, 37), (0, 37)}
    assert set(corners(drawn.paths["area"]["2"])) == {(61, 0), (123, 0), (123, 37), (61, 37)}


def test_outlines_without_boundaries_are_cells_that_touch(tmp_path):
    drawn = geometry.outlines(ROW, tmp_path)
    assert not drawn.are_boundaries
    of = {place: set(corners(path)) for place, path in drawn.paths["district"].items()}
    assert len(of["101"] & of["102"]) == 2
    assert not of["101"] & of["201"]
    assert set(corners(drawn.paths["area"]["1"])) <= of["101"] | of["102"]


def test_colours_of_tiers_are_as_many_as_tiers():
    assert site.data.tier_colours(4) == ["#0c2c84", "#1d91c0", "#7fcdbb", "#edf8b1"]
    assert len(set(site.data.tier_colours(8))) == 8
