"""The gap statistic and the bootstrap stability of every partition."""

from la_crime import k_selection


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run, k and cluster; see `la_crime.k_selection.run_k_validation`."""
    runs = dbt.ref("clustering_plan").df()
    features = dbt.ref("clustering_inputs").df()
    labels = dbt.ref("clustering_labels").df()
    return k_selection.run_k_validation(runs[runs["status"] == "ok"], features, labels)
