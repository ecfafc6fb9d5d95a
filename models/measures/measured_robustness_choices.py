"""How much each choice moves tiers."""

from la_crime import robustness


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, dimension and choice; see `la_crime.robustness.tier_robustness`."""
    _, choices = robustness.tier_robustness(dbt.ref("robustness_counts").df())
    return choices
