"""Fetching: exact in the end, whatever the portal or the machine does meanwhile."""

import contextlib
import errno
import io
import json
import multiprocessing
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from datetime import date
from pathlib import Path

import helpers
import numpy as np
import portal as city
import pyarrow.parquet as pq
import pytest
import requests

from la_crime.__main__ import parser
from la_crime.inputs import inspection
from la_crime.portal import client, fetch
from la_crime.portal.datasets import NAMES, TABLES, choose_columns

TOKEN = "a-token-that-nobody-may-see"  # noqa: S105 (made up)
FORBIDDEN = {
    "location", "location_1", "cross_street", "crsst", "mocodes", "totalvictimcount", "victim_shot",
    "domestic_violence_crime", "hate_crime", "gang_related_crime", "transit_related_crime",
    "homeless_victim_crime", "homeless_suspect_crime", "homeless_arrestee_crime", "bkg_date",
    "bkg_time", "bkg_location", "bkg_loc_cd", "dispo_desc", "charge", "chrg_desc",
    ":@computed_region_x",
}  # fmt: skip
CRIMES = "crimes_2010_2019"
NIBRS = "nibrs_offenses"
CRIMES_CSV = f"/resource/{city.IDS[CRIMES]}.csv"


@pytest.fixture(scope="session")
def tables(tmp_path_factory) -> dict:
    """Fields and rows of every dataset."""
    return city.city_tables(tmp_path_factory.mktemp("city"))


@pytest.fixture
def settings(monkeypatch):
    """Point the project at a fake portal, which answers at once."""
    monkeypatch.setattr(client, "WAIT_SECONDS", 0.001)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("LA_CRIME_APP_TOKEN", TOKEN)

    def point(url: str) -> None:
        monkeypatch.setenv("LA_CRIME_PORTAL_URL", url)
        monkeypatch.setenv("LA_CRIME_BOUNDARIES_URL", url)

    return point


@pytest.fixture
def whole(tables, settings):
    """A portal with every dataset."""
    with city.FakePortal(tables, city.city_shapes()) as fake:
        settings(fake.url)
        yield fake


@pytest.fixture
def small(tables, settings):
    """A portal with 250 crimes and 130 offences."""
    few = {
        name: (tables[name][0], tables[name][1][:n]) for name, n in ((CRIMES, 250), (NIBRS, 130))
    }
    with city.FakePortal(few, {}) as fake:
        settings(fake.url)
        yield fake


def fetch_small(out: Path, names: tuple[str, ...] = (CRIMES,), **options) -> None:
    """Fetch in pages of 20 rows and files of 60."""
    fetch.fetch(out, list(names), page_rows=20, pages_per_file=3, **options)


