"""Layers of places: which points lie in which polygons, counted by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from helpers import put

from la_crime.spatial import boundaries, layers, neighbourhoods

HEADER = "scope,title,noun,file,key_property,name_property"
LINE = "ward,Wards,ward,wards.geojson,id,name"


def box(west, south, east, north):
    """A closed ring, degrees from 118 west and 34 north in tenths."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[-118 + x / 10, 34 + y / 10] for x, y in corners]


def feature(key, *polygons, name=None):
    """A GeoJSON feature of polygons, each of rings."""
    return {
        "type": "Feature",
        "properties": {"id": key, "name": name},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def with_layer(folder, *features, line=LINE):
    """Put a layer and its line into a data folder."""
    content = json.dumps({"type": "FeatureCollection", "features": features})
    put(folder / "boundaries" / "wards.geojson", content.encode())
    put(folder / "boundaries" / "layers.csv", f"{HEADER}\n{line}\n".encode())
    return folder


def located(folder, *points):
    """The place of each point (x, y in tenths of a degree), and how it was found."""
    x, y = np.array(points, dtype=float).T
    asked = pd.DataFrame({"lat": 34 + y / 10, "lon": -118 + x / 10})
    rows = layers.point_rows(asked, layers.read(folder))
    assert list(rows["scope"]) == ["ward"] * len(points)
    return list(zip(rows["place_id"], rows["found"], strict=True))


def test_points_lie_inside_on_a_border_or_outside(tmp_path):
    folder = with_layer(tmp_path, feature(1, [box(0, 0, 2, 2)]), feature(2, [box(2, 0, 3, 2)]))
    assert located(folder, (1, 1), (2.5, 1), (2, 1), (0, 0), (4, 1)) == [
        ("1", "inside"),
        ("2", "inside"),
        ("2", "on a border"),  # of both: the smaller
        ("1", "on a border"),  # a corner of one alone
        ("outside", "outside"),
    ]


def test_a_hole_is_outside_and_its_rim_is_not(tmp_path):
    folder = with_layer(tmp_path, feature(1, [box(0, 0, 4, 4), box(1, 1, 3, 3)]))
    assert located(folder, (0.5, 0.5), (2, 2), (1, 2)) == [
        ("1", "inside"),
        ("outside", "outside"),
        ("1", "on a border"),
    ]


def test_a_place_may_be_in_parts_and_in_several_features(tmp_path):
    folder = with_layer(
        tmp_path,
        feature(1, [box(0, 0, 1, 1)], [box(2, 0, 3, 1)]),
        feature(1, [box(4, 0, 5, 1)]),
    )
    found = located(folder, (0.5, 0.5), (2.5, 0.5), (4.5, 0.5), (1.5, 0.5))
    assert [place for place, _ in found] == ["1", "1", "1", "outside"]


def test_of_places_that_overlap_the_smallest_has_the_point(tmp_path):
    folder = with_layer(
        tmp_path,
        feature("Big", [box(0, 0, 4, 4)]),
        feature("Small", [box(2, 2, 4, 4)]),
        feature("A twin", [box(2, 2, 4, 4)]),
    )
    assert located(folder, (3, 3), (1, 1), (2, 3)) == [
        ("a-twin", "in several"),  # of two alike, the first by id
        ("big", "inside"),
        ("big", "inside"),  # on a border of the others alone
    ]


def test_a_bow_tie_is_read_as_its_two_halves(tmp_path):
    bow = [[-118 + x / 10, 34 + y / 10] for x, y in [(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]]
    folder = with_layer(tmp_path, feature(1, [bow]))
    found = located(folder, (0.2, 1), (1.8, 1), (1, 0.2))
    assert [place for place, _ in found] == ["1", "1", "outside"]


def test_what_lies_mostly_outside_the_city_is_no_place_of_it(tmp_path):
    folder = with_layer(
        tmp_path,
        feature("in", [box(0, 0, 1, 1)]),
        feature("half", [box(1, 0, 3, 1)]),
        feature("less", [box(1.1, 1, 3, 2)]),
        feature("out", [box(5, 0, 6, 1)]),
    )
    assert layers.read(folder)[0].place_ids == ["half", "in", "less", "out"]
    area = {"type": "Polygon", "coordinates": [box(0, 0, 2, 3)]}
    city = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"PREC": 1}, "geometry": area}
    ]}  # fmt: skip
    put(folder / "boundaries" / "divisions.geojson", json.dumps(city).encode())
    assert layers.read(folder)[0].place_ids == ["half", "in"]


