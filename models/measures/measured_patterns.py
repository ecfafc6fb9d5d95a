"""Whether two patterns lie over the places alike: Andresen's test."""

from la_crime.measures import patterns
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per scope, pair and place; see `patterns.run_pattern_similarity`."""
    return reusing(
        dbt,
        session,
        patterns.run_pattern_similarity,
        by=["scope", "compared", "left_id", "right_id"],
        counts=dbt.ref("pattern_counts"),
        noise=dbt.ref("main_noise").filter("category = 'all'"),
    )
