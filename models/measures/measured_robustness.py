"""Which places keep their tier under every defensible way to make the tiers."""

from la_crime.measures import robustness
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per scope, specification and place; see `robustness.tier_robustness`."""
    return reusing(
        dbt,
        session,
        robustness.tier_robustness,
        by=["scope"],
        volumes=dbt.ref("robustness_counts"),
        runs=dbt.ref("main_runs"),
        algorithms=dbt.ref("planned_runs").project("scope, algorithm").distinct(),
    )
