"""A chain of builds over a folder that changes gives the marts of one build from nothing."""

import shutil

import duckdb
import portal as city
import pytest
from helpers import CRIMES_API, csv_bytes, put
from test_reproducible import checksums

from la_crime import fetch

WITHOUT_TESTS = ["--resource-type", "seed", "--resource-type", "model"]
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
        db = tmp_path / "refreshed.duckdb"

        def crimes(self, name, *reports):
            put(self.data / "crimes" / name, csv_bytes(CRIMES_API, reports))

        def staged(self, run_dbt, *words):
            select = ["build", *WITHOUT_TESTS, "--select", "+stg_crimes", *words]
            ran = run_dbt(select, data_dir=self.data, db=self.db, work=tmp_path / "work")
            assert ran.returncode == 0, ran.stdout
            with duckdb.connect(str(self.db), read_only=True) as con:
                return con.sql(
                    "select file_name, report_id, reject_reason"
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
    mark = "update staging.stg_crimes set reject_reason = 'seen' where report_id = 1"
    with duckdb.connect(str(folder.db)) as con:
        con.execute(mark)
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, "seen"), before[1]]
    assert folder.staged(run_dbt, "--full-refresh") == before


def test_staging_alone_takes_no_file_in_twice(folder, run_dbt):
    folder.crimes("a.csv", report(1), ["1", "too", "short"])
    before = folder.staged(run_dbt)
    assert folder.staged(run_dbt, "--exclude", "raw_crimes") == before
    assert len(before) == 2


def test_a_changed_rule_parses_every_file_again(folder, run_dbt):
    folder.crimes("a.csv", report(1, day="2012-05-01"))
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, None)]
    later = folder.staged(run_dbt, "--vars", "{series_start: '2020-01-01'}")
    assert later == [("crimes/a.csv", 1, "occurrence before the series")]


def test_a_date_in_the_future_comes_in_when_its_day_has_come(folder, run_dbt):
    folder.crimes("a.csv", report(1, day="2999-01-01"))
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, "occurrence date in the future")]
    with duckdb.connect(str(folder.db)) as con:  # as if the row had been read before its day
        con.execute("update staging.stg_crimes set date_occurred = current_date - 1")
    assert folder.staged(run_dbt) == [("crimes/a.csv", 1, None)]


def test_a_chain_of_refreshes_gives_the_marts_of_a_full_refresh(tmp_path, run_dbt, monkeypatch):
    out, refreshed = tmp_path / "raw", tmp_path / "refreshed.duckdb"

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
    assert second == build(tmp_path / "anew.duckdb", "--full-refresh")
    assert first != second


def test_measures_of_the_same_inputs_are_kept_until_a_full_refresh(
    demo_warehouse, tmp_path, run_dbt
):
    db = tmp_path / "kept.duckdb"
    shutil.copyfile(demo_warehouse.db, db)

    def sizes(*words):
        words = ["build", "--select", "clustering_linkages", "--resource-type", "model", *words]
        ran = run_dbt(words, data_dir=demo_warehouse.data, db=db, work=tmp_path / "work")
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
    seen = {run_ids[0]: [-1] * len(before[run_ids[0]])}
    assert sizes() == before | seen
    assert sizes("--full-refresh") == before
