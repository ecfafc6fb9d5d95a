"""How often places move between volume tiers from a year to the next."""

from la_crime.measures import trajectories


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope and pair of tiers; see `la_crime.measures.trajectories.transitions`."""
    return trajectories.transitions(dbt.ref("yearly_tiers").df(), dbt.ref("main_runs").df())
