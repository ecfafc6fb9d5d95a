"""Who neighbours whom among the places of every contiguous run."""

from la_crime.measures import clustering


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run, place and neighbour; see `la_crime.measures.clustering.run_neighbours`."""
    contiguous = "status = 'ok' and algorithm = 'ward_contiguous'"
    runs = dbt.ref("planned_runs").filter(contiguous).df()
    places = dbt.ref("clustering_inputs").project("run_id, place_id").distinct().df()
    return clustering.run_neighbours(runs, places, dbt.ref("int_neighbours").df())
