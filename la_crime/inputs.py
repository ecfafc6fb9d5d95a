"""What is in a data folder, and whether it can be read, before anything is built.

Every file is matched by its header to a line of `seeds/file_layouts.csv`; a new layout is a new
line there. Names match by their letters and digits, so that `AREA `, `Area` and `area` are one.
"""

import csv
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from la_crime import boundaries, run_plan
from la_crime.files import sha256, sha256_of_all

SOURCES = ("crimes", "arrests", "nibrs_offenses")
SUFFIXES = (".csv", ".csv.gz", ".parquet")
HEADER_BYTES = 64 * 1024  # a header longer than this is not a header
READ_BYTES = 1024 * 1024
# What turns a row's text into a staged row, beside the row itself.
STAGING_RULES = (
    "macros/read_files.sql",
    "macros/cleaning.sql",
    "models/staging",
    "seeds/areas.csv",
)
# The generator gives its files this prefix, so that nobody takes them for the city's.
SYNTHETIC_PREFIX = "synthetic_"
GZIP_FAULTS = (gzip.BadGzipFile, EOFError, zlib.error)


class UnreadableFileError(Exception):
    """A file that cannot be read, and what to do about it, in a sentence."""


@dataclass(frozen=True)
class Layout:
    """A line of `file_layouts.csv`: for each of our columns, the names that a file may give it."""

    source: str
    name: str
    columns: dict[str, list[str]]

    def locate(self, header: list[str]) -> tuple[dict[str, int], list[str]]:
        """Find our columns in a header.

        Returns the position of each column found, the first if a name is there twice, and the names
        of those that are not.
        """
        keys = [name_key(name) for name in header]
        found, missing = {}, []
        for column, names in self.columns.items():
            position = next((keys.index(name_key(n)) for n in names if name_key(n) in keys), None)
            if position is None:
                missing.append(" or ".join(names))
            else:
                found[column] = position
        return found, missing


def name_key(name: str) -> str:
    """Reduce a column name to its letters and digits: `Part 1-2` and `part_1_2` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_layouts(path: Path) -> list[Layout]:
    """Read `file_layouts.csv`, in the order in which layouts are tried."""
    with path.open(newline="", encoding="utf-8") as lines:
        return [
            Layout(
                row.pop("source"),
                row.pop("layout"),
                {column: cell.split(" | ") for column, cell in row.items() if cell},
            )
            for row in csv.DictReader(lines)
        ]


def inspect(data_folder: Path, seeds: Path) -> dict:
    """Describe every file of a data folder, and everything that would stop a build.

    Returns `{"files": [...], "problems": [...]}`, ready for JSON. A file has its `source`,
    `file_name` (relative to the folder), `path`, `format` ('csv' or 'parquet'), `layout`, `header`
    (names as in the file), `columns` (our name -> position in the header), `bytes`, `sha256`,
    `is_synthetic`, `fetched_at` (UTC, from the manifest of a fetch, else when the file was written)
    and `landing_key`, which changes with the file's bytes, with its layout and with the rules of
    staging. A problem is a sentence.
    """
    problems = [*run_plan.problems(seeds), *boundaries.problems(data_folder)]
    if not data_folder.is_dir():
        return {"files": [], "problems": [*problems, missing_folder(data_folder)]}
    layouts = read_layouts(seeds / "file_layouts.csv")
    rules = rules_hash(seeds.parent)
    fetched = fetch_times(data_folder)
    files = []
    for source in SOURCES:
        for path in data_files(data_folder / source):
            file_name = f"{source}/{path.name}"
            try:
                file = describe(path, [x for x in layouts if x.source == source])
                landing = f"{rules} {file['sha256']} {file['layout']} {file['columns']}"
                files.append(
                    {
                        "source": source,
                        "file_name": file_name,
                        "path": path.as_posix(),
                        "fetched_at": fetched.get(file_name) or written_at(path),
                        "landing_key": hashlib.sha256(landing.encode()).hexdigest(),
                        **file,
                    }
                )
            except UnreadableFileError as error:
                problems.append(f"{data_folder / file_name}: {error}")
            except OSError as error:
                problems.append(f"{data_folder / file_name}: cannot be opened: {error.strerror}.")
    if not data_files(data_folder / "crimes"):
        problems.append(
            f"{data_folder / 'crimes'} has no .csv, .csv.gz or .parquet file. Put the city's crime "
            "files there, or make demo data with: python -m la_crime demo"
        )
    return {"files": files, "problems": problems}


def rules_hash(project: Path) -> str:
    """Hash the files that decide how a row is staged, so that a changed rule lands files anew."""
    found = [project / name for name in STAGING_RULES]
    return sha256_of_all(
        file for path in found for file in (path.rglob("*.sql") if path.is_dir() else [path])
    )


def fetch_times(data_folder: Path) -> dict[str, str]:
    """When each file was fetched, by its name in the folder; empty without a manifest."""
    try:
        manifest = json.loads((data_folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    datasets = manifest.get("datasets", {}).values()
    return {name: entry["fetched_at"] for entry in datasets for name in entry["files"]}


def written_at(path: Path) -> str:
    """When a file was last written, in UTC, to the second."""
    moment = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return moment.isoformat(timespec="seconds")


def missing_folder(data_folder: Path) -> str:
    """Say that the data folder is not there."""
    return (
        f"The data folder {data_folder} does not exist. Make demo data with "
        "`python -m la_crime demo`, or set LA_CRIME_DATA_DIR to a folder that has a sub-folder "
        "crimes/ (and arrests/, if you have them)."
    )


def data_files(folder: Path) -> list[Path]:
    """List what a sub-folder holds, in name order; what is hidden does not count."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if not p.name.startswith("."))


