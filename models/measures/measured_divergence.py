"""Arrests per 100 crimes with their interval."""

from la_crime.measures import divergence


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, place, period and matched group; see `la_crime.measures.divergence`."""
    return divergence.divergence(dbt.ref("matched_counts").df(), dbt.ref("main_noise").df())
