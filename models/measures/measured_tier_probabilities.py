"""How sure each place's tier is in the headline runs, under Poisson noise."""

from la_crime.measures import stability
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run, place and tier; see `la_crime.measures.stability.run_tier_confidence`."""
    is_asked = "is_headline and feature_set = 'volume' and status = 'ok'"
    return reusing(
        dbt,
        session,
        stability.run_tier_confidence,
        by=["run_id"],
        runs=dbt.ref("planned_runs").filter(is_asked),
        assignments=dbt.ref("clustering_assignments"),
    )
