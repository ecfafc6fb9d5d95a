"""Layers of places: their polygons, which points lie in which of them, and who touches whom."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from la_crime.frames import typed
from la_crime.spatial import boundaries
from la_crime.spatial.boundaries import KM_PER_DEGREE, OUTSIDE, Definition, Layer, Polygon
from la_crime.stats.arrays import Floats

# a polygon of which less lies in the city is a place of somebody else's
LEAST_IN_CITY = 0.5
# layers are drawn apart from one another: what is no further off than a street is wide touches
TOUCHING_KM = 0.02
PLACE_COLUMNS = {
    "scope": "str",
    "title": "str",
    "noun": "str",
    "place_id": "str",
    "place_name": "str",
    "area_km2": "float64",
    "lat": "float64",
    "lon": "float64",
}
POINT_COLUMNS = {
    "scope": "str",
    "lat": "float64",
    "lon": "float64",
    "place_id": "str",
    "found": "str",
}


@dataclass(frozen=True)
class Places:
    """The n places of a layer in the order of their ids, with shapely's geometries in degrees."""

    definition: Definition
    place_ids: list[str]
    names: list[str]
    shapes: Any  # (n,) array of geometries

    @property
    def area_km2(self) -> Floats:
        """The places' sizes (n,) in km²."""
        return areas_km2(self.shapes)


def shape_of(polygons: list[Polygon]) -> Any:
    """One valid geometry of polygons given as rings: an outline, then its holes."""
    parts = [shapely.Polygon(outline, holes) for outline, *holes in polygons]
    return shapely.union_all(shapely.make_valid(np.array(parts, dtype=object)))


def shapes_of(layer: Layer) -> Any:
    """The geometries (n,) of a layer's places, in the order of their ids."""
    return np.array([shape_of(layer.polygons[place]) for place in layer.place_ids], dtype=object)


def areas_km2(shapes: Any) -> Floats:
    """Areas (n,) in km² of geometries in degrees, each on a flat map at its own middle latitude.

    Good to far below 0.1 % for places a few kilometres wide.
    """
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    squeeze = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2))
    return np.round(shapely.area(shapes) * squeeze * KM_PER_DEGREE**2, 6)


def read(data_folder: Path) -> list[Places]:
    """Every layer of the data folder, less the polygons of which half or more is outside the city.

    The city is what the department's districts or divisions cover, if the folder has them; without
    them nothing is left out. Raises ValueError for a layer that is broken.
    """
    found = [_places(*layer) for layer in boundaries.read_layers(data_folder)]
    if not found or (city := _city(data_folder)) is None:
        return found
    return [_within(places, city) for places in found]


def _places(definition: Definition, layer: Layer) -> Places:
    names = [layer.names[place] for place in layer.place_ids]
    return Places(definition, layer.place_ids, names, shapes_of(layer))


def _city(data_folder: Path) -> Any:
    """The outline of all places of the first layer that is the department's; None without one."""
    defined = {one.file for one in boundaries.definitions(data_folder)}
    for path in boundaries.files(data_folder):
        if path.name not in defined:
            outlines = boundaries.read(path).polygons.values()
            return shapely.union_all([shape_of(polygons) for polygons in outlines])
    return None


def _within(places: Places, city: Any) -> Places:
    """The places of which at least `LEAST_IN_CITY` lies within an outline."""
    shapely.prepare(city)
    share = shapely.covers(city, places.shapes).astype(float)
    crosses = np.flatnonzero((share == 0) & shapely.intersects(city, places.shapes))
    of_crossing = places.shapes[crosses]
    inside = shapely.area(shapely.intersection(of_crossing, city))
    share[crosses] = inside / shapely.area(of_crossing)
    kept = np.flatnonzero(share >= LEAST_IN_CITY)
    return Places(
        places.definition,
        [places.place_ids[i] for i in kept],
        [places.names[i] for i in kept],
        places.shapes[kept],
    )


def touching(places: Places) -> Any:
    """Which places touch, overlap or are at most `TOUCHING_KM` apart: an (n, n) matrix of ones."""
    left, right = shapely.STRtree(places.shapes).query(
        places.shapes, predicate="dwithin", distance=TOUCHING_KM / KM_PER_DEGREE
    )
    is_pair = left != right
    ones = (np.ones(is_pair.sum()), (left[is_pair], right[is_pair]))
    n = len(places.place_ids)
    return csr_array(ones, (n, n))


def place_rows(layers: list[Places]) -> pd.DataFrame:
    """The places of layers: `PLACE_COLUMNS`, with a point inside each."""
    parts = []
    for places in layers:
        inside = shapely.point_on_surface(places.shapes)
        one = places.definition
        rows = {
            "scope": one.scope,
            "title": one.title,
            "noun": one.noun,
            "place_id": places.place_ids,
            "place_name": places.names,
            "area_km2": places.area_km2,
            "lat": np.round(shapely.get_y(inside), 5),
            "lon": np.round(shapely.get_x(inside), 5),
        }
        parts.append(pd.DataFrame(rows))
    return typed(parts, PLACE_COLUMNS)


def point_rows(points: pd.DataFrame, layers: list[Places]) -> pd.DataFrame:
    """The place of each distinct point (lat, lon) in each layer: `POINT_COLUMNS`.

    A place that has the point inside comes before one that has it on its border, a smaller before
    a larger one, and of two alike the one whose id comes first. `found` says how it was settled:
    'inside' one place, 'in several', 'on a border' of one or several, or 'outside' of all, where
    place_id is `OUTSIDE`. Raises ValueError for a coordinate that is not finite.
    """
    lat, lon = (points[name].to_numpy(dtype=np.float64) for name in ("lat", "lon"))
    if not np.isfinite([lat, lon]).all():
        raise ValueError("a point has no coordinates")
    parts = []
    for places in layers:
        at, found = _located(shapely.points(lon, lat), places)
        ids = np.array([*places.place_ids, OUTSIDE], dtype=object)
        parts.append(
            pd.DataFrame(
                {
                    "scope": places.definition.scope,
                    "lat": lat,
                    "lon": lon,
                    "place_id": ids[at],
                    "found": found,
                }
            )
        )
    return typed(parts, POINT_COLUMNS)


def _located(points: Any, places: Places) -> tuple[Any, Any]:
    """The position of each point's place, -1 outside; and how it was settled."""
    shapely.prepare(places.shapes)
    point, place = shapely.STRtree(places.shapes).query(points)
    is_met = shapely.intersects(places.shapes[place], points[point])
    point, place = point[is_met], place[is_met]
    is_border = shapely.touches(places.shapes[place], points[point])
    order = np.lexsort((place, places.area_km2[place], is_border, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    at = np.full(len(points), -1)
    at[point[first]] = place[first]
    n_inside = np.bincount(point[~is_border], minlength=len(points))
    found = np.select(
        [at < 0, n_inside > 1, n_inside == 1],
        [OUTSIDE, "in several", "inside"],
        "on a border",
    )
    return at, found
