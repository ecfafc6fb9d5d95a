"""What the pages of recent change read in the browser, from the marts, as plain dictionaries."""

from typing import Any

import duckdb
import pandas as pd

CITY = "city"
# the name of the file that has a row of `dim_places`: its area's, or its layer's
FILE = "coalesce('area-' || area_id, scope)"
# in the order in which people ask
COMPARISONS = [
    "28_days_before",
    "28_days_last_year",
    "year_to_date_last_year",
    "year_to_date_three_years",
    "12_months_before",
]
CHANGES = ["more", "fewer", "no clear change", "too few to say", "not comparable"]
MONTHS = [
    "as expected",
    "too few to say",
    "not comparable",
    "more than expected",
    "fewer than expected",
]
SERIES = ["scope", "place_id", "source", "category"]

Marts = duckdb.DuckDBPyConnection

# the categories of both sources with their names, the wide ones first
CATEGORIES = """
    select source, category, category_name, sort_order
    from (
        values ('all', -3), ('part_1_violent', -2), ('part_1_property', -1)
    ) as wide (category, sort_order)
    cross join (values
        ('crimes', 'All crimes', 'Part I violent crimes', 'Part I property crimes'),
        ('arrests', 'All arrests', 'Arrests, Part I violent', 'Arrests, Part I property')
    ) as names (source, all_name, violent_name, property_name)
    cross join lateral (
        select case category
            when 'all' then all_name
            when 'part_1_violent' then violent_name
            else property_name
        end as category_name
    )
    union all
    select 'crimes', crime_group, crime_group_name, crime_group_order from marts.dim_crime_groups
    union all
    select 'arrests', charge_group, charge_group_name, charge_group_order
    from marts.dim_charge_groups
"""


def about(marts: Marts) -> dict[str, Any]:
    """What all places share: by source the day it is whole through, categories, windows, months."""
    through = marts.sql(
        "select crimes_whole_through, arrests_whole_through from marts.build_info"
    ).fetchall()
    days = dict(zip(("crimes", "arrests"), through[0], strict=True)) if through else {}
    windows = marts.sql(
        "select distinct source, comparison, window_name, base_name from marts.recent_change"
    ).df()
    months = marts.sql(
        "select source, strftime(month, '%Y-%m') as month, bool_and(is_whole) as is_whole,"
        " any_value(record_system) as record_system"
        " from marts.monthly_expected group by all order by all"
    ).df()
    categories = marts.sql(
        f"select * from ({CATEGORIES}) where (source, category) in"
        " (select (source, category) from marts.recent_change) order by source, sort_order"
    ).df()
    sources = {}
    for source, day in days.items():
        of_source = windows[windows["source"] == source].set_index("comparison")
        found = months[months["source"] == source]
        sources[source] = {
            "through": None if pd.isna(day) else f"{day:%-d %B %Y}",
            "categories": categories.loc[
                categories["source"] == source, ["category", "category_name"]
            ]
            .to_numpy()
            .tolist(),
            "comparisons": [
                [name, *of_source.loc[name, ["window_name", "base_name"]]]
                for name in COMPARISONS
                if name in of_source.index
            ],
            "months": found["month"].tolist(),
            "isWhole": found["is_whole"].tolist(),
            "systems": [None if pd.isna(name) else name for name in found["record_system"]],
        }
    return {"sources": sources, "changes": CHANGES, "verdicts": MONTHS}


def place_changes(marts: Marts) -> dict[str, dict[str, Any]]:
    """By place (`city`, `area-1`, `district-101`), source and category: its changes and months.

    A change is [comparison, incidents, base, ratio, low, high, verdict, why it is not comparable],
    a comparison or verdict as its position in the list of them. Months are lists of incidents,
    expected, low, high and verdicts, as long as the source's months.
    """
    places: dict[str, dict[str, Any]] = {}

    def series_of(*key: str) -> dict[str, Any]:
        scope, place, source, category = key
        name = CITY if scope == CITY else f"{scope}-{place}"
        found = places.setdefault(name, {}).setdefault(source, {})
        return found.setdefault(category, {"changes": [], "months": []})

    changes = marts.sql(
        f"select {', '.join(SERIES)}, list_position({COMPARISONS}, comparison) - 1 as position,"
        " incidents, base_incidents, round(ratio, 3), round(ratio_low, 3), round(ratio_high, 3),"
        f" list_position({CHANGES}, verdict) - 1, not_comparable_because"
        " from marts.recent_change order by all"
    ).fetchall()
    for *key, position, n, base, ratio, low, high, verdict, why in changes:
        base = int(base) if base.is_integer() else base
        series_of(*key)["changes"].append([position, n, base, ratio, low, high, verdict, why])
    months = marts.sql(
        f"select {', '.join(SERIES)}, list(incidents order by month),"
        " list(round(expected, 1) order by month), list(expected_low order by month),"
        " list(expected_high order by month),"
        f" list(list_position({MONTHS}, verdict) - 1 order by month)"
        f" from marts.monthly_expected group by {', '.join(SERIES)} order by {', '.join(SERIES)}"
    ).fetchall()
    for *key, n, expected, low, high, verdicts in months:
        series_of(*key)["months"] = [n, expected, low, high, verdicts]
    return places


def by_file(places: dict[str, dict[str, Any]], marts: Marts) -> dict[str, dict[str, Any]]:
    """The places of each area, itself and its districts, and of each layer; without the city."""
    file_of = marts.sql(
        f"select scope || '-' || place_id, {FILE} from marts.dim_places"
        " where is_on_boundary_layer order by scope, length(place_id), place_id"
    ).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for place, file in file_of:
        found.setdefault(file, {})
        if place in places:
            found[file][place] = places[place]
    return found
