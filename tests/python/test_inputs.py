"""What a data folder may hold, and the sentence that each file which cannot be read earns."""

import gzip
import io
import re
from datetime import UTC, datetime

import helpers as h
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from la_crime import inputs

GOOD = h.csv_bytes(h.CRIMES_28, [["1"] * 28])


@pytest.fixture
def folder(tmp_path):
    """A data folder with one good file of crimes, `crimes/good.csv`."""
    h.put(tmp_path / "crimes/good.csv", GOOD)
    return tmp_path


def inspected(folder, name):
    """The description of one file, in a folder without problems."""
    found = inputs.inspect(folder, h.SEEDS)
    assert found["problems"] == []
    return next(file for file in found["files"] if file["file_name"] == name)


def problem(folder, name, content):
    """The one problem that a file with this content makes, its path taken off."""
    h.put(folder / name, content)
    return problem_of(folder, name)


def problem_of(folder, name):
    """The one problem of a folder, which must be about this file, its path taken off."""
    found = inputs.inspect(folder, h.SEEDS)
    (sentence,) = found["problems"]
    assert [file["file_name"] for file in found["files"]] == ["crimes/good.csv"]
    assert sentence.startswith(f"{folder / name}: ")
    return sentence.removeprefix(f"{folder / name}: ")


def parquet_bytes(header):
    buffer = io.BytesIO()
    pq.write_table(pa.table([pa.array(["1"])] * len(header), names=header), buffer)
    return buffer.getvalue()


LAYOUTS = [
    ("crimes", h.CRIMES_26, "crimes 26 columns (to mid-2019 and Kaggle)"),
    ("crimes", h.CRIMES_28, "crimes 28 columns (portal and API)"),
    ("crimes", h.CRIMES_28_SPACE, "crimes 28 columns (portal and API)"),
    ("crimes", h.CRIMES_API, "crimes 28 columns (portal and API)"),
    ("arrests", h.ARRESTS_17, "arrests 17 columns (to 2019 and Kaggle)"),
    ("arrests", h.ARRESTS_25, "arrests 25 columns"),
    ("arrests", h.ARRESTS_API, "arrests API"),
    ("nibrs_offenses", h.NIBRS_API, "NIBRS offences API"),
]
# Our column -> its name in the layout, by hand from the published headers.
NIBRS_COLUMNS = {
    "report_id": "caseno",
    "offense_id": "uniquenibrno",
    "date_reported": "date_rptd",
    "date_occurred": "date_occ",
    "time_occurred": "time_occ",
    "area_id": "area",
    "reporting_district": "rpt_dist_no",
    "nibrs_code": "nibr_code",
    "premise_code": "premis_cd",
    "weapon_code": "weapon_used_cd",
    "lat": "hndrdth_lat",
    "lon": "hndrdth_lon",
}
CRIME_COLUMNS_28 = {
    "report_id": "DR_NO",
    "date_reported": "Date Rptd",
    "date_occurred": "DATE OCC",
    "time_occurred": "TIME OCC",
    "area_id": "AREA",
    "reporting_district": "Rpt Dist No",
    "crime_code": "Crm Cd",
    "person_age": "Vict Age",
    "person_sex": "Vict Sex",
    "person_descent": "Vict Descent",
    "premise_code": "Premis Cd",
    "weapon_code": "Weapon Used Cd",
    "lat": "LAT",
    "lon": "LON",
}
CRIME_COLUMNS_26 = {
    "report_id": "DR Number",
    "date_reported": "Date Reported",
    "date_occurred": "Date Occurred",
    "time_occurred": "Time Occurred",
    "area_id": "Area ID",
    "reporting_district": "Reporting District",
    "crime_code": "Crime Code",
    "person_age": "Victim Age",
    "person_sex": "Victim Sex",
    "person_descent": "Victim Descent",
    "premise_code": "Premise Code",
    "weapon_code": "Weapon Used Code",
    "location": "Location ",
}
ARREST_COLUMNS_17 = {
    "report_id": "Report ID",
    "date_occurred": "Arrest Date",
    "time_occurred": "Time",
    "area_id": "Area ID",
    "reporting_district": "Reporting District",
    "charge_group_code": "Charge Group Code",
    "arrest_type_code": "Arrest Type Code",
    "person_age": "Age",
    "person_sex": "Sex Code",
    "person_descent": "Descent Code",
    "location": "Location",
}
ARREST_COLUMNS_25 = {
    **{ours: name for ours, name in ARREST_COLUMNS_17.items() if ours != "location"},
    "lat": "LAT",
    "lon": "LON",
}
ARREST_COLUMNS_API = {
    "report_id": "rpt_id",
    "date_occurred": "arst_date",
    "time_occurred": "time",
    "area_id": "area",
    "reporting_district": "rd",
    "charge_group_code": "grp_code",
    "arrest_type_code": "arst_typ_cd",
    "person_age": "age",
    "person_sex": "sex_cd",
    "person_descent": "descent_cd",
    "lat": "lat",
    "lon": "lon",
}