def landed(out: Path, name: str) -> list[dict]:
    """Rows of a dataset's visible files, by the portal's row numbers."""
    rows = [
        row
        for path in sorted(out.glob(f"*/{name}-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    return sorted(rows, key=lambda row: city.number_of(row["socrata_id"]))


def expected(fake: city.FakePortal, out: Path, name: str) -> list[dict]:
    """Rows of the portal in the columns of the manifest."""
    names = manifest(out)[name]["columns"] | {
        field: field for field in ("socrata_id", "socrata_updated_at")
    }
    return [{ours: row.get(its) for its, ours in names.items()} for row in fake.content(name)]


def manifest(out: Path) -> dict:
    """Entries of the manifest."""
    return json.loads((out / "manifest.json").read_text())["datasets"]


def files(out: Path) -> dict[str, bytes]:
    """What a user of the folder sees, but for the times in the manifest."""
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }
    if "manifest.json" in found:
        found["manifest.json"] = re.sub(rb'"fetched_at": "[^"]+"', b"", found["manifest.json"])
    return found


def assert_same_as_portal(fake: city.FakePortal, out: Path, name: str) -> None:
    """The files have the portal's rows, each once, and the manifest tells the truth of them."""
    rows = landed(out, name)
    assert rows == expected(fake, out, name)
    entry = manifest(out)[name]
    assert entry["rows"] == len(rows)
    seen = {f"{p.parent.name}/{p.name}": p for p in out.glob(f"*/{name}-*.parquet")}
    assert {
        path: {"rows": pq.read_metadata(p).num_rows, "sha256": fetch.sha256(p)}
        for path, p in seen.items()
    } == entry["files"]


# A fetch, and what it must never ask


def test_everything_is_fetched_as_it_is(whole, tmp_path, capsys):
    fetch.fetch(tmp_path, page_rows=100, pages_per_file=4)
    for name in city.IDS:
        assert_same_as_portal(whole, tmp_path, name)
        assert manifest(tmp_path)[name]["id"] == city.IDS[name]
        assert manifest(tmp_path)[name]["rowsUpdatedAt"] == city.EPOCH
    assert len(list(tmp_path.glob("crimes/crimes_2010_2019-*.parquet"))) == 4
    for layer, path in {
        "reporting_districts": city.DISTRICTS,
        "divisions": city.DIVISIONS,
        "council_districts": city.COUNCILS,
        "neighborhoods": city.NEIGHBOURHOODS,
    }.items():
        shapes = json.loads((tmp_path / "boundaries" / f"{layer}.geojson").read_text())["features"]
        wanted = {"REPDIST", "PREC", "APREC", "BUREAU", "District", "name"}
        for shape in whole.shapes[path]:
            kept = {k: v for k, v in shape["properties"].items() if k in wanted}
            assert {**shape, "properties": kept} in shapes
        assert len(shapes) == len(whole.shapes[path]) == manifest(tmp_path)[layer]["rows"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*NAMES]
    assert f"{CRIMES}      1,333 rows fetched; 1,333 rows in 4 files" in lines[0]


@pytest.mark.usefixtures("whole")
def test_the_files_are_of_known_layouts(tmp_path):
    fetch.fetch(tmp_path)
    found = inspection.inspect(tmp_path, helpers.SEEDS)
    assert found["problems"] == []
    assert {file["layout"] for file in found["files"]} == {
        "crimes 28 columns (portal and API)",
        "arrests API",
        "NIBRS offences API",
    }
    assert not any(file["is_synthetic"] for file in found["files"])


def test_what_responsible_use_forbids_is_never_asked_for(whole, tmp_path):
    fetch.fetch(tmp_path)
    asked = whole.columns_asked()
    assert {"dr_no", "rpt_id", "group", "hndrdth_lat", ":id"} <= asked
    assert not asked & FORBIDDEN
    there = {name for dataset in whole.datasets.values() for name in dataset.fields}
    assert there >= FORBIDDEN
    entries = [manifest(tmp_path)[name] for name in city.IDS]
    told = {name for entry in entries for name in entry["withheld_columns"]}
    assert told >= FORBIDDEN
    assert not whole.paths("gqf2-vm2j")


def test_the_token_goes_to_the_portal_alone_and_into_no_file(whole, tmp_path, capfd):
    whole.fail(city.status(400, f"you sent {TOKEN}"), at=city.IDS[NIBRS])
    with pytest.raises(OSError, match=r"It says: you sent \*\*\*") as error:
        fetch.fetch(tmp_path)
    fetch.fetch(tmp_path)
    for path, params, headers in whole.requests:
        assert headers["Accept-Encoding"] == "gzip"
        sent = headers.get("X-App-Token")
        assert sent == (None if "arcgis" in path else TOKEN)
        assert TOKEN not in str(params)
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert TOKEN.encode() not in written
    printed = capfd.readouterr()
    assert TOKEN not in printed.out + printed.err + str(error.value)


def test_a_token_that_cannot_be_sent_is_not_shown(small, tmp_path, monkeypatch):
    monkeypatch.setenv("LA_CRIME_APP_TOKEN", f"{TOKEN}\r\nX-Other: 1")
    with pytest.raises(ValueError, match="LA_CRIME_APP_TOKEN is no app token") as error:
        fetch_small(tmp_path)
    assert TOKEN not in str(error.value)
    assert not small.requests


# Refreshing


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
    arrests = next(table for table in TABLES if table.name == "arrests_2020_present")
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


# A tired or hostile portal


@pytest.mark.parametrize(
    "fault",
    [
        city.status(202),
        city.status(429, Retry_After="0"),
        city.status(429),
        city.status(500),
        city.status(503, "<html>"),
        city.web_page,
        city.cut_in_body,
        city.cut_without_length,
        city.cut_between_rows,
        city.cut_gzip,
        city.other_columns,
    ],
)
def test_a_passing_fault_costs_nothing(small, tmp_path, fault):
    small.fail(fault, at=".csv", times=2, skip=4)
    fetch_small(tmp_path)
    assert small.faults[0][2] == 0
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (city.status(429), "status 429, 6 times in a row. Try again later."),
        (city.status(502), "status 502, 6 times in a row"),
        (city.web_page, "a web page in place of data, 6 times in a row"),
        (city.cut_in_body, "the answer was cut short, 6 times in a row"),
        (city.cut_without_length, "the answer was cut short, 6 times in a row"),
        (city.cut_gzip, "the answer was cut short, 6 times in a row"),
        (city.other_columns, r"other columns than were asked for \(c0, c1"),
    ],
)
def test_a_lasting_fault_is_one_error_and_the_next_run_goes_on(small, tmp_path, fault, message):
    small.fail(fault, at=".csv", times=99, skip=7)
    with pytest.raises(OSError, match=message) as error:
        fetch_small(tmp_path)
    assert str(error.value).startswith(f"{CRIMES}: 127.0.0.1:")
    assert str(error.value).endswith("2 of 5 files are kept; run again to go on.")
    assert TOKEN not in str(error.value)
    assert files(tmp_path) == {}
    asked = len(small.paths(".csv"))
    assert asked == 7 + client.ATTEMPTS
    small.faults.clear()
    fetch_small(tmp_path)
    assert len(small.paths(".csv")) - asked == 8  # pages 7 to 13, and the empty one after them
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (
            "/api/views",
            b'{"columns": []}',
            "metadata of 63jg-8b9z without rowsUpdatedAt and columns",
        ),
        ("/api/views", b"[]", "is not a table of an open data portal"),
        ("/api/views", b'{"rowsUpdatedAt": 1', "not the JSON that was asked for, 6 times in a row"),
        ("count", b'[{"count": "many"}]', "not the value that was asked for, 6 times in a row"),
        ("count", b'{"error": true}', "not the value that was asked for, 6 times in a row"),
    ],
)
def test_nonsense_is_an_error(small, tmp_path, path, content, message):
    small.fail(city.says(content), at=path, times=99)
    with pytest.raises(OSError, match=message):
        fetch_small(tmp_path)
    assert files(tmp_path) == {}


