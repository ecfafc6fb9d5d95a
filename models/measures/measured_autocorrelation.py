"""Whether places with much crime lie together: global Moran's I."""

from la_crime import settings
from la_crime.measures import spatial
from la_crime.spatial import neighbourhoods


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, period and group; see `spatial.run_spatial_autocorrelation`."""
    weights = neighbourhoods.weights(dbt.ref("int_places").df(), settings.data_folder())
    return spatial.run_spatial_autocorrelation(dbt.ref("place_densities").df(), weights)
