"""Which places have a border in common."""

from la_crime import settings
from la_crime.spatial import neighbourhoods


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, place and neighbour; see `neighbourhoods.contiguous_places`."""
    return neighbourhoods.contiguous_places(dbt.ref("int_places").df(), settings.data_folder())