def test_a_page_that_never_comes(small, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "READ_SECONDS", 0.1)
    monkeypatch.setattr(client, "ATTEMPTS", 3)
    small.fail(city.hang, at=".csv", times=2, skip=3)
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)
    small.gain(CRIMES, [{"dr_no": "1"}])
    small.fail(city.hang, at=".csv", times=9)
    with pytest.raises(OSError, match="no answer in time, 3 times in a row"):
        fetch_small(tmp_path)


def test_retry_after_is_honoured_and_bounded(small, tmp_path):
    small.fail(city.status(429, Retry_After="1"), at=".csv")
    start = time.monotonic()
    fetch_small(tmp_path)
    assert time.monotonic() - start >= 1
    small.gain(CRIMES, [{"dr_no": "1"}])
    small.fail(city.status(503, Retry_After="7200"), at=".csv")
    with pytest.raises(OSError, match=r"is busy \(status 503\) and asks to come back in 120 min"):
        fetch_small(tmp_path)


def test_retry_after_may_be_a_date():
    assert client.retry_after("Mon, 01 Jan 2001 00:00:00 GMT") == 0
    assert client.retry_after("Fri, 01 Jan 2100 00:00:00 GMT") > 1e9
    assert client.retry_after("soon") == client.retry_after(None) == 0


