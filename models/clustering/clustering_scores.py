"""How good every partition is, for every k that is tried."""

from la_crime import clustering


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run and k; see `la_crime.clustering.run_scores`."""
    runs = dbt.ref("clustering_plan").df()
    features = dbt.ref("clustering_inputs").df()
    labels = dbt.ref("clustering_labels").df()
    return clustering.run_scores(runs[runs["status"] == "ok"], features, labels)
