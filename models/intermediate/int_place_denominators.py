"""What the counts of each place can be divided by."""

from la_crime import settings
from la_crime.spatial import denominators


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, place and denominator; see `denominators.place_denominators`."""
    return denominators.place_denominators(dbt.ref("int_places").df(), settings.data_folder())