@pytest.mark.parametrize("code", [403, 404])
def test_a_retired_dataset_is_not_asked_again_and_the_others_are_had(small, tmp_path, code):
    small.fail(city.status(code), at=city.IDS[CRIMES], times=99)
    with pytest.raises(
        OSError, match=rf"does not give /api/views/63jg-8b9z.json \(status {code}\)"
    ):
        fetch_small(tmp_path, (CRIMES, NIBRS))
    assert len(small.paths(city.IDS[CRIMES])) == 1
    assert_same_as_portal(small, tmp_path, NIBRS)
    with pytest.raises(OSError, match=rf"\(status {code}\)"):
        fetch.check(tmp_path, [CRIMES, NIBRS])


def test_another_server_is_never_asked(small, tmp_path):
    with city.FakePortal({}, {}) as other:
        small.fail(city.redirect(f"{other.url}/elsewhere"), at=".csv", skip=1)
        refused = (
            rf"another server, {other.url[7:]}; that is refused.* set LA_CRIME_PORTAL_URL to it"
        )
        with pytest.raises(OSError, match=refused):
            fetch_small(tmp_path)
        assert not other.requests
    small.fail(city.redirect(f"/api/views/{city.IDS[CRIMES]}.json"), at="/api/views")
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)
    small.fail(city.redirect(f"/api/views/{city.IDS[CRIMES]}.json"), at="/api/views", times=99)
    with pytest.raises(OSError, match="redirects in a circle"):
        fetch_small(tmp_path)


def test_rows_that_do_not_add_up_are_an_error(small, tmp_path, monkeypatch):
    fetch_small(tmp_path)
    before = files(tmp_path)
    small.gain(CRIMES, [{"dr_no": "1"}])
    real = client.Portal.count
    for wrong, said in ((1, "252"), (-1, "250")):
        monkeypatch.setattr(client.Portal, "count", lambda *words, n=wrong: real(*words) + n)
        with pytest.raises(OSError, match=f"251 rows were had, but the portal says .* {said}"):
            fetch_small(tmp_path)
        assert files(tmp_path) == before
    monkeypatch.setattr(client.Portal, "count", real)
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.usefixtures("small")
def test_a_portal_that_does_not_page_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(city, "matching", lambda dataset, _: list(dataset.rows))
    with pytest.raises(OSError, match="gives other rows than the page asked for"):
        fetch_small(tmp_path)


@pytest.mark.usefixtures("small")
def test_a_row_on_two_pages_is_found_out(tmp_path, monkeypatch):
    """One row twice and another never, so that the count is right."""
    real = city.matching

    def swapped(dataset: city.Dataset, where: str) -> list[int]:
        return [1 if number == 50 else number for number in real(dataset, where)]

    monkeypatch.setattr(city, "matching", swapped)
    with pytest.raises(OSError, match="gave the same row on two pages"):
        fetch_small(tmp_path)
    assert files(tmp_path) == {}
    monkeypatch.setattr(city, "matching", real)
    fetch_small(tmp_path)
    assert len(landed(tmp_path, CRIMES)) == 250


