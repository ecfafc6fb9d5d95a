"""Each place's cluster in every run, for every k that is tried."""

from la_crime.measures import clustering
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run, k and place; see `la_crime.measures.clustering.run_labels`."""
    runs = dbt.ref("planned_runs").filter("status = 'ok'")
    features = dbt.ref("clustering_inputs")
    linkages = dbt.ref("clustering_linkages")
    volumes = features.project("run_id, place_id, volume").distinct()
    return reusing(
        dbt,
        session,
        clustering.run_labels,
        by=["run_id"],
        runs=runs,
        features=features,
        linkages=linkages,
        volumes=volumes,
    )