def test_places_have_a_size_a_point_and_a_name(tmp_path):
    folder = with_layer(
        tmp_path,
        feature(1.0, [box(0, 0, 1, 1)], name=" The   Hills "),
        feature("02", [box(1, 0, 2, 1)]),
    )
    rows = layers.place_rows(layers.read(folder))
    assert rows[["place_id", "place_name"]].to_numpy().tolist() == [
        ["02", "Ward 02"],
        ["1", "The Hills"],
    ]
    # a tenth of a degree is 11.1195 km, and its breadth that times cos 34.05
    assert rows["area_km2"].to_list() == pytest.approx([102.44, 102.44], abs=0.02)
    assert rows["lat"].between(34, 34.1).all()


def test_places_that_touch_or_nearly_do_are_neighbours(tmp_path):
    folder = with_layer(
        tmp_path,
        feature(1, [box(0, 0, 1, 1)]),
        feature(2, [box(1.0001, 0, 2, 1)]),  # a metre off
        feature(3, [box(2.01, 0, 3, 1)]),  # a hundred metres off
    )
    (own,) = layers.read(folder)
    places = layers.place_rows([own]).assign(is_on_boundary_layer=True)
    found = neighbourhoods.weights(places, folder)["ward"]
    assert found.neighbours == "touching"
    assert found.matrix.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert len(neighbourhoods.contiguous_places(places, folder)) == 4  # with 3 beside 2


def test_without_layers_there_are_no_rows(tmp_path):
    assert layers.place_rows(layers.read(tmp_path)).columns.tolist() == list(layers.PLACE_COLUMNS)
    points = pd.DataFrame({"lat": [34.0], "lon": [-118.0]})
    assert layers.point_rows(points, []).empty


def test_a_point_must_be_one():
    with pytest.raises(ValueError, match="a point has no coordinates"):
        layers.point_rows(pd.DataFrame({"lat": [np.nan], "lon": [-118.0]}), [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Ward,Wards,ward,wards.geojson,id,", "line 2: 'Ward' cannot name a layer"),
        ("area,Wards,ward,wards.geojson,id,", "line 2: 'area' cannot name a layer"),
        ("ward,Wards,,wards.geojson,id,", "line 2: it has no noun"),
        ("ward,Wards,ward,wards.geojson", "line 2: it has not 6 cells"),
        (LINE + "\nborough" + LINE[4:], "wards.geojson: two layers name this file"),
        ("ward,Wards,ward,wards.geojson,number,", "has no property number, which layers.csv names"),
    ],
)
def test_a_bad_line_of_layers_is_one_sentence(line, fault, tmp_path):
    folder = with_layer(tmp_path, feature(1, [box(0, 0, 1, 1)]), line=line)
    (problem,) = boundaries.problems(folder)
    assert fault in problem


def test_a_layer_has_one_file(tmp_path):
    line = "ward,Wards,ward,wards.geojson | others.geojson,id,"
    folder = with_layer(tmp_path, feature(1, [box(0, 0, 1, 1)]), line=line)
    assert boundaries.problems(folder) == []
    put(folder / "boundaries" / "others.geojson", b"{}")
    (problem,) = boundaries.problems(folder)
    assert "is not the only ward file" in problem


def test_a_list_of_layers_needs_its_columns(tmp_path):
    put(tmp_path / "boundaries" / "layers.csv", b"scope,file\nward,wards.geojson\n")
    (problem,) = boundaries.problems(tmp_path)
    assert problem.endswith(f"its first line must be {HEADER}.")


@pytest.mark.parametrize("keys", [("A b", "a-B"), ("--",), ("Outside",), (True,)])
def test_a_key_must_be_one(keys, tmp_path):
    folder = with_layer(tmp_path, *(feature(key, [box(0, 0, 1, 1)]) for key in keys))
    (problem,) = boundaries.problems(folder)
    assert "not the key of a place" in problem or "too much like that of A b" in problem


def test_a_line_of_the_folder_comes_before_the_projects(tmp_path):
    line = "neighborhood,Barrios,barrio,wards.geojson,id,"
    folder = with_layer(tmp_path, feature(1, [box(0, 0, 1, 1)]), line=line)
    (found,) = layers.read(folder)
    assert (found.definition.title, found.names) == ("Barrios", ["Barrio 1"])
    assert boundaries.notes(folder) == [
        f"Boundaries: {folder / 'boundaries' / 'wards.geojson'} has 1 barrios."
    ]
