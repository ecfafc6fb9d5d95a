"""Runs dbt the way `make` does: demo data first if there is none, progress, a summary after."""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg
from tqdm import tqdm

from la_crime import demo, inputs, lineage, publish, settings, summary

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
    """A bar that follows dbt's events; dbt itself prints errors and warnings alone."""

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
    """Run one dbt command quietly with a progress bar; tell whether all of it succeeded.

    Raises OSError, and dbt's report is not printed, if the machine or another program was in the
    way: that is a sentence, and a hundred lines of traceback in dbt's.
    """
    progress = Progress()
    report = io.StringIO()
    try:
        with contextlib.redirect_stdout(report):
            result = dbtRunner(callbacks=[progress]).invoke(["--quiet", *words])
    finally:
        progress.bar.close()
        # dbt would hold the warehouse open, and DuckDB has one writer or many readers
        DuckDBConnectionManager.close_all_connections()
    said = report.getvalue()
    # dbt swallows the error of a log file that it cannot write
    if not result.success and (reason := hindrance(f"{said}\n{result.exception}")):
        raise OSError(reason)
    print(said, end="")
    return result.success


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


def build(full_refresh: bool = False) -> int:
    """Build and test everything; return the exit code."""
    require_project_folder()
    folder = settings.data_folder()
    if folder == settings.DEFAULT_DATA_FOLDER and not inputs.data_files(folder / "crimes"):
        print(f"No data in {folder}: making synthetic demo data there ...", file=sys.stderr)
        demo.generate(folder)
    print(f"Building {settings.warehouse()} from {folder} ...", file=sys.stderr)
    if not run_dbt("build", *(["--full-refresh"] if full_refresh else [])):
        print(
            "The build failed; what it printed above says where. "
            "Failing rows of some tests are kept in the schema `quality` of the warehouse.",
            file=sys.stderr,
        )
        return 1
    print(summary.summary(settings.warehouse()))
    print(publish.publish(settings.warehouse()))
    return 0


def docs(out: Path) -> int:
    """Write dbt's documentation with its lineage to one file; return the exit code."""
    require_project_folder()
    if not settings.warehouse().exists():
        raise FileNotFoundError(f"{settings.warehouse()} is not there yet: run `make build` first.")
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
