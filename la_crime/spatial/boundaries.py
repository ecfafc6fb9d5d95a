"""The department's outlines of districts and divisions, as GeoJSON in the data folder.

This is the only reader of `boundaries/`. A file in there is a layer of one scope, told by the
property that names its places; it is read whole, or refused in a sentence before anything is built.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from la_crime.stats.arrays import Floats

FOLDER = "boundaries"
SUFFIXES = (".geojson", ".json")
# how the city's boundary layers name a place of each scope, the finest first
PROPERTIES = {"district": "REPDIST", "area": "PREC"}

# our own list of the places of each scope, and its column
SEEDS = {
    "district": ("reporting_districts.csv", "reporting_district"),
    "area": ("areas.csv", "area_id"),
}

RING_CORNERS = 4  # a triangle, with its first corner again at its end
ADVICE = "Export the layer as GeoJSON in degrees (WGS 84), or move the file elsewhere."
SHOWN = 6


@dataclass(frozen=True)
class Layer:
    """The outlines of one scope's places: `rings` of each are (n, 2), degrees east and north.

    `left_out` counts features without an outline or without a number.
    """

    path: Path
    scope: str
    rings: dict[str, list[Floats]]
    left_out: int

    @property
    def place_ids(self) -> list[str]:
        """The places, in the order of their text."""
        return sorted(self.rings)


def files(data_folder: Path) -> list[Path]:
    """List what the folder of boundaries holds, in name order; what is hidden does not count."""
    folder = data_folder / FOLDER
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def find(data_folder: Path, scope: str, place_ids: list[str]) -> Layer | None:
    """The first layer of a scope that has just these places; ValueError for one that is broken."""
    for path in files(data_folder):
        layer = read(path)
        if layer.scope == scope and layer.place_ids == sorted(place_ids):
            return layer
    return None


def problems(data_folder: Path) -> list[str]:
    """Say of each file of boundaries that cannot be used why, in a sentence."""
    found = []
    if (data_folder / FOLDER).exists() and not (data_folder / FOLDER).is_dir():
        found.append(f"{data_folder / FOLDER} is a file; boundaries are files in a folder.")
    for path in files(data_folder):
        try:
            read(path)
        except ValueError as error:
            found.append(str(error))
        except OSError as error:
            found.append(f"{path}: cannot be opened: {error.strerror}.")
    return found


def notes(data_folder: Path, seeds: Path) -> list[str]:
    """Say of each layer that is not broken what it has, and whether it is used.

    A layer serves only if its places are just those of the project's own list: with a part of them,
    places would lose neighbours, and the map would have holes.
    """
    lines = []
    for path in files(data_folder):
        try:
            layer = read(path)
        except (ValueError, OSError):
            continue  # one of `problems`
        name, column = SEEDS[layer.scope]
        with (seeds / name).open(newline="", encoding="utf-8") as rows:
            known = {row[column] for row in csv.DictReader(rows)}
        line = f"Boundaries: {path} has {len(layer.rings):,} {layer.scope}s"
        if layer.left_out:
            line += f" ({layer.left_out:,} features without an outline or a number left out)"
        missing, unknown = known - set(layer.rings), set(layer.rings) - known
        faults = [
            f"{word} {_some(places)}"
            for word, places in (("lacks", missing), ("has unknown", unknown))
            if places
        ]
        if faults:
            line += f"; it is not used, for it {' and '.join(faults)}"
        lines.append(f"{line}.")
    return lines


def _some(places: set[str]) -> str:
    """The first few of some places, by number."""
    shown = sorted(places, key=int)[:SHOWN]
    return ", ".join(shown) + (f" and {len(places) - SHOWN:,} more" * (len(places) > SHOWN))


# --- Reading ---------------------------------------------------------------------------------


def read(path: Path) -> Layer:
    """Read one layer; OSError if it cannot be opened, ValueError that names it and its fault."""
    try:
        features = _features(path)
        scope, name = _scope(features)
        rings: dict[str, list[Floats]] = {}
        left_out = 0
        for number, feature in enumerate(features, start=1):
            place, outline = feature["properties"].get(name), feature.get("geometry")
            if outline is None or place is None or str(place).strip() == "":
                left_out += 1
                continue
            try:
                rings.setdefault(_place_id(place), []).extend(_rings(outline))
            except ValueError as error:
                raise ValueError(
                    f"has a fault in feature {number} ({name} {str(place)[:40]}): {error}"
                ) from None
        if not rings:
            raise ValueError(
                f"has {left_out:,} features, and none with both {name} and an outline."
            )
    except ValueError as error:
        raise ValueError(f"{path}: {error} {ADVICE}") from None
    return Layer(path, scope, rings, left_out)


def _features(path: Path) -> list[dict[str, Any]]:
    """The features of a file, each with a dictionary of properties under names in capitals."""
    if path.is_dir():
        raise ValueError("is a folder, and those in here are not read.")
    if not path.name.lower().endswith(SUFFIXES):
        raise ValueError("is not a .geojson file.")
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip()
    if not content:
        raise ValueError("is empty.")
    if content.startswith((b"PK", b"\x1f\x8b")):
        raise ValueError("is an archive (zip or gzip), not GeoJSON; unpack it.")
    if content.startswith(b"<"):
        raise ValueError("is a web page, KML or other XML, not GeoJSON.")
    try:
        value = json.loads(content.decode())
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is not whole JSON ({error}).") from None
    except RecursionError:
        raise ValueError("is nested too deeply to be GeoJSON.") from None
    return _checked(value)


def _checked(value: Any) -> list[dict[str, Any]]:
    """The features of a JSON value, if it is a GeoJSON collection of features."""
    if not isinstance(value, dict):
        raise ValueError("is JSON, but not a GeoJSON FeatureCollection.")
    if value.get("type") == "Topology":
        raise ValueError("is TopoJSON, not GeoJSON.")
    features = value.get("features")
    if not isinstance(features, list):
        keys = ", ".join(map(repr, list(value)[:SHOWN])) or "nothing"
        raise ValueError(
            f"is not a GeoJSON FeatureCollection: it has no list `features`, but {keys}."
        )
    if not features:
        raise ValueError("has no features.")
    found = []
    for number, feature in enumerate(features, start=1):
        if isinstance(feature, dict) and "attributes" in feature:
            raise ValueError("is Esri JSON, not GeoJSON (ask ArcGIS for f=geojson).")
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise ValueError(f"has a fault in feature {number}: it is not a GeoJSON Feature.")
        named = {str(key).upper(): cell for key, cell in (feature.get("properties") or {}).items()}
        found.append({**feature, "properties": named})
    return found


def _scope(features: list[dict[str, Any]]) -> tuple[str, str]:
    """Which scope's places the features are, and the property that numbers them."""
    names = {name for feature in features for name in feature["properties"]}
    for scope, name in PROPERTIES.items():
        if name in names:
            return scope, name
    has = ", ".join(sorted(names)[:SHOWN]) or "none"
    raise ValueError(
        "has neither REPDIST (reporting districts) nor PREC (divisions) among its features' "
        f"properties (they are: {has})."
    )


