"""The outlines of places, as GeoJSON in the data folder.

This is the only reader of `boundaries/`. A file in there is a layer of one scope: one that a line
of `layers.csv` names, or else the department's districts or divisions, told by the property that
numbers its places. It is read whole, or refused in a sentence before anything is built.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from la_crime import cities
from la_crime.cities import Seeds
from la_crime.stats.arrays import Floats

FOLDER = "boundaries"
SUFFIXES = (".geojson", ".json")
# our own list of the places of each scope of the department, and its column
DEPARTMENTS = {
    "district": ("small_areas.csv", "small_area"),
    "area": ("areas.csv", "area_id"),
}

# the list of layers, beside the project's seeds and in the data folder, whose lines come first
LAYERS = "layers.csv"
SCOPE_NAME = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*")
# the place of what lies in no polygon of its layer
OUTSIDE = "outside"

KM_PER_DEGREE = 6371.0088 * np.pi / 180
RING_CORNERS = 4  # a triangle, with its first corner again at its end
ADVICE = "Export the layer as GeoJSON in degrees (WGS 84), or move the file elsewhere."
SHOWN = 6
SEEDS = Seeds()


Polygon = list[Floats]  # its outline and then its holes, each (n, 2), degrees east and north


@dataclass(frozen=True)
class Definition:
    """A line of `layers.csv`: which file has the places of a scope, and the properties to read.

    Alternatives in `file` are separated by ` | `. `title` is what many of its places are called,
    `noun` what one is; a place without a name (no `name_property`, or nothing in it) is called by
    noun and key.
    """

    scope: str
    title: str
    noun: str
    file: str
    key_property: str
    name_property: str


@dataclass(frozen=True)
class Layer:
    """The outlines and names of one scope's places, by place_id.

    `left_out` counts features without an outline or without a key.
    """

    path: Path
    scope: str
    polygons: dict[str, list[Polygon]]
    names: dict[str, str]
    left_out: int

    @property
    def rings(self) -> dict[str, list[Floats]]:
        """The rings of each place, holes among them."""
        return {place: list(chain(*found)) for place, found in self.polygons.items()}

    @property
    def place_ids(self) -> list[str]:
        """The places, in the order of their text."""
        return sorted(self.polygons)


def files(data_folder: Path) -> list[Path]:
    """List what the folder of boundaries holds, in name order; what is hidden does not count."""
    folder = data_folder / FOLDER
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if not path.name.startswith(".") and path.name != LAYERS
    )


def definitions(data_folder: Path, seeds: Seeds = SEEDS) -> list[Definition]:
    """The layers that the data folder has a file of, by scope; ValueError for a bad line."""
    there = {path.name for path in files(data_folder)}
    found = [
        replace(one, file=name)
        for one in listed(data_folder, seeds).values()
        for name in one.file.split(" | ")
        if name in there
    ]
    for one in found:
        if sum(other.file == one.file for other in found) > 1:
            raise ValueError(f"{data_folder / FOLDER / one.file}: two layers name this file.")
        if sum(other.scope == one.scope for other in found) > 1:
            raise ValueError(
                f"{data_folder / FOLDER / one.file}: is not the only {one.scope} file."
            )
    return sorted(found, key=lambda one: one.scope)


def listed(data_folder: Path, seeds: Seeds = SEEDS) -> dict[str, Definition]:
    """The layers that there are lines of, by scope; ValueError for a bad line."""
    by_scope: dict[str, Definition] = {}
    for path in (seeds / LAYERS, data_folder / FOLDER / LAYERS):
        by_scope |= {one.scope: one for one in _definitions_in(path)}
    return by_scope


def _definitions_in(path: Path) -> list[Definition]:
    """The lines of one list of layers, if it is there; ValueError that names file and line."""
    columns = [field.name for field in fields(Definition)]
    found = []
    for line, row in lines_of(path, columns):
        if None in row or None in row.values():
            raise ValueError(f"{line}: it has not {len(columns)} cells.")
        one = Definition(**{name: cell.strip() for name, cell in row.items()})
        lacking = [name for name in columns[:-1] if not getattr(one, name)]
        if lacking:
            raise ValueError(f"{line}: it has no {lacking[0]}.")
        if not SCOPE_NAME.fullmatch(one.scope) or one.scope in (*DEPARTMENTS, "city"):
            raise ValueError(
                f"{line}: {one.scope!r} cannot name a layer; a name is of small letters, digits "
                "and _, and none of area, district and city."
            )
        found.append(one)
    return found


def lines_of(path: Path, columns: list[str]) -> Iterator[tuple[str, dict[str | None, Any]]]:
    """The lines of a list with these columns, if it is there, each with what a message calls it.

    Of a line that is too long the rest stands under None; cells that it lacks are None. Raises
    ValueError for another header.
    """
    if not path.is_file():
        return
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != columns:
            raise ValueError(f"{path}: its first line must be {','.join(columns)}.")
        for row in reader:
            yield f"{path} line {reader.line_num}", row


def read_layers(data_folder: Path, seeds: Seeds = SEEDS) -> list[tuple[Definition, Layer]]:
    """Every layer of the data folder, read; ValueError for one that is broken."""
    return [
        (one, read(data_folder / FOLDER / one.file, one)) for one in definitions(data_folder, seeds)
    ]


def find(data_folder: Path, scope: str, place_ids: list[str]) -> Layer | None:
    """The first layer of a scope that has just these places; ValueError for one that is broken."""
    defined = {one.file: one for one in definitions(data_folder)}
    for path in files(data_folder):
        layer = read(path, defined.get(path.name))
        if layer.scope == scope and layer.place_ids == sorted(place_ids):
            return layer
    return None


def problems(data_folder: Path, seeds: Seeds = SEEDS) -> list[str]:
    """Say of each file of boundaries that cannot be used why, in a sentence."""
    found = []
    try:
        defined = {one.file: one for one in definitions(data_folder, seeds)}
    except ValueError as error:
        return [str(error)]
    if (data_folder / FOLDER).exists() and not (data_folder / FOLDER).is_dir():
        found.append(f"{data_folder / FOLDER} is a file; boundaries are files in a folder.")
    for path in files(data_folder):
        try:
            read(path, defined.get(path.name))
        except ValueError as error:
            found.append(str(error))
        except OSError as error:
            found.append(f"{path}: cannot be opened: {error.strerror}.")
    return found


def notes(data_folder: Path, seeds: Seeds = SEEDS) -> list[str]:
    """Say of each layer that is not broken what it has, and whether it is used.

    A layer serves only if its places are just those of the project's own list: with a part of them,
    places would lose neighbours, and the map would have holes.
    """
    lines = []
    try:
        defined = {one.file: one for one in definitions(data_folder, seeds)}
    except ValueError:
        return []  # one of `problems`
    for path in files(data_folder):
        definition = defined.get(path.name)
        try:
            layer = read(path, definition)
        except (ValueError, OSError):
            continue  # one of `problems`
        title = definition.title.lower() if definition else f"{layer.scope}s"
        line = f"Boundaries: {path} has {len(layer.polygons):,} {title}"
        if layer.left_out:
            line += f" ({layer.left_out:,} features without an outline or a key left out)"
        if definition:
            lines.append(f"{line}.")
            continue
        name, column = DEPARTMENTS[layer.scope]
        with (seeds / name).open(newline="", encoding="utf-8") as rows:
            known = {row[column] for row in csv.DictReader(rows)}
        missing, unknown = known - set(layer.polygons), set(layer.polygons) - known
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


def read(path: Path, definition: Definition | None = None) -> Layer:
    """Read one layer; OSError if it cannot be opened, ValueError that names it and its fault.

    Without a definition it is one of the department's.
    """
    try:
        features = read_features(path)
        if definition:
            scope, key, name = definition.scope, definition.key_property, definition.name_property
            _require_property(features, key)
        else:
            (scope, key), name = _scope(features), ""
        beyond = () if definition else _beyond(scope)
        named = _area_ids() if scope == "area" else {}
        to_id: Callable[[Any], str] = _slug if definition else partial(_place_id, named=named)
        polygons: dict[str, list[Polygon]] = {}
        names: dict[str, str] = {}
        key_of: dict[str, str] = {}
        left_out = 0
        for number, feature in enumerate(features, start=1):
            value, outline = feature["properties"].get(key.upper()), feature.get("geometry")
            if outline is None or value is None or str(value).strip() == "":
                left_out += 1
                continue
            try:
                place, shown = to_id(value), _shown(value)
                if place in beyond:
                    continue
                if definition and key_of.setdefault(place, shown) != shown:
                    raise ValueError(f"its key is too much like that of {key_of[place][:40]}.")
                polygons.setdefault(place, []).extend(polygons_of(outline))
                called = _shown(feature["properties"].get(name.upper()) or "") if name else ""
                noun = definition.noun[:1].upper() + definition.noun[1:] if definition else ""
                names.setdefault(place, called or f"{noun} {shown}".strip())
            except ValueError as error:
                raise ValueError(
                    f"has a fault in feature {number} ({key} {str(value)[:40]}): {error}"
                ) from None
        if not polygons:
            raise ValueError(f"has {left_out:,} features, and none with both {key} and an outline.")
    except ValueError as error:
        raise ValueError(f"{path}: {error} {ADVICE}") from None
    return Layer(path, scope, polygons, names, left_out)


def read_features(path: Path) -> list[dict[str, Any]]:
    """The features of a file, each with a dictionary of properties under names in capitals.

    Raises ValueError that says what is wrong with the file.
    """
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
    keys = SEEDS.settings["boundary_keys"]
    for scope, name in keys.items():
        if name.upper() in names:
            return scope, name
    known = " nor ".join(f"{name} ({scope}s)" for scope, name in keys.items())
    raise ValueError(
        f"has neither {known} among its features' "
        f"properties (they are: {_has(names)}), and {FOLDER}/{LAYERS} has no line for it."
    )


def _beyond(scope: str) -> list[str]:
    """The places that the city's own layer of a scope has and the city has not."""
    return [str(place) for place in (SEEDS.settings["beyond"] or {}).get(scope, [])]


