"""Nothing runs in a page but the site's own scripts, and no cell of CSV is a formula."""

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from markupsafe import escape
from sites import BREAK_IN, OF_A_PLACE, SLUGS, build_site, copy_of_marts

from la_crime.site import render

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
    "recent_change": ["window_name", "base_name", "sentence", "not_comparable_because"],
}


@pytest.fixture(scope="module")
def hostile(demo_warehouse, tmp_path_factory) -> Path:
    """The site of marts whose text would run as a script in a page, and as a formula in a sheet."""
    folder = tmp_path_factory.mktemp("hostile")

    def broken(table: str) -> str:
        texts = (
            f"'=' || {column} || '{BREAK_IN}' as {column}" for column in SHOWN_TEXT.get(table, [])
        )
        replaced = f"replace ({', '.join(texts)})" if table in SHOWN_TEXT else ""
        return f"select * {replaced} from {table}"

    copy_of_marts(demo_warehouse.db, broken, folder / "hostile.duckdb").close()
    return build_site(folder / "hostile.duckdb", demo_warehouse.data, folder / "site")


@pytest.mark.parametrize("address", [*(f"{slug}.html" for slug in SLUGS), *OF_A_PLACE])
def test_text_of_the_data_is_text_in_a_page(hostile, watched, address):
    page = watched.open(hostile, address)
    if "#" in address:
        page.wait_for_selector("[data-place=area-12]")
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
