"""How each place's share of the city's crime has moved over the comparable years."""

from la_crime.measures import trajectories
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per scope and place; see `la_crime.measures.trajectories.trajectories`."""
    volumes = dbt.ref("yearly_volumes").filter("source = 'crimes' and is_comparable")
    return reusing(
        dbt,
        session,
        trajectories.trajectories,
        by=["scope"],
        volumes=volumes,
        tiers=dbt.ref("yearly_tiers"),
        runs=dbt.ref("main_runs"),
        noise=dbt.ref("main_noise").filter("source = 'crimes' and category = 'all'"),
    )