def named_columns(file):
    return {ours: file["header"][position] for ours, position in file["columns"].items()}


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".CSV", ".Csv.GZ"])
@pytest.mark.parametrize(("source", "header", "layout"), LAYOUTS)
def test_each_published_header_is_known(source, header, layout, suffix, folder):
    content = parquet_bytes(header) if suffix == ".parquet" else h.csv_bytes(header)
    h.put(folder / source / f"file{suffix}", content)
    file = inspected(folder, f"{source}/file{suffix}")
    assert file["source"] == source
    assert file["layout"] == layout
    assert file["header"] == header
    assert file["format"] == ("parquet" if suffix == ".parquet" else "csv")


@pytest.mark.parametrize(
    ("source", "header", "columns"),
    [
        ("crimes", h.CRIMES_28, CRIME_COLUMNS_28),
        ("crimes", h.CRIMES_26, CRIME_COLUMNS_26),
        ("arrests", h.ARRESTS_17, ARREST_COLUMNS_17),
        ("arrests", h.ARRESTS_25, ARREST_COLUMNS_25),
        ("arrests", h.ARRESTS_API, ARREST_COLUMNS_API),
        ("nibrs_offenses", h.NIBRS_API, NIBRS_COLUMNS),
    ],
)
def test_our_columns_are_found_under_the_layouts_names(source, header, columns, folder):
    h.put(folder / source / "file.csv", h.csv_bytes(header))
    assert named_columns(inspected(folder, f"{source}/file.csv")) == columns


def test_the_api_has_the_portals_columns_in_the_portals_order(folder):
    h.put(folder / "crimes/api.csv", h.csv_bytes(h.CRIMES_API))
    portal = inspected(folder, "crimes/good.csv")["columns"]
    assert inspected(folder, "crimes/api.csv")["columns"] == portal


def test_every_line_of_the_layouts_has_a_published_header():
    named = {
        (layout.source, layout.name) for layout in inputs.read_layouts(h.SEEDS / "file_layouts.csv")
    }
    assert named == {(source, layout) for source, _, layout in LAYOUTS}


def test_extra_columns_do_not_matter(folder):
    header = ["year", *h.CRIMES_28, "weeknum"]
    h.put(folder / "crimes/extra.csv", h.csv_bytes(header))
    file = inspected(folder, "crimes/extra.csv")
    assert named_columns(file) == CRIME_COLUMNS_28
    assert file["columns"]["report_id"] == 1


def test_the_first_of_two_columns_by_one_name_wins(folder):
    h.put(folder / "crimes/twice.csv", h.csv_bytes([*h.CRIMES_28, "DATE OCC"]))
    h.put(folder / "crimes/twice_before.csv", h.csv_bytes(["date occ", *h.CRIMES_28]))
    assert inspected(folder, "crimes/twice.csv")["columns"]["date_occurred"] == 2
    assert inspected(folder, "crimes/twice_before.csv")["columns"]["date_occurred"] == 0


def test_columns_may_come_in_any_order(folder):
    h.put(folder / "crimes/reordered.csv", h.csv_bytes(h.CRIMES_28[::-1]))
    file = inspected(folder, "crimes/reordered.csv")
    assert named_columns(file) == CRIME_COLUMNS_28
    assert file["columns"]["report_id"] == 27


@pytest.mark.parametrize(
    "header",
    [
        [f" {name}  " for name in h.CRIMES_28],
        [name.upper() for name in h.CRIMES_28],
        [name.lower().replace(" ", "_") for name in h.CRIMES_28],
    ],
    ids=["spaces", "upper case", "underscores"],
)
def test_names_match_by_letters_and_digits_alone(header, folder):
    h.put(folder / "crimes/spelt.csv", h.csv_bytes(header))
    columns = inspected(folder, "crimes/good.csv")["columns"]
    assert inspected(folder, "crimes/spelt.csv")["columns"] == columns


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
    assert re.fullmatch("[0-9a-f]{64}", file.pop("landing_key"))
    written = datetime.fromtimestamp((folder / "crimes/good.csv").stat().st_mtime, tz=UTC)
    assert datetime.fromisoformat(file.pop("fetched_at")) == written.replace(microsecond=0)
    assert file == {
        "source": "crimes",
        "file_name": "crimes/good.csv",
        "path": f"{folder}/crimes/good.csv",
        "format": "csv",
        "layout": "crimes 28 columns (portal and API)",
        "header": h.CRIMES_28,
        "columns": {ours: h.CRIMES_28.index(name) for ours, name in CRIME_COLUMNS_28.items()},
        "bytes": 318,
        # as `sha256sum` prints it
        "sha256": "08bd4f76ccdce6a577d0a02d1027dc5b423e34afd1297fe15831d589342aba2f",
        "is_synthetic": False,
    }


