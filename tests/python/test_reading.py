"""The reading layer from end to end: dbt on files of every layout and format, sound and broken."""

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import duckdb
import helpers as h
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

# One report and one arrest of our own invention, as each layout writes them.
CRIME_28 = {
    "DR_NO": "",
    "Date Rptd": "01/25/2020 12:00:00 AM",
    "DATE OCC": "01/24/2020 12:00:00 AM",
    "TIME OCC": "0930",
    "AREA": "07",
    "AREA NAME": "Wilshire",
    "Rpt Dist No": "0784",
    "Part 1-2": "1",
    "Crm Cd": "510",
    "Crm Cd Desc": "VEHICLE - STOLEN",
    "Vict Age": "34",
    "Vict Sex": "F",
    "Vict Descent": "H",
    "Premis Cd": "101.0",
    "Premis Desc": "STREET",
    "Weapon Used Cd": "400.0",
    "Status": "IC",
    "LOCATION": "1900 S  INVENTED   AV",
    "LAT": "34.0375",
    "LON": "-118.3506",
}
CRIME_26 = {
    "DR Number": "",
    "Date Reported": "01/25/2020",
    "Date Occurred": "1/24/2020 0:00",
    "Time Occurred": "930",
    "Area ID": "7",
    "Area Name": "Wilshire",
    "Reporting District": "784",
    "Crime Code": "510",
    "Victim Age": "34.0",
    "Victim Sex": "F",
    "Victim Descent": "H",
    "Premise Code": "101",
    "Weapon Used Code": "400",
    "Address": "1900 S  INVENTED   AV",
    "Location ": "(34.0375,  -118.3506)",
}
CRIME_API = {
    "dr_no": "",
    "date_rptd": "2020-01-25T00:00:00.000",
    "date_occ": "2020-01-24T00:00:00.000",
    "time_occ": "0930",
    "area": "07",
    "rpt_dist_no": "0784",
    "crm_cd": "510",
    "vict_age": "34",
    "vict_sex": "F",
    "vict_descent": "H",
    "premis_cd": "101",
    "weapon_used_cd": "400",
    "lat": "34.0375",
    "lon": "-118.3506",
}
CRIME_TYPED = {
    **CRIME_API,
    "date_rptd": dt.datetime(2020, 1, 25, 13, 45),
    "date_occ": dt.date(2020, 1, 24),
    "time_occ": 930.0,
    "area": 7,
    "rpt_dist_no": 784,
    "crm_cd": 510,
    "vict_age": 34.0,
    "premis_cd": 101,
    "weapon_used_cd": 400.0,
    "lat": 34.0375,
    "lon": -118.3506,
}
ARREST_17 = {
    "Report ID": "",
    "Arrest Date": "2020-01-24",
    "Time": "930.0",
    "Area ID": "7",
    "Reporting District": "784",
    "Age": "34",
    "Sex Code": "M",
    "Descent Code": "B",
    "Charge Group Code": "4.0",
    "Arrest Type Code": "F",
    "Location": "{'latitude': '34.0375', 'longitude': '-118.3506'}",
}
ARREST_25 = {
    **ARREST_17,
    "Arrest Date": "01/24/2020 12:00:00 AM",
    "Time": "0930",
    "LAT": "34.0375",
    "LON": "-118.3506",
    "Location": "POINT (-118.3506 34.0375)",
}
ARREST_API = {
    "rpt_id": "",
    "arst_date": "2020-01-24T00:00:00",
    "time": "0930",
    "area": "7",
    "rd": "0784",
    "age": "34",
    "sex_cd": "M",
    "descent_cd": "B",
    "grp_code": "4",
    "arst_typ_cd": "F",
    "lat": "34.0375",
    "lon": "-118.3506",
}
ARREST_TYPED = {**ARREST_API, "arst_date": dt.datetime(2020, 1, 24), "area": 7, "grp_code": 4.0}

# How staging must have that report and that arrest, whichever file they came from.
REPORTED, OCCURRED = dt.date(2020, 1, 25), dt.date(2020, 1, 24)
PLACE = (34.0375, -118.3506)
STAGED_CRIME = (REPORTED, OCCURRED, 9, 7, 784, "510", 101, 400, 34, "F", "H", *PLACE)
STAGED_ARREST = (OCCURRED, OCCURRED, 9, 7, 784, 4, "F", 34, "M", "B", *PLACE)


