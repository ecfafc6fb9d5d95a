"""The command line: what a person sees, above all when something is wrong."""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from la_crime import __main__ as command_line
from la_crime import bench, demo
from la_crime.warehouse import build, summary

PROJECT = Path(__file__).parents[2]


def la_crime(
    *words: str, cwd: Path = PROJECT, preexec_fn=None, **settings: str
) -> subprocess.CompletedProcess:
    """Run `python -m la_crime` with these words and settings."""
    return subprocess.run(
        [sys.executable, "-m", "la_crime", *words],
        cwd=cwd,
        preexec_fn=preexec_fn,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


NOT_THERE = "Error: {db} is not there yet: run `make build` first, or set LA_CRIME_DB to another."


def test_help_lists_every_command():
    shown = la_crime("--help").stdout
    commands = "demo", "build", "publish", "fetch", "refresh", "site", "summary", "docs", "bench"
    for command in commands:
        assert f"\n    {command} " in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["demo", "--scale", "0"], "Error: scale is 0.0; it must be above 0 and at most 2."),
        (["summary"], NOT_THERE),
        (["docs"], NOT_THERE),
        (["publish"], NOT_THERE),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(words, message, tmp_path):
    db = tmp_path / "none.duckdb"
    ran = la_crime(*words, LA_CRIME_DB=str(db))
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == message.format(db=db)
    assert "Traceback" not in ran.stderr


def test_build_says_where_to_run_it(tmp_path):
    ran = la_crime("build", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"Error: dbt_project.yml is not in {tmp_path}: run this from the project's folder.\n"
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> dict[str, str]:
    """Settings of a build on a little data; dbt parses the project once for all of them."""
    folder = tmp_path_factory.mktemp("hindered")
    demo.generate(folder / "data", scale=0.005, progress=False)
    return {
        "LA_CRIME_DATA_DIR": str(folder / "data"),
        "LA_CRIME_DB": str(folder / "db" / "x.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


def test_a_build_on_a_bad_folder_fails_with_the_reason(settings, tmp_path):
    ran = la_crime("build", **settings | {"LA_CRIME_DATA_DIR": str(tmp_path / "nowhere")})
    assert ran.returncode == 1
    assert f"The data folder {tmp_path / 'nowhere'} does not exist." in ran.stdout + ran.stderr
    assert "The build failed; what it printed above says where." in ran.stderr
    assert not (Path(settings["LA_CRIME_DB"]).parent / "published").exists()
    assert "Traceback" not in ran.stdout + ran.stderr


# --- The machine or another program is in the way -------------------------------------------------


def assert_hindered(ran: subprocess.CompletedProcess, error: str) -> None:
    """A build ended with one error, after lines that say what is built, and exit code 1."""
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert ran.stdout == ""
    *building, said = ran.stderr.splitlines()
    assert all(line.startswith(("Building ", "Boundaries: ")) for line in building)
    assert said.startswith(f"Error: {error}")


def test_a_second_build_at_once_is_one_sentence(settings):
    db = Path(settings["LA_CRIME_DB"])
    db.parent.mkdir(exist_ok=True)
    hold = f"import duckdb; c = duckdb.connect({str(db)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        ran = la_crime("build", **settings)
        other.communicate(b"\n")
    assert_hindered(
        ran,
        f"{db} is open in another program, which builds or reads it: try again when that is done.",
    )


def test_a_full_disk_is_one_sentence(settings):
    """A limit on the size of files stands for the disk: the system refuses to write on."""
    limit, db = 8_000_000, Path(settings["LA_CRIME_DB"])
    db.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(db)) as con:  # what takes up most of the room
        con.execute(f"create table other as select random() from range({limit // 9})")
    assert limit * 0.8 < db.stat().st_size < limit

    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ran = la_crime("build", preexec_fn=limit_files, **settings)
    assert_hindered(ran, f"There is no room on the disk to write {db}")
    assert ran.stderr.endswith(
        "(File too large), and the build did not finish: free some space and run it again.\n"
    )


@pytest.mark.parametrize("setting", ["DBT_TARGET_PATH", "DBT_LOG_PATH"])
def test_a_folder_that_cannot_be_written_is_one_sentence(settings, setting, tmp_path):
    """Below a file there is no folder, not even for root, whom no permission stops."""
    (tmp_path / "file").touch()
    ran = la_crime("build", **settings | {setting: str(tmp_path / "file" / "in" / "x.duckdb")})
    assert_hindered(ran, f"{tmp_path}/file/in")
    assert ran.stderr.endswith(
        "(Not a directory): mend that, or set LA_CRIME_DB, DBT_TARGET_PATH and DBT_LOG_PATH to "
        "where you may write.\n"
    )


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (
            'IO Error: Cannot open file "/a/b.duckdb": Read-only file system',
            "/a/b.duckdb may not be opened or written (Read-only file system)",
        ),
        (
            "[Errno 13] Permission denied: '/a/target'",
            "/a/target may not be opened or written (Permission denied)",
        ),
        (
            'Could not write file "/a/b.duckdb": No space left on device',
            "There is no room on the disk to write /a/b.duckdb (No space left on device)",
        ),
        (
            "[Errno 28] No space left on device",
            "There is no room on the disk (No space left on device)",
        ),
        (
            "Out of Memory Error: failed to offload data block of size 256.0 KiB (1 GiB/1 GiB "
            "used).\nThis limit was set by the 'max_temp_directory_size' setting.",
            "There is no room on the disk (max_temp_directory_size)",
        ),
        ('IO Error: Could not set lock on file "/a/b": busy', "/a/b is open in another program,"),
    ],
)
def test_what_the_system_says_is_told_in_a_sentence(report, sentence):
    assert build.hindrance(f"Encountered an error:\n{report}\nTraceback").startswith(sentence)


