"""How sure each place's tier is in the headline runs, under Poisson noise."""

from la_crime import stability
from la_crime.reuse import reusing


def model(dbt, session):
    """One row per run, place and tier; see `la_crime.stability.run_tier_confidence`."""
    runs = dbt.ref("clustering_plan").df()
    is_asked = runs["is_headline"] & (runs["feature_set"] == "volume") & (runs["status"] == "ok")
    assignments = dbt.ref("cluster_assignments").df()
    return reusing(
        dbt,
        session,
        stability.run_tier_confidence,
        by=["run_id"],
        runs=runs[is_asked],
        assignments=assignments,
    )