def _require_property(features: list[dict[str, Any]], name: str) -> None:
    """Raise ValueError where no feature has the property that a line of `layers.csv` names."""
    names = {known for feature in features for known in feature["properties"]}
    if name.upper() not in names:
        raise ValueError(
            f"has no property {name}, which {LAYERS} names as its key (they are: {_has(names)})."
        )


def _has(names: set[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN]) or "none"


def _area_ids() -> dict[str, str]:
    """The number of each of the city's areas, by its name in small letters."""
    names, numbers = (cities.column(SEEDS, "areas", key) for key in ("area_name", "area_id"))
    return dict(zip(names, numbers, strict=True))


def _place_id(value: Any, named: dict[str, str]) -> str:
    """A place's number as the project writes it: some writers make 101 a text or 101.0.

    `named` has the numbers of places that may be called by their name instead.
    """
    if (name := str(value).strip().lower()) in named:
        return named[name]
    try:
        number = float(value)
        if number != int(number) or number < 1 or isinstance(value, bool):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        known_by = "number or the name" if named else "number"
        raise ValueError(f"that is not the {known_by} of a place.") from None
    return str(int(number))


def _shown(value: Any) -> str:
    """A key or a name as text: a whole number without a point, spaces run together."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def _slug(value: Any) -> str:
    """A key as an id that can stand in an address: small letters and digits, joined by -."""
    if isinstance(value, bool | dict | list):
        raise ValueError("that is not the key of a place.")
    plain = unicodedata.normalize("NFKD", _shown(value)).encode("ascii", "ignore").decode()
    slug = re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not slug or slug == OUTSIDE:
        raise ValueError("that is not the key of a place.")
    return slug


def polygons_of(geometry: Any) -> list[Polygon]:
    """The polygons of an outline of GeoJSON; ValueError that says what is wrong with it."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"its geometry is {kind or 'no geometry'}; an outline is a Polygon.")
    try:
        shape = geometry["coordinates"]
        found = [
            [np.array([(lon, lat) for lon, lat, *_ in ring], dtype=np.float64) for ring in polygon]
            for polygon in ([shape] if kind == "Polygon" else shape)
        ]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError("its coordinates are not rings of longitude and latitude.") from None
    rings = list(chain(*found))
    if any(ring.ndim > 2 for ring in rings):
        raise ValueError(f"its coordinates are nested one deeper than those of a {kind}.")
    if not all(found) or not rings or any(len(ring) < RING_CORNERS for ring in rings):
        raise ValueError(f"its {kind} has a ring of fewer than {RING_CORNERS} points, or none.")
    _require_degrees(np.concatenate(rings))
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