def describe(path: Path, layouts: list[Layout]) -> dict:
    """Describe one file; raise UnreadableFileError or OSError if its rows cannot be had."""
    if path.is_dir():
        raise UnreadableFileError(
            "is a folder, and those in here are not read. Move its files up, or move it elsewhere."
        )
    if not path.name.lower().endswith(SUFFIXES):
        raise UnreadableFileError(
            "is not a .csv, .csv.gz or .parquet file. Unpack or convert it, or move it elsewhere."
        )
    if path.stat().st_size == 0:
        raise UnreadableFileError("is empty (0 bytes). Download it again, or remove it.")
    is_parquet = path.name.lower().endswith(".parquet")
    header = parquet_header(path) if is_parquet else csv_header(path)
    layout, columns = match_layout(header, layouts)
    if path.name.lower().endswith(".gz"):
        check_gzip(path)
    return {
        "format": "parquet" if is_parquet else "csv",
        "layout": layout.name,
        "header": header,
        "columns": columns,
        "bytes": path.stat().st_size,
        "sha256": sha256(path),
        "is_synthetic": path.name.startswith(SYNTHETIC_PREFIX),
    }


def parquet_header(path: Path) -> list[str]:
    """Read the column names of a Parquet file."""
    import pyarrow  # here, for it takes a third of a second that CSV users need not spend
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_schema(path).names
    except (pyarrow.ArrowException, OSError) as error:
        raise UnreadableFileError(
            "is not a whole Parquet file (cut short, or something else by that name). "
            f"Download it again. PyArrow says: {error}"
        ) from error


def csv_header(path: Path) -> list[str]:
    """Read the column names of a CSV file, gzipped or not."""
    opener = gzip.open if path.name.lower().endswith(".gz") else Path.open
    try:
        with opener(path, "rb") as file:
            start = file.read(HEADER_BYTES)
    except GZIP_FAULTS as error:
        raise UnreadableFileError(
            f"is not a whole gzip file ({error}). Download it again."
        ) from error
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start:
        raise UnreadableFileError("is not UTF-8 text (UTF-16, or binary). Save it as CSV in UTF-8.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise UnreadableFileError(
            "is a web page (HTML or XML), not CSV; the download probably failed. Download it again."
        )
    try:
        line = start.splitlines()[0].decode("utf-8-sig") if start.strip() else ""
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"has a header that is not UTF-8 ({error}). Save it as CSV in UTF-8."
        ) from error
    if not line.strip():
        raise UnreadableFileError("starts with a blank line where the column names should be.")
    return next(csv.reader([line]))


def match_layout(header: list[str], layouts: list[Layout]) -> tuple[Layout, dict[str, int]]:
    """Find the first layout whose every column the header has; say what is nearest if none fits."""
    matches = [(layout, *layout.locate(header)) for layout in layouts]
    for layout, columns, missing in matches:
        if not missing:
            return layout, columns
    nearest, _, missing = min(matches, key=lambda match: len(match[2]))
    shown = ", ".join(header[:30]) + (" ..." if len(header) > 30 else "")
    raise UnreadableFileError(
        f"has a header that matches no known layout. Found {len(header)} columns: {shown}. "
        f"Expected, for the nearest layout '{nearest.name}', also: {', '.join(missing)}. "
        "If this is a new layout, add a line to seeds/file_layouts.csv."
    )


def check_gzip(path: Path) -> None:
    """Raise UnreadableFileError unless the whole stream unpacks to its checksum."""
    try:
        with gzip.open(path, "rb") as file:
            for _ in _blocks(file):
                pass
    except GZIP_FAULTS as error:
        raise UnreadableFileError(
            f"is not a whole gzip file ({error}). Download it again."
        ) from error


def _blocks(file) -> Iterator[bytes]:
    while block := file.read(READ_BYTES):
        yield block