def line(header: list[str], record: dict, report_id, **changes) -> list:
    """A full-width row: the record with this identifier, and other columns changed."""
    record = {**record, next(iter(record)): report_id, **changes}
    return [record.get(name, "") for name in header]


def parquet_file(header: list[str], records: list[dict]) -> bytes:
    """A Parquet file with the types of the records' values, and a column called `filename`."""
    columns = {name: [record.get(name) for record in records] for name in header}
    buffer = io.BytesIO()
    pq.write_table(pa.table({**columns, "filename": ["theirs"] * len(records)}), buffer)
    return buffer.getvalue()


def sound_crimes() -> dict[str, bytes]:
    """Crime files of every layout and format, whose rows can all be read."""
    desc, later = {"Crm Cd Desc": "THEFT, PETTY\r\n(UNDER)"}, {"date_rptd": "2020-02-01"}
    extra = [*h.CRIMES_28, "year", "DATE OCC", "weeknum"]
    kaggle = [line(h.CRIMES_26, CRIME_26, number) for number in ("000000201", "202", "101")]
    api = [
        line(h.CRIMES_API, CRIME_API, "301"),
        line(h.CRIMES_API, CRIME_API, "202", **later),
        line(h.CRIMES_API, CRIME_API, "302", **later),
        line(h.CRIMES_API, CRIME_API, "302", **later),
    ]
    marked = h.csv_bytes(
        extra,
        [
            [*line(h.CRIMES_28, CRIME_28, "101"), "2020", "N/A", "1"],
            [*line(h.CRIMES_28, CRIME_28, "102", **desc), "2020", "N/A", "1"],
        ],
        line_end="\r\n",
    )
    spaced = [h.csv_bytes(h.CRIMES_28_SPACE, [spaced_line(number)]) for number in ("401", "411")]
    return {
        "crimes/28 with extras.csv": b"\xef\xbb\xbf" + marked,
        "crimes/KAGGLE.CSV.GZ": h.csv_bytes(h.CRIMES_26, kaggle),
        "crimes/api.csv": h.csv_bytes(h.CRIMES_API, api),
        # to DuckDB's glob the first of these names would mean the second
        "crimes/o'brien's [1]*.csv.gz": spaced[0],
        "crimes/o'brien's 1.csv.gz": spaced[1],
        "crimes/a\\b.csv": h.csv_bytes(h.CRIMES_28_SPACE, [spaced_line("421")]),
        "crimes/header only.csv": h.csv_bytes(h.CRIMES_28).rstrip(b"\n"),
        # the same header with other types in the second file
        "crimes/a typed.parquet": parquet_file(h.CRIMES_API, [{**CRIME_TYPED, "dr_no": 501}]),
        "crimes/b text.parquet": parquet_file(
            h.CRIMES_API, [{**CRIME_API, "dr_no": number} for number in ("511", "UNKNOWN")]
        ),
    }


def spaced_line(report_id: str) -> list:
    """A row of the 28 columns in which `AREA ` ends with a space."""
    return line(h.CRIMES_28, CRIME_28, report_id)


def broken_crimes() -> dict[str, bytes]:
    """Crime files with rows that cannot be split or decoded, each between rows that can."""
    good, bad = h.csv_bytes(h.CRIMES_28, [spaced_line("601")]).splitlines()[1], {}
    header = ",".join(h.CRIMES_28).encode()
    bad["short"] = b",".join(good.split(b",")[:9])
    bad["long"] = good + b",1,2"
    bad["id"] = b"\xff" + good
    bad["longitude"] = good + b"\xff"  # the last column, the 28th of which 14 are used
    bad["address"] = good.replace(b"INVENTED", b"PE\xd1A")
    # what is in UTF-8 elsewhere is not in Windows-1252 here
    good = good.replace(b"INVENTED", "PEÑA".encode())
    bad["quote"] = good.replace(b",IC,", b',"IC,')
    ok = [good.replace(b"601", number) for number in (b"602", b"603")]
    lines = [good, bad["short"], bad["long"], ok[0], bad["id"], bad["longitude"]]
    return {
        "crimes/broken.csv": b"\n".join([header, *lines, bad["address"], ok[1], bad["quote"]]),
        "crimes/cut.csv.gz": b"\r\n".join([header, good.replace(b"601", b"611"), good[:40]]),
    }


