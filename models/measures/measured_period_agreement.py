"""How far the volume tiers of every two periods agree, and with noise alone would."""

from la_crime import stability


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope and pair of periods; see `la_crime.stability.period_agreement`."""
    volumes = dbt.ref("yearly_volumes").df()
    is_asked = (volumes["source"] == "crimes") & volumes["is_comparable"]
    return stability.period_agreement(volumes[is_asked], dbt.ref("period_years").df())