def test_a_fault_of_the_data_is_no_hindrance():
    report = "data/crimes/a.csv: cannot be opened: Permission denied.\nCould not parse '2010'"
    assert build.hindrance(report) is None


READERS = ["summary", "publish", "docs", "site --no-lineage"]


def refused(words: str, folder: Path, db: Path | str, **settings: str) -> str:
    """Run a command that must end in one sentence; return what that is."""
    ran = la_crime(
        *words.split(),
        LA_CRIME_DB=str(db),
        DBT_TARGET_PATH=str(folder / "target"),
        DBT_LOG_PATH=str(folder / "logs"),
        **settings,
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    assert ran.stdout == ""
    *_, said = ran.stderr.splitlines()
    assert said.startswith("Error: ")
    assert "a fault of the program" not in said
    return said


@pytest.mark.parametrize("words", READERS)
def test_a_warehouse_that_another_program_writes_is_one_line(words, tmp_path):
    db = tmp_path / "busy.duckdb"
    with duckdb.connect(str(db)):
        said = refused(words, tmp_path, db)
    assert said == (
        f"Error: {db} is open for writing in another program, probably a build: try again when "
        "that is done."
    )


@pytest.mark.parametrize("words", READERS)
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("text", "is not a DuckDB file"),
        ("empty", "is not a DuckDB file"),
        ("folder", "is a folder"),
        ("other", "has no schema marts"),
    ],
)
def test_what_is_not_a_warehouse_is_one_line(words, name, fault, tmp_path):
    db = tmp_path / f"{name}.duckdb"
    if name == "folder":
        db.mkdir()
    elif name == "other":
        duckdb.connect(str(db)).close()
    else:
        db.write_text("" if name == "empty" else "no database at all\n")
    assert f"{db} {fault}" in refused(words, tmp_path, db)


def build_with_words_for_rows(db: Path) -> None:
    """Write marts of a build that kept no crime, as far as the refusal reads them."""
    with duckdb.connect(str(db)) as con:
        con.execute("create schema marts; create schema quality")
        con.execute("create table marts.fct_crimes_monthly (crimes bigint)")
        con.execute(
            "create table marts.row_reconciliation as select 'crimes' as source_name,"
            " 900 as rows_read"
        )
        con.execute(
            "create table marts.reject_reasons as select 'crimes' as source_name,"
            " 'no usable occurrence date' as reason, 900 as rows"
        )
        con.execute(
            "create table quality.build_outcome as select 'a' as invocation_id,"
            " 'dbt build' as command, '' as shortfall"
        )


