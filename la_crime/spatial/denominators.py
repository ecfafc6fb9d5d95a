"""What counts of incidents can be divided by: residents and the like, spread over places.

This is the only reader of `denominators/` in the data folder. A file in there is a layer of small
polygons with counts, as GeoJSON, or a table with the counts of a scope's places, as CSV; which
column is what stands in `denominators.csv`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from la_crime.cities import Seeds
from la_crime.frames import typed
from la_crime.spatial import boundaries, layers
from la_crime.spatial.boundaries import SEEDS
from la_crime.spatial.layers import Places
from la_crime.stats.arrays import Floats

FOLDER = "denominators"
DENOMINATORS = "denominators.csv"  # beside the project's seeds, and in the data folder
# borders that mean to be one lie apart from one another: less than this of a polygon is not cut off
SLIVER = 0.01
COLUMNS = {
    "scope": "str",
    "place_id": "str",
    "denominator": "str",
    "n": "float64",
    "n_inside": "float64",
    "n_touching": "float64",
}


@dataclass(frozen=True)
class Denominator:
    """A line of `denominators.csv`: what is counted, in which file and column, and of which year.

    Alternatives in `file` are separated by ` | `.
    """

    denominator: str
    title: str
    file: str
    count_column: str
    year: str


@dataclass(frozen=True)
class Counts:
    """Small polygons (m,) with a count each."""

    shapes: Any
    counts: Floats


def listed(data_folder: Path, seeds: Seeds = SEEDS) -> list[Denominator]:
    """The denominators that the data folder has a file of, by name; ValueError for a bad line.

    A line of the folder's own list comes before the project's of the same name.
    """
    by_name: dict[str, Denominator] = {}
    for path in (seeds / DENOMINATORS, data_folder / FOLDER / DENOMINATORS):
        by_name |= {one.denominator: one for one in _lines(path)}
    folder = data_folder / FOLDER
    found = []
    for one in by_name.values():
        there = [name for name in one.file.split(" | ") if (folder / name).is_file()]
        if len(there) > 1:
            raise ValueError(f"{folder / there[1]}: is not the only file of {one.denominator}.")
        found += [replace(one, file=name) for name in there]
    return sorted(found, key=lambda one: one.denominator)


def _lines(path: Path) -> Iterator[Denominator]:
    """The lines of a list of denominators, if it is there; ValueError that names file and line."""
    columns = [field.name for field in fields(Denominator)]
    for line, row in boundaries.lines_of(path, columns):
        if None in row or not all(row.values()):
            raise ValueError(f"{line}: it needs {len(columns)} cells.")
        if not row["year"].strip().isdecimal():
            raise ValueError(f"{line}: {row['year']!r} is no year.")
        yield Denominator(**{name: cell.strip() for name, cell in row.items()})


def problems(data_folder: Path, seeds: Seeds = SEEDS) -> list[str]:
    """Say of each denominator that cannot be used why, in a sentence."""
    try:
        found = listed(data_folder, seeds)
    except ValueError as error:
        return [str(error)]
    said = []
    for one in found:
        try:
            _read(data_folder, one)
        except ValueError as error:
            said.append(str(error))
    return said


def place_denominators(places: pd.DataFrame, data_folder: Path) -> pd.DataFrame:
    """Every denominator of each place on the map: `COLUMNS`.

    places: scope, place_id, is_on_boundary_layer. Polygons are spread by area (areal weighting):
    a place has of each polygon's count the share of its area that lies in it. `n_inside` is what
    the polygons have that lie whole in the place, `n_touching` those that lie at least in part
    there: however people live within polygons, the place has between the two, but for slivers
    (under `SLIVER` of a polygon), which go by their area alone. A table is taken as
    it is, for its own scope. Scopes without polygons have no denominators, but from a table.
    """
    on_map = places[places["is_on_boundary_layer"]]
    of_scope = {one.definition.scope: one for one in layers.read(data_folder)}
    parts = []
    for one in listed(data_folder):
        found = _read(data_folder, one)
        if isinstance(found, Counts):
            rows = [
                _spread(found, shapes).assign(scope=scope, place_id=ids)
                for scope, ids, shapes in _shapes(on_map, of_scope, data_folder)
            ]
        else:
            known = on_map[["scope", "place_id"]]
            rows = [found.merge(known, on=["scope", "place_id"])]
        parts += [part.assign(denominator=one.denominator) for part in rows]
    return typed(parts, COLUMNS)


def _shapes(
    places: pd.DataFrame, of_scope: dict[str, Places], data_folder: Path
) -> Iterator[tuple[str, list[str], Any]]:
    """Each scope that has polygons, with its places and their shapes."""
    for scope, rows in places.groupby("scope"):
        ids = rows["place_id"].tolist()
        if scope in of_scope:
            yield str(scope), of_scope[scope].place_ids, of_scope[scope].shapes
        elif layer := boundaries.find(data_folder, str(scope), ids):
            yield str(scope), layer.place_ids, layers.shapes_of(layer)


def _spread(polygons: Counts, shapes: Any) -> pd.DataFrame:
    """The count of each of the shapes (n,): n, n_inside, n_touching."""
    target, source = shapely.STRtree(polygons.shapes).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[target], polygons.shapes[source]))
    share = common / shapely.area(polygons.shapes)[source]
    counts = polygons.counts[source]

    def summed(values: Floats) -> Floats:
        # by polygon within place, so that sums do not hang on the order in which pairs are found
        order = np.lexsort((source, target))
        sums = np.bincount(target[order], weights=values[order], minlength=len(shapes))
        return np.round(sums, 6)

    return pd.DataFrame(
        {
            "n": summed(counts * share),
            "n_inside": summed(np.where(share >= 1 - SLIVER, counts * share, 0)),
            "n_touching": summed(np.where(share >= SLIVER, counts, counts * share)),
        }
    )


def _read(data_folder: Path, one: Denominator) -> Counts | pd.DataFrame:
    """The polygons or the table of a denominator; ValueError that names file and fault."""
    path = data_folder / FOLDER / one.file
    try:
        if path.suffix.lower() == ".csv":
            return _table(path, one)
        features = boundaries.read_features(path)
        kept = [feature for feature in features if feature.get("geometry") is not None]
        counts = [feature["properties"].get(one.count_column.upper()) for feature in kept]
        shapes = [layers.shape_of(boundaries.polygons_of(feature["geometry"])) for feature in kept]
        return Counts(np.array(shapes, dtype=object), _numbers(counts, one.count_column))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _table(path: Path, one: Denominator) -> pd.DataFrame:
    """A table of counts by scope and place_id."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    lacking = [name for name in ("scope", "place_id", one.count_column) if name not in table]
    if lacking:
        raise ValueError(f"it has no column {lacking[0]}.")
    if table.duplicated(["scope", "place_id"]).any():
        raise ValueError("it has a place twice.")
    n = _numbers(table[one.count_column].tolist(), one.count_column)
    return table[["scope", "place_id"]].assign(n=n, n_inside=n, n_touching=n)


def _numbers(values: list[Any], name: str) -> Floats:
    """Counts as numbers; ValueError for one that is missing, not a number or below 0."""
    try:
        found = np.array([float(value) for value in values])
        if not (np.isfinite(found) & (found >= 0)).all():
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(f"{name} is not a count of 0 or more everywhere.") from None
    return found
