"""One place at a time: its history, how sure its tier is, its mix, and its neighbours."""

import duckdb

from la_crime.site.page import Page, Section
from la_crime.site.pages._charts import listed


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The place page; the browser fills it from `data.map_data` and `data.place_data`."""
    places = marts.sql(
        "select list(format('{:,} {}', places_in_scope, lower(title)) order by is_layer, scope)"
        " from marts.dim_scopes"
    ).fetchall()[0][0]
    return Page(
        slug="place",
        menu="A place",
        question="What is recorded in one place?",
        answer=f"Each of {listed(places)} with its recorded crimes by year, its tiers and how sure"
        " they are, and its neighbours; the department's own with their mix of crimes and arrests.",
        sections=[
            Section(
                title="Areas",
                text="",
                data=marts.sql(
                    "select place_id as area_id, place_name as area, bureau, area_km2 as km2"
                    " from marts.dim_places where scope = 'area' order by place_id::integer"
                ).df(),
                name="areas",
            )
        ],
    )
