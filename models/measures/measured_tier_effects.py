"""How far the tiers of each run differ in each characteristic."""

from la_crime import effects


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per run and characteristic; see `la_crime.effects.run_tier_effects`."""
    return effects.run_tier_effects(
        used=dbt.ref("tier_used_characteristics").df(),
        counts=dbt.ref("tier_category_counts").df(),
        rates=dbt.ref("tier_rates").df(),
    )
