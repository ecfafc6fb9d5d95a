"""How far runs that differ in one thing agree, beside their own noise."""

from la_crime.measures import stability


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per pair of runs; see `la_crime.measures.stability.run_agreement`."""
    runs = dbt.ref("recounted_runs").df()
    pairs = dbt.ref("run_pairs").df()
    assignments = dbt.ref("clustering_assignments").df()
    count_noise = dbt.ref("main_noise").filter("category = 'all'").df()
    paired = runs["run_id"].isin(pairs["left_id"])
    noise = stability.run_noise(runs[paired], assignments, count_noise)
    return stability.run_agreement(assignments, pairs, noise)
