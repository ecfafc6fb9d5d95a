"""Each place's cluster in every run, for every k that is tried."""

from la_crime import clustering


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run, k and place; see `la_crime.clustering.run_labels`."""
    runs = dbt.ref("clustering_plan").df()
    features = dbt.ref("clustering_inputs").df()
    linkages = dbt.ref("clustering_linkages").df()
    volumes = features[["run_id", "place_id", "volume"]].drop_duplicates()
    return clustering.run_labels(runs[runs["status"] == "ok"], features, linkages, volumes)
