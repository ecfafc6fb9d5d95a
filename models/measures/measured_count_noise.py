"""How much counts vary by themselves: noise from months within years, drift from years."""

from la_crime.measures import noise
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per scope, source, record system and group; see `la_crime.measures.noise`."""
    return reusing(dbt, session, noise.count_noise, by=noise.KEYS, series=dbt.ref("monthly_series"))
