"""How far the tiers of each run differ in each characteristic."""

from la_crime.measures import effects
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per run and characteristic; see `la_crime.measures.effects.run_tier_effects`."""
    return reusing(
        dbt,
        session,
        effects.run_tier_effects,
        by=["run_id"],
        used=dbt.ref("tier_used_characteristics"),
        counts=dbt.ref("tier_category_counts"),
        rates=dbt.ref("tier_rates"),
    )
