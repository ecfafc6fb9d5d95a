"""A chain of builds over a folder that changes gives the marts of one build from nothing."""

import shutil
import sys

import duckdb
import portal as city
import pytest
from helpers import CRIMES_API, PROJECT, WAREHOUSE, WITHOUT_TESTS, checksums, csv_bytes, put

from la_crime.portal import fetch

HEADER = ["dr_no", "date_rptd", "date_occ", "time_occ", "area", "rpt_dist_no", "crm_cd"]


def report(number: int, day: str = "2023-05-01", area: int = 1) -> list:
    """A crime of one report in the order of the API's columns."""
    cells = [number, day, day, "1200", area, "101", "510"]
    known = dict(zip(HEADER, cells, strict=True))
    return [known.get(name, "") for name in CRIMES_API]


@pytest.fixture
def folder(tmp_path):
    """A data folder, and functions that build it and ask what was staged."""

    class Folder:
        data = tmp_path / "data"
        db = tmp_path / WAREHOUSE

        def crimes(self, name, *reports):
            put(self.data / "crimes" / name, csv_bytes(CRIMES_API, reports))

        def staged(self, run_dbt, *words):
            select = ["build", *WITHOUT_TESTS, "--select", "+stg_crimes", *words]
            ran = run_dbt(select, data_dir=self.data, db=self.db, work=tmp_path / "work")
            assert ran.returncode == 0, ran.stdout
            with duckdb.connect(str(self.db), read_only=True) as con:
                return con.sql(
                    "select file_name, report_id::int, reject_reason"
                    " from staging.stg_crimes order by all"
                ).fetchall()

    return Folder()


def test_files_that_are_added_changed_and_removed(folder, run_dbt):
    folder.crimes("a.csv", report(1), report(2))
    folder.crimes("b.csv", report(3))
    assert folder.staged(run_dbt) == [
        ("crimes/a.csv", 1, None),
        ("crimes/a.csv", 2, None),
        ("crimes/b.csv", 3, None),
    ]
    folder.crimes("a.csv", report(1), report(4, area=99))
    folder.crimes("c.csv", report(5), ["1", "too", "short"])
    (folder.data / "crimes" / "b.csv").unlink()
    assert folder.staged(run_dbt) == [
        ("crimes/a.csv", 1, None),
        ("crimes/a.csv", 4, "no usable area"),
        ("crimes/c.csv", 5, None),
        ("crimes/c.csv", None, "row cannot be read: missing columns"),
    ]


def test_a_file_that_did_not_change_is_not_parsed_again(folder, run_dbt):
    folder.crimes("a.csv", report(1), ["1", "too", "short"])
    before = folder.staged(run_dbt)
    mark = "update staging.stg_crimes set reject_reason = 'seen' where report_id = '1'"
    with duckdb.connect(str(folder.db)) as con:
        con.execute(mark)
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, "seen"), before[1]]
    assert folder.staged(run_dbt, "--full-refresh") == before


def test_staging_alone_takes_no_file_in_twice(folder, run_dbt):
    folder.crimes("a.csv", report(1), ["1", "too", "short"])
    before = folder.staged(run_dbt)
    assert folder.staged(run_dbt, "--exclude", "raw_crimes") == before
    assert len(before) == 2


@pytest.fixture
def staging(tmp_path, folder, run_dbt):
    """A copy of the project's staging whose files are changed, and one file that it has landed."""

    class Staging:
        project = tmp_path / "project"

        def change(self, name, old, new):
            path = self.project / name
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")

        def run(self, *words, command=None):
            ran = run_dbt(
                ["build", *WITHOUT_TESTS, "--select", "+stg_crimes", *words],
                data_dir=folder.data,
                db=folder.db,
                work=tmp_path / "work",
                project=self.project,
                **({"command": command} if command else {}),
            )
            return ran

        def build(self, *words, **how):
            ran = self.run(*words, **how)
            assert ran.returncode == 0, ran.stdout + ran.stderr

        def ask(self, query):
            with duckdb.connect(str(folder.db)) as con:
                return con.execute(query).fetchall()

        def was_read_again(self, *words, **how):
            """Whether a build put other rows in the place of those that were there."""
            self.ask("update staging.stg_crimes set small_area = -1")
            self.build(*words, **how)
            return self.ask("select distinct small_area from staging.stg_crimes") == [(101,)]

    for name in ("macros", "cities", "seeds", "models/staging"):
        shutil.copytree(PROJECT / name, Staging.project / name)
    for name in ("dbt_project.yml", "profiles.yml", "models/shared_columns.md"):
        shutil.copyfile(PROJECT / name, Staging.project / name)
    (Staging.project / "la_crime").symlink_to(PROJECT / "la_crime")
    (Staging.project / "docs").mkdir()
    folder.crimes("a.csv", report(1), report(2))
    found = Staging()
    found.build()
    return found


