"""The map: each place by its tier, its count or its density."""

import duckdb

from la_crime.site.data import RUN_OF_VOLUME, fewest_shown
from la_crime.site.page import Page, Section
from la_crime.site.pages._charts import listed, scope_titles


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The map's page; the browser draws the map itself from `data.map_data`."""
    fewest = fewest_shown(marts)
    return Page(
        slug="index",
        menu="Map",
        question="Where is crime recorded?",
        answer=answer(marts),
        sections=[
            Section(
                title=f"{scope_titles(marts)['area']} by tier, K-means on recorded volume",
                text="",
                data=marts.sql(
                    "select period_name as period, source as records, place_name as area, tier,"
                    f" if(volume < {fewest}, null, volume) as volume,"
                    f" if(volume < {fewest}, null, round(volume / area_km2, 1)) as per_km2"
                    " from marts.cluster_assignments"
                    " inner join marts.cluster_runs using (run_id, scope)"
                    " inner join marts.dim_places using (scope, place_id)"
                    " inner join marts.dim_periods using (period_id)"
                    f" where scope = 'area' and {RUN_OF_VOLUME}"
                    " order by is_headline desc, period_id desc, source desc, volume desc"
                ).df(),
                name="areas",
            )
        ],
    )


def answer(marts: duckdb.DuckDBPyConnection) -> str:
    """Which areas are in the highest tier over the whole series, and how many tiers are unsure."""
    main = "run_id in (select run_id from marts.cluster_runs where is_main and scope = 'area')"
    found = marts.execute(
        "select place_name from marts.cluster_assignments"
        " inner join marts.dim_places using (scope, place_id)"
        f" where {main} and cluster_rank = 1 order by volume desc"
    ).fetchall()
    if not found:
        return "The data in hand is too thin for tiers of areas over the whole series."
    areas = scope_titles(marts)["area"].lower()
    names = [name for (name,) in found]
    verb = "is" if len(names) == 1 else "are"
    unsure, measured = marts.execute(
        "select count(*) filter (where is_borderline), count(*)"
        f" from marts.place_tier_confidence where {main}"
    ).fetchall()[0]
    return (
        f"Over the whole series, {listed(names)} {verb} the highest tier of recorded-crime volume"
        f" among the {areas}; {unsure} of {measured} {areas}"
        f" {'lies' if unsure == 1 else 'lie'} so near a cut between tiers that another year could"
        f" move {'it' if unsure == 1 else 'them'}."
    )
