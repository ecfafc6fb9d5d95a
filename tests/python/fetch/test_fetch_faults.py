"""Fetching is exact in the end, whatever the portal answers meanwhile."""

import time

import portal as city
import pytest
from fetching import CRIMES, NIBRS, TOKEN, assert_same_as_portal, fetch_small, files, landed

from la_crime.portal import client, fetch


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
