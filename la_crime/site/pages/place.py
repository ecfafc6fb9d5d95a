"""One place at a time: its history, how sure its tier is, its mix, and its neighbours."""

import duckdb

from la_crime.site.page import Page, Section


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The place page; the browser fills it from `data.map_data` and `data.place_data`."""
    areas, districts = marts.sql(
        "select count(*) filter (where scope = 'area'), count(*) filter (where scope = 'district')"
        " from marts.dim_places where is_on_boundary_layer"
    ).fetchall()[0]
    return Page(
        slug="place",
        menu="A place",
        question="What is recorded in one place?",
        answer=f"Each of the {areas} areas and {districts:,} reporting districts with its recorded "
        "crimes by year, its tiers and how sure they are, its mix of crimes and arrests, and its "
        "neighbours.",
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
