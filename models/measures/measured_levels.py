"""What the volumes of the headline runs say of their places' levels and ranks."""

from la_crime.measures import stability
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run and place; see `la_crime.measures.stability.run_levels`."""
    return reusing(
        dbt,
        session,
        stability.run_levels,
        by=["run_id"],
        runs=dbt.ref("recounted_runs").filter("is_headline"),
        assignments=dbt.ref("clustering_assignments"),
        noise=dbt.ref("main_noise").filter("category = 'all'"),
    )
