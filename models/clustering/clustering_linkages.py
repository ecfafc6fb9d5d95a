"""The merges of every hierarchical run."""

from la_crime import clustering


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run and merge; see `la_crime.clustering.run_linkages`."""
    runs = dbt.ref("clustering_plan").df()
    features = dbt.ref("clustering_inputs").df()
    return clustering.run_linkages(runs[runs["status"] == "ok"], features)
