"""Files as people have had them, and what must come of each: rows of our own, and theirs if there.

Theirs are reconstructed from public bug reports; they are not part of the project.
"""

import shutil
from types import SimpleNamespace

import duckdb
import helpers as h
import incidents as i
import pytest

THEIRS = h.PROJECT.parent / "shared" / "data" / "faults"
INCIDENTS = i.incidents()
PORTAL = {"date": "2022 Nov 06", "tail": " 12:00:00 AM"}
OLD = {"date": "11/06/2022", "tail": " 12:00:00 AM"}


def crimes(**form: str) -> bytes:
    return i.content(INCIDENTS, {**i.PLAIN, **form})


def without_coordinates() -> bytes:
    """The retired NIBRS data set: all columns but those of the place, and two rows of no area."""
    found = [x._replace(area=0) if n < 2 else x for n, x in enumerate(INCIDENTS)]
    lines = i.content(found, {**i.PLAIN, "layout": "NIBRS"}).decode().splitlines()
    return "\n".join(line.rsplit(",", 3)[0] for line in lines).encode()


def with_a_tail() -> bytes:
    """Fifteen columns and forty rows more than there are, as Excel saves them."""
    lines = [line + b"," * 15 for line in crimes(**OLD).splitlines()]
    return b"\r\n".join([*lines, *[b"," * 42] * 40])


# Folder -> file -> its content; all rows are kept but those that KEPT tells of.
OURS = {
    "portal-2025": {
        "crimes/crimes.csv": crimes(**PORTAL).replace(b",AREA,", b",AREA ,"),
        "arrests/arrests.csv": crimes(**PORTAL, layout="arrests 25"),
    },
    "portal-mixed": {
        "crimes/crimes.csv": crimes(**OLD),
        "arrests/arrests.csv": crimes(**PORTAL, layout="arrests 25"),
    },
    "nibrs-2024-2025-api": {"nibrs_offenses/nibrs.csv": without_coordinates()},
    "dmy-all": {"crimes/crimes.csv": crimes(date="06/11/2022")},
    "clock-time": {
        "crimes/hhmm.csv": crimes(**OLD, time="9:30"),
        "crimes/hhmmss.csv": crimes(**OLD, time="09:30:00"),
    },
    "excel-europe": {
        "crimes/semicolons.csv": crimes(**OLD, delimiter="semicolon", encoding="UTF-8 with a mark"),
        "crimes/tabs.csv": crimes(**OLD, delimiter="tab"),
        "crimes/sep.csv": b"sep=,\r\n" + crimes(**OLD),
    },
    "excel-serial": {"crimes/crimes.csv": crimes(date="44871")},
    "excel-tail": {"crimes/crimes.csv": with_a_tail()},
    "thousands": {"crimes/crimes.csv": crimes(**OLD, number="thousands", time="1,315")},
}
KEPT = {"nibrs-2024-2025-api nibrs.csv": 198}
KEPT_OF_THEIRS = {
    "portal-2025": {"crimes": 1000, "arrests": 600},
    "portal-mixed": {"crimes": 1000, "arrests": 600},
    "nibrs-2024-2025-api": {"crimes": 1000, "nibrs_offenses": 1024},
    "dmy-all": {"crimes": 1000},
    "clock-time": {"crimes": 1000},
    "excel-europe": {"crimes": 1000},
    "excel-serial": {"crimes": 1000},
    "excel-tail": {"crimes": 1000},
    "thousands": {"crimes": 1000},
}


def in_one_folder(name: str, file: str) -> str:
    """A file of one of the folders, where all are together."""
    source, file_name = file.split("/")
    return f"{source}/{name} {file_name}"


def staged_rows(folder) -> dict:
    """Build staging; the rows of each file by name, with the columns that faults were about."""
    sources = ("crimes", "arrests", "nibrs_offenses")
    selected = ["--select", *(f"+stg_{source}" for source in sources)]
    db = folder / h.WAREHOUSE
    ran = h.run_dbt(["build", *h.WITHOUT_TESTS, *selected], folder / "data", db)
    assert ran.returncode == 0, ran.stdout[-3000:]
    found = {}
    with duckdb.connect(str(db), read_only=True) as con:
        for source in sources:
            rows = con.sql(
                "select file_name, report_id::int as id, date_occurred, hour_occurred, lat,"
                " reject_reason"
                f" from staging.stg_{source} order by id"
            ).fetchall()
            for file_name, *row in rows:
                found.setdefault(file_name, []).append(
                    SimpleNamespace(
                        **dict(zip(("id", "day", "hour", "lat", "reason"), row, strict=True))
                    )
                )
    return found


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    for name, files in OURS.items():
        for file, content in files.items():
            h.put(folder / "data" / in_one_folder(name, file), content)
    return staged_rows(folder)


@pytest.mark.parametrize("name", OURS)
def test_each_folder_is_read_as_it_was_meant(name, ours):
    by_id = {x.report_id: x for x in INCIDENTS}
    for file in OURS[name]:
        rows = ours[in_one_folder(name, file)]
        kept = [row for row in rows if row.reason is None]
        assert len(kept) == KEPT.get(f"{name} {file.split('/')[1]}", 200)
        for row in kept:
            meant = by_id[row.id]
            assert row.day == meant.occurred
            assert row.hour == (None if meant.hhmm is None else meant.hhmm // 100)
            assert (row.lat is None) == (meant.place is None or "nibrs" in name)


def test_what_is_not_kept_has_its_reason(ours):
    reasons = {
        (name, row.reason) for name, rows in ours.items() for row in rows if row.reason is not None
    }
    assert reasons == {
        ("nibrs_offenses/nibrs-2024-2025-api nibrs.csv", "no usable area"),
        ("crimes/excel-tail crimes.csv", "blank row"),
    }
    assert [row.reason for row in ours["crimes/excel-tail crimes.csv"]].count("blank row") == 40


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    if not THEIRS.exists():
        pytest.skip(f"not tested on the reconstructed files: {THEIRS} is not there")
    folder = tmp_path_factory.mktemp("theirs")
    for path in THEIRS.glob("*/*/*"):
        target = folder / "data" / in_one_folder(path.parts[-3], "/".join(path.parts[-2:]))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return staged_rows(folder)


@pytest.mark.parametrize("name", KEPT_OF_THEIRS)
def test_their_folders(name, theirs):
    for source, count in KEPT_OF_THEIRS[name].items():
        kept = kept_of_theirs(theirs, name, source)
        assert len(kept) == count
        assert sum(row.hour is None for row in kept) < 0.01 * count


@pytest.mark.parametrize("name", KEPT_OF_THEIRS)
def test_their_crimes_are_the_same_ones_on_the_same_days(name, theirs):
    """Against the folder whose dates have the form that was always read."""
    days, plain = (
        {row.id: row.day for row in kept_of_theirs(theirs, folder, "crimes")}
        for folder in (name, "portal-mixed")
    )
    assert days == plain


def kept_of_theirs(theirs: dict, name: str, source: str) -> list[SimpleNamespace]:
    """What is kept of a source in one of their folders."""
    own = (rows for file, rows in theirs.items() if file.startswith(f"{source}/{name} "))
    return [row for rows in own for row in rows if row.reason is None]
