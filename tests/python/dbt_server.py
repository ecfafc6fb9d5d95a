"""Runs dbt's commands without dbt's start: imports and parses once, then forks for each command.

Commands come on its standard input, a line of JSON each; it answers each with its exit code.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from la_crime.warehouse import dbt_plugin  # noqa: F401  (with all that Python models import)


def parsed(folder: Path) -> Manifest:
    """The project as dbt parses it for the default warehouse, which is not opened.

    folder: what dbt writes into. A fork parses, and leaves what it parsed to this process, in which
    dbt's static parser must not have run, or it would hang in every other fork. What the last build
    in the project's folder parsed need not be parsed again, where it did not change.
    """
    os.environ.pop("LA_CRIME_DB", None)
    words = ["--quiet", "parse", f"--target-path={folder}/target", f"--log-path={folder}/logs"]
    if (last := Path("target/partial_parse.msgpack")).exists():
        (folder / "target").mkdir()
        shutil.copy(last, folder / "target")
    child = os.fork()
    if not child:
        os._exit(not dbtRunner().invoke(words).success)
    os.waitpid(child, 0)
    ran = dbtRunner().invoke(words)
    if not ran.success:
        raise SystemExit(f"The project cannot be parsed: {ran.exception}")
    return ran.result


def run(
    manifest: Manifest | None, words: list[str], cwd: str, environment: dict[str, str], out: str
) -> int:
    """Run one command, as dbt's own command would; what it prints goes to files in `out`.

    manifest: what to run it on, or None to parse the project in `cwd`.
    """
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


def serve(folder: Path) -> None:
    """Answer until nobody asks any more."""
    manifest = parsed(folder)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            asked = json.loads(line)
            os._exit(run(None if asked.pop("parses") else manifest, **asked))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
