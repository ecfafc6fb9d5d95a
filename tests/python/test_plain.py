"""Archives, workbooks and other encodings: the copy that is read, and what is said without one."""

import datetime as dt
import gzip
import io
import zipfile
import zlib

import helpers as h
import pytest
from inspecting import GOOD, inspect, inspected, parquet_bytes, problem

from la_crime.inputs import plain

TEXT = GOOD.decode()
MORE = " Unpack it here, and remove the archive."


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def read_back(file: dict) -> str:
    """The text of the copy of a described file."""
    with open(file["path"], encoding="utf-8", newline="") as copy:  # noqa: PTH123 (a str)
        return copy.read()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
    ids=["little-endian mark", "little-endian", "big-endian", "big-endian mark"],
)
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".zip"])
def test_utf_16_becomes_utf_8(content, suffix, folder):
    content = zipped(("crimes.csv", content)) if suffix == ".zip" else content
    h.put(folder / f"crimes/file{suffix}", content)
    assert read_back(inspected(folder, f"crimes/file{suffix}")) == TEXT


def test_windows_1252_becomes_utf_8(folder):
    text = TEXT + TEXT.splitlines()[1].replace("1", "Cañón", 1)
    h.put(folder / "crimes/file.csv", text.encode("windows-1252"))
    assert read_back(inspected(folder, "crimes/file.csv")) == text


def test_a_byte_without_meaning_does_not_stop_the_rest(folder):
    h.put(folder / "crimes/file.csv", GOOD + b"\x81\xf1" + GOOD.splitlines()[1])
    assert "\ufffdñ1,1" in read_back(inspected(folder, "crimes/file.csv"))


@pytest.mark.parametrize(
    "content",
    [GOOD, b"\xef\xbb\xbf" + GOOD, GOOD + "ñ".encode() + GOOD + b"\xf1"],
    ids=["ASCII", "mark", "mostly UTF-8"],
)
def test_what_is_utf_8_is_not_copied(content, folder):
    path = h.put(folder / "crimes/file.csv", content)
    assert inspected(folder, "crimes/file.csv")["path"] == str(path)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(b"\n", b"\r\n", 1),
        GOOD.replace(b"\n", b"\r", 1),
        b"sep=,\r\n" + GOOD,
        GOOD.replace(b"\n", b"\r\n", 1).decode().encode("utf-16"),
    ],
    ids=["CRLF and LF", "CR and LF", "after sep=", "UTF-16"],
)
def test_lines_that_end_in_two_ways_end_in_one(content, folder):
    h.put(folder / "crimes/file.csv", content)
    assert read_back(inspected(folder, "crimes/file.csv")).removeprefix("sep=,\n") == TEXT


def test_what_is_no_utf_8_stays_where_lines_are_mended(folder):
    content = GOOD.replace(b"\n", b"\r\n", 1) + "ñ".encode() + b"\xff\n"
    h.put(folder / "crimes/file.csv", content)
    file = inspected(folder, "crimes/file.csv")
    with open(file["path"], "rb") as copy:  # noqa: PTH123 (a str)
        assert copy.read() == content.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_text_in_blocks_is_what_it_is_whole(end, size):
    check, content = plain.TextCheck(), f"a{end}ñ{end}{end}b{end}".encode()
    for start in range(0, len(content), size):
        check(content[start : start + size])
    assert (check.right, check.wrong, check.encoding) == (1, 0, None)


@pytest.mark.parametrize("name", ["crimes.csv", "a/b/Crimes.TSV", "crimes.txt"])
def test_a_zip_archive_of_one_table_is_read(name, folder):
    clutter = [("__MACOSX/._crimes.csv", b"x"), (".DS_Store", b"x"), ("desktop.ini", b"x")]
    h.put(folder / "crimes/kaggle.zip", zipped((name, GOOD), *clutter))
    assert read_back(inspected(folder, "crimes/kaggle.zip")) == TEXT


def test_a_zipped_parquet_file_is_read(folder):
    h.put(folder / "crimes/file.zip", zipped(("crimes.parquet", parquet_bytes(h.CRIMES_API))))
    assert inspected(folder, "crimes/file.zip")["format"] == "parquet"


def encrypted(content: bytes) -> bytes:
    """A zip archive that says of its one file that it has a password."""
    changed = bytearray(zipped(("crimes.csv", content)))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[changed.index(signature) + place] |= 1
    return bytes(changed)


def damaged(content: bytes) -> bytes:
    """A zip archive of which some bytes in the middle are others."""
    changed = bytearray(zipped(("crimes.csv", content)))
    start = 30 + len("crimes.csv")
    changed[start : start + 40] = b"\xff" * 40
    return bytes(changed)