@pytest.mark.parametrize("words", ["summary", "publish", "site --no-lineage"])
def test_a_warehouse_without_a_crime_says_why(words, tmp_path):
    db = tmp_path / "none.duckdb"
    build_with_words_for_rows(db)
    assert refused(words, tmp_path, db) == (
        f"Error: {db} has no crime that counts: 900 rows of crimes were read and none kept "
        "(no usable occurrence date: 900). Mend the files and run `make build`."
    )
    assert not (tmp_path / "published").exists()


def test_a_warehouse_of_another_version_says_what_it_lacks(tmp_path):
    db = tmp_path / "old.duckdb"
    build_with_words_for_rows(db)
    with duckdb.connect(str(db)) as con:
        con.execute("insert into marts.fct_crimes_monthly values (1)")
    assert "lacks what is read from it (Catalog Error" in refused("summary", tmp_path, db)


@pytest.mark.parametrize("name", ["marts", "Quality", "it's", "temp"])
def test_a_build_refuses_a_name_that_sql_would_misread(name, tmp_path):
    said = refused("build", tmp_path, tmp_path / f"{name}.duckdb")
    assert "cannot be the warehouse's name" in said


def test_a_build_refuses_a_path_that_cannot_be_a_warehouse(tmp_path):
    text = tmp_path / "text.duckdb"
    text.write_text("no database at all\n")
    assert "is not a DuckDB file" in refused("build", tmp_path, text)
    assert f"{text}: File exists." in refused("build", tmp_path, text / "x.duckdb")
    db = tmp_path / "mine.duckdb"
    assert f"{text} is a file" in refused("build", tmp_path, db, LA_CRIME_DATA_DIR=str(text))


def test_a_build_where_another_warehouse_is_published_ends_before_it_begins(tmp_path):
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "manifest.json").write_text('{"warehouse": "demo.duckdb"}')
    said = refused("build", tmp_path, tmp_path / "mine.duckdb")
    assert "has what was published from demo.duckdb" in said
    (tmp_path / "published" / "manifest.json").write_text("[]")
    assert "is not a manifest of this project" in refused("build", tmp_path, tmp_path / "m.duckdb")


def test_broken_boundaries_stop_a_build_and_a_site(demo_warehouse, tmp_path):
    boundaries = tmp_path / "boundaries"
    boundaries.mkdir()
    (boundaries / "mine.geojson").write_text('{"x": 1}')
    said = refused(
        f"site --no-lineage --out {tmp_path / 'site'}",
        tmp_path,
        demo_warehouse.db,
        LA_CRIME_DATA_DIR=str(tmp_path),
    )
    assert f"Error: {boundaries / 'mine.geojson'}: is not a GeoJSON FeatureCollection" in said
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("words", ["demo --scale 0.01", "fetch", "site --no-lineage"])
def test_a_place_to_write_that_is_a_file_is_one_line(words, demo_warehouse, tmp_path):
    out = tmp_path / "out"
    out.write_text("")
    said = refused(f"{words} --out {out}", tmp_path, demo_warehouse.db)
    assert said.startswith(f"Error: {out}")


