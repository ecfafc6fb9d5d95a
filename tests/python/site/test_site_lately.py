"""The page of recent change shows what the marts say, and prints as one."""

import re

import pytest
from playwright.sync_api import Page


def lately_of(watched, built, address: str) -> Page:
    """The page of recent change, drawn for the place of its address."""
    page = watched.open(built, address)
    page.wait_for_selector("#lately[data-place]")
    return page


def test_a_place_shows_what_changed_in_each_group(built, watched, marts):
    page = lately_of(watched, built, "lately.html#area-12")
    page.locator("#lately select").nth(1).select_option("burglary")
    shown = [
        row.locator("th, td").all_inner_texts()
        for row in page.locator("table.changes tbody tr").all()
    ]
    expected = marts.sql(
        "select lower(window_name), format('{:,}', incidents), lower(base_name), verdict"
        " from marts.recent_change where scope = 'area' and place_id = '12'"
        " and source = 'crimes' and category = 'burglary'"
    ).fetchall()
    found = [(a.lower(), n, b.lower()) for a, n, b, *_ in shown]
    assert sorted(found) == sorted(row[:3] for row in expected)
    told = {tuple(row[:3]): row[3] for row in expected}
    assert all(told[key].lower() in row[5].lower() for key, row in zip(found, shown, strict=True))


def test_what_is_not_comparable_is_in_sight(built, watched, marts):
    page = lately_of(watched, built, "lately.html#city")
    (why,) = marts.sql(
        "select not_comparable_because from marts.recent_change where scope = 'city'"
        " and source = 'crimes' and category = 'all' and comparison = '12_months_before'"
    ).fetchone()
    assert why.lower() in page.locator("table.changes").inner_text().lower()
    assert "Crimes since March 2024 are counted as cases of NIBRS" in page.content()


def test_months_are_those_of_the_mart(built, watched, marts):
    page = lately_of(watched, built, "lately.html#city")
    page.locator("#lately select").first.select_option("arrests")
    page.locator("#lately summary", has_text="months as a table").click()
    rows = page.locator("#lately table", has_text="Months, the newest first").locator("tbody tr")
    shown = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    expected = marts.sql(
        "select strftime(month, '%B %Y'), format('{:,}', incidents), verdict"
        " from marts.monthly_expected where scope = 'city' and source = 'arrests'"
        " and category = 'all' order by month desc"
    ).fetchall()
    assert [(row[0], row[1], row[4]) for row in shown] == expected
    assert page.locator("svg.band circle").count() == len(expected)


def test_a_district_is_counted_in_wide_categories_alone(built, watched):
    page = lately_of(watched, built, "lately.html#district-1385")
    options = page.locator("#lately select").nth(1).locator("option").all_inner_texts()
    assert options == ["All crimes", "Part I violent crimes", "Part I property crimes"]
    assert watched.faults == []


@pytest.mark.parametrize("sheet", ["A4", "Letter"])
def test_a_place_prints_as_one_page(built, watched, sheet):
    page = lately_of(watched, built, "lately.html#area-12")
    printed = page.pdf(format=sheet)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 1
