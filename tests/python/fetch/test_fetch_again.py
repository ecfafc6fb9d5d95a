"""Fetching again: what is new, changed or gone, and nothing else."""

from datetime import date

import helpers
import numpy as np
import portal as city
import pyarrow.parquet as pq
import pytest
from fetching import (
    CRIMES,
    NIBRS,
    assert_same_as_portal,
    expected,
    fetch_small,
    files,
    landed,
    manifest,
)

from la_crime.inputs import inspection
from la_crime.portal import fetch
from la_crime.portal.datasets import choose_columns, published


def test_nothing_new_nothing_fetched(small, tmp_path, capsys):
    fetch_small(tmp_path)
    before, asked = files(tmp_path), len(small.paths(".csv"))
    fetch_small(tmp_path)
    assert files(tmp_path) == before
    assert len(small.paths(".csv")) == asked
    assert f"{CRIMES}      up to date; 250 rows in 5 files" in capsys.readouterr().out


def test_gained_and_changed_rows_replace_the_old(small, tmp_path, capsys):
    fetch_small(tmp_path)
    before = files(tmp_path)
    small.gain(CRIMES, [{"dr_no": str(n), "area": "7"} for n in range(25)])
    small.tick(CRIMES)
    for number in (61, 62, 110):  # of the second file: its second and third page
        small.datasets[city.IDS[CRIMES]].rows[number] |= {"date_occ": "2011-01-01T00:00:00.000"}
        small.datasets[city.IDS[CRIMES]].updated_at[number] = small.clock
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)
    assert "28 rows fetched; 275 rows in 6 files" in capsys.readouterr().out
    after = files(tmp_path)
    altered = {path for path in after if before.get(path) != after[path]}
    assert altered == {
        "manifest.json", f"crimes/{CRIMES}-00002.parquet", f"crimes/{CRIMES}-00006.parquet",
    }  # fmt: skip
    assert pq.read_metadata(tmp_path / f"crimes/{CRIMES}-00002.parquet").num_rows == 57


def test_a_file_that_loses_all_its_rows_goes(small, tmp_path):
    fetch_small(tmp_path)
    small.change(CRIMES, every=1, status="AA")
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)
    assert [*manifest(tmp_path)[CRIMES]["files"]] == [
        f"crimes/{CRIMES}-{n:05d}.parquet" for n in range(6, 11)
    ]


def test_many_refreshes_in_a_row(small, tmp_path):
    rng = np.random.default_rng(5)
    for _ in range(8):
        fetch_small(tmp_path, (CRIMES, NIBRS))
        small.change(NIBRS, every=int(rng.integers(2, 90)), status=str(rng.integers(9)))
        small.gain(NIBRS, city.nibrs_rows(int(rng.integers(1, 70))))
        if rng.random() < 0.4:
            small.delete(NIBRS, every=int(rng.integers(9, 50)))
    fetch_small(tmp_path, (CRIMES, NIBRS))
    assert_same_as_portal(small, tmp_path, NIBRS)
    assert_same_as_portal(small, tmp_path, CRIMES)


def test_deleted_rows_lead_to_a_full_fetch(small, tmp_path, capsys):
    fetch_small(tmp_path)
    small.delete(CRIMES, every=100)
    small.change(CRIMES, every=120, status="AA")
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)
    assert "the count differs, as when rows are deleted" in capsys.readouterr().out


def test_a_change_behind_the_reader_is_not_lost(small, tmp_path):
    """Rows that change on a page already read, before others do on a page still to come."""

    def change_once(_: str) -> None:
        if len(small.paths(".csv")) == 7:
            small.on_request = lambda _: None
            dataset = small.tick(CRIMES)
            for number in (1, 240):
                dataset.rows[number] = dataset.rows[number] | {"status": "ZZ"}
                dataset.updated_at[number] = small.clock

    small.on_request = change_once
    fetch_small(tmp_path)
    assert small.clock > city.EPOCH
    assert_same_as_portal(small, tmp_path, CRIMES)
    assert manifest(tmp_path)[CRIMES]["rowsUpdatedAt"] == small.clock


def test_rows_gained_while_reading_are_had(small, tmp_path):
    def gain_once(_: str) -> None:
        if len(small.paths(".csv")) == 9:
            small.on_request = lambda _: None
            small.gain(CRIMES, [{"dr_no": str(n)} for n in range(33)])

    small.on_request = gain_once
    fetch_small(tmp_path)
    assert len(landed(tmp_path, CRIMES)) == 283
    assert_same_as_portal(small, tmp_path, CRIMES)


def test_a_portal_that_never_rests_is_an_error(small, tmp_path):
    fetch_small(tmp_path)
    before = files(tmp_path)

    def lose_one(path: str) -> None:
        if path.endswith(".csv"):
            small.delete(CRIMES, every=len(small.datasets[city.IDS[CRIMES]].rows))

    small.delete(CRIMES, every=200)
    small.on_request = lose_one
    with pytest.raises(OSError, match="the portal changes faster than it can be read"):
        fetch_small(tmp_path)
    assert files(tmp_path) == before


@pytest.mark.usefixtures("small")
def test_a_missing_or_altered_file_is_fetched_anew(tmp_path, capsys):
    fetch_small(tmp_path)
    before = files(tmp_path)
    (tmp_path / f"crimes/{CRIMES}-00002.parquet").unlink()
    fetch_small(tmp_path)
    (tmp_path / f"crimes/{CRIMES}-00003.parquet").write_bytes(b"altered")
    fetch_small(tmp_path)
    assert files(tmp_path) == before
    assert capsys.readouterr().out.count("files were missing or altered") == 2