def _place_id(value: Any) -> str:
    """A place's number as the project writes it: some writers make 101 a text or 101.0."""
    try:
        number = float(value)
        if number != int(number) or number < 1 or isinstance(value, bool):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise ValueError("that is not the number of a place.") from None
    return str(int(number))


def _rings(geometry: Any) -> list[Floats]:
    """The rings of a polygon or of several, holes among them, (n, 2) in degrees."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"its geometry is {kind or 'no geometry'}; an outline is a Polygon.")
    try:
        shape = geometry["coordinates"]
        polygons = [shape] if kind == "Polygon" else shape
        found = [
            np.array([(longitude, latitude) for longitude, latitude, *_ in ring], dtype=np.float64)
            for polygon in polygons
            for ring in polygon
        ]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError("its coordinates are not rings of longitude and latitude.") from None
    if any(ring.ndim > 2 for ring in found):
        raise ValueError(f"its coordinates are nested one deeper than those of a {kind}.")
    if not found or any(len(ring) < RING_CORNERS for ring in found):
        raise ValueError(f"its {kind} has a ring of fewer than {RING_CORNERS} points, or none.")
    _require_degrees(np.concatenate(found))
    return found


def _require_degrees(points: Floats) -> None:
    """Raise ValueError unless points (n, 2) are longitudes and latitudes."""
    is_degree = np.abs(points) <= (180, 90)
    if is_degree.all():
        return
    longitude, latitude = points[~is_degree.all(axis=1)][0]
    found = f"its coordinates are not degrees east and north (it has {longitude:g}, {latitude:g})"
    is_swapped = abs(longitude) <= 90 < abs(latitude) <= 180
    why = "the latitude comes first" if is_swapped else "they are projected, or not numbers"
    raise ValueError(f"{found}; {why}.")
