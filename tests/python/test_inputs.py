"""What a data folder may hold, and the sentence that each file which cannot be read earns."""

import gzip
import os
import shutil
from datetime import UTC, datetime

import helpers as h
import pytest
from inspecting import GOOD, inspect, inspected, named_columns, parquet_bytes, problem, problem_of

from la_crime.cities import Seeds
from la_crime.inputs import inspection


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD,
        b"\xef\xbb\xbf" + ",".join(f'"{name}"' for name in h.CRIMES_28).encode() + b"\r\n",
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.splitlines()[0],
    ],
    ids=["byte-order mark", "byte-order mark and quotes", "CRLF", "no line end"],
)
def test_the_header_is_read_whatever_surrounds_it(content, folder):
    h.put(folder / "crimes/file.csv", content)
    assert inspected(folder, "crimes/file.csv")["header"] == h.CRIMES_28


def test_a_file_is_described_in_full(folder):
    file = inspected(folder, "crimes/good.csv")
    written = datetime.fromtimestamp((folder / "crimes/good.csv").stat().st_mtime, tz=UTC)
    assert datetime.fromisoformat(file.pop("fetched_at")) == written.replace(microsecond=0)
    assert named_columns(file).keys() == file.pop("columns").keys()
    assert file == {
        "source": "crimes",
        "file_name": "crimes/good.csv",
        "path": f"{folder}/crimes/good.csv",
        "format": "csv",
        "layout": "crimes 28 columns (portal and API)",
        "header": h.CRIMES_28,
        "delimiter": ",",
        "skip": 0,
        "absent": [],
        "date_orders": {"date_occurred": "", "date_reported": ""},
        "bytes": 318,
        # as `sha256sum` prints it
        "sha256": "08bd4f76ccdce6a577d0a02d1027dc5b423e34afd1297fe15831d589342aba2f",
        "is_synthetic": False,
        "is_date_order_given": False,
    }


def test_a_copy_that_is_made_otherwise_is_another(folder, monkeypatch):
    def copy() -> str:
        return inspected(folder, "crimes/good.csv")["path"]

    h.put(folder / "crimes/good.csv", GOOD.decode().encode("utf-16"))
    first = copy()
    assert copy() == first
    monkeypatch.setattr(inspection, "code_fingerprint", lambda module: f"another {module}")
    assert copy() != first


def test_files_that_hold_the_same_are_two(folder):
    for name in ("crimes/copy.csv", "crimes/a.csv", "crimes/b.csv"):
        h.put(folder / name, GOOD.decode().encode("utf-16"))
    h.put(folder / "crimes/copy.csv", GOOD)
    files = inspect(folder)["files"]
    assert len(files) == 4
    assert len({file["path"] for file in files}) == 4


def test_synthetic_files_are_known_by_their_prefix(folder):
    h.put(folder / "crimes/synthetic_crimes.csv", GOOD)
    assert inspected(folder, "crimes/synthetic_crimes.csv")["is_synthetic"] is True


def test_files_come_by_source_and_name_and_hidden_ones_do_not_count(folder):
    for name in ("crimes/b.csv", "crimes/a.csv", "arrests/c.csv"):
        header = h.ARRESTS_17 if name.startswith("arrests") else h.CRIMES_26
        h.put(folder / name, h.csv_bytes(header))
    for name in ("crimes/.DS_Store", "crimes/.hidden.csv", "crimes/.folder/x.csv", "notes.txt"):
        h.put(folder / name, b"anything")
    found = inspect(folder)
    assert found["problems"] == []
    assert [file["file_name"] for file in found["files"]] == [
        "crimes/a.csv",
        "crimes/b.csv",
        "crimes/good.csv",
        "arrests/c.csv",
    ]


