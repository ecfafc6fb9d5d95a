"""Denominators: spread over places by area, counted by hand; or refused in a sentence."""

import json

import pandas as pd
import pytest
from helpers import put
from test_layers import box, feature, with_layer

from la_crime.spatial import denominators

HEADER = "denominator,title,file,count_column,year"
LINE = "residents,residents,tracts.geojson,people,2020"
PLACES = pd.DataFrame(
    {
        "scope": "ward",
        "place_id": ["1", "2", "outside"],
        "is_on_boundary_layer": [True, True, False],
    }
)


def tract(people, *polygons):
    """A GeoJSON feature with a count."""
    return {**feature("", *polygons), "properties": {"people": people}}


def with_tracts(folder, *tracts, line=LINE):
    """Two wards side by side, a degree's tenths 0 to 2 and 2 to 4, and tracts with people."""
    with_layer(folder, feature(1, [box(0, 0, 2, 2)]), feature(2, [box(2, 0, 4, 2)]))
    content = json.dumps({"type": "FeatureCollection", "features": tracts})
    put(folder / "denominators" / "tracts.geojson", content.encode())
    put(folder / "denominators" / "denominators.csv", f"{HEADER}\n{line}\n".encode())
    return folder


def found(folder):
    """The denominators of the wards: n, n_inside and n_touching of each."""
    rows = denominators.place_denominators(PLACES, folder).set_index("place_id")
    return {place: tuple(row) for place, row in rows[["n", "n_inside", "n_touching"]].iterrows()}


def test_a_polygon_is_shared_out_by_area(tmp_path):
    folder = with_tracts(
        tmp_path,
        tract(100, [box(0, 0, 1, 1)]),  # whole in the first
        tract(80, [box(1.5, 0, 3.5, 1)]),  # a quarter in the first, the rest in the second
        tract(40, [box(3, 1, 5, 2)]),  # half of it outside
        tract(7, [box(8, 0, 9, 1)]),  # far off
    )
    assert found(folder) == {
        "1": pytest.approx((120, 100, 180)),
        "2": pytest.approx((80, 0, 120)),
    }


def test_a_sliver_is_no_part(tmp_path):
    folder = with_tracts(tmp_path, tract(1000, [box(0, 0, 2.001, 1)]))
    assert found(folder)["1"] == pytest.approx((999.5, 999.5, 1000), abs=0.01)
    assert found(folder)["2"] == pytest.approx((0.5, 0, 0.5), abs=0.01)


def test_a_table_is_taken_as_it_is(tmp_path):
    line = "homes,homes,homes.csv,homes,2020"
    folder = with_tracts(tmp_path, tract(1, [box(0, 0, 1, 1)]), line=line)
    table = b"scope,place_id,homes\nward,1,12\nward,9,5\nborough,1,7\n"
    put(folder / "denominators" / "homes.csv", table)
    rows = denominators.place_denominators(PLACES, folder)
    assert rows.to_numpy().tolist() == [["ward", "1", "homes", 12, 12, 12]]


def test_without_denominators_there_are_no_rows(tmp_path):
    assert denominators.place_denominators(PLACES, tmp_path).empty
    assert denominators.problems(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("residents,,tracts.geojson,people,2020", "line 2: it needs 5 cells"),
        ("residents,residents,tracts.geojson,people", "line 2: it needs 5 cells"),
        ("residents,residents,tracts.geojson,people,now", "line 2: 'now' is no year"),
        ("residents,residents,tracts.geojson,homes,2020", "homes is not a count of 0 or more"),
        ("x,x,tracts.geojson | denominators.csv,people,2020", "is not the only file of x"),
    ],
)
def test_a_bad_line_is_one_sentence(line, fault, tmp_path):
    folder = with_tracts(tmp_path, tract(1, [box(0, 0, 1, 1)]), line=line)
    (problem,) = denominators.problems(folder)
    assert fault in problem


@pytest.mark.parametrize("people", [-1, None, "many", float("nan")])
def test_counts_must_be_counts(people, tmp_path):
    folder = with_tracts(tmp_path, tract(people, [box(0, 0, 1, 1)]))
    (problem,) = denominators.problems(folder)
    path = folder / "denominators" / "tracts.geojson"
    assert problem == f"{path}: people is not a count of 0 or more everywhere."


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (b"scope,homes\nward,1\n", "it has no column place_id"),
        (b"scope,place_id,homes\nward,1,1\nward,1,2\n", "it has a place twice"),
        (b"scope,place_id,homes\nward,1,few\n", "homes is not a count"),
    ],
)
def test_a_bad_table_is_one_sentence(table, fault, tmp_path):
    line = "homes,homes,homes.csv,homes,2020"
    folder = with_tracts(tmp_path, tract(1, [box(0, 0, 1, 1)]), line=line)
    put(folder / "denominators" / "homes.csv", table)
    (problem,) = denominators.problems(folder)
    assert fault in problem
