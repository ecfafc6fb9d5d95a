"""Who neighbours whom: by the boundaries in the data folder if they are there, else by points."""

import json
from pathlib import Path

import pandas as pd

from la_crime.spatial import Weights, nearest_neighbours, queen_neighbours

# how the city's boundary layers name a place of each scope
PROPERTIES = {"area": "PREC", "district": "REPDIST"}
NEAREST = 6  # as many as a hexagonal tiling gives


def weights(places: pd.DataFrame, data_folder: Path) -> dict[str, Weights]:
    """Weights of each scope from `places` (scope, place_id, lat, lon, is_on_boundary_layer).

    Queen contiguity if a `.geojson` file in the folder's `boundaries/` has a polygon for every
    place; else the nearest points. `Weights.neighbours` says which.
    """
    on_layer = places[places["is_on_boundary_layer"]].sort_values("place_id")
    return {
        str(scope): _of_boundaries(str(scope), rows, data_folder / "boundaries")
        or nearest_neighbours(
            rows["place_id"].tolist(), rows["lat"].to_numpy(), rows["lon"].to_numpy(), NEAREST
        )
        for scope, rows in on_layer.groupby("scope")
    }


def _of_boundaries(scope: str, places: pd.DataFrame, folder: Path) -> Weights | None:
    """Weights from the first boundary file that has just these places, if there is one."""
    for path in sorted(folder.glob("*.geojson")) if folder.is_dir() else []:
        if boundary_property(path) == PROPERTIES[scope]:
            found = queen_neighbours(path, PROPERTIES[scope])
            if found.place_ids == places["place_id"].tolist():
                return found
    return None


def boundary_property(path: Path) -> str | None:
    """Tell which kind of place a boundary file is of, by the finest property that it has."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    names = set(features[0]["properties"]) if features else set()
    return next((p for p in reversed(PROPERTIES.values()) if p in names), None)
