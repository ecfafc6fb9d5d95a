"""The dbt-duckdb plugin: lets SQL ask what is in the data folder, and what a model's code hangs on.

It registers two SQL functions. `inspect_inputs(data_folder)` answers with JSON (see
`la_crime.inputs.inspection`): `macros/read_files.sql` turns that into `read_csv` calls, and
`macros/check_inputs.sql` turns its problems into one error before anything is built.
`imports_fingerprint(script)` is `la_crime.fingerprint`'s, and one of the things by which
`macros/keeping.sql` keeps tables.
"""

import json
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from la_crime import measures, settings, spatial
from la_crime.cities import Seeds
from la_crime.fingerprint import imports_fingerprint
from la_crime.inputs import inspection
from la_crime.warehouse import hand_over

# Python models run in threads, and SciPy and scikit-learn cannot be first imported by two at once:
# every module that they call, with all that it imports, is imported before any of them runs.
for _room in (measures, spatial):
    for _module in iter_modules(_room.__path__, f"{_room.__name__}."):
        import_module(_module.name)


@lru_cache(maxsize=4)
def _inspect_once(data_folder: str) -> str:
    """Inspect a folder, or a hand-over, once in each dbt command, however many models ask."""
    if folder := settings.handed_over():
        return json.dumps(hand_over.inspect(folder, Path(), Path(data_folder)))
    return json.dumps(inspection.inspect(Path(data_folder), seeds=Seeds(Path())))


class Plugin(BasePlugin):
    """Registered in `profiles.yml`."""

    def update_connection_config(self, creds, config) -> None:  # noqa: ARG002  (dbt's signature)
        """Make the folder that the warehouse goes into: DuckDB does not."""
        Path(creds.path).parent.mkdir(parents=True, exist_ok=True)

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register the functions on the connection that all cursors share."""
        conn.create_function("inspect_inputs", _inspect_once, ["VARCHAR"], "VARCHAR")
        conn.create_function("imports_fingerprint", imports_fingerprint, ["VARCHAR"], "VARCHAR")
