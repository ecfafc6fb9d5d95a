"""What a file's values tell, and what is said where they tell nothing or that all is wrong."""

import helpers as h
import pytest
from inspecting import inspect, inspected, problem

from la_crime.inputs import evidence

DAYS = [f"2022-11-{day:02}" for day in range(1, 29)]


def crimes(rows=20, **columns):
    """A crime file; each column named by its header, a text for all rows or a list of them."""
    row = {"DR_NO": "220100001", "DATE OCC": "2022-11-06", "TIME OCC": "0930", "AREA": "07"}
    row |= {"Rpt Dist No": "0784", "Crm Cd": "510"} | columns
    count = max([rows, *(len(v) for v in row.values() if isinstance(v, list))])
    cells = {k: v if isinstance(v, list) else [v] * count for k, v in row.items()}
    return h.csv_bytes(list(cells), zip(*cells.values(), strict=True))


def orders(folder, content):
    h.put(folder / "crimes/new.csv", content)
    return inspected(folder, "crimes/new.csv")["date_orders"]


SETTING = (
    "Say which order it has in formats.csv of the data folder: a first line 'file,column,order', "
    "and for this column a line 'FILE,DATE OCC,ORDER', with one of: month first, day first, "
    "year first. A date that is none in that order is then rejected."
)
AMBIGUOUS = (
    "column 'DATE OCC' has dates that can be read with the month first or the day first, and no "
    "value tells which: '01/11/2022' is 11 January 2022 or 1 November 2022; '02/11/2022' is "
    "11 February 2022 or 2 November 2022. " + SETTING
)
FIRST_DAYS = {"DATE OCC": [f"{day:02}/11/2022" for day in range(1, 13)] * 2}


def test_a_column_that_nothing_decides_stops_the_build(folder):
    assert problem(folder, "crimes/new.csv", crimes(**FIRST_DAYS)) == AMBIGUOUS


def test_a_column_that_mixes_orders_stops_the_build(folder):
    dates = ["11/13/2022", "13/11/2022", *["11/06/2022"] * 18]
    assert problem(folder, "crimes/new.csv", crimes(**{"DATE OCC": dates})) == (
        "column 'DATE OCC' mixes dates with the day first ('13/11/2022') and with the month first "
        "('11/13/2022'), so that none of its dates can be trusted. " + SETTING
    )


def test_the_report_column_is_named_by_its_own_name(folder):
    content = crimes(**{"Date Rptd": ["12/11/2022"] * 20})
    assert problem(folder, "crimes/new.csv", content).startswith(
        "column 'Date Rptd' has dates that can be read with the month first or the day first, and "
        "no value tells which: '12/11/2022' is 11 December 2022 or 12 November 2022. Say which"
    )


@pytest.mark.parametrize(
    "line",
    [
        "crimes/new.csv,DATE OCC,day first",
        "crimes/*,*,day first",
        "*, DATE OCC ,day first",
        "crimes/new.csv,DATE OCC,month first\n*.csv,*,day first",
    ],
)
def test_the_users_line_decides(line, folder):
    (folder / "formats.csv").write_text(f"\ufefffile,column,order\n{line}\n", encoding="utf-8")
    assert orders(folder, crimes(**FIRST_DAYS)) == {"date_occurred": "day first"}


FORMATS = [
    ("", "begins with '', not with 'file,column,order'."),
    ("file;column;order\n", "begins with 'file;column;order', not with 'file,column,order'."),
    (
        "file,column,order\ncrimes/good.csv,DATE OCC\n",
        "line 2 is 'crimes/good.csv,DATE OCC'; it must have a file, a column and one of: "
        "month first, day first, year first.",
    ),
    (
        "file,column,order\n\ncrimes/good.csv,DATE OCC,Day First\n",
        "line 3 is 'crimes/good.csv,DATE OCC,Day First'; it must have a file, a column and one "
        "of: month first, day first, year first.",
    ),
    *(
        (
            f"file,column,order\n{file},{column},day first\n",
            f"no file has a column of dates as its line for '{file}', '{column}' says. "
            "Names are those of the folder (crimes/file.csv) and of the file's header.",
        )
        for file, column in (
            ("good.csv", "DATE OCC"),
            ("crimes/good.csv", "Date Occ"),
            ("crimes/good.csv", "TIME OCC"),
        )
    ),
]


@pytest.mark.parametrize(("text", "sentence"), FORMATS)
def test_a_formats_file_with_a_fault(text, sentence, folder):
    (folder / "formats.csv").write_text(text, encoding="utf-8")
    assert inspect(folder)["problems"] == [f"{folder}/formats.csv: {sentence}"]


def test_a_formats_file_must_be_utf_8(folder):
    (folder / "formats.csv").write_text("file,column,order\n", encoding="utf-16")
    (sentence,) = inspect(folder)["problems"]
    assert sentence.startswith(
        f"{folder}/formats.csv: is not CSV in UTF-8 with a first line 'file,column,order' ("
    )


@pytest.mark.parametrize("decisive", [0, 25], ids=["in the sample", "after it"])
def test_all_rows_are_looked_at_until_one_decides(decisive, folder, monkeypatch):
    monkeypatch.setattr(evidence, "SAMPLE_ROWS", 10)
    dates = ["06/11/2022"] * 30
    dates[decisive] = "13/11/2022"
    assert orders(folder, crimes(**{"DATE OCC": dates})) == {"date_occurred": "day first"}


