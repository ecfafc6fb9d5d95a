"""Who neighbours whom: by the boundaries in the data folder if they are there, else by points."""

from pathlib import Path

import pandas as pd

from la_crime import boundaries
from la_crime.spatial import Weights, nearest_neighbours, queen_neighbours

NEAREST = 6  # as many as a hexagonal tiling gives


def weights(places: pd.DataFrame, data_folder: Path) -> dict[str, Weights]:
    """Weights of each scope from `places` (scope, place_id, lat, lon, is_on_boundary_layer).

    Queen contiguity if a layer of the folder's `boundaries/` has a polygon for every place; else
    the nearest points. `Weights.neighbours` says which.
    """
    on_layer = places[places["is_on_boundary_layer"]].sort_values("place_id")
    return {
        str(scope): _of_scope(str(scope), rows, data_folder)
        for scope, rows in on_layer.groupby("scope")
    }


def _of_scope(scope: str, places: pd.DataFrame, data_folder: Path) -> Weights:
    """Weights of one scope's places."""
    place_ids = places["place_id"].tolist()
    if layer := boundaries.find(data_folder, scope, place_ids):
        return queen_neighbours(layer.rings)
    return nearest_neighbours(
        place_ids, places["lat"].to_numpy(), places["lon"].to_numpy(), NEAREST
    )
