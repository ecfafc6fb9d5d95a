"""Runs dbt the way `make` does: demo data first if there is none, progress, a summary after."""

import os
import re
import sys
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.events.base_types import EventMsg
from tqdm import tqdm

from la_crime import cities, demo, settings
from la_crime.cities import Seeds
from la_crime.inputs import inspection
from la_crime.spatial import boundaries
from la_crime.warehouse import lineage, publish, summary
from la_crime.warehouse.opening import opened, require_buildable

TRACEBACK = "Traceback (most recent call last):"
# the lines with which dbt says where in its macros or operations something happened
DBT_PLACE = re.compile(r"\s*(> (in macro|called by) |(Compilation|Runtime) Error( in \w+ |$))")
# the test whose failing rows are sentences
PLAUSIBILITY_TEST = "files_are_plausible"
PROJECT_FILE = Path("dbt_project.yml")

# what the machine or another program does to a build, as DuckDB and Python put it
LOCKED = re.compile(r'Could not set lock on file "(?P<path>[^"]+)"(?:.*?\(PID (?P<process>\d+)\))?')
FULL = re.compile(
    r'(?:"(?P<path>[^"\n]+)": |\[Errno \d+\] )'
    r"(?P<reason>No space left on device|Disk quota exceeded|File too large)"
    r"|(?P<limit>max_temp_directory_size)"
)
REFUSED = re.compile(
    r"(?:\"(?P<path>[^\"\n]+)\": |\[Errno \d+\] )"
    r"(?P<reason>Read-only file system|Permission denied|Not a directory|File exists)"
    r"(?:: '(?P<named>[^'\n]+)')?"
)


class Progress:
    """A bar that follows dbt's events; dbt itself prints nothing."""

    def __init__(self) -> None:
        # disable=None: no bar where nobody watches, as in a log file
        self.bar = tqdm(unit="node", file=sys.stderr, dynamic_ncols=True, leave=False, disable=None)

    def __call__(self, event: EventMsg) -> None:
        """Take in one event of dbt."""
        if event.info.name == "LogStartLine":
            self.bar.total = event.data.total
            self.bar.set_description(event.data.node_info.node_name[:40].ljust(40))
        elif event.info.name == "NodeFinished":
            self.bar.update()


def run_dbt(*words: str) -> bool:
    """Run one dbt command with a progress bar; say what failed, and tell whether all succeeded.

    Raises OSError if the machine or another program was in the way: that is a sentence, and a
    hundred lines of traceback in dbt's report.
    """
    progress = Progress()
    try:
        ran = dbtRunner(callbacks=[progress]).invoke(["--log-level", "none", *words])
    finally:
        progress.bar.close()
        # dbt would hold the warehouse open, and DuckDB has one writer or many readers
        DuckDBConnectionManager.close_all_connections()
    report = "\n".join(faults(ran))
    # dbt swallows the error of a log file that it cannot write
    if not ran.success and (reason := hindrance(f"{report}\n{ran.exception}")):
        raise OSError(reason)
    if report:
        print(report, file=sys.stderr)
    return ran.success


def hindrance(report: str) -> str | None:
    """What the machine or another program did to a build, in a sentence; None if nothing."""
    if locked := LOCKED.search(report):
        process = f" (process {locked['process']})" if locked["process"] else ""
        return (
            f"{locked['path']} is open in another program{process}, probably a build: run this "
            "again when that is done."
        )
    if full := FULL.search(report):
        where = f" to write {full['path']}" if full["path"] else ""
        return (
            f"There is no room on the disk{where} ({full['reason'] or full['limit']}), and the "
            "build did not finish: free some space and run it again."
        )
    if refused := REFUSED.search(report):
        where = refused["path"] or refused["named"] or "a file"
        return (
            f"{where} may not be opened or written ({refused['reason']}): mend that, or set "
            "LA_CRIME_DB, DBT_TARGET_PATH and DBT_LOG_PATH to where you may write."
        )
    return None


def faults(ran: dbtRunnerResult) -> list[str]:
    """Say what went wrong in a dbt command, and how much was not run because of it."""
    if ran.success:
        return []
    if ran.exception:
        return [plain(str(ran.exception))]
    said, skipped = [], 0
    for result in ran.result.results:
        node = result.node
        if result.status == "skipped":
            skipped += 1
        elif result.status == "fail" and node.name == PLAUSIBILITY_TEST:
            said += implausible_files()
        elif result.status == "fail":
            # what it means that a test fails is what its description says
            meaning = f" It tests: {node.description}" * bool(node.description)
            said.append(
                f"Failed: {node.name} ({node.original_file_path}): {result.message}.{meaning}"
            )
        elif result.status == "error":
            said.append(f"Error: {node.name} ({node.original_file_path}):\n{plain(result.message)}")
    if skipped:
        said.append(f"{skipped:,} models and tests were not run because of that.")
    return said


