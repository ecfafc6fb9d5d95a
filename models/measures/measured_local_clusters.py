"""Where places with much or little crime lie together: local Moran's I."""

from la_crime import settings
from la_crime.measures import spatial
from la_crime.spatial import neighbourhoods


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, place, period and group; see `spatial.run_spatial_clusters`.

    Groups by themselves for the periods that districts are profiled for; all crimes for every one.
    """
    values = dbt.ref("place_densities").df()
    periods = dbt.ref("periods").df()
    profiled = periods.loc[periods["is_profiled_by_district"], "period_id"]
    is_asked = values["period_id"].isin(profiled) | (values["crime_group"] == "all")
    weights = neighbourhoods.weights(dbt.ref("int_places").df(), settings.data_folder())
    return spatial.run_spatial_clusters(values[is_asked], weights)
