"""How often each place keeps its tier over every defensible way to make the tiers."""

from la_crime import robustness


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope and place; see `la_crime.robustness.tier_robustness`."""
    places, _ = robustness.tier_robustness(dbt.ref("robustness_counts").df())
    return places