WRONG_CHECKSUM = zipped(("crimes.csv", GOOD)).replace(
    zlib.crc32(GOOD).to_bytes(4, "little"), b"\0" * 4
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            zipped(("a.csv", GOOD), ("b.csv", GOOD)),
            "is a zip archive of 2 files (a.csv, b.csv); one with a single .csv or .parquet file "
            "in it is read." + MORE,
        ),
        (
            zipped(*[(f"{i}.csv", GOOD) for i in range(6)]),
            "is a zip archive of 6 files (0.csv, 1.csv, 2.csv, 3.csv, 4.csv, ...); one with a "
            "single .csv or .parquet file in it is read." + MORE,
        ),
        (
            zipped(("inner.zip", zipped(("a.csv", GOOD)))),
            "is a zip archive of 1 file (inner.zip); one with a single .csv or .parquet file in it "
            "is read." + MORE,
        ),
        (
            zipped(),
            "is a zip archive of 0 files; one with a single .csv or .parquet file in it is read."
            + MORE,
        ),
        (encrypted(GOOD), "is a zip archive with a password." + MORE),
        (
            zipped(("a.csv", GOOD))[:-10],
            "is not a whole zip archive (File is not a zip file). Download it again.",
        ),
        (
            GOOD,
            "is not a whole zip archive (File is not a zip file). Download it again.",
        ),
        (
            damaged(GOOD),
            "is not a whole zip archive (Error -3 while decompressing data: invalid block type). "
            "Download it again.",
        ),
        (
            WRONG_CHECKSUM,
            "is not a whole zip archive (Bad CRC-32 for file 'crimes.csv'). Download it again.",
        ),
        (
            zipped(("a.csv", b"")),
            "starts with a blank line where the column names should be.",
        ),
        (
            zipped(("a.csv", b"<html>")),
            "is a web page (HTML or XML), not CSV; the download probably failed. "
            "Download it again.",
        ),
    ],
    ids=[
        "two files",
        "six files",
        "nested",
        "nothing",
        "password",
        "cut",
        "text",
        "damaged",
        "wrong checksum",
        "empty inside",
        "web page inside",
    ],
)
def test_an_archive_that_cannot_be_read(content, sentence, folder):
    assert problem(folder, "crimes/file.zip", content) == sentence
    assert not list((folder / "unpacked").glob("*tmp*"))


def book(*sheets: tuple[str, list[list]]) -> bytes:
    """An Excel workbook."""
    return h.workbook_bytes(dict(sheets))


ROWS = [h.CRIMES_28, ["1"] * 28]


def test_a_workbook_of_one_table_is_read(folder):
    h.put(folder / "crimes/book.xlsx", book(("Notes", [["from Kaggle"]]), ("crimes", ROWS)))
    assert read_back(inspected(folder, "crimes/book.xlsx")) == TEXT


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            book(("2019", ROWS), ("2020", ROWS)),
            "is a workbook with 2 filled sheets (2019, 2020); one with a single table in it is "
            "read. Save the table's sheet as CSV in UTF-8.",
        ),
        (
            book(("Sheet1", [])),
            "is a workbook with 0 filled sheets; one with a single table in it is read. "
            "Save the table's sheet as CSV in UTF-8.",
        ),
    ],
    ids=["two sheets", "empty"],
)
def test_a_workbook_must_have_one_table(content, sentence, folder):
    assert problem(folder, "crimes/book.xlsx", content) == sentence


@pytest.mark.parametrize("name", ["book.xlsx", "book.xls", "book.ods", "book.xlsb"])
@pytest.mark.parametrize(
    "content", [GOOD, book(("a", ROWS))[:400], zipped(("a", b""))], ids=["text", "cut", "a zip"]
)
def test_a_broken_workbook(name, content, folder):
    sentence = problem(folder, f"crimes/{name}", content)
    assert sentence.startswith("is not a whole Excel workbook, or has a password (")
    assert sentence.endswith("). Save it again, as CSV.")


def test_a_workbook_may_have_a_header_alone(folder):
    h.put(folder / "crimes/book.xlsx", book(("a", ROWS[:1])))
    assert read_back(inspected(folder, "crimes/book.xlsx")) == TEXT.splitlines(True)[0]


def test_a_full_workbook_was_probably_cut(folder, monkeypatch):
    monkeypatch.setattr(plain, "WORKBOOK_ROWS", 2)
    assert problem(folder, "crimes/book.xlsx", book(("a", ROWS))) == (
        "is a workbook that is full (2 rows), so that what did not fit is probably lost. "
        "Use the file that it was opened from."
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("", ""),
        ("0930", "0930"),
        (930.0, "930"),
        (0.9375, "0.9375"),
        (34.0375, "34.0375"),
        (True, "TRUE"),
        (dt.datetime(2022, 11, 6), "2022-11-06T00:00:00"),
        (dt.date(2022, 11, 6), "2022-11-06"),
        (dt.time(22, 30), "22:30:00"),
        (dt.timedelta(hours=22, minutes=5), "22:05"),
        (dt.timedelta(days=1, minutes=5), "24:05"),
    ],
)
def test_a_cell_as_text(cell, text):
    assert plain.cell_text(cell) == text


def test_a_copy_is_made_once_and_goes_with_its_file(folder):
    path = h.put(folder / "crimes/file.zip", zipped(("a.csv", TEXT.encode("utf-16"))))
    inspect(folder)
    made = {copy: copy.stat().st_mtime_ns for copy in (folder / "unpacked").iterdir()}
    inspect(folder)
    assert {copy: copy.stat().st_mtime_ns for copy in (folder / "unpacked").iterdir()} == made
    path.unlink()
    inspect(folder)
    assert list((folder / "unpacked").iterdir()) == []


def test_a_gzipped_file_in_an_archive_is_not_read(folder):
    content = zipped(("a.csv.gz", gzip.compress(GOOD)))
    assert "zip archive of 1 file (a.csv.gz); one" in problem(folder, "crimes/a.zip", content)
