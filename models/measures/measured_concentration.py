"""How few places hold how much of the city's crime."""

from la_crime import concentration


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per period and group; see `la_crime.concentration.run_concentration`."""
    counts = dbt.ref("place_densities").df()
    places = dbt.ref("dim_places").df()
    is_district = (places["scope"] == "district") & places["is_on_boundary_layer"]
    return concentration.run_concentration(
        counts[counts["scope"] == "district"], places[is_district]
    )
