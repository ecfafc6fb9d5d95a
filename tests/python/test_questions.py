"""The questions of docs/bi.md: short, on two tables at most, and right by the single reports."""

import re
from itertools import pairwise

import duckdb
import pytest
from helpers import PROJECT

LONGEST = 10
QUERIES = {
    name: sql.strip()
    for name, sql in re.findall(
        r"^```sql\n-- ([^\n]+)\n(.*?)^```$",
        (PROJECT / "docs/bi.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
}
WRONG = "wrong: "
RIGHT = [name for name in QUERIES if not name.startswith(WRONG)]


@pytest.fixture(scope="module")
def warehouse(demo_warehouse):
    """The demo's marts and, beside them, its single reports."""
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        con.execute(
            "create temp view reports as"
            " select *, year(date_occurred) as year from intermediate.int_crimes"
            " inner join seeds.areas using (area_id)"
        )
        yield con


def asked(con, name: str) -> list[tuple]:
    return con.sql(QUERIES[name]).fetchall()


def test_there_are_ten_and_none_is_long():
    assert len(RIGHT) == 10
    for name in RIGHT:
        sql = QUERIES[name]
        assert len(sql.splitlines()) <= LONGEST, name
        assert 1 <= len(re.findall(r"\b(?:from|join) marts\.", sql)) <= 2, name


def test_burglaries_of_hollywood(warehouse):
    [(burglary, crimes, rank, tier)] = asked(warehouse, "burglaries in Hollywood in 2019")
    of_year = warehouse.sql(
        "select area_name, count(*) filter (crime_group = 'burglary'), count(*) from reports"
        " where year = 2019 group by all order by count(*) desc"
    ).fetchall()
    names = [name for name, *_ in of_year]
    assert ("Hollywood", burglary, crimes) == of_year[rank - 1]
    assert names[rank - 1] == "Hollywood"
    assert tier in ("high", "medium-high", "medium-low", "low")


def test_burglary_this_year_is_counted_to_a_day_through_which_reports_are_in(warehouse):
    rows = asked(warehouse, "burglary this year")
    assert len(rows) == 2
    windows = warehouse.sql(
        "select comparison, window_start, window_end, base_start, base_end"
        " from marts.recent_change where scope = 'area' and place_id = '6' and source = 'crimes'"
        " and category = 'burglary'"
    ).fetchall()
    windows = {comparison: days for comparison, *days in windows}
    newest = warehouse.sql("select max(date_occurred) from reports").fetchall()[0][0]
    for comparison, incidents, *_, verdict, sentence in rows:
        first, last, *_ = windows[comparison]
        counted = warehouse.execute(
            "select count(*) from reports where area_name = 'Hollywood'"
            " and crime_group = 'burglary' and date_occurred between ? and ?",
            [first, last],
        ).fetchall()
        assert counted == [(incidents,)]
        assert last < newest
        assert verdict in (
            "more", "fewer", "no clear change", "too few to say", "not comparable"
        )  # fmt: skip
        assert sentence.endswith(".")


def test_the_rise_of_vehicle_theft_is_of_places_that_have_it(warehouse):
    expected = warehouse.sql(
        "select area_name, count(*) filter (year = 2019) as before,"
        " count(*) filter (year = 2023) as after, after / before as ratio from reports"
        " where crime_group = 'vehicle_theft' group by all having before >= 50"
        " order by ratio desc, area_name limit 5"
    ).fetchall()
    assert asked(warehouse, "rise of vehicle theft") == expected
    # what the natural query leads with had next to none
    fewest = warehouse.sql(
        "select least(min(vehicle_theft), 99) from marts.place_years where scope = 'district'"
        " and year in (2019, 2023) and place_name = ?",
        params=[asked(warehouse, "wrong: rise of vehicle theft")[0][0]],
    ).fetchall()
    assert fewest[0][0] < 5


def test_crimes_of_bureaus_count_once(warehouse):
    expected = warehouse.sql(
        "select bureau, date_trunc('month', date_occurred)::date, count(*) from reports"
        " group by all order by all"
    ).fetchall()
    assert asked(warehouse, "crimes of each bureau") == expected
    assert warehouse.sql(QUERIES["crimes of each bureau"]).types[-1] == "BIGINT"
    wrong = asked(warehouse, "wrong: crimes of each bureau")
    assert sum(row[-1] for row in wrong) > 10 * sum(row[-1] for row in expected)


def test_arrests_for_each_100_crimes_are_of_years_whole_in_both(warehouse):
    rows = asked(warehouse, "arrests for each 100 crimes")
    years = warehouse.sql(
        "select calendar_year from marts.dim_months group by calendar_year"
        " having bool_and(is_whole_month_of_crimes and is_whole_month_of_arrests)"
        " and count(*) = 12"
    ).fetchall()
    years = tuple(year for (year,) in years)
    expected = warehouse.sql(
        "select area_name, 100 * any_value(arrests) / count(*) from reports inner join ("
        " select area_id, count(*) as arrests from intermediate.int_arrests"
        f" where year(date_occurred) in {years} group by area_id) using (area_id)"
        f" where year in {years} group by area_name order by area_name"
    ).fetchall()
    assert rows == expected
    wrong = dict(asked(warehouse, "wrong: arrests for each 100 crimes"))
    assert len(wrong) == len(rows)
    assert sorted(wrong.values()) != pytest.approx(sorted(ratio for _, ratio in rows), rel=0.05)


def test_shares_of_women_are_near_those_of_the_reports(warehouse):
    rows = asked(warehouse, "women among victims")
    expected = warehouse.sql(
        "select area_name, victim_sex, count(*) / sum(count(*)) over (partition by area_name)"
        " from reports where year = 2019 group by area_name, victim_sex"
    ).fetchall()
    expected = {(area, sex): share for area, sex, share in expected}
    for area, years, sex, share, low, high, status in rows:
        assert (years, status) == ("2019", "counted")
        assert low < share < high
        # late reports are left out, and counts are rounded
        assert share == pytest.approx(expected[area, sex], abs=0.03)
    assert len(rows) == 42


def test_hours_of_robberies_are_near_those_of_the_reports(warehouse):
    rows = asked(warehouse, "when robberies are committed")
    expected = dict(
        warehouse.sql(
            "select hour_band, count(*) from reports where year = 2019"
            " and crime_group = 'robbery' group by all"
        ).fetchall()
    )
    shown = {hours: n for hours, n, *_ in rows if n is not None}
    assert sum(share for *_, share, _ in rows if share) == pytest.approx(1, abs=1e-5)
    for hours, n in shown.items():
        assert n == pytest.approx(expected[hours], abs=10 + 0.03 * expected[hours])


def test_crime_for_their_size_is_of_bureaus(warehouse):
    rows = asked(warehouse, "crime of each bureau for its size")
    crimes = dict(
        warehouse.sql(
            "select bureau, count(*) from reports where year = 2019 group by 1"
        ).fetchall()
    )
    km2 = dict(warehouse.sql("select bureau, sum(area_km2) from seeds.areas group by 1").fetchall())
    assert {bureau: n for bureau, n, _ in rows} == crimes
    for bureau, n, per_km2 in rows:
        assert per_km2 == pytest.approx(n / km2[bureau])
    assert all(one[-1] >= other[-1] for one, other in pairwise(rows))


def test_violent_crime_is_told_by_record_system(warehouse):
    expected = warehouse.sql(
        "select year, record_system, count(*) from reports where crime_group in"
        " ('homicide', 'robbery', 'aggravated_assault', 'simple_assault') group by all order by all"
    ).fetchall()
    assert [row for row in asked(warehouse, "violent crime of each year") if row[2]] == expected


def test_crime_in_tiers_is_that_of_their_districts(warehouse):
    rows = asked(warehouse, "crime in districts of the high tier")
    assert sum(share for *_, share in rows) == pytest.approx(1)
    members = warehouse.sql(
        "select tier, place_id::integer as small_area from marts.cluster_assignments"
        " where run_id = 'district__2017__crimes__volume__kmeans'"
    )
    expected = warehouse.sql(
        "select tier, count(distinct small_area), count(*) from reports"
        " inner join members using (small_area) where year = 2017 group by tier"
    ).fetchall()
    assert len(members) == sum(districts for _, districts, *_ in rows)
    assert {row[:3] for row in rows} == set(expected)