def test_boundaries_that_are_not_whole_are_an_error(whole, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(client.Boundaries, "count", lambda *_: 22)
        with pytest.raises(
            OSError, match="divisions: 21 shapes were had, but the server says it has 22"
        ):
            fetch.fetch(tmp_path, ["divisions"])
    del whole.shapes[city.DIVISIONS][3]["properties"]["APREC"]
    with pytest.raises(OSError, match="divisions: a shape has no property APREC any more"):
        fetch.fetch(tmp_path, ["divisions"])
    whole.fail(city.status(500), at="f=geojson", times=99)
    with pytest.raises(OSError, match=r"did not give .*LAPD_Division.*: status 500, 6 times"):
        fetch.fetch(tmp_path, ["divisions"])
    assert files(tmp_path) == {}


# No network, wrong settings


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("http://127.0.0.1", "the connection is refused"),
        ("https://portal.invalid", "its name is not known here"),
    ],
)
def test_without_a_network_it_says_so_within_seconds(tmp_path, server, reason):
    url = f"{server}:{free_port()}"
    start = time.monotonic()
    ran = command(tmp_path, url)
    assert time.monotonic() - start < 10
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert ran.stderr.endswith(
        f"cannot be reached ({reason}). Check the network, set LA_CRIME_PORTAL_URL to a mirror, or "
        "make demo data with: python -m la_crime demo\n"
    )


@pytest.mark.parametrize("url", ["data.lacity.org", "ftp://x", "https://user:word@x", "https://"])
def test_a_base_url_that_is_none(url, monkeypatch, tmp_path):
    monkeypatch.setenv("LA_CRIME_PORTAL_URL", url)
    with pytest.raises(ValueError, match="LA_CRIME_PORTAL_URL must be a URL such as"):
        fetch.fetch(tmp_path)


@pytest.mark.parametrize(
    "url", ["http://data.lacity.org", "HTTP://10.0.0.1", "http://localhost.example.org"]
)
@pytest.mark.parametrize("setting", ["LA_CRIME_PORTAL_URL", "LA_CRIME_BOUNDARIES_URL"])
def test_nothing_is_sent_in_clear_to_another_machine(small, setting, url, monkeypatch, tmp_path):
    monkeypatch.setenv(setting, url)
    with pytest.raises(ValueError, match=rf"{setting} begins with http://, which anyone on the w"):
        fetch.fetch(tmp_path)
    assert not small.requests


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.8.0.1:1", "http://[::1]:1"])
def test_this_machine_may_be_asked_in_clear(url):
    assert client.Server(url, "LA_CRIME_PORTAL_URL", TOKEN).base_url == url


def test_a_redirect_to_plain_http_is_refused(settings, tmp_path, monkeypatch):
    asked = []

    def redirect(_, url, **__):
        asked.append(url)
        answer = requests.Response()
        answer.status_code, answer.url = 302, url
        answer.headers["Location"] = "http://data.lacity.org/api"
        answer.raw = io.BytesIO()
        return answer

    settings("https://data.lacity.org")
    monkeypatch.setattr(requests.Session, "get", redirect)
    with pytest.raises(OSError, match=r"redirects to data\.lacity\.org over plain http://"):
        fetch_small(tmp_path)
    assert len(asked) == 1


def test_a_server_without_a_trusted_certificate_is_refused(settings, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise requests.exceptions.SSLError("self-signed certificate")

    settings("https://127.0.0.1:1")
    monkeypatch.setattr(requests.Session, "get", refuse)
    with pytest.raises(OSError, match=r"certificate of 127.0.0.1:1 cannot be verified \(self-"):
        fetch_small(tmp_path)


@pytest.mark.usefixtures("small")
def test_an_unknown_dataset(tmp_path):
    with pytest.raises(ValueError, match=r"There is no dataset crimes. There are: crimes_2010"):
        fetch.fetch(tmp_path, ["crimes"])


@pytest.mark.usefixtures("small")
def test_demo_data_is_not_mixed_with_real(tmp_path):
    (tmp_path / "crimes").mkdir()
    (tmp_path / "crimes" / "synthetic_x.csv").write_text("a")
    with pytest.raises(ValueError, match=r"holds demo data \(synthetic_x.csv\)"):
        fetch_small(tmp_path)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "text", ["{", "[]", '{"x": 1}', '{"datasets": []}', '{"datasets": {"a": 1}}']
)
def test_a_broken_manifest(text, tmp_path):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(
        OSError,
        match=r"manifest.json is not the manifest of a fetch. Remove it",
    ):
        fetch_small(tmp_path)