def test_what_staging_uses_reads_every_file_again_and_nothing_else_does(staging):
    assert not staging.was_read_again()
    # what staging does not use: a macro, a seed, another source's cleaning, a comment
    staging.change("macros/protection.sql", "{% macro", "{# changed #}{% macro")
    staging.change("macros/cleaning.sql", "under 18", "a minor")
    staging.change("models/staging/stg_arrests.sql", "typed as (", "typed as ( /* changed */")
    staging.change("cities/los_angeles/sex_codes.csv", "\n", "\n\n")
    assert not staging.was_read_again()
    # a macro that a macro of its calls, the model, the reader, a seed's row
    staging.change("macros/cleaning.sql", "'NULL', 'NAN'", "'NULL', 'NIL', 'NAN'")
    assert staging.was_read_again()
    staging.change(
        "models/staging/stg_crimes.sql",
        "date_reported as date_reported_text",
        "upper(date_reported) as date_reported_text",
    )
    assert staging.was_read_again()
    staging.change(
        "macros/read_files.sql",
        "c{{ files[0].columns[column] }}",
        "trim(c{{ files[0].columns[column] }})",
    )
    assert staging.was_read_again()
    staging.change("cities/los_angeles/areas.csv", "Central", "The Centre")
    assert staging.was_read_again()
    staging.change("seeds/date_forms.csv", "[A-Za-z]{3}", "[A-Za-z]{3,4}")
    assert staging.was_read_again()
    assert not staging.was_read_again()


def test_a_variable_that_staging_uses_reads_every_file_again(staging):
    def with_vars(text):
        return staging.was_read_again("--vars", text)

    assert not with_vars("{rounding_base: 5}")
    assert with_vars("{late_report_days: 30}")
    assert with_vars("{city_box: {lat_min: 33, lat_max: 35, lon_min: -119, lon_max: -118}}")
    assert with_vars("{as_of_date: '2024-01-01'}")
    assert with_vars("{as_of_date: '2023-01-01'}")
    assert staging.ask("select distinct reject_reason from staging.stg_crimes") == [
        ("occurrence date in the future",)
    ]


ON_ANOTHER_DAY = """
import datetime, dbt.tracking
from dbt.cli.main import cli
day = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)
dbt.tracking.User.run_started_at = property(lambda user: day, lambda user, value: None)
cli()
"""


def test_another_day_reads_no_file_again_while_the_day_gives_but_the_last_reason(staging):
    tomorrow = (sys.executable, "-c", ON_ANOTHER_DAY)
    assert not staging.was_read_again(command=tomorrow)
    staging.change(
        "macros/cleaning.sql",
        "when date_occurred is null then",
        "when {{ as_of_date() }} is null or date_occurred is null then",
    )
    assert staging.was_read_again()
    assert staging.was_read_again(command=tomorrow)


def test_a_column_that_staging_gains_or_loses_needs_no_full_refresh(staging, folder):
    model = "models/staging/stg_crimes.sql"
    staging.change(
        model, "select * from cleaned", "select *, report_id || 'x' as once from cleaned"
    )
    staging.build()
    assert staging.ask("select once from staging.stg_crimes order by 1") == [("1x",), ("2x",)]
    staging.change(model, "report_id || 'x' as once", "report_id || 'y' as other")
    staging.build()
    query = "select * from staging.stg_crimes order by report_id"
    with duckdb.connect(str(folder.db)) as con:
        found = con.sql(query)
        assert "once" not in found.columns
        assert [row[-1] for row in found.fetchall()] == ["1y", "2y"]