HTML = "is a web page (HTML or XML), not CSV; the download probably failed. Download it again."
NOT_TEXT = "is not text (it has zero bytes). Save it as CSV in UTF-8."
JSON = "is JSON, not CSV. Export it as CSV."
BY_ANOTHER_NAME = "is {}, not CSV. Unpack it, or give it a name that ends as such files' do."
BLANK = "starts with a blank line where the column names should be."
SUFFIX = (
    "is not a .csv, .csv.gz, .parquet, .zip or .xlsx file. "
    "Unpack or convert it, or move it elsewhere."
)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "is empty (0 bytes). Download it again, or remove it."),
        ("empty.parquet", b"", "is empty (0 bytes). Download it again, or remove it."),
        ("page.csv", b"<!DOCTYPE html>\n<html></html>", HTML),
        ("page_late.csv", b"\xef\xbb\xbf\r\n  <html>", HTML),
        ("page.csv.gz", b"<?xml version='1.0'?><Error/>", HTML),
        ("nul.csv", GOOD + b"1,2\x003\n", NOT_TEXT),
        ("gzip.csv", gzip.compress(GOOD, mtime=0), BY_ANOTHER_NAME.format("a gzip file")),
        ("twice.csv.gz", gzip.compress(GOOD), BY_ANOTHER_NAME.format("a gzip file")),
        (
            "book.csv",
            b"PK\x03\x04",
            BY_ANOTHER_NAME.format("a zip archive or an Excel workbook"),
        ),
        (
            "old.csv",
            b"\xd0\xcf\x11\xe0",
            BY_ANOTHER_NAME.format("an old Excel workbook"),
        ),
        ("parquet.csv", parquet_bytes(["a"]), BY_ANOTHER_NAME.format("a Parquet file")),
        ("object.csv", b'{"a": 1}', JSON),
        ("array.csv", b'\xef\xbb\xbf\n[{"a": 1}]', JSON),
        ("blank.csv", b"\n" + GOOD, BLANK),
        ("spaces.csv", b"   \r\n" + GOOD, BLANK),
        ("only_blank.csv", b"\n\n\n", BLANK),
        ("only_mark.csv", b"\xef\xbb\xbf", BLANK),
        ("only_mark_and_blank.csv", b"\xef\xbb\xbf\r\n" + GOOD, BLANK),
        ("empty_inside.csv.gz", b"", BLANK),
        ("only_sep.csv", b"sep=,\n", BLANK),
        ("crimes.gz", GOOD, SUFFIX),
        ("crimes.csv.part", GOOD, SUFFIX),
        ("README", b"", SUFFIX),
    ],
)
def test_a_file_that_is_not_what_its_name_says(name, content, sentence, folder):
    assert problem(folder, f"crimes/{name}", content) == sentence


GZIPPED = gzip.compress(h.csv_bytes(h.CRIMES_28, [[str(i)] * 28 for i in range(9000)]), mtime=0)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            GZIPPED[: len(GZIPPED) // 2],
            "Compressed file ended before the end-of-stream marker was reached",
        ),
        (GZIPPED[:20], "Compressed file ended before the end-of-stream marker was reached"),
        (GOOD, "Not a gzipped file (b'DR')"),
        (GZIPPED[:-8] + bytes(8), "CRC check failed 0x0 != 0x61118860"),
        (
            GZIPPED[:10] + b"\xff" + GZIPPED[11:],
            "Error -3 while decompressing data: invalid block type",
        ),
    ],
    ids=["cut", "cut in the header", "plain text", "wrong checksum", "damaged"],
)
def test_a_gzip_file_must_be_whole(content, fault, folder):
    (folder / "crimes/file.csv.gz").write_bytes(content)
    assert problem_of(folder, "crimes/file.csv.gz") == (
        f"is not a whole gzip file ({fault}). Download it again."
    )


@pytest.mark.parametrize(
    "content",
    [parquet_bytes(h.CRIMES_API)[:-20], b"PAR1 and no more", GOOD],
    ids=["cut", "cut in the header", "plain text"],
)
def test_a_parquet_file_must_be_whole(content, folder):
    assert problem(folder, "crimes/file.parquet", content).startswith(
        "is not a whole Parquet file (cut short, or something else by that name). "
        "Download it again. PyArrow says: "
    )


