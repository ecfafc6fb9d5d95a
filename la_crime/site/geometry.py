"""Outlines of places for a map: from the boundaries in the data folder, else cells around points.

Map units are `GRID_KM` steps east and south of the north-western corner, whole numbers: places that
share a border share its corners still, so that the map has no gaps, and its text is short.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import KDTree, Voronoi

from la_crime.spatial import boundaries
from la_crime.spatial.boundaries import KM_PER_DEGREE
from la_crime.stats.arrays import Floats, Ints

GRID_KM = 0.03
GHOST_SPACING_KM = 0.6

Point = tuple[int, int]
Ring = list[Point]


@dataclass(frozen=True)
class Outlines:
    """SVG path data of each scope's places, their width and height, and where they are from."""

    paths: dict[str, dict[str, str]]
    width: int
    height: int
    are_boundaries: bool


def outlines(places: pd.DataFrame, data_folder: Path) -> Outlines:
    """Outlines of the districts in `places`, of the areas that they make up, and of layers.

    A city without districts has those of its areas. `places` are those on the boundary layer:
    scope, place_id, area_id, area_km2, lat, lon. Raises ValueError for a layer of which the data
    folder has not just these places.
    """
    smallest = "district" if "district" in set(places["scope"]) else "area"
    small = places[places["scope"] == smallest].sort_values("place_id")
    layer = boundaries.find(data_folder, smallest, small["place_id"].tolist())
    degrees = layer.rings if layer else _cells(small)
    others = {
        scope: _of_layer(scope, rows["place_id"].tolist(), data_folder)
        for scope, rows in places.groupby("scope")
        if scope not in boundaries.DEPARTMENTS
    }
    corners = np.concatenate(
        [
            ring
            for found in (degrees, *others.values())
            for rings in found.values()
            for ring in rings
        ]
    )
    west, north = corners[:, 0].min(), corners[:, 1].max()
    scale = KM_PER_DEGREE / GRID_KM
    east = scale * np.cos(np.radians(corners[:, 1].mean()))

    def on_map(ring: Floats) -> Ints:
        steps = np.column_stack([(ring[:, 0] - west) * east, (north - ring[:, 1]) * scale])
        return np.rint(steps).astype(int)

    def on_grid(ring: Floats) -> Ring:
        return _without_repeats([tuple(step) for step in on_map(ring).tolist()])

    rings = {place: [on_grid(ring) for ring in found] for place, found in degrees.items()}
    areas = {
        str(area): _union(ring for place in group["place_id"] for ring in rings[place])
        for area, group in small.groupby("area_id")
    }
    width, height = on_map(np.array([[corners[:, 0].max(), corners[:, 1].min()]]))[0]
    drawn = {smallest: rings, "area": areas} | {
        scope: {place: [on_grid(ring) for ring in found] for place, found in of_scope.items()}
        for scope, of_scope in others.items()
    }
    return Outlines(
        paths={
            scope: {place: _path(found) for place, found in of_scope.items()}
            for scope, of_scope in drawn.items()
        },
        width=int(width),
        height=int(height),
        are_boundaries=layer is not None,
    )


def _of_layer(scope: str, place_ids: list[str], data_folder: Path) -> dict[str, list[Floats]]:
    """The rings of a layer's places, in degrees."""
    for definition, layer in boundaries.read_layers(data_folder):
        if definition.scope == scope and set(place_ids) <= set(layer.place_ids):
            return {place: layer.rings[place] for place in place_ids}
    raise ValueError(
        f"{data_folder / boundaries.FOLDER} has no layer of the warehouse's {scope} places; build "
        "the warehouse again from this folder."
    )


def _cells(places: pd.DataFrame) -> dict[str, list[Floats]]:
    """A Voronoi cell in degrees (n, 2) around each place's point.

    Ghost points all around, further off than a place's size lets it reach, close the cells.
    """
    mean_lat = places["lat"].mean()
    km = np.array([KM_PER_DEGREE * np.cos(np.radians(mean_lat)), KM_PER_DEGREE])
    points = places[["lon", "lat"]].to_numpy() * km
    reach = 1.4 * np.sqrt(places["area_km2"].to_numpy() / np.pi) + GHOST_SPACING_KM
    low, high = points.min(axis=0) - 4 * reach.max(), points.max(axis=0) + 4 * reach.max()
    grid = np.stack(
        np.meshgrid(*(np.arange(a, b, GHOST_SPACING_KM) for a, b in zip(low, high, strict=True))),
        axis=-1,
    ).reshape(-1, 2)
    distance, nearest = KDTree(points).query(grid)
    ghosts = grid[distance > reach[nearest]]
    voronoi = Voronoi(np.concatenate([points, ghosts]))
    cells = {}
    for place, region, point in zip(
        places["place_id"], voronoi.point_region[: len(points)], points, strict=True
    ):
        corners = voronoi.vertices[voronoi.regions[region]]
        around = np.argsort(np.arctan2(*(corners - point).T[::-1]))
        cells[place] = [corners[around] / km]
    return cells


def _without_repeats(ring: Ring) -> Ring:
    """A ring without its closing point and without points that repeat the one before."""
    return [point for i, point in enumerate(ring) if point != ring[i - 1]]


def _union(rings: Iterable[Ring]) -> list[Ring]:
    """The outline of polygons that share borders: their edges, less those that two have."""
    edges: set[tuple[Point, Point]] = set()
    for ring in rings:
        for edge in zip(ring, ring[1:] + ring[:1], strict=True):
            edge = (min(edge), max(edge))
            edges.symmetric_difference_update({edge})
    ends: dict[Point, set[Point]] = {}
    for a, b in sorted(edges):
        ends.setdefault(a, set()).add(b)
        ends.setdefault(b, set()).add(a)
    found = []
    for start in sorted(ends):
        while ends[start]:
            ring, here = [start], start
            while ends[here]:
                there = min(ends[here])
                ends[here].discard(there)
                ends[there].discard(here)
                ring.append(there)
                here = there
                if here == start:
                    break
            found.append(ring[:-1])
    return found


def _path(rings: list[Ring]) -> str:
    """SVG path data of closed rings: moves relative to the point before, straight runs as one."""
    parts = []
    for ring in rings:
        corners = [
            point
            for i, point in enumerate(ring)
            if not _is_straight(ring[i - 1], point, ring[(i + 1) % len(ring)])
        ]
        if len(corners) < 3:
            continue
        (x, y), *rest = corners
        steps = []
        for east, south in rest:
            steps.append(f"{east - x} {south - y}")
            x, y = east, south
        parts.append(f"M{corners[0][0]} {corners[0][1]}l{' '.join(steps)}z")
    return "".join(parts).replace(" -", "-")


def _is_straight(a: Point, b: Point, c: Point) -> bool:
    """Whether b lies on the line from a to c."""
    return (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])
