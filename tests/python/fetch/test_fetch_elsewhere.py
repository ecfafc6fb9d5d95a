"""Other cities are fetched as Los Angeles is, by what their `portal.toml` says and no more."""

import duckdb
import helpers
import portal as city
import pytest
from fetching import assert_same_as_portal, command, fetch_small, landed, manifest, stop_at_page

from la_crime import cities
from la_crime.inputs import inspection
from la_crime.portal import fetch
from la_crime.portal.datasets import published

CITIES = [
    name for name in city.ELSEWHERE if (helpers.PROJECT / "cities" / name / "portal.toml").is_file()
]


@pytest.fixture(scope="module", params=CITIES)
def elsewhere(request, tmp_path_factory):
    """Another city, and fields and rows of each of its datasets."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CITY", request.param)
        yield request.param, city.tables_elsewhere(tmp_path_factory.mktemp(request.param) / "data")


@pytest.fixture
def fake(elsewhere, settings, monkeypatch):
    """The portal of that city, which is the one that is chosen."""
    name, tables = elsewhere
    monkeypatch.setenv("CITY", name)
    with city.FakePortal(tables, {}) as portal:
        settings(portal.url)
        yield portal


def test_no_more_is_asked_for_than_is_listed(fake, tmp_path):
    fetch.fetch(tmp_path)
    for table in published().tables:
        assert_same_as_portal(fake, tmp_path, table.name)
        told = manifest(tmp_path)[table.name]
        assert (told["id"], told["new_columns"]) == (table.id, [])
        assert {*told["columns"].values()} == {*table.needed, *table.harmless}
        fields = fake.datasets[table.id].fields
        assert {*told["withheld_columns"]} == {*fields} - {*table.needed, *table.harmless}
    assert fake.columns_asked() <= {
        *(name for table in published().tables for name in (*table.needed, *table.harmless)),
        *("count(*)", ":id", ":updated_at"),
    }


def test_an_interrupted_fetch_goes_on(fake, tmp_path, monkeypatch):
    names = [table.name for table in published().tables]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        stop_at_page(patch, 8)
        fetch_small(tmp_path, names)
    asked = len(fake.paths(".csv"))
    fetch_small(tmp_path, names)
    for name in names:
        assert_same_as_portal(fake, tmp_path, name)
    pages = sum(-(-len(fake.content(name)) // 20) + 1 for name in names)
    # two whole files of three pages are kept, and the page that was begun is asked for again
    assert len(fake.paths(".csv")) - asked < pages - 5


def test_a_row_that_the_city_updated_replaces_the_old_one(fake, tmp_path, capsys):
    table = published().tables[0]
    fetch_small(tmp_path, [table.name])
    before = len(landed(tmp_path, table.name))
    changed = fake.change(table.name, every=50, **{table.harmless[0]: "reclassified"})
    fake.gain(table.name, [*fake.datasets[table.id].rows.values()][:7])
    capsys.readouterr()
    fetch_small(tmp_path, [table.name])
    assert f"{changed + 7:,} rows fetched; {before + 7:,} rows in" in capsys.readouterr().out
    assert_same_as_portal(fake, tmp_path, table.name)
    held = [row[table.harmless[0]] for row in landed(tmp_path, table.name)[:before]]
    assert (len(held), held.count("reclassified")) == (before, changed)


def test_a_build_reads_what_was_fetched(elsewhere, fake, tmp_path, run_dbt):
    ran = command(tmp_path / "data", fake.url, city=elsewhere[0])
    assert (ran.returncode, ran.stderr) == (0, "")
    found = inspection.inspect(tmp_path / "data", helpers.SEEDS)
    assert found["problems"] == []
    wanted = {table.folder for table in published().tables}
    assert {file["source"] for file in found["files"]} == wanted
    db = tmp_path / "fetched.duckdb"
    words = ["run", "--select", "+row_reconciliation", "+reject_reasons", "+unclassified_codes"]
    assert run_dbt(["seed"], data_dir=tmp_path / "data", db=db).returncode == 0
    ran = run_dbt(words, data_dir=tmp_path / "data", db=db)
    assert ran.returncode == 0, ran.stdout
    with duckdb.connect(str(db), read_only=True) as con:
        read, kept = con.sql(
            "select sum(rows_read), sum(rows_kept) from marts.row_reconciliation"
        ).fetchall()[0]
        hours = con.sql(
            "select count(distinct hour_occurred), count(*) - count(hour_occurred)"
            " from staging.stg_crimes where reject_reason is null"
        ).fetchall()[0]
        reasons = con.sql("select distinct reason from marts.reject_reasons").fetchall()
        assert con.sql("from marts.unclassified_codes").fetchall() == []
    assert read == sum(len(fake.content(table.name)) for table in published().tables)
    assert kept > 0.9 * read
    assert hours == (24, 0)
    # what the demo plants, and nothing that the portal's way of writing makes
    assert {reason for (reason,) in reasons} == {
        *("no usable identifier", "no usable occurrence date", "no usable area")
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "is missing, which would say where the city publishes: put its files into the data"),
        ("portal = ", "cannot be read: Invalid value"),
        ("[[tables]]", "cannot be read: 'portal'"),
        ('portal = "x"\n[[tables]]\nname = "crimes"', "cannot be read: .* missing 4 required"),
    ],
)
def test_where_a_city_publishes_must_be_said(text, fault, tmp_path, monkeypatch):
    monkeypatch.setattr(cities.Seeds, "city", tmp_path)
    if text is not None:
        (tmp_path / "portal.toml").write_text(text)
    with pytest.raises(ValueError, match=f"portal.toml:? {fault}"):
        published()
