"""The map and the page of a place show what the marts say."""

import csv
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page
from sites import Watched

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


def test_rates_of_residents_stand_with_their_intervals(built, watched, marts):
    page = watched.open(built, "index.html")
    by_jobs = page.locator("input[name=measure][value=per-jobs]")
    assert by_jobs.is_disabled()  # of areas there are none
    page.check("input[name=scope][value=neighborhood]")
    page.check("input[name=measure][value=per-jobs]")
    expected = {
        f"place.html#neighborhood-{place}": (rates, caution)
        for place, *rates, caution in marts.sql(
            "select place_id, rate, rate_low, rate_high, caution from marts.place_rates"
            " where scope = 'neighborhood' and denominator = 'jobs'"
            " and period_id = 'all' and source = 'crimes' and incident_group = 'all'"
        ).fetchall()
    }
    assert any(caution for _, caution in expected.values())
    shown = dict(
        page.evaluate(
            "[...document.querySelectorAll('#map-table tbody tr')].map(r =>"
            " [r.querySelector('a').getAttribute('href'), r.cells[3].textContent])"
        )
    )
    assert shown.keys() == expected.keys()
    for place, (rates, caution) in expected.items():
        rate, low, high, mark = re.fullmatch(
            r"([\d.]+) \(([\d.]+) to ([\d.]+)\)( !)?", shown[place].replace(",", "")
        ).groups()
        assert [float(rate), float(low), float(high)] == pytest.approx(rates, abs=0.051), place
        assert (mark is not None) == (caution is not None), place
    grey = {place for place, (*_, fill) in of_page(page).items() if fill == "#d9d9d9"}
    assert {f"place.html#neighborhood-{place}" for place in grey} == {
        place for place, (_, caution) in expected.items() if caution
    }
    assert "a year per 1,000 jobs" in page.locator("#legend h2").inner_text()
    # a scope that has none goes back to tiers
    page.check("input[name=scope][value=area]")
    assert page.locator("input[name=measure][value=tier]").is_checked()
    assert by_jobs.is_disabled()
    assert watched.faults == []


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
