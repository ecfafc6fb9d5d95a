"""How far runs that differ in one thing agree, beside their own noise."""

from la_crime.measures import stability


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per pair of runs; see `la_crime.measures.stability.run_agreement`."""
    runs = dbt.ref("planned_runs").df()
    is_volume = (runs["feature_set"] == "volume") & (runs["algorithm"] == "kmeans")
    pairs = dbt.ref("run_pairs").df()
    assignments = dbt.ref("clustering_assignments").df()
    paired = runs["run_id"].isin(pairs["left_id"]) & (runs["status"] == "ok")
    noise = stability.run_noise(runs[is_volume & paired], assignments)
    return stability.run_agreement(assignments, pairs, noise)
