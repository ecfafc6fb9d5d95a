"""Runs dbt's commands without dbt's start: imports and parses once, then forks for each command.

Commands come on its standard input, a line of JSON each; it answers each with its exit code.
"""

import json
import os
import sys
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from la_crime.warehouse import dbt_plugin  # noqa: F401  (with all that Python models import)


def parsed(db: Path) -> Manifest:
    """The project as dbt parses it for a warehouse of this name; it is not opened."""
    os.environ["LA_CRIME_DB"] = str(db)
    own = f"--target-path={db.parent}/target", f"--log-path={db.parent}/logs"
    ran = dbtRunner().invoke(["--quiet", "parse", *own])
    if not ran.success:
        raise SystemExit(f"The project cannot be parsed: {ran.exception}")
    return ran.result


def run(
    manifest: Manifest, words: list[str], cwd: str, environment: dict[str, str], out: str
) -> int:
    """Run one command, as dbt's own command would; what it prints goes to files in `out`."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(Path(out, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
    ran = dbtRunner(manifest).invoke(words)
    DuckDBConnectionManager.close_all_connections()
    sys.stdout.flush()
    sys.stderr.flush()
    return 0 if ran.success else 2 if ran.exception else 1


def serve(db: Path) -> None:
    """Answer until nobody asks any more."""
    manifest = parsed(db)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(run(manifest, **json.loads(line)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
