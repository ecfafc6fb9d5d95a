"""The tables at the waist, from an engine that ran the left half to the DuckDB that runs the rest.

A hand-over is a folder with a Parquet file for each table and, written last, `manifest.json`: the
code that made it, and each table's rows and hash.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet

from la_crime import cities
from la_crime.cities import Seeds
from la_crime.files import sha256
from la_crime.inputs import inspection

MANIFEST = "manifest.json"
CODE = (
    "dbt_project.yml",
    "models/**/*.sql",
    "macros/*.sql",
    "seeds/*.csv",
    "cities/{city}/*",
    "la_crime/inputs/*.py",
)


def code_version(project: Path) -> str:
    """The hash of all that the tables at the waist hang on in the project's folder."""
    patterns = [pattern.format(city=cities.chosen()) for pattern in CODE]
    paths = sorted(path for pattern in patterns for path in project.glob(pattern))
    lines = (f"{path.relative_to(project).as_posix()} {sha256(path)}\n" for path in paths)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def begin(folder: Path) -> None:
    """Make an empty folder for a hand-over; what an earlier one left in it goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder / MANIFEST, *folder.glob("*.parquet")):
        path.unlink(missing_ok=True)


def put(written: Path, folder: Path, name: str) -> None:
    """Put a Parquet file into the hand-over as a table, in bytes that hang on its rows alone.

    Java's writer names the encodings of a column in an order of chance.
    """
    with (
        pyarrow.parquet.ParquetFile(written) as file,
        pyarrow.parquet.ParquetWriter(folder / f"{name}.parquet", file.schema_arrow) as writer,
    ):
        for group in range(file.num_row_groups):
            writer.write_table(file.read_row_group(group))


def finish(folder: Path, project: Path) -> dict:
    """Write the manifest of a folder whose tables are all there, and return it."""
    tables = {
        path.stem: {"rows": pyarrow.parquet.read_metadata(path).num_rows, "sha256": sha256(path)}
        for path in sorted(folder.glob("*.parquet"))
    }
    manifest = {"code": code_version(project), "tables": tables}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def inspect(folder: Path, project: Path, data_folder: Path) -> dict:
    """Describe a hand-over as `la_crime.inputs.inspection.inspect` does a data folder.

    data_folder: where outlines are, if there are any.

    There are no `files`; `handed_over` has the `path`, `rows` and `sha256` of each table, by name.
    """
    found = inspection.inspect_all_but_files(data_folder, Seeds(project))
    found["problems"] += faults(folder, project)
    return {**found, "handed_over": {} if found["problems"] else _tables(folder)}


def faults(folder: Path, project: Path) -> Iterator[str]:
    """Say why a hand-over cannot be built from, a sentence each."""
    again = "Make it anew with `python -m la_crime hand_over`."
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        yield f"{folder} has no {MANIFEST}: a hand-over that was not finished, or none. {again}"
        return
    if manifest["code"] != code_version(project):
        yield f"{folder} was made by another version of the project. {again}"
    there = {path.stem: path for path in folder.glob("*.parquet")}
    for name in sorted(there.keys() ^ manifest["tables"].keys()):
        yield f"{folder} and its {MANIFEST} do not both have the table {name}. {again}"
    for name in sorted(there.keys() & manifest["tables"].keys()):
        if sha256(there[name]) != manifest["tables"][name]["sha256"]:
            yield f"{there[name]} is not the file of {MANIFEST}: hand-overs are mixed. {again}"


def _tables(folder: Path) -> dict[str, dict]:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {
        name: {"path": (folder / f"{name}.parquet").as_posix(), **table}
        for name, table in manifest["tables"].items()
    }