def test_the_landing_key_changes_with_bytes_layout_and_rules(folder, tmp_path, monkeypatch):
    def key() -> str:
        return inspected(folder, "crimes/good.csv")["landing_key"]

    first = key()
    assert key() == first
    h.put(folder / "crimes/good.csv", h.csv_bytes(h.CRIMES_28, [["1"]]))
    second = key()
    (tmp_path / "rule.sql").write_text("a rule")
    monkeypatch.setattr(inputs, "STAGING_RULES", (tmp_path / "rule.sql",))
    assert len({first, second, key()}) == 3


def test_synthetic_files_are_known_by_their_prefix(folder):
    h.put(folder / "crimes/synthetic_crimes.csv", GOOD)
    assert inspected(folder, "crimes/synthetic_crimes.csv")["is_synthetic"] is True


def test_files_come_by_source_and_name_and_hidden_ones_do_not_count(folder):
    for name in ("crimes/b.csv", "crimes/a.csv", "arrests/c.csv"):
        header = h.ARRESTS_17 if name.startswith("arrests") else h.CRIMES_26
        h.put(folder / name, h.csv_bytes(header))
    for name in ("crimes/.DS_Store", "crimes/.hidden.csv", "crimes/.folder/x.csv", "notes.txt"):
        h.put(folder / name, b"anything")
    found = inputs.inspect(folder, h.SEEDS)
    assert found["problems"] == []
    assert [file["file_name"] for file in found["files"]] == [
        "crimes/a.csv",
        "crimes/b.csv",
        "crimes/good.csv",
        "arrests/c.csv",
    ]


def test_an_unknown_header_is_compared_with_the_nearest_layout(folder):
    header = ["Report No" if name == "DR Number" else name for name in h.CRIMES_26[:-1]]
    assert problem(folder, "crimes/new.csv", h.csv_bytes(header)) == (
        "has a header that matches no known layout. Found 25 columns: Report No, Date Reported, "
        "Date Occurred, Time Occurred, Area ID, Area Name, Reporting District, Crime Code, "
        "Crime Code Description, MO Codes, Victim Age, Victim Sex, Victim Descent, Premise Code, "
        "Premise Description, Weapon Used Code, Weapon Description, Status Code, "
        "Status Description, Crime Code 1, Crime Code 2, Crime Code 3, Crime Code 4, Address, "
        "Cross Street. Expected, for the nearest layout "
        "'crimes 26 columns (to mid-2019 and Kaggle)', also: DR Number, Location. "
        "If this is a new layout, add a line to seeds/file_layouts.csv."
    )


def test_an_unknown_header_shows_thirty_names_and_every_alternative(folder):
    header = [f"column {i}" for i in range(31)]
    assert problem(folder, "arrests/new.csv", h.csv_bytes(header)) == (
        "has a header that matches no known layout. Found 31 columns: "
        + ", ".join(header[:30])
        + " .... Expected, for the nearest layout 'arrests 17 columns (to 2019 and Kaggle)', "
        "also: Report ID, Arrest Date, Time, Area ID, Reporting District, Charge Group Code, "
        "Arrest Type Code, Age, Sex Code, Descent Code, Location. "
        "If this is a new layout, add a line to seeds/file_layouts.csv."
    )


def test_alternative_names_are_shown_with_or(folder):
    header = [name for name in h.ARRESTS_API if name != "grp_code"]
    assert problem(folder, "arrests/api.csv", h.csv_bytes(header)).endswith(
        "Expected, for the nearest layout 'arrests API', also: grp_code or chrg_grp_cd. "
        "If this is a new layout, add a line to seeds/file_layouts.csv."
    )


def test_a_file_in_the_wrong_folder_matches_no_layout(folder):
    sentence = problem(folder, "arrests/crimes.csv", GOOD)
    assert sentence.startswith("has a header that matches no known layout. Found 28 columns: DR_NO")


def test_a_semicolon_file_matches_no_layout(folder):
    content = GOOD.replace(b",", b";")
    assert problem(folder, "crimes/semicolons.csv", content).startswith(
        "has a header that matches no known layout. Found 1 columns: DR_NO;Date Rptd;DATE OCC;"
    )


