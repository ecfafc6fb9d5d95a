"""How each place's share of the city's crime has moved over the comparable years."""

from la_crime import trajectories


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope and place; see `la_crime.trajectories.trajectories`."""
    volumes = dbt.ref("yearly_volumes").df()
    is_asked = (volumes["source"] == "crimes") & volumes["is_comparable"]
    return trajectories.trajectories(volumes[is_asked], dbt.ref("yearly_tiers").df())