def test_a_mixture_is_not_undecided_for_want_of_rows(folder, monkeypatch):
    monkeypatch.setattr(evidence, "SAMPLE_ROWS", 10)
    dates = ["06/11/2022"] * 20 + ["13/11/2022", "11/13/2022"]
    assert "mixes dates" in problem(folder, "crimes/new.csv", crimes(**{"DATE OCC": dates}))


RENAME = (
    "If the file calls another column by that name, rename it, or add a line to "
    "the city's file_layouts.csv."
)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"TIME OCC": DAYS},
            "column 'TIME OCC', which is our time_occurred, holds what is not a time of day: "
            "28 of 28 values that were looked at, such as '2022-11-01', '2022-11-02', "
            "'2022-11-03'. " + RENAME,
        ),
        (
            {"AREA": "Hilltop"},
            "column 'AREA', which is our area_id, holds what is not an area's number or "
            "name: 20 of 20 values that were looked at, such as 'Hilltop'. " + RENAME,
        ),
        (
            {"Rpt Dist No": "North"},
            "column 'Rpt Dist No', which is our small_area, holds what is not a district's "
            "number: 20 of 20 values that were looked at, such as 'North'. " + RENAME,
        ),
        (
            {"Crm Cd": "BURGLARY"},
            "column 'Crm Cd', which is our crime_code, holds what is not a crime code: 20 of 20 "
            "values that were looked at, such as 'BURGLARY'. " + RENAME,
        ),
        (
            {"DR_NO": "J. Doe"},
            "column 'DR_NO', which is our report_id, holds what is not an identifier: 20 of 20 "
            "values that were looked at. " + RENAME,
        ),
        (
            {"DATE OCC": "Tuesday"},
            "column 'DATE OCC' holds no dates in a form that is known: 20 of 20 values that were "
            "looked at, such as 'Tuesday'. The forms are in seeds/date_forms.csv, and "
            "docs/method.md tells of them.",
        ),
        (
            {"DR_NO": "2.2E+08"},
            "column 'DR_NO' holds numbers that a spreadsheet has rounded: 20 of 20 values that "
            "were looked at, such as '2.2E+08'. Their last digits are lost: use the file that was "
            "opened there.",
        ),
    ],
)
def test_a_column_that_holds_something_else(columns, sentence, folder):
    assert problem(folder, "crimes/new.csv", crimes(**columns)) == sentence


@pytest.mark.parametrize(
    ("source", "header", "column", "value", "kind"),
    [
        ("arrests", h.ARRESTS_17, "Charge Group Code", "DUI", "a charge group's code"),
        ("nibrs_offenses", h.NIBRS_API, "nibr_code", "ASSAULT", "a NIBRS code"),
    ],
)
def test_the_codes_of_other_sources(source, header, column, value, kind, folder):
    values = {column: value, "Arrest Date": "2022-11-06", "date_occ": "2022-11-06"}
    row = [values.get(name, "") for name in header]
    sentence = problem(folder, f"{source}/new.csv", h.csv_bytes(header, [row] * 20))
    assert f"holds what is not {kind}: 20 of 20 values" in sentence


@pytest.mark.parametrize(
    "columns",
    [
        {"DATE OCC": ["UNKNOWN"] * 9 + ["2022-11-06"] * 11},
        {"TIME OCC": "N/A"},
        {"TIME OCC": ["2022-11-06"] * 9 + ["0930"] * 11},
        {"DATE OCC": ["", "NULL"] * 10 + ["2022-11-06"]},
    ],
    ids=["half of the dates", "no times", "half of the times", "one date"],
)
def test_a_few_odd_values_and_any_unknown_ones_are_rows_to_reject(columns, folder):
    h.put(folder / "crimes/new.csv", crimes(**columns))
    assert inspect(folder)["problems"] == []


def test_a_file_without_a_date(folder):
    content = crimes(**{"DATE OCC": ["", "NULL"] * 10})
    assert problem(folder, "crimes/new.csv", content) == (
        "column 'DATE OCC' is empty in all 20 rows that were looked at, and without its date no "
        "row can be used. Use the file that this one was made from."
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([",x"] * 20, "20 rows, none of which has the columns of its header (most often: too many"),
        ([",x"], "1 row, none of which has the columns of its header (most often: too many"),
    ],
)
def test_a_file_of_which_no_row_can_be_split(rows, said, folder):
    header, line = crimes(1).decode().splitlines()
    content = "\n".join([header, *(line + more for more in rows)])
    assert problem(folder, "crimes/new.csv", content.encode()) == (
        f"has {said} columns). Save it again, with quotes around values that have the delimiter in "
        "them."
    )


def test_rows_that_cannot_be_split_are_left_to_the_reading(folder):
    content = crimes() + b'1,2\n"open\n1,2,3,4,5,6,7\n'
    h.put(folder / "crimes/new.csv", content)
    assert inspect(folder)["problems"] == []


@pytest.mark.parametrize("column", ["first", "last", "between"])
def test_a_byte_that_is_not_utf_8_in_any_column(column, folder):
    """In a file that has letters in UTF-8, too, so that it is not Windows-1252."""
    place = {"first": 0, "between": 10, "last": 27}[column]
    row = ["1"] * 28
    rows = [row, ["Ñ" if i == 24 else "1" for i in range(28)], row]
    lines = h.csv_bytes(h.CRIMES_28, rows).splitlines(keepends=True)
    cells = lines[1].strip().split(b",")
    cells[place] = b"\xff"
    h.put(folder / "crimes/new.csv", b"".join([*lines, b",".join(cells), b"\n"]))
    assert inspect(folder)["problems"] == []
