"""How far the volume tiers of every two periods agree, and with counting noise alone would."""

from la_crime.measures import stability
from la_crime.warehouse.reuse import reusing


def model(dbt, session):
    """One row per scope and pair of periods; see `la_crime.measures.stability.period_agreement`."""
    volumes = dbt.ref("yearly_volumes").filter(
        "source = 'crimes' and is_comparable and is_same_ground"
    )
    return reusing(
        dbt,
        session,
        stability.period_agreement,
        by=["scope"],
        volumes=volumes,
        periods=dbt.ref("period_years"),
        runs=dbt.ref("main_runs"),
        noise=dbt.ref("main_noise").filter("source = 'crimes' and category = 'all'"),
    )
