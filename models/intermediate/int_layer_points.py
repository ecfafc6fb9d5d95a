"""The place of every point in every layer."""

from la_crime import settings
from la_crime.spatial import layers


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope and point; see `la_crime.spatial.layers.point_rows`."""
    points = dbt.ref("int_point_counts").project("lat, lon").distinct().order("lat, lon").df()
    return layers.point_rows(points, layers.read(settings.data_folder()))