def test_files_of_others_stay(small, tmp_path):
    (tmp_path / "crimes").mkdir()
    (tmp_path / "crimes" / "kaggle.csv").write_text("mine")
    (tmp_path / "crimes" / f"{CRIMES}-00009.parquet").write_text("left by an earlier fetch")
    fetch_small(tmp_path)
    assert (tmp_path / "crimes" / "kaggle.csv").read_text() == "mine"
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.usefixtures("small")
def test_two_fetches_at_once(tmp_path):
    with (
        fetch.DataFolder(tmp_path).locked(),
        pytest.raises(OSError, match=f"Another fetch is at work in {tmp_path}"),
    ):
        fetch_small(tmp_path)


# A full disk, and interruptions


class FullDisk:
    """A file on a disk that takes so many bytes and no more."""

    left = 0

    def __init__(self, file) -> None:
        self.file = file

    def write(self, content) -> int:
        FullDisk.left -= len(content)
        if FullDisk.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)

    def __getattr__(self, name: str):
        return getattr(self.file, name)


def test_a_full_disk_is_one_error_and_the_next_run_goes_on(small, tmp_path, monkeypatch):
    real = fetch.parquet_writer
    monkeypatch.setattr(fetch, "parquet_writer", lambda file, schema: real(FullDisk(file), schema))
    FullDisk.left = 40_000
    with pytest.raises(OSError, match=r"2019: No space left on device. [1-4] of 5 files are kept"):
        fetch_small(tmp_path)
    assert files(tmp_path) == {}
    assert not list(tmp_path.rglob("*.partial"))
    FullDisk.left = 10**9
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