def implausible_files() -> list[str]:
    """What is odd in which file, and what to do, as the last build found it; a sentence each."""
    with opened(settings.warehouse()) as con:
        found = con.sql("select sentence from marts.file_plausibility where not is_plausible")
        return [f"Implausible: {sentence}" for (sentence,) in found.order("sentence").fetchall()]


def plain(message: str) -> str:
    """What dbt says of a fault without where in dbt: of a traceback, how it ends."""
    lines = [line for line in message.rstrip().splitlines() if not DBT_PLACE.match(line)]
    starts = [at for at, line in enumerate(lines) if line.strip() == TRACEBACK]
    if starts:
        margin = len(lines[starts[-1]]) - len(lines[starts[-1]].lstrip())
        frame = " " * (margin + 1)
        ends = (line for line in lines[starts[-1] + 1 :] if not line.startswith(frame))
        lines = lines[: starts[0]] + list(ends)
    return "\n".join(line for line in lines if line.strip())


def hand_over(out: Path, full_refresh: bool = False) -> int:
    """Build and test the left half on Spark, and hand its tables over; return the exit code."""
    try:
        from la_crime.warehouse import spark as engine
    except ImportError as error:
        raise OSError(
            f"Spark is not installed ({error}): install the project's extra `spark`, and a Java of "
            "17 or later; docs/scale.md says how."
        ) from error
    folder = prepared_data_folder()
    tables = settings.warehouse().parent / "spark"
    target = Path(os.environ.get("DBT_TARGET_PATH") or "target") / "spark"
    print(f"Building the left half in {tables} from {folder} on Spark ...", file=sys.stderr)
    spark = engine.session(tables, before=engine.clear(tables))
    try:
        half = ["--target", "spark", "--selector", "left_half", "--target-path", str(target)]
        if not run_dbt("build", *half, *(["--full-refresh"] if full_refresh else [])):
            print("The left half failed; what it printed above says where.", file=sys.stderr)
            return 1
        (tables / engine.STAGING / engine.WHOLE).touch()
        handed = engine.write_waist(spark, target / "manifest.json", out)
    finally:
        spark.stop()
    rows = sum(table["rows"] for table in handed["tables"].values())
    print(f"{len(handed['tables'])} tables of {rows:,} rows are handed over in {out}.")
    return 0


def prepared_data_folder() -> Path:
    """The data folder, with demo data in it if it is the default one and empty.

    Raises ValueError where the city's folder has faults: dbt would stumble over them unsaid.
    """
    require_project_folder()
    if found := cities.problems(Seeds(Path())):
        raise ValueError("The city cannot be built:\n- " + "\n- ".join(found))
    folder = settings.data_folder()
    if folder.is_file():
        raise NotADirectoryError(f"{folder} is a file; LA_CRIME_DATA_DIR names a folder.")
    if folder == settings.default_data_folder() and not inspection.data_files(folder / "crimes"):
        print(f"No data in {folder}: making synthetic demo data there ...", file=sys.stderr)
        demo.generate(folder)
    return folder


def build(full_refresh: bool = False, engine: str = "duckdb") -> int:
    """Build and test everything, the left half on another engine if asked; return the exit code."""
    require_project_folder()
    if engine == "spark":
        handed = settings.warehouse().parent / "handed_over"
        if code := hand_over(handed, full_refresh):
            return code
        os.environ["LA_CRIME_HANDED_OVER"] = str(handed)
    folder = settings.handed_over() or prepared_data_folder()
    require_buildable(settings.warehouse())
    publish.check_origin(settings.warehouse())
    print(f"Building {settings.warehouse()} from {folder} ...", file=sys.stderr)
    for note in boundaries.notes(settings.data_folder(), Seeds(Path())):
        print(note, file=sys.stderr)
    if not run_dbt("build", *(["--full-refresh"] if full_refresh else [])):
        print(
            "The build failed; what it printed above says where. "
            "Failing rows of some tests are kept in the schema `quality` of the warehouse.",
            file=sys.stderr,
        )
        return 1
    said = summary.summary(settings.warehouse())
    try:
        published = publish.publish(settings.warehouse())
    finally:
        # after publishing, which a reader who has read enough of this must not keep from happening
        print(said)
    print(published)
    return 0


def docs(out: Path) -> int:
    """Write dbt's documentation with its lineage to one file; return the exit code."""
    require_project_folder()
    print(f"Reading {settings.warehouse()} ...", file=sys.stderr)
    with opened(settings.warehouse()):
        pass  # dbt's own words for a file that cannot be opened are a traceback
    if not run_dbt("docs", "generate"):
        return 1
    html = lineage.page(Path(os.environ.get("DBT_TARGET_PATH") or "target"))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(html, encoding="utf-8")
    print(f"The documentation is in {out}: open it in a browser.")
    return 0


def require_project_folder() -> None:
    """Raise FileNotFoundError unless the current folder is the project's."""
    if not PROJECT_FILE.exists():
        raise FileNotFoundError(
            f"{PROJECT_FILE} is not in {Path.cwd()}: run this from the project's folder."
        )
