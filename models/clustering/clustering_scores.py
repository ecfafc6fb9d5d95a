"""How good every partition is, for every k that is tried."""

from la_crime.measures import clustering
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run and k; see `la_crime.measures.clustering.run_scores`."""
    runs = dbt.ref("planned_runs").filter("status = 'ok'")
    features = dbt.ref("clustering_inputs")
    labels = dbt.ref("clustering_labels")
    return reusing(
        dbt,
        session,
        clustering.run_scores,
        by=["run_id"],
        runs=runs,
        features=features,
        labels=labels,
    )
