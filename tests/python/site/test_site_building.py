"""Building the site: thin data, pictures, what can go wrong, and parts of pages."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import altair as alt
import duckdb
import numpy as np
import pandas as pd
import pytest
import screenshots
from helpers import PROJECT
from sites import SLUGS, build_site, copy_of_marts

from la_crime import site
from la_crime.site import geometry, render
from la_crime.site.page import Page as SitePage
from la_crime.site.page import Section

# --- Data that is too thin ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def thin_site(demo_warehouse, tmp_path_factory) -> Path:
    """The site of marts without results, in which the ground of district 1385 has changed."""
    folder = tmp_path_factory.mktemp("thin")
    thin = folder / "thin.duckdb"

    def few(table: str) -> str:
        # one crime, for a site of none is refused
        if table == "fct_crimes_monthly":
            return f"from {table} limit 1"
        kept = table.startswith("dim_") or table in ("build_info", "cluster_runs")
        return f"from {table} where {kept}"

    with copy_of_marts(demo_warehouse.db, few, thin) as con:
        con.execute(
            "update marts.cluster_runs set status = 'not run', reason = 'too few', n_places = 0,"
            " silhouette = null"
        )
        con.execute(
            "update marts.dim_places set ground_since = '2024-12-19' where place_id = '1385'"
        )
    return build_site(thin, demo_warehouse.data, folder / "site")


def test_marts_without_results_still_make_a_site(thin_site, watched):
    page = watched.open(thin_site, "index.html")
    assert "too thin" in page.locator("#run-note").inner_text()
    page = watched.open(thin_site, "place.html#district-1385")
    page.wait_for_selector("#place[data-place]")
    assert "no year with enough crimes" in page.locator("#place").inner_text()
    for slug in SLUGS:
        watched.open(thin_site, f"{slug}.html")
    assert watched.faults == []


def test_a_place_says_since_when_it_has_its_ground(thin_site, watched):
    said = {}
    for place in ("district-1385", "area-13"):
        page = watched.open(thin_site, f"place.html#{place}")
        page.wait_for_selector(f"#place[data-place={place}]")
        said[place] = "Ground\nchanged on 19 December 2024: " in page.locator("dl").inner_text()
    assert said == {"district-1385": True, "area-13": False}


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


def test_a_city_without_districts_has_outlines_of_its_areas(tmp_path):
    areas = ROW.assign(scope="area", place_id=["1", "2", "3", "4"], area_id=[1, 2, 3, 4])
    drawn = geometry.outlines(areas, tmp_path)
    assert list(drawn.paths) == ["area"]
    of = {place: set(corners(path)) for place, path in drawn.paths["area"].items()}
    assert len(of["1"] & of["2"]) == 2
    assert not of["1"] & of["3"]


def test_colours_of_tiers_are_as_many_as_tiers():
    assert site.data.tier_colours(4) == ["#0c2c84", "#1d91c0", "#7fcdbb", "#edf8b1"]
    assert len(set(site.data.tier_colours(8))) == 8
