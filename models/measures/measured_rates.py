"""Incidents per resident and the like, with what noise leaves of them."""

from la_crime import settings
from la_crime.measures import rates
from la_crime.spatial import neighbourhoods


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, period, source, group, denominator and place; see `rates.run_rates`."""
    weights = neighbourhoods.weights(dbt.ref("int_places").df(), settings.data_folder())
    return rates.run_rates(dbt.ref("rate_counts").df(), dbt.ref("main_noise").df(), weights)