def arrests() -> dict[str, bytes]:
    """Arrest files of every layout and format; one has a row that was cut."""
    late = {"Arrest Date": "02/01/2020"}
    api = h.csv_bytes(h.ARRESTS_API, [line(h.ARRESTS_API, ARREST_API, "301")])
    old = [line(h.ARRESTS_17, ARREST_17, number) for number in ("101", "101", "102")]
    new = [
        line(h.ARRESTS_25, ARREST_25, "201"),
        line(h.ARRESTS_25, ARREST_25, "102", **late),
    ]
    return {
        "arrests/17.csv": h.csv_bytes(h.ARRESTS_17, old),
        "arrests/25.csv.gz": h.csv_bytes(h.ARRESTS_25, new),
        "arrests/api.csv": api + b"302,RFC,2020",
        "arrests/api.parquet": parquet_file(h.ARRESTS_API, [{**ARREST_TYPED, "rpt_id": 401}]),
    }


READ = ["build", "--select", "+row_reconciliation", *h.WITHOUT_TESTS]


@contextmanager
def opened(db) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(db), read_only=True) as con:
        yield con


def reconciled(con) -> dict[str, tuple]:
    """Rows read, kept, duplicate and rejected, by file."""
    found = con.sql(
        "select file_name, rows_read, rows_kept, rows_duplicate, rows_rejected"
        " from marts.row_reconciliation"
    ).fetchall()
    return {name: counts for name, *counts in found}


@pytest.fixture(scope="session")
def read(tmp_path_factory):
    """One dbt run over every layout and format, sound and broken."""
    folder = tmp_path_factory.mktemp("reading")
    data, db = folder / "it's data", folder / h.WAREHOUSE
    for name, content in {**sound_crimes(), **broken_crimes(), **arrests()}.items():
        h.put(data / name, content)
    h.put(data / "crimes/.hidden.csv", b"anything")
    ran = h.run_dbt(READ, data, db)
    assert ran.returncode == 0, ran.stdout
    with opened(db) as con:
        yield SimpleNamespace(con=con, data=data)


def test_every_row_of_every_file_is_accounted_for(read):
    #                                   read, kept, duplicate, rejected
    assert reconciled(read.con) == {
        "arrests/17.csv": [3, 1, 2, 0],  # a report twice in the file, another in a later one
        "arrests/25.csv.gz": [2, 2, 0, 0],
        "arrests/api.csv": [2, 1, 0, 1],
        "arrests/api.parquet": [1, 1, 0, 0],
        "crimes/28 with extras.csv": [2, 1, 1, 0],
        "crimes/KAGGLE.CSV.GZ": [3, 2, 1, 0],
        "crimes/a typed.parquet": [1, 1, 0, 0],
        "crimes/a\\b.csv": [1, 1, 0, 0],
        "crimes/api.csv": [4, 3, 1, 0],
        "crimes/b text.parquet": [2, 1, 0, 1],
        "crimes/broken.csv": [9, 3, 0, 6],
        "crimes/cut.csv.gz": [2, 1, 0, 1],
        "crimes/header only.csv": [0, 0, 0, 0],
        "crimes/o'brien's 1.csv.gz": [1, 1, 0, 0],
        "crimes/o'brien's [1]*.csv.gz": [1, 1, 0, 0],
    }


def test_a_row_that_cannot_be_read_is_rejected_with_the_reason(read):
    found = read.con.sql("select file_name, reason, rows from marts.reject_reasons order by all")
    assert found.fetchall() == [
        ("arrests/api.csv", "row cannot be read: missing columns", 1),
        ("crimes/b text.parquet", "no usable identifier", 1),
        ("crimes/broken.csv", "row cannot be read: invalid encoding", 3),
        ("crimes/broken.csv", "row cannot be read: missing columns", 1),
        ("crimes/broken.csv", "row cannot be read: too many columns", 1),
        ("crimes/broken.csv", "row cannot be read: unquoted value", 1),
        ("crimes/cut.csv.gz", "row cannot be read: missing columns", 1),
    ]


