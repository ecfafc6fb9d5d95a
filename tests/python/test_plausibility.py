"""What a build says of files whose values are not what such files have."""

import csv
import io
from contextlib import contextmanager
from pathlib import Path

import duckdb
import helpers as h
import incidents as i
import pytest

from la_crime.warehouse import build, summary

CHECKED = [
    "files_are_plausible",
    "+unclassified_codes",
    "+file_plausibility",
    "+row_reconciliation",
    "+cleaning_counts",
]
ALONE = ["--indirect-selection", "empty", "--exclude", "resource_type:unit_test"]
FORM = {**i.PLAIN, "date": "2022-11-06"}


def changed(content: bytes, change) -> bytes:
    """A CSV file whose rows, as dictionaries with their number, went through `change`."""
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    for number, row in enumerate(rows):
        change(number, row)
    return h.csv_bytes(list(rows[0]), [list(row.values()) for row in rows])


def known(_: int, row: dict) -> None:
    """Every time and code is known."""
    row["TIME OCC"] = row["TIME OCC"].strip() or "1315"
    row["Crm Cd"] = "510"


def misread(number: int, row: dict) -> None:
    """Every third time is no time, every fourth area no area's name."""
    known(number, row)
    if number % 3 == 0:
        row["TIME OCC"] = "25:71"
    if number % 4 == 0:
        row["AREA"] = "Midtown"


def without_places(content: bytes) -> bytes:
    """The same file without its two columns of coordinates, the last ones."""
    return b"\n".join(line.rsplit(b",", 2)[0] for line in content.splitlines())


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """One dbt run over a sound file, one without coordinates, and one that is misread."""
    folder = tmp_path_factory.mktemp("plausible")
    data, db = folder / "data", folder / h.WAREHOUSE
    sound = changed(i.content(i.incidents(), FORM), known)
    h.put(data / "crimes/a sound.csv", sound)
    h.put(data / "crimes/b placeless.csv", without_places(sound))
    h.put(data / "crimes/c misread.csv", changed(sound, misread))
    ran = h.run_dbt(["build", "--select", *CHECKED, *ALONE], data, db)
    return ran, db


@contextmanager
def opened(db: Path):
    with duckdb.connect(str(db), read_only=True) as con:
        yield con


def test_a_misread_file_fails_the_build_in_sentences(checked):
    ran, _ = checked
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    said = [line for line in ran.stdout.splitlines() if line.startswith("- ")]
    assert said == [
        "- crimes/c misread.csv: rows rejected, 50 of 200 rows read (25.0 %), most often no usable "
        "area: Midtown (50). The city's own files lose under 0.1 %. The column that holds these "
        "values is probably misread: see the file's line in the city's file_layouts.csv and the "
        "forms of dates in docs/method.md.",
        "- crimes/c misread.csv: time unknown, 50 of 150 usable rows (33.3 %), most often 25:71 "
        "(50). The department fills a time in where it does not know it. Times of this form are "
        "not known, or the column is another: see docs/method.md. A file without the column is "
        "read.",
    ]


def test_what_make_build_says_of_it_is_the_same(checked, monkeypatch):
    ran, db = checked
    monkeypatch.setenv("LA_CRIME_DB", str(db))
    assert [sentence.replace("Implausible: ", "- ") for sentence in build.implausible_files()] == [
        line for line in ran.stdout.splitlines() if line.startswith("- ")
    ]


def test_a_rejected_row_shows_the_area_but_no_identifier(checked):
    with opened(checked[1]) as con:
        shown = con.sql("select reason, rows, example_value from marts.reject_reasons")
        assert shown.fetchall() == [("no usable area", 50, "Midtown")]


def test_what_a_file_does_not_have_is_said_and_not_unknown(checked):
    with opened(checked[1]) as con:
        absent = con.sql("select file_name, columns_absent from marts.row_reconciliation")
        assert dict(absent.fetchall())["crimes/b placeless.csv"] == "lat, lon"
        counted = con.sql(
            "select rows < rows_kept, rows_without_column > 0 from marts.cleaning_counts"
            " where source_name = 'crimes' and rule = 'coordinates unknown'"
        )
        assert counted.fetchall() == [(True, True)]
        is_checked = con.sql(
            "select count(*) from marts.file_plausibility"
            " where file_name = 'crimes/b placeless.csv' and check_name = 'coordinates unknown'"
        )
        assert is_checked.fetchall() == [(0,)]
        assert "  not in crimes/b placeless.csv: lat, lon" in summary.rows(con)
