"""What the left half hands over: it is read whole and of this code, or not at all."""

import json

import helpers as h
import pyarrow as pa
import pyarrow.parquet
import pytest

from la_crime.warehouse import hand_over


@pytest.fixture
def handed(tmp_path):
    """A hand-over of two tables, finished."""
    folder = tmp_path / "handed_over"
    hand_over.begin(folder)
    for name in ("int_crimes_counted", "int_arrests_counted"):
        pyarrow.parquet.write_table(pa.table({"n": [1, 2]}), folder / f"{name}.parquet")
    hand_over.finish(folder, h.PROJECT)
    return folder


def problems(folder):
    return hand_over.inspect(folder, h.PROJECT, folder)["problems"]


def test_a_finished_hand_over_names_its_tables(handed):
    inspected = hand_over.inspect(handed, h.PROJECT, handed)
    assert inspected["problems"] == []
    assert {name: table["rows"] for name, table in inspected["handed_over"].items()} == {
        "int_arrests_counted": 2,
        "int_crimes_counted": 2,
    }


def test_the_bytes_of_a_table_hang_on_its_rows(tmp_path):
    table = pa.table({"place": ["a", "b", "a"], "n": [1, None, 3]})
    for writer, form in {
        "one": {},
        "other": {"use_dictionary": False, "compression": "none"},
    }.items():
        pyarrow.parquet.write_table(table, tmp_path / writer, **form)
        hand_over.put(tmp_path / writer, tmp_path, f"of_{writer}")
    one, other = (tmp_path / f"of_{writer}.parquet" for writer in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    assert pyarrow.parquet.read_table(one).equals(table)


def test_one_that_was_not_finished_is_refused(handed):
    (handed / hand_over.MANIFEST).unlink()
    (problem,) = problems(handed)
    assert "not finished" in problem


def test_beginning_anew_takes_the_manifest_and_every_table(handed):
    hand_over.begin(handed)
    assert list(handed.iterdir()) == []


def test_a_table_of_another_hand_over_is_refused(handed):
    pyarrow.parquet.write_table(pa.table({"n": [3]}), handed / "int_crimes_counted.parquet")
    (problem,) = problems(handed)
    assert "int_crimes_counted.parquet" in problem
    assert "mixed" in problem


@pytest.mark.parametrize("spoil", ["remove", "add"])
def test_a_table_too_few_or_too_many_is_refused(handed, spoil):
    name = "int_crimes_counted" if spoil == "remove" else "one_more"
    path = handed / f"{name}.parquet"
    if spoil == "remove":
        path.unlink()
    else:
        pyarrow.parquet.write_table(pa.table({"n": [3]}), path)
    (problem,) = problems(handed)
    assert f"the table {name}" in problem


def test_one_of_another_version_of_the_code_is_refused(handed):
    path = handed / hand_over.MANIFEST
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "code": "another"}))
    (problem,) = problems(handed)
    assert "another version" in problem


def test_dbt_refuses_it_before_anything_is_built(handed, tmp_path, monkeypatch):
    (handed / hand_over.MANIFEST).unlink()
    monkeypatch.setenv("LA_CRIME_HANDED_OVER", str(handed))
    ran = h.run_dbt(["build", "--select", "areas"], tmp_path / "none", tmp_path / "la_crime.duckdb")
    assert ran.returncode != 0
    assert "not finished" in ran.stdout