def test_a_model_that_staging_reads_beside_its_own_is_an_error(staging):
    staging.change(
        "models/staging/stg_crimes.sql",
        "select * from cleaned",
        "select * from cleaned where file_name in (select file_name from {{ ref('data_files') }})",
    )
    staging.change(
        "macros/read_files.sql",
        "{% do ref('areas') %}",
        "{% do [ref('areas'), ref('data_files')] %}",
    )
    ran = staging.run()
    assert ran.returncode != 0
    assert "stg_crimes reads model.la_crime.data_files: staging reads its raw model" in ran.stdout


def test_a_date_in_the_future_comes_in_when_its_day_has_come(folder, run_dbt):
    folder.crimes("a.csv", report(1, day="2999-01-01"))
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, "occurrence date in the future")]
    with duckdb.connect(str(folder.db)) as con:  # as if the row had been read before its day
        con.execute("update staging.stg_crimes set date_occurred = current_date - 1")
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, None)]


def test_a_chain_of_refreshes_gives_the_marts_of_a_full_refresh(tmp_path, run_dbt, monkeypatch):
    out, refreshed = tmp_path / "raw", tmp_path / WAREHOUSE

    def build(db, *words):
        words = ["build", *WITHOUT_TESTS, *words]
        ran = run_dbt(words, data_dir=out, db=db, work=tmp_path / "work")
        assert ran.returncode == 0, ran.stdout
        return checksums(db)

    def rows(db):
        with duckdb.connect(str(db), read_only=True) as con:
            query = (
                "select source_name, sum(rows_read)::int from marts.row_reconciliation group by 1"
            )
            return dict(con.sql(query).fetchall())

    tables = city.city_tables(tmp_path / "city")
    crimes, offenses = "crimes_2020_2024", "nibrs_offenses"
    kept = len(tables[crimes][1]) // 2
    later = tables[crimes][1][kept:]
    tables[crimes] = (tables[crimes][0], tables[crimes][1][:kept])
    with city.FakePortal(tables, city.city_shapes()) as portal:
        for name in ("LA_CRIME_PORTAL_URL", "LA_CRIME_BOUNDARIES_URL"):
            monkeypatch.setenv(name, portal.url)
        fetch.fetch(out, page_rows=200, pages_per_file=2)
        first = build(refreshed)
        before = rows(refreshed)
        portal.gain(crimes, later)
        portal.change(offenses, every=9, nibr_code="240")
        portal.change("arrests_2020_present", every=7, arst_date="2022-02-02T00:00:00.000")
        portal.delete("crimes_2010_2019", every=5)
        fetch.fetch(out, page_rows=200, pages_per_file=2)
    second = build(refreshed)
    old = -(-len(tables["crimes_2010_2019"][1]) // 5)
    assert rows(refreshed) == before | {"crimes": before["crimes"] + len(later) - old}
    assert second == build(tmp_path / "anew" / WAREHOUSE, "--full-refresh")
    assert first != second


def test_measures_of_the_same_inputs_are_kept_until_a_full_refresh(demo_copy, run_dbt):
    db = demo_copy.db

    def sizes(*words):
        words = ["build", "--select", "clustering_linkages", "--resource-type", "model", *words]
        ran = run_dbt(words, demo_copy.data, db)
        assert ran.returncode == 0, ran.stdout
        with duckdb.connect(str(db), read_only=True) as con:
            query = "select run_id, list(size) from clustering.clustering_linkages group by 1"
            return dict(con.sql(query).fetchall())

    run_ids = list(before := sizes())
    with duckdb.connect(str(db)) as con:
        mark = "update clustering.clustering_linkages set size = -1 where run_id in (?, ?)"
        con.execute(mark, run_ids[:2])
        # as if the second run had been measured from something else
        other = "update clustering.clustering_linkages set inputs_hash = 'other' where run_id = ?"
        con.execute(other, run_ids[1:2])
        # as if one of the model's parents had changed
        con.execute("delete from quality.kept where node_id like '%.clustering_linkages'")
    seen = {run_ids[0]: [-1] * len(before[run_ids[0]])}
    assert sizes() == before | seen
    assert sizes("--full-refresh") == before
