"""What each month was expected to have, by the months before it."""

from la_crime.measures import recent


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per series and month; see `la_crime.measures.recent.monthly_expected`."""
    return recent.monthly_expected(
        dbt.ref("recent_series").df(),
        dbt.ref("recent_months").df(),
        dbt.ref("measured_count_noise").filter("is_noise_measured").df(),
        dbt.ref("measured_city_noise").df(),
    )