def test_a_folder_among_the_files_is_not_passed_over(folder):
    h.put(folder / "crimes/2020.parquet/part.parquet", parquet_bytes(h.CRIMES_API))
    assert problem_of(folder, "crimes/2020.parquet") == (
        "is a folder, and those in here are not read. Move its files up, or move it elsewhere."
    )


def test_a_file_that_cannot_be_opened_is_a_problem(folder):
    (folder / "crimes/lost.csv").symlink_to(folder / "nowhere.csv")
    assert problem_of(folder, "crimes/lost.csv") == "cannot be opened: No such file or directory."


@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"two\nlines.csv"])
def test_a_name_that_cannot_be_printed(name, folder):
    (folder / "crimes" / os.fsdecode(name)).write_bytes(GOOD)
    (sentence,) = inspect(folder)["problems"]
    shown = os.fsdecode(name).replace("\udce9", "?").replace("\n", "?")
    assert sentence == (
        f"{folder}/crimes/{shown}: has a name with line breaks or with bytes that are not UTF-8. "
        "Rename it."
    )


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "1",
        "{}",
        '{"datasets": null}',
        '{"datasets": []}',
        '{"datasets": {"x": 1}}',
        '{"datasets": {"x": {"files": ["crimes/good.csv"]}}}',
        '{"datasets": {"x": {"files": ["crimes/good.csv"], "fetched_at": "soon"}}}',
        '{"datasets": {"x": {"files": ["crimes/good.csv"], "fetched_at": 5}}}',
        "[" * 100_000,
    ],
    ids=range(11),
)
def test_a_manifest_that_no_fetch_wrote_says_nothing(manifest, folder):
    written = inspected(folder, "crimes/good.csv")["fetched_at"]
    (folder / "manifest.json").write_text(manifest)
    assert inspected(folder, "crimes/good.csv")["fetched_at"] == written


def test_every_problem_is_told_at_once(folder):
    h.put(folder / "crimes/a.csv", b"")
    h.put(folder / "arrests/b.docx", b"PK")
    assert inspect(folder)["problems"] == [
        f"{folder}/crimes/a.csv: is empty (0 bytes). Download it again, or remove it.",
        f"{folder}/arrests/b.docx: {SUFFIX}",
    ]


def test_a_data_folder_that_is_not_there(tmp_path):
    found = inspect(tmp_path / "none")
    assert found["files"] == []
    assert found["problems"] == [
        f"The data folder {tmp_path}/none does not exist. Make demo data with "
        "`python -m la_crime demo`, or set LA_CRIME_DATA_DIR to a folder that has a sub-folder "
        "crimes/ (and arrests/, if you have them)."
    ]


@pytest.mark.parametrize("name", ["arrests/a.csv", "crimes/.hidden.csv"])
def test_a_data_folder_without_crimes(name, tmp_path):
    h.put(tmp_path / name, h.csv_bytes(h.ARRESTS_17))
    assert inspect(tmp_path)["problems"] == [
        f"{tmp_path}/crimes has no .csv, .csv.gz, .parquet, .zip or .xlsx file. "
        "Put the city's crime files there, or make demo data with: python -m la_crime demo"
    ]


def test_problems_of_the_runs_come_with_those_of_the_folder(tmp_path):
    for name in ("cities", "seeds"):
        shutil.copytree(h.PROJECT / name, tmp_path / name)
    seeds = Seeds(tmp_path)
    h.put(seeds / "clustering_runs.csv", b"scope,period_id,source\n")
    first, second = inspection.inspect(tmp_path / "none", seeds, tmp_path)["problems"]
    assert first.startswith(f"{seeds.city}/clustering_runs.csv ")
    assert second.startswith(f"The data folder {tmp_path}/none does not exist.")
