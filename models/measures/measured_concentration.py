"""How few places hold how much of the city's crime."""

from la_crime.measures import concentration
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per period and group; see `la_crime.measures.concentration.run_concentration`."""
    counts = dbt.ref("place_densities").filter("scope = 'district'")
    periods = dbt.ref("int_periods").filter("months_with_crimes > 0")
    places = dbt.ref("int_places").filter("scope = 'district' and is_on_boundary_layer")
    return reusing(
        dbt,
        session,
        concentration.run_concentration,
        by=["period_id", "crime_group"],
        counts=counts,
        places=places.project("place_id, area_km2"),
        periods=periods.project("period_id, months_with_crimes::double as months"),
        noise=dbt.ref("main_noise").filter("scope = 'district' and source = 'crimes'"),
    )
