"""How many clusters each measure votes for."""

from la_crime.measures import k_selection


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run and k; see `la_crime.measures.k_selection.recommend_k`."""
    scores = dbt.ref("clustering_scores").df()
    return k_selection.recommend_k(scores, dbt.ref("measured_k").df())
