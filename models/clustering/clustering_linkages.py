"""The merges of every hierarchical run."""

from la_crime.measures import clustering
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run and merge; see `la_crime.measures.clustering.run_linkages`."""
    runs = dbt.ref("planned_runs").filter("status = 'ok'")
    features = dbt.ref("clustering_inputs")
    neighbours = dbt.ref("clustering_neighbours")
    return reusing(
        dbt,
        session,
        clustering.run_linkages,
        by=["run_id"],
        runs=runs,
        features=features,
        neighbours=neighbours,
    )