def test_changed_boundaries_replace_the_old(whole, tmp_path, capsys):
    names = ["divisions"]
    fetch.fetch(tmp_path, names)
    old = (tmp_path / "boundaries/divisions.geojson").read_bytes()
    fetch.fetch(tmp_path, names)
    assert (tmp_path / "boundaries/divisions.geojson").read_bytes() == old
    assert not fetch.check(tmp_path, names)
    whole.shapes[city.DIVISIONS] = whole.shapes[city.DIVISIONS][::-1][:-1]
    assert fetch.check(tmp_path, names)
    fetch.fetch(tmp_path, names)
    assert manifest(tmp_path)["divisions"]["rows"] == 20
    assert [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()] == [
        "21 shapes fetched", "up to date; 21 shapes", "up to date",
        "changed: 20 shapes, 21 held", "20 shapes fetched",
    ]  # fmt: skip


def test_since_is_a_partial_folder_and_stays_one(small, tmp_path, capsys):
    small.clock += 3 * 86400
    small.change(CRIMES, every=10, status="AA")
    day = date.fromtimestamp(small.clock - 86400)
    fetch_small(tmp_path, since=day)
    changed = [r for r in expected(small, tmp_path, CRIMES) if r["socrata_updated_at"] > str(day)]
    assert len(changed) == 25
    assert landed(tmp_path, CRIMES) == changed
    assert manifest(tmp_path)[CRIMES]["since"] == str(day)
    small.change(CRIMES, every=11, status="BB")
    small.delete(CRIMES, every=10)
    fetch_small(tmp_path)
    changed = [r for r in expected(small, tmp_path, CRIMES) if r["socrata_updated_at"] > str(day)]
    assert landed(tmp_path, CRIMES) == changed
    assert f"partial: only rows changed since {day}" in capsys.readouterr().out
    with pytest.raises(OSError, match=f"already holds rows from {day} on; --since is for a new"):
        fetch_small(tmp_path, since=date(2020, 1, 1))


def test_check_says_what_is_new_and_fetches_nothing(small, tmp_path, capsys):
    names = [CRIMES, NIBRS]
    assert fetch.check(tmp_path / "raw", names)
    assert not (tmp_path / "raw").exists()
    fetch_small(tmp_path / "raw", names)
    capsys.readouterr()
    assert not fetch.check(tmp_path / "raw", names)
    assert "new" not in capsys.readouterr().out
    small.gain(NIBRS, city.nibrs_rows(4))
    before = files(tmp_path / "raw")
    assert fetch.check(tmp_path / "raw", names)
    assert files(tmp_path / "raw") == before
    assert capsys.readouterr().out == (
        f"{CRIMES}      up to date\n{NIBRS}        4 rows new or changed; 134 in all, 130 held\n"
    )


# Schema drift


def test_a_lost_column_is_an_error_that_names_it(small, tmp_path):
    fetch_small(tmp_path)
    before = files(tmp_path)
    small.tick(CRIMES)
    del small.datasets[city.IDS[CRIMES]].fields["weapon_used_cd"]
    with pytest.raises(OSError, match=f"{CRIMES} .63jg-8b9z. has no column weapon_used_cd at"):
        fetch_small(tmp_path)
    assert files(tmp_path) == before


def test_a_new_column_is_reported_and_landed_and_a_forbidden_one_is_not(small, tmp_path, capsys):
    fetch_small(tmp_path)
    small.add_field(CRIMES, "beat", "Beat", "12")
    small.add_field(CRIMES, "gang_flag", "Flag", "Y")
    small.add_field(CRIMES, "code_17", "Suspect Age", "40")
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)
    assert {row["beat"] for row in landed(tmp_path, CRIMES)} == {"12"}
    assert manifest(tmp_path)[CRIMES]["new_columns"] == ["beat"]
    assert {"gang_flag", "code_17"} <= set(manifest(tmp_path)[CRIMES]["withheld_columns"])
    assert not small.columns_asked() & {"gang_flag", "code_17"}
    said = capsys.readouterr().out
    assert "columns changed, so that all was fetched anew" in said
    assert "new columns, landed: beat" in said


def test_arrests_are_matched_by_meaning():
    arrests = next(table for table in published().tables if table.name == "arrests_2020_present")
    fields = [
        {"fieldName": f"field_{i}", "name": name} for i, name in enumerate(helpers.ARRESTS_25)
    ]
    chosen = choose_columns(arrests, fields)
    landed_names = [name for name in chosen.asked.values() if name not in chosen.new]
    layout = next(
        x
        for x in inspection.read_layouts(helpers.SEEDS / "file_layouts.csv")
        if x.name == "arrests API"
    )
    assert layout.locate(landed_names).keys() == {ours for ours, x in layout.columns.items() if x}
    assert chosen.new == []
    asked = {helpers.ARRESTS_25[int(name.split("_")[1])] for name in chosen.asked}
    assert asked == {
        "Report ID", "Arrest Date", "Time", "Area ID", "Area Name", "Reporting District", "Age",
        "Sex Code", "Descent Code", "Charge Group Code", "Charge Group Description",
        "Arrest Type Code", "LAT", "LON",
    }  # fmt: skip
