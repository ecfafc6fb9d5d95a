"""Who neighbours whom: by the boundaries in the data folder if they are there, else by points."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from la_crime.frames import typed
from la_crime.spatial import boundaries, layers
from la_crime.spatial.boundaries import KM_PER_DEGREE
from la_crime.stats.arrays import Floats
from la_crime.stats.contiguity import pieces

# Five decimals of a degree are about a metre, and what the city's layer is published with.
COORDINATE_DECIMALS = 5
NEAREST = 6  # as many as a hexagonal tiling gives
NEIGHBOUR_COLUMNS = {"scope": "str", "place_id": "str", "neighbour_id": "str"}
QUEEN = "queen"
TOUCHING = "touching"


@dataclass(frozen=True)
class Weights:
    """Who neighbours whom: n places, sorted, their row-standardised weights, and how chosen.

    A row of `matrix` (n, n) shares 1 equally among the place's neighbours; the row of an island,
    which has none, is zeros.
    """

    place_ids: list[str]
    matrix: csr_array
    neighbours: str

    @property
    def is_contiguity(self) -> bool:
        """Whether neighbours are by their outlines."""
        return self.neighbours in (QUEEN, TOUCHING)


def row_standardised(adjacency: Any) -> csr_array:
    """The (n, n) matrix of zeros and ones with each row divided by its sum; empty rows stay."""
    ones = csr_array(adjacency, dtype=np.float64)
    return csr_array(diags_array(1 / np.maximum(ones.sum(axis=1), 1)) @ ones)


def queen_neighbours(outlines: dict[str, list[Floats]]) -> Weights:
    """Queen contiguity of places from their outlines: rings (n, 2) of degrees east and north.

    Places are neighbours when any of their rings share a vertex, rounded to about a metre. On the
    city's two layers this gives exactly the pairs that touch; a layer whose borders do not share
    their vertices would need snapping first.
    Source: Moran (1948), "The interpretation of statistical maps", JRSS B 10(2).
    """
    place_ids = sorted(outlines)
    number_of: dict[tuple[float, float], int] = {}
    place, vertex = [], []
    for row, place_id in enumerate(place_ids):
        corners = {
            (round(longitude, COORDINATE_DECIMALS), round(latitude, COORDINATE_DECIMALS))
            for ring in outlines[place_id]
            for longitude, latitude in ring.tolist()
        }
        for corner in corners:
            place.append(row)
            vertex.append(number_of.setdefault(corner, len(number_of)))
    shape = (len(place_ids), len(number_of))
    has_vertex = csr_array((np.ones(len(place)), (place, vertex)), shape)
    shared = coo_array(has_vertex @ has_vertex.T)
    is_pair = shared.row != shared.col
    pairs = (np.ones(is_pair.sum()), (shared.row[is_pair], shared.col[is_pair]))
    return Weights(place_ids, row_standardised(csr_array(pairs, shared.shape)), QUEEN)


def nearest_neighbours(place_ids: list[str], lat: Floats, lon: Floats, k: int = 6) -> Weights:
    """The k nearest places by their points, (n,) degrees: for use where there are no boundaries.

    Distances are in km on an equirectangular map at the mean latitude, good to far below 1 % over a
    city. Not symmetric: a remote place has near ones that have nearer ones. With k places or
    fewer, all the others are neighbours. Raises ValueError for a repeated place_id, a coordinate
    that is not finite, or k below 1.
    """
    if k < 1:
        raise ValueError(f"a place needs at least one neighbour, got k={k}")
    if len(set(place_ids)) != len(place_ids):
        raise ValueError("place_id is not unique")
    order = np.argsort(np.array(place_ids, dtype=object))
    degrees = np.column_stack([lon, lat]).astype(np.float64)[order]
    if not np.isfinite(degrees).all():
        raise ValueError("a place has no coordinates")
    n = len(order)
    nearest = min(k, n - 1)
    matrix = csr_array((n, n))
    if nearest > 0:
        points = _km(degrees)
        found = KDTree(points).query(points, k=nearest + 1)[1]
        # Where points coincide a place need not come first, nor at all, among its own nearest.
        is_self = found == np.arange(n)[:, None]
        is_self[~is_self.any(axis=1), -1] = True
        others = found[~is_self]
        matrix = csr_array((np.ones(n * nearest), others, np.arange(n + 1) * nearest), (n, n))
    name = f"{k} nearest"
    return Weights([str(place_ids[i]) for i in order], row_standardised(matrix), name)


def _km(degrees: Floats) -> Floats:
    """Points (n, 2) of degrees east and north in km, equirectangular at the mean latitude."""
    squeeze = np.array([np.cos(np.radians(degrees[:, 1].mean())), 1.0])
    return degrees * squeeze * KM_PER_DEGREE


def connected(adjacency: csr_array, points: Floats) -> csr_array:
    """The (n, n) adjacency with its pieces joined, the two nearest `points` (n, 2) at a time."""
    joined, piece = adjacency.tolil(), pieces(adjacency)
    left, right = np.nonzero(np.triu(piece[:, None] != piece))
    for pair in np.argsort(cdist(points, points)[left, right], kind="stable"):
        one, other = left[pair], right[pair]
        if piece[one] != piece[other]:
            joined[one, other] = joined[other, one] = 1
            piece[piece == piece[other]] = piece[one]
    return csr_array(joined)


def contiguous_places(places: pd.DataFrame, data_folder: Path) -> pd.DataFrame:
    """Who neighbours whom by outlines, both ways: `NEIGHBOUR_COLUMNS`, a row a pair.

    Arguments as for `weights`; a scope whose outlines are not there has no rows. Where a scope's
    places lie in pieces that do not touch, the nearest two places of two pieces are neighbours too.
    """
    parts = []
    for scope, found in weights(places, data_folder).items():
        if not found.is_contiguity:
            continue
        at = places[places["scope"] == scope].set_index("place_id").loc[found.place_ids]
        points = _km(at[["lon", "lat"]].to_numpy(dtype=np.float64))
        place_ids = np.array(found.place_ids, dtype=object)
        row, col = connected(found.matrix, points).nonzero()
        pairs = {"scope": scope, "place_id": place_ids[row], "neighbour_id": place_ids[col]}
        parts.append(pd.DataFrame(pairs))
    return typed(parts, NEIGHBOUR_COLUMNS)


def weights(places: pd.DataFrame, data_folder: Path) -> dict[str, Weights]:
    """Weights of each scope from `places` (scope, place_id, lat, lon, is_on_boundary_layer).

    Queen contiguity if a layer of the folder's `boundaries/` has a polygon for every place; else
    the nearest points; for a layer of its own scope, see `layers.touching`. `Weights.neighbours`
    says which.
    """
    by_scope = {one.definition.scope: one for one in layers.read(data_folder)}
    on_layer = places[places["is_on_boundary_layer"]].sort_values("place_id")
    return {
        str(scope): _of_scope(str(scope), rows, data_folder, by_scope.get(str(scope)))
        for scope, rows in on_layer.groupby("scope")
    }


def _of_scope(
    scope: str, places: pd.DataFrame, data_folder: Path, own: layers.Places | None
) -> Weights:
    """Weights of one scope's places."""
    place_ids = places["place_id"].tolist()
    if own and own.place_ids == place_ids:
        return Weights(place_ids, row_standardised(layers.touching(own)), TOUCHING)
    if layer := boundaries.find(data_folder, scope, place_ids):
        return queen_neighbours(layer.rings)
    return nearest_neighbours(
        place_ids, places["lat"].to_numpy(), places["lon"].to_numpy(), NEAREST
    )
