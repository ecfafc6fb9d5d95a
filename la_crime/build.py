"""Runs dbt the way `make` does: demo data first if there is none, progress, a summary after."""

import os
import sys
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg
from tqdm import tqdm

from la_crime import demo, inputs, publish, settings, summary

PROJECT_FILE = Path("dbt_project.yml")
# what dbt's documentation would ask the browser for before it is filled in, and what to put there
UNFILLED = {
    'xlink:href="{{': 'ng-attr-xlink:href="{{',
    "${require('./assets/favicons/favicon.ico')}": "data:,",
}


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
    """Run one dbt command quietly with a progress bar; tell whether all of it succeeded."""
    progress = Progress()
    try:
        return dbtRunner(callbacks=[progress]).invoke(["--quiet", *words]).success
    finally:
        progress.bar.close()
        # dbt would hold the warehouse open, and DuckDB has one writer or many readers
        DuckDBConnectionManager.close_all_connections()


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
    if not run_dbt("docs", "generate", "--static"):
        return 1
    made = Path(os.environ.get("DBT_TARGET_PATH") or "target", "static_index.html")
    html = made.read_text(encoding="utf-8")
    for unfilled, filled in UNFILLED.items():
        html = html.replace(unfilled, filled)
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
