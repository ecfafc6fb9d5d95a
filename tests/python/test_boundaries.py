"""Boundaries: read as people have them, or refused in one sentence that names file and fault."""

import json

import numpy as np
import pandas as pd
import pytest
from helpers import CRIMES_API, SEEDS, csv_bytes, put

from la_crime.inputs import inspection
from la_crime.spatial import boundaries, neighbourhoods

SQUARE = [[-118.3, 34.0], [-118.2, 34.0], [-118.2, 34.1], [-118.3, 34.1], [-118.3, 34.0]]


def polygon(ring=SQUARE):
    """A GeoJSON polygon of one ring."""
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry=None, **properties):
    """A GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features):
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def of(geometry):
    """A file of one district with this geometry."""
    return collection(feature(geometry, REPDIST=101))


REFUSED = {
    "x": (b'{"x": 1}', "it has no list `features`, but 'x'"),
    "empty": (b"", "is empty"),
    "blank": (b"\xef\xbb\xbf \n", "is empty"),
    "list": (b"[1]", "is JSON, but not a GeoJSON FeatureCollection"),
    "null": (b"null", "is JSON, but not a GeoJSON FeatureCollection"),
    "text": (b"REPDIST,PREC\n101,1\n", "is not whole JSON"),
    "cut": (of(polygon())[:-9], "is not whole JSON"),
    "nested": (b"[" * 200_000 + b"]" * 200_000, "is nested too deeply"),
    "nested coordinates": (
        of(polygon()).replace(b"[[[", b"[" * 200_000),
        "is nested too deeply",
    ),
    "latin-1": (collection(feature(polygon(), REPDIST=101)) + b"\xe9", "is not UTF-8"),
    "utf-16": (of(polygon()).decode().encode("utf-16"), "is not UTF-8"),
    "zip": (b"PK\x03\x04 and so on", "is an archive"),
    "gzip": (b"\x1f\x8b and so on", "is an archive"),
    "web page": (b"<!doctype html><p>busy</p>", "is a web page"),
    "topojson": (b'{"type": "Topology", "objects": {}}', "is TopoJSON"),
    "esri": (b'{"features": [{"attributes": {"REPDIST": 101}}]}', "is Esri JSON"),
    "one feature": (json.dumps(feature(polygon(), REPDIST=101)).encode(), "no list `features`"),
    "no features": (collection(), "has no features"),
    "not a feature": (b'{"features": [7]}', "has a fault in feature 1: it is not a GeoJSON"),
    "list of properties": (b'{"features": [{"properties": []}, {"properties": [1]}]}', "feature 2"),
    "another layer": (collection(feature(polygon(), NAME="Venice")), "(they are: NAME)"),
    "no properties": (b'{"features": [{"properties": null}]}', "(they are: none)"),
    "no outline": (of(None), "has 1 features, and none with both REPDIST and an outline"),
    "no geometry": (b'{"features": [{"properties": {"PREC": 1}}]}', "none with both PREC"),
    "word": (collection(feature(polygon(), REPDIST="one")), "not the number of a place"),
    "half": (collection(feature(polygon(), REPDIST=1.5)), "not the number of a place"),
    "true": (collection(feature(polygon(), REPDIST=True)), "not the number of a place"),
    "endless": (b'{"features": [{"properties": {"REPDIST": 1e999}, "geometry": 1}]}', "the number"),
    "point": (of({"type": "Point", "coordinates": [1, 2]}), "its geometry is Point"),
    "text geometry": (of("POLYGON"), "its geometry is no geometry"),
    "no coordinates": (of({"type": "Polygon"}), "not rings of longitude and latitude"),
    "flat": (of({"type": "Polygon", "coordinates": SQUARE}), "not rings of longitude"),
    "deep": (of({"type": "Polygon", "coordinates": [[SQUARE]]}), "nested one deeper"),
    "words": (of(polygon([["a", "b"]] * 4)), "not rings of longitude"),
    "line": (of(polygon(SQUARE[:3])), "fewer than 4 points"),
    "no ring": (of({"type": "MultiPolygon", "coordinates": []}), "fewer than 4 points, or none"),
    "metres": (of(polygon([[1e6 + x, 5e6 + y] for x, y in SQUARE])), "they are projected"),
    "not numbers": (of(polygon([*SQUARE[:3], [float("nan"), 34], SQUARE[0]])), "or not numbers"),
    "swapped": (of(polygon([[y, x] for x, y in SQUARE])), "the latitude comes first"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_not_boundaries_is_one_sentence(case, tmp_path):
    content, fault = REFUSED[case]
    path = put(tmp_path / "boundaries" / "mine.geojson", content)
    (problem,) = boundaries.problems(tmp_path)
    assert problem.startswith(f"{path}: ")
    assert fault in problem
    assert "\n" not in problem
    with pytest.raises(ValueError, match=r"mine\.geojson"):
        boundaries.find(tmp_path, "district", ["101"])


@pytest.mark.parametrize(
    ("name", "fault"),
    [("districts.zip", "is not a .geojson file"), ("districts.shp", "is not a .geojson file")],
)
def test_other_kinds_of_files_are_named(name, fault, tmp_path):
    put(tmp_path / "boundaries" / name, b"PK\x03\x04")
    (tmp_path / "boundaries" / "districts").mkdir()
    of_folder, of_file = boundaries.problems(tmp_path)
    assert "districts: is a folder" in of_folder
    assert f"{name}: {fault}" in of_file


def test_boundaries_that_are_a_file_are_named(tmp_path):
    put(tmp_path / "boundaries", b"{}")
    assert boundaries.problems(tmp_path) == [
        f"{tmp_path / 'boundaries'} is a file; boundaries are files in a folder."
    ]


def test_inspection_looks_at_boundaries_before_a_build(tmp_path):
    put(tmp_path / "crimes" / "a.csv", csv_bytes(CRIMES_API))
    put(tmp_path / "boundaries" / "a.geojson", b'{"x": 1}')
    (problem,) = inspection.inspect(tmp_path, SEEDS)["problems"]
    assert "a.geojson: is not a GeoJSON FeatureCollection" in problem


@pytest.mark.parametrize("number", [101, 101.0, "101", "0101", " 101 "])
@pytest.mark.parametrize("name", ["REPDIST", "repdist"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_ways_of_writers_are_all_read(number, name, mark, tmp_path):
    content = collection(feature(polygon([[*at, 7.5] for at in SQUARE]), PREC=1, **{name: number}))
    path = put(tmp_path / "boundaries" / "mine.json", mark + content)
    layer = boundaries.read(path)
    assert (layer.scope, layer.place_ids, layer.left_out) == ("district", ["101"], 0)
    assert np.array_equal(layer.rings["101"], [SQUARE])


@pytest.mark.parametrize("called", [1, "1", "Central", " CENTRAL"])
def test_areas_go_by_number_or_by_name(called, tmp_path):
    path = put(tmp_path / "areas.geojson", collection(feature(polygon(), PREC=called)))
    assert boundaries.read(path).place_ids == ["1"]


def test_parts_and_features_of_one_place_are_put_together(tmp_path):
    parts = {"type": "MultiPolygon", "coordinates": [[SQUARE, SQUARE], [SQUARE]]}
    path = put(
        tmp_path / "boundaries" / "mine.geojson",
        collection(
            feature(parts, PREC=2),
            feature(polygon(), PREC=2),
            feature(None, PREC=1),
            feature(polygon(), PREC=None),
        ),
    )
    layer = boundaries.read(path)
    assert (layer.scope, layer.left_out) == ("area", 2)
    assert {place: len(rings) for place, rings in layer.rings.items()} == {"2": 4}


def test_a_layer_serves_only_with_all_places_and_says_so(tmp_path):
    areas = [feature(polygon(), PREC=area) for area in range(1, 22)]
    folder = tmp_path / "boundaries"
    put(folder / "a.geojson", collection(*areas[:20], feature(None, PREC=21)))
    put(folder / "b.geojson", collection(*areas, feature(polygon(), PREC=30)))
    put(folder / "c.geojson", collection(*areas))
    left_out = "(1 features without an outline or a key left out)"
    assert boundaries.notes(tmp_path, SEEDS) == [
        f"Boundaries: {folder}/a.geojson has 20 areas {left_out}; it is not used, for it lacks 21.",
        f"Boundaries: {folder}/b.geojson has 22 areas; it is not used, for it has unknown 30.",
        f"Boundaries: {folder}/c.geojson has 21 areas.",
    ]
    found = boundaries.find(tmp_path, "area", [str(area) for area in range(1, 22)])
    assert found.path == folder / "c.geojson"


def test_neighbours_come_from_the_layer_if_there_is_one(tmp_path):
    east = [[x + 0.1, y] for x, y in SQUARE]
    places = pd.DataFrame(
        {
            "scope": "area",
            "place_id": ["1", "2"],
            "lat": [34.05, 34.05],
            "lon": [-118.25, -118.15],
            "is_on_boundary_layer": True,
        }
    )
    assert neighbourhoods.weights(places, tmp_path)["area"].neighbours == "6 nearest"
    put(
        tmp_path / "boundaries" / "mine.geojson",
        collection(feature(polygon(), PREC=1), feature(polygon(east), PREC=2)),
    )
    found = neighbourhoods.weights(places, tmp_path)["area"]
    assert (found.neighbours, found.matrix.nnz) == ("queen", 2)


def test_contiguous_places_are_known_by_outlines_alone(tmp_path):
    """Areas 1 and 2 touch; 3 is an island, and 2 is the nearest to it."""
    places = pd.DataFrame(
        {
            "scope": "area",
            "place_id": ["3", "1", "2"],
            "lat": 34.05,
            "lon": [-117.85, -118.25, -118.15],
            "is_on_boundary_layer": True,
        }
    )
    found = neighbourhoods.contiguous_places(places, tmp_path)
    assert found.empty
    assert list(found) == ["scope", "place_id", "neighbour_id"]
    outlines = [polygon([[x + shift, y] for x, y in SQUARE]) for shift in (0, 0.1, 0.4)]
    areas = (feature(one, PREC=number) for number, one in enumerate(outlines, start=1))
    put(tmp_path / "boundaries" / "mine.geojson", collection(*areas))
    found = neighbourhoods.contiguous_places(places, tmp_path)
    assert found.to_numpy().tolist() == [
        ["area", "1", "2"],
        ["area", "2", "1"],
        ["area", "2", "3"],
        ["area", "3", "2"],
    ]
