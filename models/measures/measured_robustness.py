"""Which places keep their tier under every defensible way to make the tiers."""

from la_crime import robustness


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, specification and place; see `la_crime.robustness.tier_robustness`."""
    return robustness.tier_robustness(dbt.ref("robustness_counts").df())
