"""Whether windows differ from their bases by more than noise."""

from la_crime.measures import recent


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per series and comparison; see `la_crime.measures.recent.recent_change`."""
    return recent.recent_change(
        dbt.ref("recent_pairs").filter("not_comparable_because is null and is_enough").df(),
        dbt.ref("measured_count_noise").filter("is_noise_measured").df(),
        dbt.ref("measured_city_noise").df(),
    )
