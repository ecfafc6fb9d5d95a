"""Which places keep their tier under every defensible way to make the tiers."""

from la_crime.measures import robustness
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per scope, specification and place; see `robustness.tier_robustness`."""
    volumes = dbt.ref("robustness_counts")
    return reusing(dbt, session, robustness.tier_robustness, by=["scope"], volumes=volumes)