def test_an_unknown_parquet_header_is_refused_too(folder):
    assert problem(folder, "crimes/new.parquet", parquet_bytes(["a", "b"])).startswith(
        "has a header that matches no known layout. Found 2 columns: a, b. Expected, for the "
        "nearest layout 'crimes 26 columns (to mid-2019 and Kaggle)', also: DR Number, "
    )


HTML = "is a web page (HTML or XML), not CSV; the download probably failed. Download it again."
NOT_TEXT = "is not UTF-8 text (UTF-16, or binary). Save it as CSV in UTF-8."
BLANK = "starts with a blank line where the column names should be."
SUFFIX = "is not a .csv, .csv.gz or .parquet file. Unpack or convert it, or move it elsewhere."


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "is empty (0 bytes). Download it again, or remove it."),
        ("empty.parquet", b"", "is empty (0 bytes). Download it again, or remove it."),
        ("page.csv", b"<!DOCTYPE html>\n<html></html>", HTML),
        ("page_late.csv", b"\xef\xbb\xbf\r\n  <html>", HTML),
        ("page.csv.gz", b"<?xml version='1.0'?><Error/>", HTML),
        ("utf16.csv", GOOD.decode().encode("utf-16"), NOT_TEXT),
        ("utf16_no_mark.csv", GOOD.decode().encode("utf-16-le"), NOT_TEXT),
        ("utf16_big.csv", b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), NOT_TEXT),
        ("nul.csv", GOOD + b"1,2\x003\n", NOT_TEXT),
        ("gzip.csv", gzip.compress(GOOD, mtime=0), NOT_TEXT),
        (
            "latin1.csv",
            GOOD.replace(b"AREA NAME", b"\xc1REA NAME"),
            "has a header that is not UTF-8 ('utf-8' codec can't decode byte 0xc1 in position 39: "
            "invalid start byte). Save it as CSV in UTF-8.",
        ),
        ("blank.csv", b"\n" + GOOD, BLANK),
        ("spaces.csv", b"   \r\n" + GOOD, BLANK),
        ("only_blank.csv", b"\n\n\n", BLANK),
        ("only_mark.csv", b"\xef\xbb\xbf", BLANK),
        ("only_mark_and_blank.csv", b"\xef\xbb\xbf\r\n" + GOOD, BLANK),
        ("empty_inside.csv.gz", b"", BLANK),
        ("book.xlsx", b"PK\x03\x04", SUFFIX),
        ("archive.zip", b"PK\x03\x04", SUFFIX),
        ("crimes.csv.zip", b"PK\x03\x04", SUFFIX),
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


def test_every_problem_is_told_at_once(folder):
    h.put(folder / "crimes/a.csv", b"")
    h.put(folder / "arrests/b.xlsx", b"PK")
    assert inputs.inspect(folder, h.SEEDS)["problems"] == [
        f"{folder}/crimes/a.csv: is empty (0 bytes). Download it again, or remove it.",
        f"{folder}/arrests/b.xlsx: {SUFFIX}",
    ]


def test_a_data_folder_that_is_not_there(tmp_path):
    assert inputs.inspect(tmp_path / "none", h.SEEDS) == {
        "files": [],
        "problems": [
            f"The data folder {tmp_path}/none does not exist. Make demo data with "
            "`python -m la_crime demo`, or set LA_CRIME_DATA_DIR to a folder that has a sub-folder "
            "crimes/ (and arrests/, if you have them)."
        ],
    }


@pytest.mark.parametrize("name", ["arrests/a.csv", "crimes/.hidden.csv"])
def test_a_data_folder_without_crimes(name, tmp_path):
    h.put(tmp_path / name, h.csv_bytes(h.ARRESTS_17))
    assert inputs.inspect(tmp_path, h.SEEDS)["problems"] == [
        f"{tmp_path}/crimes has no .csv, .csv.gz or .parquet file. Put the city's crime "
        "files there, or make demo data with: python -m la_crime demo"
    ]


def test_problems_of_the_run_plan_come_with_those_of_the_folder(tmp_path):
    seeds = tmp_path / "seeds"
    for name in ("periods.csv", "feature_sets.csv", "file_layouts.csv"):
        h.put(seeds / name, (h.SEEDS / name).read_bytes())
    h.put(seeds / "clustering_runs.csv", b"scope,period_id,source\n")
    first, second = inputs.inspect(tmp_path / "none", seeds)["problems"]
    assert first.startswith(f"{seeds}/clustering_runs.csv ")
    assert second.startswith(f"The data folder {tmp_path}/none does not exist.")
