"""A city's folder: which one is chosen, and the sentence that each fault in it earns."""

import shutil
from contextlib import contextmanager

import duckdb
import helpers as h
import pytest

from la_crime import cities, demo, settings, site
from la_crime.demo import plain
from la_crime.inputs import inspection
from la_crime.warehouse import build

FOLDERS = sorted(path.parent.name for path in (h.PROJECT / "cities").glob("*/city.toml"))


@pytest.fixture
def seeds(tmp_path, monkeypatch):
    """The tables of a project with a small city, which has no fault."""
    monkeypatch.setenv("CITY", "small")
    shutil.copytree(h.PROJECT / "seeds", tmp_path / "seeds")
    shutil.copytree(h.PROJECT / "cities" / "chicago", tmp_path / "cities" / "small")
    return cities.Seeds(tmp_path)


def change(seeds, name, old, new):
    """Replace a text in a file of the city, which must be there."""
    path = seeds.city / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def only(seeds):
    """The one fault of a city's folder, without its path."""
    (problem,) = cities.problems(seeds)
    return problem.replace(f"{seeds.city}/", "")


@pytest.mark.parametrize("city", FOLDERS)
def test_every_city_has_a_folder_without_fault(city, monkeypatch):
    monkeypatch.setenv("CITY", city)
    assert cities.problems(h.SEEDS) == []
    assert inspection.inspect_all_but_files(h.PROJECT / "none", h.SEEDS)["problems"] == []


@pytest.mark.parametrize("city", ["", "los_angeles"])
def test_los_angeles_is_built_unless_another_is_asked_for(city, monkeypatch):
    monkeypatch.setenv("CITY", city)
    for name in ("LA_CRIME_DATA_DIR", "LA_CRIME_DB"):
        monkeypatch.delenv(name, raising=False)
    assert h.SEEDS.settings["name"] == "Los Angeles"
    assert str(settings.data_folder()) == "data/demo"
    assert str(settings.fetched_folder()) == "data/raw"
    assert str(settings.warehouse()) == "warehouse/la_crime.duckdb"


def test_another_city_has_folders_of_its_own(monkeypatch):
    monkeypatch.setenv("CITY", "chicago")
    for name in ("LA_CRIME_DATA_DIR", "LA_CRIME_DB"):
        monkeypatch.delenv(name, raising=False)
    assert h.SEEDS.settings["name"] == "Chicago"
    assert str(settings.data_folder()) == "data/demo_chicago"
    assert str(settings.fetched_folder()) == "data/raw_chicago"
    assert str(settings.warehouse()) == "warehouse/chicago/la_crime.duckdb"


def test_no_table_has_two_cities_so_that_none_ranks_above_another(manifest, monkeypatch):
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    named = {mart["name"] for mart in marts if {"city", "city_name"} & mart["columns"].keys()}
    assert named == {"build_info"}  # which has one row: of the build
    folders = set()
    for name in ("LA_CRIME_DATA_DIR", "LA_CRIME_DB"):
        monkeypatch.delenv(name, raising=False)
    for city in FOLDERS:
        monkeypatch.setenv("CITY", city)
        folders |= {settings.data_folder(), settings.fetched_folder(), settings.warehouse().parent}
    assert len(folders) == 3 * len(FOLDERS)


def test_a_city_without_a_folder_is_named_beside_those_that_have_one(seeds, monkeypatch):
    monkeypatch.setenv("CITY", "gotham")
    assert cities.problems(seeds) == ["cities/ has no folder 'gotham', which CITY names (small)."]


def test_a_city_with_faults_is_inspected_no_further(seeds, tmp_path):
    (seeds.city / "areas.csv").unlink()
    found = inspection.inspect(tmp_path / "none", seeds, tmp_path)
    assert (found["city"], found["files"], len(found["problems"])) == ({}, [], 1)


def test_a_build_says_what_is_wrong_with_the_city_before_dbt_begins(monkeypatch):
    monkeypatch.chdir(h.PROJECT)
    monkeypatch.setenv("CITY", "gotham")
    with pytest.raises(ValueError, match="cannot be built:\n- cities/ has no folder 'gotham'"):
        build.prepared_data_folder()


def test_a_missing_table_is_named(seeds):
    (seeds.city / "sex_codes.csv").unlink()
    assert only(seeds) == (
        "sex_codes.csv is missing; where there is nothing to list, a header will do."
    )


def test_a_missing_column_is_named(seeds):
    change(seeds, "areas.csv", "area_id,area_name,bureau,", "area_id,name,bureau,")
    assert only(seeds) == "areas.csv lacks in its header: area_name."


