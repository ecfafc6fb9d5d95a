"""How sure each place's tier is in the headline runs: recounted, and in another year."""

from la_crime.measures import stability
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run, place, noise and tier; see `stability.run_tier_confidence`."""
    return reusing(
        dbt,
        session,
        stability.run_tier_confidence,
        by=["run_id"],
        runs=dbt.ref("recounted_runs").filter("is_headline"),
        assignments=dbt.ref("clustering_assignments"),
        noise=dbt.ref("main_noise").filter("category = 'all'"),
    )
