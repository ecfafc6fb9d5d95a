"""Which layout a header has, and what is said of a header that has none."""

import helpers as h
import pytest
from inspecting import GOOD, inspected, named_columns, parquet_bytes, problem

from la_crime.inputs import layouts

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
    "small_area": "rpt_dist_no",
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
    "small_area": "Rpt Dist No",
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
    "small_area": "Reporting District",
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
    "small_area": "Reporting District",
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
    "small_area": "rd",
    "charge_group_code": "grp_code",
    "arrest_type_code": "arst_typ_cd",
    "person_age": "age",
    "person_sex": "sex_cd",
    "person_descent": "descent_cd",
    "lat": "lat",
    "lon": "lon",
}


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
        (layout.source, layout.name)
        for layout in layouts.read_layouts(h.SEEDS / "file_layouts.csv")
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


def without(header, *dropped):
    return [name for name in header if name not in dropped]


def test_what_no_answer_needs_may_be_absent(folder):
    needed = ["DR_NO", "DATE OCC", "Rpt Dist No", "Crm Cd"]
    h.put(folder / "crimes/four.csv", h.csv_bytes(needed))
    file = inspected(folder, "crimes/four.csv")
    assert named_columns(file) == {
        "report_id": "DR_NO",
        "date_occurred": "DATE OCC",
        "small_area": "Rpt Dist No",
        "crime_code": "Crm Cd",
    }
    assert file["absent"] == [name for name in CRIME_COLUMNS_28 if name not in file["columns"]]
    assert set(file["date_orders"]) == {"date_occurred"}


def test_nibrs_offences_need_no_coordinates(folder):
    h.put(folder / "nibrs_offenses/old.csv", h.csv_bytes(h.NIBRS_API[:-3]))
    assert inspected(folder, "nibrs_offenses/old.csv")["absent"] == ["lat", "lon"]


@pytest.mark.parametrize("names", [("Lat", "Long"), ("latitude", "longitude"), ("LAT ", "lng")])
@pytest.mark.parametrize("header", [h.CRIMES_28, h.CRIMES_26])
def test_coordinates_go_by_several_names(names, header, folder):
    h.put(
        folder / "crimes/new.csv",
        h.csv_bytes([*without(header, "LAT", "LON", "Location "), *names]),
    )
    columns = named_columns(inspected(folder, "crimes/new.csv"))
    assert (columns["lat"], columns["lon"]) == names


def test_an_unknown_header_is_compared_with_the_nearest_layout(folder):
    header = ["Report No" if name == "DR Number" else name for name in h.CRIMES_26[:-1]]
    assert problem(folder, "crimes/new.csv", h.csv_bytes(header)) == (
        "has a header that matches no known layout. Found 25 columns, separated by commas: "
        "Report No, Date Reported, Date Occurred, Time Occurred, Area ID, Area Name, "
        "Reporting District, Crime Code, Crime Code Description, MO Codes, Victim Age, Victim Sex, "
        "Victim Descent, Premise Code, Premise Description, Weapon Used Code, Weapon Description, "
        "Status Code, Status Description, Crime Code 1, Crime Code 2, Crime Code 3, Crime Code 4, "
        "Address, Cross Street. The nearest layout is "
        "'crimes 26 columns (to mid-2019 and Kaggle)': of its columns Date Reported, "
        "Date Occurred, Time Occurred, Area ID, Reporting District, Crime Code, Victim Age, "
        "Victim Sex, Victim Descent, Premise Code, Weapon Used Code are there, and what cannot be "
        "done without is not: report_id (DR Number). 'Report No' may be our report_id. If this is "
        "a new layout, add a line like this to the city's file_layouts.csv: crimes,my layout,"
        "Report No,,Date Reported,Date Occurred,Time Occurred,Area ID,Reporting District,"
        "Crime Code,,,,,Victim Age,Victim Sex,Victim Descent,Premise Code,"
        "Weapon Used Code,,,,,"
    )


