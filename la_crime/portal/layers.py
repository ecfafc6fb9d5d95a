"""Layers of boundaries: small, and so fetched whole."""

import hashlib
import json

from la_crime import __version__
from la_crime.portal.client import Boundaries
from la_crime.portal.datasets import Layer
from la_crime.portal.folder import DataFolder, FetchError, durable, now


def fetch_layer(folder: DataFolder, boundaries: Boundaries, layer: Layer) -> str:
    """Fetch a layer of boundaries whole, for it is small; return what was done, in a line."""
    content, rows = read_layer(boundaries, layer)
    held = folder.held(layer.name)
    digest = hashlib.sha256(content).hexdigest()
    if held and held["files"][layer.path]["sha256"] == digest:
        return f"up to date; {rows:,} shapes"
    path = folder.path / layer.path
    path.parent.mkdir(exist_ok=True)
    with durable(path, folder.incoming) as file:
        file.write(content)
    folder.record(
        layer.name,
        {
            "url": f"{boundaries.base_url}{layer.service}",
            "rows": rows,
            "columns": list(layer.properties),
            "files": {layer.path: {"rows": rows, "sha256": digest}},
            "fetched_at": now(),
            "tool_version": __version__,
        },
    )
    return f"{rows:,} shapes fetched"


def layer_news(boundaries: Boundaries, layer: Layer, held: dict | None) -> str | None:
    """What the server of boundaries has that a folder has not; None if nothing.

    It does not say when a layer changed, so that the shapes are read and compared.
    """
    content, rows = read_layer(boundaries, layer)
    if not held:
        return f"not fetched yet: {rows:,} shapes"
    is_same = held["files"][layer.path]["sha256"] == hashlib.sha256(content).hexdigest()
    return None if is_same else f"changed: {rows:,} shapes, {held['rows']:,} held"


def read_layer(boundaries: Boundaries, layer: Layer) -> tuple[bytes, int]:
    """Read every shape of a layer; return a GeoJSON file, a shape a line, and their number."""
    count = boundaries.count(layer.service)
    shapes = []
    while len(shapes) < count and (page := boundaries.page(layer.service, len(shapes))):
        shapes += page
    lines = {}
    for shape in shapes:
        known = {name.lower(): value for name, value in (shape.get("properties") or {}).items()}
        missing = [name for name in layer.properties if name.lower() not in known]
        if missing:
            raise FetchError(f"a shape has no property {', '.join(sorted(missing))} any more.")
        properties = {name: known[name.lower()] for name in layer.properties}
        feature = {"type": "Feature", "properties": properties, "geometry": shape["geometry"]}
        lines[json.dumps(feature)] = str(properties[layer.properties[0]]).zfill(9)
    if len(lines) != count or not count:
        raise FetchError(f"{len(lines)} shapes were had, but the server says it has {count}.")
    ordered = sorted(lines, key=lambda line: (lines[line], line))
    head = f'{{"type": "FeatureCollection", "name": "{layer.name}", "features": [\n'
    return (head + ",\n".join(ordered) + "\n]}\n").encode(), count