def test_a_row_has_as_many_cells_as_the_header(seeds):
    change(seeds, "areas.csv", "1,Central,", "1,")
    assert only(seeds) == "areas.csv: row 2 has not 6 cells."


def test_a_table_that_no_city_is_without_has_rows(seeds):
    path = seeds.city / "periods.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert only(seeds) == "periods.csv has no rows, and every city has some."


def test_a_key_is_there_once(seeds):
    change(seeds, "areas.csv", "\n2,", "\n1,")
    assert (
        cities.problems(seeds)[0] == f"{seeds.city}/areas.csv has more than one row of area_id 1."
    )


def test_a_district_lies_in_an_area_that_there_is(seeds):
    change(seeds, "small_areas.csv", "\n111,1,", "\n111,13,")
    assert only(seeds) == "small_areas.csv has area_id '13', which areas.csv has not."


def test_a_code_is_an_offence_that_there_is(seeds):
    change(seeds, "crime_codes.csv", ",fbi,09A,", ",fbi,9A,")
    assert only(seeds) == "crime_codes.csv has nibrs_code '9A', which nibrs_codes.csv has not."


def test_a_code_is_in_a_group_that_there_is(seeds):
    change(seeds, "crime_codes.csv", ",homicide,", ",murder,")
    assert (
        only(seeds) == "crime_codes.csv has crime_group 'murder', which crime_groups.csv has not."
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('name = "Chicago"\n', "", "does not say name."),
        ('name = "Chicago"', "name = 1", ": name must be a text."),
        ("city_box = {", "city_box = 1 # {", ": city_box must be a table in braces."),
        ('"Beats", "beat"', '"Beats"', ": small_areas needs two texts: what many are called,"
         " and what one is."),
        ("lat_min = 41.6", "lat_min = 43", ": city_box needs lat_min, lat_max, lon_min, lon_max in"
         " degrees, each min under its max."),
        ("lat_min = 41.6", "south = 41.6", ": city_box needs lat_min, lat_max, lon_min, lon_max in"
         " degrees, each min under its max."),
        ('"2001-01-01"', '"1 January"', ": series_start is '1 January' and must be a day such as "
         "2010-01-01."),
        ('name = "Chicago"', 'title = "x"\nname = "Chicago"', "has title, which nothing reads."),
        ('name = "Chicago"', 'left_out = [{source = "crimes", column = "row_kind"}]\nname = "x"',
         ": a line of left_out needs source, column, values, reason, the column one of row_kind,"
         " row_state, crime_code, the values texts."),
        ('name = "Chicago"', 'left_out = [{source = "crimes", column = "block", values = ["x"],'
         ' reason = "y"}]\nname = "x"',
         ": a line of left_out needs source, column, values, reason, the column one of row_kind,"
         " row_state, crime_code, the values texts."),
    ],
)  # fmt: skip
def test_what_a_city_says_of_itself_is_looked_at(old, new, fault, seeds):
    change(seeds, "city.toml", old, new)
    assert only(seeds).removeprefix("city.toml").strip() == fault


def test_settings_that_cannot_be_read_are_named(seeds):
    change(seeds, "city.toml", "name = ", "name ")
    assert only(seeds).startswith("city.toml: cannot be read: ")
    (seeds.city / "city.toml").unlink()
    assert only(seeds) == "city.toml: cannot be opened: No such file or directory."


@pytest.fixture(scope="module")
def built(once, run_dbt):
    """A function that gives a city's folder: demo data, and the warehouse built of it."""

    def fill(folder):
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("CITY", folder.name)
            demo.generate(folder / "data", scale=0.003)
            # of another name, so that dbt parses the project for this city
            db = folder / f"{folder.name}.duckdb"
            ran = run_dbt(["build"], data_dir=folder / "data", db=db)
            assert ran.returncode == 0, ran.stdout

    return lambda city: once(city, fill)


@contextmanager
def opened(folder):
    """A city's warehouse, with what was planted as `truth`."""
    with duckdb.connect(str(folder / f"{folder.name}.duckdb"), read_only=True) as con:
        con.execute(f"create temp view truth as from '{folder}/data/truth.parquet'")
        yield con


@pytest.fixture(scope="module", params=["chicago", "new_york"])
def other(request, built):
    """The warehouse of each city that has plain demo data, and the city's name."""
    with opened(built(request.param)) as con:
        yield con, request.param


@pytest.fixture(scope="module")
def chicago(built):
    """Chicago's warehouse."""
    with opened(built("chicago")) as con:
        yield con


@pytest.fixture(scope="module")
def new_york(built):
    """New York's warehouse."""
    with opened(built("new_york")) as con:
        yield con