def test_ctrl_c_says_what_is_kept(small, tmp_path, capsys, monkeypatch):
    stop_at_page(monkeypatch, 8)
    with pytest.raises(KeyboardInterrupt):
        fetch_small(tmp_path)
    assert f"{CRIMES}: 2 of 5 files are kept; run again to go on." in capsys.readouterr().err
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.parametrize("kind", ["full", "changes"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_the_portal_changes_between_two_halves(small, tmp_path, monkeypatch, kind, is_deleted):
    """Rows that were already read change, and others come and go, before the fetch goes on."""
    if kind == "changes":
        fetch_small(tmp_path)
        small.change(CRIMES, every=1, status="BB")
    stop_at_page(monkeypatch, 8)
    with pytest.raises(KeyboardInterrupt):
        fetch_small(tmp_path)
    small.change(CRIMES, every=7, status="CC")
    small.gain(CRIMES, [{"dr_no": str(n)} for n in range(15)])
    if is_deleted:
        small.delete(CRIMES, every=50)
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


def stop_at_page(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let Ctrl-C be pressed at a page."""
    real, pages = client.Portal.page, []

    def stop(*words):
        pages.append(words)
        if len(pages) == number:
            raise KeyboardInterrupt
        return real(*words)

    monkeypatch.setattr(client.Portal, "page", stop)


def fetch_until(out: Path, url: str, moment: int, counted: Path) -> None:
    """Fetch, and die by SIGKILL at a moment: a page asked for, or a touch of the folder.

    Moment 0 never comes; how many there were is written to a file.
    """
    os.environ |= {
        "LA_CRIME_PORTAL_URL": url, "LA_CRIME_BOUNDARIES_URL": url, "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    moments = 0

    def pass_by(event: str, words: tuple) -> None:
        nonlocal moments
        is_touch = event in ("open", "os.rename", "os.remove", "os.rmdir")
        if event == "page" or (is_touch and str(words[0]).startswith(str(out))):
            moments += 1
            if moments == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    real = client.Portal.page

    def page(*words):
        pass_by("page", words)
        return real(*words)

    client.Portal.page = page
    sys.addaudithook(pass_by)
    with contextlib.redirect_stdout(None):
        fetch_small(out)
    counted.write_text(str(moments))


@pytest.fixture(scope="module")
def forked():
    """Run `fetch_until` in a process of its own; return its exit code."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_fetch"])

    def run(*words) -> int:
        process = context.Process(target=fetch_until, args=words)
        process.start()
        process.join(60)
        return process.exitcode

    return run


@pytest.mark.parametrize(("what", "kills"), [("full", 20), ("changes", 6), ("anew", 6)])
def test_kill_at_any_moment(small, tmp_path, forked, what, kills):
    """Every visible file is whole and of the old state or the new; the next run ends the same."""
    start, undisturbed, counted = tmp_path / "start", tmp_path / "undisturbed", tmp_path / "moments"
    start.mkdir()
    if what != "full":
        fetch_small(start)
        small.change(CRIMES, every=70, status="XX")
        small.gain(CRIMES, [{"dr_no": str(n)} for n in range(75)])
    if what == "anew":
        small.delete(CRIMES, every=60)
    shutil.copytree(start, undisturbed)
    assert forked(undisturbed, small.url, 0, counted) == 0
    before, after = files(start), files(undisturbed)
    assert before != after
    rng = np.random.default_rng(2010)
    every = np.arange(1, int(counted.read_text()) + 1)
    # the last fifth of the moments, when files are moved in, has half of the kills
    weights = np.where(every > 0.8 * len(every), 4, 1)
    moments = rng.choice(every, kills, replace=False, p=weights / weights.sum())
    for moment in sorted(moments):
        out = tmp_path / "killed"
        shutil.copytree(start, out)
        assert forked(out, small.url, int(moment), counted) == -signal.SIGKILL
        for path, content in files(out).items():
            assert path == "manifest.json" or content in (before.get(path), after.get(path)), moment
        fetch_small(out)
        assert files(out) == after, moment
        shutil.rmtree(out)
    shutil.rmtree(undisturbed)
    fetch_small(start)
    assert_same_as_portal(small, start, CRIMES)


# The command line


def command(
    out: Path, url: str, *words: str, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess:
    """Run `python -m la_crime fetch` as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "la_crime", "fetch", "--out", out, *words],
        cwd=helpers.PROJECT,
        env={
            "PATH": "/usr/bin:/bin", "NO_PROXY": "*", "LA_CRIME_APP_TOKEN": TOKEN,
            "LA_CRIME_PORTAL_URL": url, "LA_CRIME_BOUNDARIES_URL": url,
        },
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=False,
    )  # fmt: skip


def test_the_command_and_its_exit_codes(small, tmp_path):
    words = ("--dataset", CRIMES, "--dataset", NIBRS)
    assert command(tmp_path, small.url, "--check", *words).returncode == fetch.SOMETHING_NEW == 3
    ran = command(tmp_path, small.url, *words, "--page-rows", "50", "--pages-per-file", "2")
    assert ran.returncode == 0
    assert ran.stderr == ""  # no progress bar without a terminal
    assert ran.stdout.startswith(f"{CRIMES}      250 rows fetched; 250 rows in 3 files; ")
    assert command(tmp_path, small.url, "--check", *words).returncode == 0
    ran = command(tmp_path, small.url)
    assert ran.returncode == 1
    assert ran.stderr.count("status 404") == 7
    assert TOKEN not in ran.stdout + ran.stderr


def test_a_terminal_sees_how_far_it_is(small, tmp_path):
    small.delay = 0.05
    mine, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    command(tmp_path, small.url, "--dataset", CRIMES, "--page-rows", "20", stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # which is how a terminal ends
        while True:
            shown += os.read(mine, 10_000)
    os.close(mine)
    assert re.search(rf"{CRIMES}: +\d+%.*/250 .*rows/s", shown.decode())


def test_defaults_of_the_command_are_those_of_the_function():
    args = parser().parse_args(["fetch"])
    assert (args.page_rows, args.pages_per_file) == (fetch.PAGE_ROWS, fetch.PAGES_PER_FILE)
    with pytest.raises(SystemExit):
        parser().parse_args(["fetch", "--page-rows", "0"])