def test_reports_are_read_alike_from_every_layout_and_format(read):
    """Dates, times, numbers and places have one form, whatever their spelling or type."""
    staged = read.con.sql(
        "select date_reported, date_occurred, hour_occurred, area_id, small_area,"
        " crime_code, premise_code, weapon_code, victim_age, victim_sex_code, victim_descent_code,"
        " lat, lon, list_sort(list(report_id)) from staging.stg_crimes"
        " where reject_reason is null group by all order by date_reported"
    ).fetchall()
    numbers = [101, 101, 102, 201, 202, 301, 401, 411, 421, 501, 511, 601, 602, 603, 611]
    later = (dt.date(2020, 2, 1), *STAGED_CRIME[1:], ["202", "302", "302"])
    assert staged == [(*STAGED_CRIME, list(map(str, numbers))), later]


def test_arrests_are_read_alike_from_every_layout_and_format(read):
    staged = read.con.sql(
        "select date_reported, date_occurred, hour_occurred, area_id, small_area,"
        " charge_group_code, arrest_type_code, arrestee_age, arrestee_sex_code,"
        " arrestee_descent_code, lat, lon, list_sort(list(report_id)) from staging.stg_arrests"
        " where reject_reason is null group by all order by date_reported"
    ).fetchall()
    day = dt.date(2020, 2, 1)
    assert staged == [
        (*STAGED_ARREST, ["101", "101", "102", "201", "301", "401"]),
        (day, day, *STAGED_ARREST[2:], ["102"]),
    ]


def test_the_later_extract_is_the_one_that_is_kept(read):
    kept = read.con.sql(
        "select report_id, file_name from intermediate.int_crimes"
        " where report_id in ('202', '302') order by report_id"
    )
    assert kept.fetchall() == [("202", "crimes/api.csv"), ("302", "crimes/api.csv")]


def test_the_warehouse_knows_what_it_was_built_from(read):
    hashes = read.con.sql("select file_name, sha256 from staging.data_files").fetchall()
    assert len(hashes) == 15
    content = (read.data / "crimes/api.csv").read_bytes()
    assert dict(hashes)["crimes/api.csv"] == hashlib.sha256(content).hexdigest()


def test_parquet_alone_will_do_and_so_will_crimes_alone(tmp_path):
    """No CSV was read, so there is no table of unreadable rows; the warehouse's folder is made."""
    data, db = tmp_path / "data", tmp_path / "deep/er" / h.WAREHOUSE
    records = [{**CRIME_TYPED, "dr_no": number} for number in (1, 2)]
    h.put(data / "crimes/typed.parquet", parquet_file(h.CRIMES_API, records))
    ran = h.run_dbt(READ, data, db)
    assert ran.returncode == 0, ran.stdout
    with opened(db) as con:
        assert reconciled(con) == {"crimes/typed.parquet": [2, 2, 0, 0]}
        assert con.sql("select count(*) from staging.stg_arrests").fetchall() == [(0,)]


def test_a_bad_folder_stops_dbt_before_anything_is_built(tmp_path):
    data, db = tmp_path / "data", tmp_path / "new" / h.WAREHOUSE
    h.put(data / "crimes/good.csv", h.csv_bytes(h.CRIMES_28))
    h.put(data / "crimes/empty.csv", b"")
    h.put(data / "arrests/book.docx", b"PK\x03\x04")
    ran = h.run_dbt(READ, data, db)
    assert ran.returncode != 0
    assert (
        "The inputs cannot be built from:\n"
        f"  - {data}/crimes/empty.csv: is empty (0 bytes). Download it again, or remove it.\n"
        f"  - {data}/arrests/book.docx: is not a .csv, .csv.gz, .parquet, .zip or .xlsx file. "
        "Unpack or convert it, or move it elsewhere.\n"
    ) in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    with opened(db) as con:
        assert con.sql("from information_schema.tables").fetchall() == []