def test_every_row_of_another_city_is_accounted_for(other):
    con, _ = other
    planted = con.sql(
        "select subject_id, attribute, value::int from truth where attribute != 'rows' order by all"
    )
    found = con.sql(
        "select file_name, 'rejected: ' || reason, rows from marts.reject_reasons union all"
        " select file_name, 'rows_duplicate', rows_duplicate from marts.row_reconciliation"
        " order by all"
    )
    assert found.fetchall() == planted.fetchall()
    read, kept, duplicate, rejected = con.sql(
        "select sum(columns(['rows_read', 'rows_kept', 'rows_duplicate', 'rows_rejected']))"
        " from marts.row_reconciliation"
    ).fetchall()[0]
    assert read == kept + duplicate + rejected > 4000


def test_another_citys_codes_and_places_are_known(other, monkeypatch):
    con, city = other
    monkeypatch.setenv("CITY", city)
    assert con.sql("from marts.unclassified_codes").fetchall() == []
    areas = len(cities.column(h.SEEDS, "areas", "area_id"))
    for source in ("crimes", "arrests") if city == "new_york" else ("crimes",):
        counted = con.sql(
            f"select sum({source}), count(distinct area_id) from marts.fct_{source}_monthly"
        )
        kept = con.sql(
            f"select sum(rows_kept), {areas} from marts.row_reconciliation"
            f" where source_name = '{source}'"
        )
        assert counted.fetchall() == kept.fetchall()
    scopes = con.sql("select scope, title from marts.dim_scopes order by scope").fetchall()
    said = h.SEEDS.settings
    words = {"area": said["areas"], "district": said["small_areas"]}
    assert scopes == [(scope, of[0]) for scope, of in words.items() if of]
    runs = dict(con.sql("select run_id, status from marts.cluster_runs").fetchall())
    for scope, _ in scopes:
        assert runs[f"{scope}__all__crimes__volume__kmeans"] == "ok"
    claims = con.sql("select distinct scope from marts.study_claims order by scope").fetchall()
    assert claims == [(scope,) for scope, _ in scopes]


def test_years_are_complete_where_the_files_moved_to_no_other_system(other):
    con, _ = other
    years = con.sql(
        "select crosses_nibrs_break, bool_or(is_comparable) from marts.dim_periods"
        " where crimes_in_period > 0 group by crosses_nibrs_break"
    )
    assert years.fetchall() == [(False, True)]


def test_what_a_city_lacks_is_empty(chicago):
    for table in ("fct_arrests_monthly", "dim_charge_groups", "place_profiles", "recent_change"):
        assert chicago.sql(f"from marts.{table}").fetchall() == []
    (about,) = chicago.sql(
        "select city, attribution, nibrs_break, crimes_whole_through from marts.build_info"
    ).fetchall()
    assert about == ("Chicago", "City of Chicago open data, CPD", None, None)


def test_a_city_without_small_areas_has_areas_alone(new_york):
    assert new_york.sql("from marts.dim_districts").fetchall() == []
    for table in ("dim_places", "place_profiles", "recent_change"):
        scopes = f"select distinct scope from marts.{table} where scope != 'city'"
        assert new_york.sql(scopes).fetchall() == [("area",)]


def test_a_class_stands_for_a_code_and_a_band_for_an_age(new_york):
    classes = "select distinct crime_code from staging.stg_crimes where crime_code like '*%'"
    assert new_york.sql(classes).fetchall() == [("*101",)]
    profiled = new_york.sql(
        "select characteristic, list(distinct category order by category) from marts.place_profiles"
        " where characteristic similar to '.*_age_band|premise_type|weapon_kind'"
        " and category != '(too few incidents)' group by characteristic order by characteristic"
    ).fetchall()
    bands = ["18-24", "25-44", "45-64", "65 and over", "under 18"]
    assert profiled == [("arrestee_age_band", bands), ("victim_age_band", bands)]


@pytest.mark.parametrize(("city", "name"), [("chicago", "Chicago"), ("new_york", "New York")])
def test_the_pages_of_another_city_are_named_after_it(city, name, built, tmp_path, monkeypatch):
    monkeypatch.setenv("CITY", city)
    folder = built(city)
    pages = site.build(folder / f"{city}.duckdb", tmp_path, folder / "data", lineage=False).pages
    for page in pages:
        text = (tmp_path / f"{page.slug}.html").read_text(encoding="utf-8")
        assert f"· {name} recorded crime</title>" in text
        assert "Los Angeles" not in text or page.slug == "method"


def test_a_city_without_a_demo_says_where_its_files_go(seeds, tmp_path):
    change(seeds, "city.toml", "demo = ", "# demo = ")
    with pytest.raises(ValueError, match="says nothing of a demo: put the city's files into"):
        plain.generate(tmp_path / "data", seeds, scale=0.01, seed=1)
