"""The gap statistic and the bootstrap stability of every partition."""

from la_crime.measures import k_selection
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run, k and cluster; see `la_crime.measures.k_selection.run_k_validation`."""
    runs = dbt.ref("planned_runs").filter("status = 'ok'")
    features = dbt.ref("clustering_inputs")
    neighbours = dbt.ref("clustering_neighbours")
    labels = dbt.ref("clustering_labels")
    return reusing(
        dbt,
        session,
        k_selection.run_k_validation,
        by=["run_id"],
        runs=runs,
        features=features,
        neighbours=neighbours,
        labels=labels,
    )