def test_the_line_that_a_sentence_proposes_makes_the_file_known(folder, tmp_path):
    header = h.csv_bytes(["Report No", *h.CRIMES_26[1:]])
    line = problem(folder, "crimes/new.csv", header).split("the city's file_layouts.csv: ")[1]
    known = tmp_path / "layouts.csv"
    known.write_text((h.SEEDS / "file_layouts.csv").read_text().rstrip("\n") + f"\n{line}\n")
    found, columns = layouts.match_layout(
        ["Report No", *h.CRIMES_26[1:]], "crimes", layouts.read_layouts(known)
    )
    assert found.name == "my layout"
    assert columns["report_id"] == 0


def test_an_unknown_header_shows_thirty_names(folder):
    header = [f"column {i}" for i in range(31)]
    assert problem(folder, "arrests/new.csv", h.csv_bytes(header)) == (
        "has a header that matches no known layout. Found 31 columns, separated by commas: "
        + ", ".join(header[:30])
        + ", .... The nearest layout is 'arrests 25 columns': of its columns none is there, and "
        "what cannot be done without is not: report_id (Report ID), date_occurred (Arrest Date), "
        "charge_group_code (Charge Group Code), area_id (Area ID) or small_area "
        "(Reporting District). Column names must be in the first line: remove what is above them. "
        "If this is a new layout, add a line like this to "
        "the city's file_layouts.csv: arrests,my layout,,,,,,,,,,,,,,,,,,,,,,"
    )


def test_alternative_names_are_shown_with_or(folder):
    header = h.csv_bytes(without(h.ARRESTS_API, "grp_code"))
    assert (
        "what cannot be done without is not: charge_group_code (grp_code or chrg_grp_cd). "
    ) in problem(folder, "arrests/api.csv", header)


def test_either_an_area_or_a_district_is_needed(folder):
    assert (
        "cannot be done without is not: area_id (AREA) or small_area (Rpt Dist No). "
    ) in problem(folder, "crimes/new.csv", h.csv_bytes(without(h.CRIMES_28, "AREA", "Rpt Dist No")))


@pytest.mark.parametrize(
    ("header", "guess"),
    [
        (["DR NUMBER", *h.CRIMES_28[1:]], "'DR NUMBER' may be our report_id. "),
        (
            ["id", *h.CRIMES_28[1:-2], "Lats", "Longs"],
            "'Lats' may be our lat, 'Longs' may be our lon. ",
        ),
    ],
)
def test_likely_renamings_are_named(header, guess, folder):
    assert f"). {guess}If this" in problem(folder, "crimes/new.csv", h.csv_bytes(header))


def test_a_file_in_the_wrong_folder_is_told_its_own(folder):
    assert problem(folder, "arrests/crimes.csv", GOOD) == (
        "has the columns of 'crimes 28 columns (portal and API)', and is in arrests/. "
        "Move it to crimes/."
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (parquet_bytes(["a", "b"]), "2 columns: a, b. "),
        (b"a;b\n", "2 columns, separated by semicolons: a, b. "),
        (b"a\tb\n", "2 columns, separated by tabs: a, b. "),
        (b"a|b\n", "2 columns, separated by bars: a, b. "),
        (b"sep=^\na^b\n", "2 columns, separated by '^': a, b. "),
        (b"a\n", "1 column: a. "),
    ],
)
def test_the_delimiter_is_told(content, found, folder):
    name = "crimes/new.parquet" if content.startswith(b"PAR1") else "crimes/new.csv"
    assert problem(folder, name, content).startswith(
        f"has a header that matches no known layout. Found {found}The nearest layout is "
    )


def test_values_in_place_of_names_are_not_shown(folder):
    content = h.csv_bytes(["220100001", "2022-11-06", "J. Doe", "7"])
    assert problem(folder, "crimes/new.csv", content) == (
        "has values where the column names should be. Add a first line with the names that the "
        "file's source gives its columns."
    )


def test_a_long_name_is_cut(folder):
    assert f"Found 2 columns, separated by commas: {'a' * 300}..., b. " in problem(
        folder, "crimes/new.csv", b"a" * 301 + b",b\n"
    )
