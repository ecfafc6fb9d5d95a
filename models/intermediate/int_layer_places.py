"""The places of the layers in the data folder."""

from la_crime import settings
from la_crime.spatial import layers


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope and place; see `la_crime.spatial.layers.place_rows`."""
    return layers.place_rows(layers.read(settings.data_folder()))