def test_a_reader_that_has_read_enough_is_no_error(demo_warehouse):
    with subprocess.Popen(
        [sys.executable, "-m", "la_crime", "summary"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "LA_CRIME_DB": str(demo_warehouse.db)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert said == f"Reading {demo_warehouse.db} ...\n"


def test_a_fault_of_the_program_is_a_sentence_with_its_place(monkeypatch, capsys):
    monkeypatch.setattr(summary, "summary", lambda _: {}["a key"])
    monkeypatch.setattr(sys, "argv", ["la_crime", "summary"])
    assert command_line.main() == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("Error: 'a key' (KeyError in test_command_line.py, line ")
    assert "This is a fault of the program" in said


DBT_ERROR = """Runtime Error in model m (models/m.py)
  Python model failed:
  Traceback (most recent call last):
    File "a.py", line 8, in model
      raise ValueError("first")
  ValueError: first

  During handling of the above exception, another exception occurred:

  Traceback (most recent call last):
    File "b.py", line 9, in model
      raise ValueError("second")
  ValueError: second
  > in macro statement (macros/etc/statement.sql)
  """


def test_a_fault_in_a_model_is_told_without_a_traceback():
    assert build.plain(DBT_ERROR) == "  Python model failed:\n  ValueError: second"


def test_what_dbt_met_is_told_by_name_and_meaning():
    def node(name):
        return SimpleNamespace(name=name, original_file_path=f"{name}.sql", description="Rows fit.")

    results = [
        SimpleNamespace(status="pass", node=node("a"), message=None),
        SimpleNamespace(status="fail", node=node("b"), message="Got 1 result"),
        SimpleNamespace(status="error", node=node("c"), message=DBT_ERROR),
        SimpleNamespace(status="skipped", node=node("d"), message=None),
    ]
    ran = SimpleNamespace(success=False, exception=None, result=SimpleNamespace(results=results))
    assert build.faults(ran) == [
        "Failed: b (b.sql): Got 1 result. It tests: Rows fit.",
        "Error: c (c.sql):\n  Python model failed:\n  ValueError: second",
        "1 models and tests were not run because of that.",
    ]


def test_summary_says_first_that_the_last_build_did_not_finish(demo_warehouse, demo_copy):
    """A build that was killed has forgotten the outcome of the one before, and has none."""
    with duckdb.connect(str(demo_copy.db)) as con:
        con.execute("delete from quality.build_outcome")
    said = la_crime("summary", LA_CRIME_DB=str(demo_copy.db))
    assert said.returncode == 0
    assert said.stdout.startswith(
        "CAUTION: what follows may be of several builds, for the last build of it did not come to "
        "its end: run `make build`.\n\nLos Angeles crimes and arrests"
    )
    assert "CAUTION" not in summary.summary(demo_warehouse.db)


def test_summary_says_first_what_failed(demo_copy):
    with duckdb.connect(str(demo_copy.db)) as con:
        con.execute("update quality.build_outcome set shortfall = 'fail: tiers_fall_in_volume'")
    assert summary.summary(demo_copy.db).startswith(
        "CAUTION: what follows may be of several builds, for the last command on it, `dbt build`, "
        "was not a whole build that passed (fail: tiers_fall_in_volume): mend that and run `make "
        "build`."
    )


def test_summary_of_a_first_build_that_was_killed_is_one_line(tmp_path):
    db = tmp_path / "la.duckdb"
    duckdb.connect(str(db)).close()
    said = la_crime("summary", LA_CRIME_DB=str(db))
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.endswith(
        f"Error: {db} has no schema marts: it is another program's, or no build of it has come "
        "that far. Run `make build`, or name another with LA_CRIME_DB.\n"
    )


def test_summary_agrees_with_the_marts(demo_warehouse):
    text = summary.summary(demo_warehouse.db)
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        read, kept = con.sql(
            "select sum(rows_read), sum(rows_kept) from marts.row_reconciliation"
            " where source_name = 'crimes'"
        ).fetchall()[0]
        highest, volume = con.sql(
            "select place_name, volume from marts.cluster_assignments"
            " inner join marts.dim_places using (scope, place_id)"
            " where run_id = 'area__all__crimes__volume__kmeans' order by volume desc limit 1"
        ).fetchall()[0]
        lately = con.sql(
            "select '  ' || sentence from marts.recent_change where scope = 'city'"
            " and source = 'crimes' and category = 'all' and comparison = '28_days_last_year'"
        ).fetchall()[0][0]
    assert "SYNTHETIC" in text
    assert f"crimes    {int(read):>12,}{int(kept):>12,}" in text
    assert f"  high         {highest} {volume}" in text
    assert lately in text.splitlines()
    assert str(demo_warehouse.db) in text


def test_bench_times_a_process_and_tells_of_its_failure():
    ran = bench.timed("nothing", ["-c", "sum(range(10**6))"])
    assert ran.code == 0
    assert 0 < ran.cpu < 60
    assert ran.peak > 1e6
    assert bench.timed("a failure", ["-c", "raise SystemExit(3)"]).code == 3


def test_bench_gives_a_process_no_more_memory_than_it_says():
    words = ["-c", "bytearray(5 * 10**8)"]
    assert bench.timed("within", words, limit=10**9).code == 0
    assert bench.timed("without", words, limit=10**8).code == 1


def test_bench_has_no_ratio_to_a_script_that_failed():
    runs = [bench.Run("script", 10, 12, 10**9, 1), bench.Run("build", 15, 20, 2 * 10**9, 0)]
    assert bench.table(runs, scale=10).splitlines()[-1].split()[-1] == "-"


def test_bench_copies_are_the_same_incidents_by_other_numbers(tmp_path):
    demo.generate(tmp_path, scale=0.002, progress=False)
    files = [path for path in tmp_path.glob("*/*") if path.suffix != ".geojson"]
    bench.multiply(tmp_path, 3)
    numbers = {"crimes": ["dr_no", "DR Number"], "arrests": ["Report ID", "rpt_id"]}
    numbers["nibrs_offenses"] = ["caseno", "uniquenibrno"]
    for path in files:
        copies = sorted(
            path.parent.glob(f"synthetic_copy_*_{path.name.removeprefix('synthetic_')}")
        )
        assert len(copies) == 2
        old, *new = (bench.source(name) for name in (path, *copies))
        names = {name.lower() for name in duckdb.sql(f"from {old} limit 0").columns}
        changed = [name for name in numbers[path.parent.name] if name.lower() in names]
        assert changed
        excluded = ", ".join(f'"{name}"' for name in changed)
        for copy in new:
            assert not duckdb.sql(
                f'select 1 from {copy} semi join {old} using ("{changed[0]}")'
            ).fetchall()
            for left, right in ((copy, old), (old, copy)):
                rest = f"select * exclude ({excluded}) from"
                assert not duckdb.sql(f"{rest} {left} except all {rest} {right}").fetchall()


def test_bench_sets_each_run_beside_the_first(tmp_path):
    runs = [bench.Run("script", 10, 12, 10**9, 0), bench.Run("build", 15, 20, 2 * 10**9, 0)]
    head, _, build = (line.split() for line in bench.table(runs, scale=10).splitlines())
    assert head == ["scale", "wall", "s", "CPU", "s", "peak", "GB", "ratio"]
    assert build == ["10", "build", "15.0", "20.0", "2.00", "1.50"]
    bench.draw(runs, tmp_path / "bench.svg")
    assert "script" in (tmp_path / "bench.svg").read_text(encoding="utf-8")


def test_bench_adds_rows_that_are_new_to_both_live_feeds(tmp_path):
    demo.generate(tmp_path, scale=0.005, progress=False)
    before = set(tmp_path.glob("*/*"))
    rows = 300
    bench.add_newest_rows(tmp_path, rows)
    added = sorted(
        path.relative_to(tmp_path).as_posix() for path in set(tmp_path.glob("*/*")) - before
    )
    assert added == ["arrests/synthetic_new.csv", "nibrs_offenses/synthetic_new.parquet"]
    for path, (feed, day, numbers) in zip(added, bench.LIVE_FEEDS, strict=True):
        new, old = (bench.source(tmp_path / name) for name in (path, feed))
        newest = duckdb.sql(f"select max({day}) from {old} where {day} like '20%'").fetchall()
        assert duckdb.sql(f"select max({day}), count(*) from {new}").fetchall() == [
            (newest[0][0], rows // 2)
        ]
        for number in numbers:
            query = f"select 1 from {new} semi join {old} using ({number})"
            assert not duckdb.sql(query).fetchall()


def test_bench_lists_the_slowest_nodes_first(tmp_path):
    results = [{"execution_time": t, "unique_id": f"model.{t}"} for t in (1.0, 3.0, 2.0)]
    path = tmp_path / "run_results.json"
    path.write_text(json.dumps({"results": results}))
    assert bench.slowest_nodes(path) == [(3.0, "model.3.0"), (2.0, "model.2.0"), (1.0, "model.1.0")]
