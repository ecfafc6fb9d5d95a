"""What the places of the city have in common from month to month, beside their own noise."""

from la_crime.measures import recent


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per source and category; see `la_crime.measures.recent.city_noise`."""
    return recent.city_noise(
        dbt.ref("recent_series").filter("scope = 'city'").df(),
        dbt.ref("recent_months").df(),
        dbt.ref("measured_count_noise").filter("is_noise_measured").df(),
    )
