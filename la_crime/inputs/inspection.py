"""What is in a data folder, and whether it can be read, before anything is built.

A file's bytes tell how it is to be read (`csv_dialect`), its header which layout it has
(`la_crime.inputs.layouts`), and its values what the header does not (`la_crime.inputs.evidence`).
"""

import csv
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from la_crime import cities, settings
from la_crime.cities import Seeds
from la_crime.files import quoted, sha256
from la_crime.fingerprint import code_fingerprint
from la_crime.inputs import asked_runs, dates, evidence, plain
from la_crime.inputs.layouts import DELIMITER_NAMES, Layout, match_layout, read_layouts
from la_crime.inputs.plain import READ_BYTES, UnreadableFileError
from la_crime.spatial import boundaries, denominators

SOURCES = ("crimes", "arrests", "nibrs_offenses")
CSV_SUFFIXES = tuple(name + packed for name in plain.CSV_SUFFIXES for packed in ("", ".gz"))
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
SUFFIXES = (*CSV_SUFFIXES, ".parquet", ".zip", *WORKBOOK_SUFFIXES)
SUFFIXES_SAID = ".csv, .csv.gz, .parquet, .zip or .xlsx"
HEADER_BYTES = 64 * 1024  # a header longer than this is not a header
# Control characters, and bytes of a name that are not UTF-8.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# How files begin that are given out as CSV and are not.
SIGNATURES = {
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
}
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
# The generator gives its files this prefix, so that nobody takes them for the city's.
SYNTHETIC_PREFIX = "synthetic_"
GZIP_FAULTS = (gzip.BadGzipFile, EOFError, zlib.error)


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written: its delimiter, and the lines before its header."""

    delimiter: str
    skip: int
    header: list[str]


@dataclass(frozen=True)
class Rules:
    """What files are read by, and the folder for plain copies."""

    layouts: list[Layout]
    forms: tuple[dates.DateForm, ...]
    formats: evidence.Formats
    series_start: date
    area_names: frozenset[str]
    unpacked: Path


def inspect(data_folder: Path, seeds: Seeds, unpacked: Path | None = None) -> dict:
    """Describe every file of a data folder, and everything that would stop a build.

    unpacked: the folder for plain copies of files that DuckDB cannot read as they are; `unpacked`
    beside the warehouse unless told. Copies of files that are gone are removed from it.

    Returns `{"files": [...], "city": {...}, "boundaries": {...}, "problems": [...],
    "date_tokens": ..., "date_forms": [...]}`, ready for JSON. A problem is a sentence. `city` is
    what its `city.toml` says, empty if its folder cannot be used. `boundaries` has the SHA-256 of
    each file that Python models read by themselves, if all can be. A file has its `source`,
    `file_name` (within the folder), `path` (of its plain copy, if it needs one), `format` ('csv' or
    'parquet'), `delimiter`, `skip` (lines before the header), `layout`, `header` (names as in the
    file), `columns` (our name -> position in the header), `absent` (ours that the layout has and
    the file has not), `date_orders` (our name -> the order, see `dates`), `is_date_order_given`
    (whether the user said it), `bytes`, `sha256`, `is_synthetic` and `fetched_at` (UTC, from the
    manifest of a fetch, else when the file was written).
    """
    found = inspect_all_but_files(data_folder, seeds)
    if not found["city"]:
        return found
    if not data_folder.is_dir():
        found["problems"].append(missing_folder(data_folder))
        return found
    rules = Rules(
        layouts=read_layouts(seeds / "file_layouts.csv"),
        forms=dates.read_forms(seeds / "date_forms.csv"),
        formats=evidence.Formats(data_folder),
        series_start=date.fromisoformat(found["city"]["series_start"]),
        area_names=frozenset(cities.column(seeds, "areas", "area_name")),
        unpacked=unpacked or settings.warehouse().parent / "unpacked",
    )
    fetched = fetch_times(data_folder)
    for source in SOURCES:
        for path in data_files(data_folder / source):
            file_name = f"{source}/{path.name}"
            try:
                file = describe(path, file_name, rules)
                fetched_at = fetched.get(file_name) or written_at(path)
                named = {"source": source, "file_name": file_name, "fetched_at": fetched_at}
                found["files"].append({**named, **file})
            except UnreadableFileError as error:
                found["problems"].append(f"{printable(data_folder / file_name)}: {error}")
            except OSError as error:
                found["problems"].append(
                    f"{printable(data_folder / file_name)}: cannot be opened: {error.strerror}."
                )
    if not any(data_files(data_folder / source) for source in ("crimes", "nibrs_offenses")):
        found["problems"].append(
            f"{data_folder / 'crimes'} has no {SUFFIXES_SAID} file. Put the city's crime "
            "files there, or make demo data with: python -m la_crime demo"
        )
    found["problems"] += [*rules.formats.problems, *rules.formats.unused()]
    remove_unused(rules.unpacked, {file["path"] for file in found["files"]})
    return found


def inspect_all_but_files(data_folder: Path, seeds: Seeds) -> dict:
    """What `inspect` returns where there are no files of data."""
    problems = cities.problems(seeds)
    city = {} if problems else seeds.settings
    problems = problems or _problems_of_plans(data_folder, seeds)
    outlines = [] if problems else _outlines(data_folder, seeds)
    return {
        "files": [],
        "city": city,
        "boundaries": {f"{path.parent.name}/{path.name}": sha256(path) for path in outlines},
        "problems": problems,
        "date_tokens": dates.TOKENS,
        "date_forms": dates.form_rows(seeds / "date_forms.csv"),
    }


def remove_unused(unpacked: Path, used: set[str]) -> None:
    """Remove plain copies whose file is gone."""
    for path in unpacked.glob("*") if unpacked.is_dir() else ():
        if path.as_posix() not in used:
            path.unlink()


def fetch_times(data_folder: Path) -> dict[str, str]:
    """When each file was fetched, by its name in the folder; empty without a fetch's manifest."""
    try:
        manifest = json.loads((data_folder / "manifest.json").read_text(encoding="utf-8"))
        return {
            name: datetime.fromisoformat(entry["fetched_at"]).isoformat()
            for entry in manifest["datasets"].values()
            for name in entry["files"]
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


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


def printable(path: Path) -> str:
    """A path as it can be shown; what cannot is a question mark."""
    return UNPRINTABLE.sub("?", str(path))


def describe(path: Path, file_name: str, rules: Rules) -> dict:
    """Describe one file; raise UnreadableFileError or OSError if its rows cannot be had."""
    if UNPRINTABLE.search(file_name):
        raise UnreadableFileError(
            "has a name with line breaks or with bytes that are not UTF-8. Rename it."
        )
    if path.is_dir():
        raise UnreadableFileError(
            "is a folder, and those in here are not read. Move its files up, or move it elsewhere."
        )
    if not path.name.lower().endswith(SUFFIXES):
        raise UnreadableFileError(
            f"is not a {SUFFIXES_SAID} file. Unpack or convert it, or move it elsewhere."
        )
    if path.stat().st_size == 0:
        raise UnreadableFileError("is empty (0 bytes). Download it again, or remove it.")
    digest, text = read_through(path)
    # the name, too: files that hold the same must stay two; a copy made otherwise is another
    parts = f"{digest} {file_name} {code_fingerprint(plain.__name__)}"
    copy_name = hashlib.sha256(parts.encode()).hexdigest()
    read_path = plain_copy(path, text, rules.unpacked / copy_name)
    is_parquet = read_path.name.lower().endswith(".parquet")
    dialect = Dialect("", 0, parquet_header(read_path)) if is_parquet else csv_dialect(read_path)
    source = file_name.split("/")[0]
    layout, columns = match_layout(dialect.header, source, rules.layouts, dialect.delimiter)
    file = {
        "path": read_path.as_posix(),
        "format": "parquet" if is_parquet else "csv",
        "delimiter": dialect.delimiter,
        "skip": dialect.skip,
        "layout": layout.name,
        "header": dialect.header,
        "columns": columns,
        "absent": [
            column for column, names in layout.columns.items() if names and column not in columns
        ],
        "bytes": path.stat().st_size,
        "sha256": digest,
        "is_synthetic": path.name.startswith(SYNTHETIC_PREFIX),
    }
    names = {column: dialect.header[position] for column, position in columns.items()}
    given = {
        column: rules.formats.order(file_name, names[column])
        for column in evidence.DATE_COLUMNS
        if column in names
    }
    return {
        **file,
        "date_orders": date_orders(file, names, given, rules),
        "is_date_order_given": any(given.values()),
    }


def date_orders(
    file: dict, names: dict[str, str], given: dict[str, str | None], rules: Rules
) -> dict[str, str]:
    """The order of each date column of a file, from its values or as it is given."""
    in_scan = (
        {column: f'"{name.replace(chr(34), chr(34) * 2)}"' for column, name in names.items()}
        if file["format"] == "parquet"
        else {column: f"c{position}" for column, position in file["columns"].items()}
    )
    with duckdb.connect(config={"threads": 1}) as con:
        return evidence.examine(
            evidence.Sample(con, scan(file), in_scan),
            names,
            rules.forms,
            rules.series_start,
            given,
            rules.area_names,
        )


def _outlines(data_folder: Path, seeds: Seeds) -> list[Path]:
    """What Python models read by themselves: boundaries, denominators and the lists of both."""
    folders = [data_folder / room.FOLDER for room in (boundaries, denominators)]
    lists = [seeds / boundaries.LAYERS, seeds / denominators.DENOMINATORS]
    lists.append(seeds.city / cities.SETTINGS)  # how the city's layers number their places
    inside = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return [path for path in sorted([*inside, *lists]) if path.is_file()]


def _problems_of_plans(data_folder: Path, seeds: Seeds) -> list[str]:
    """What cannot be run, and which boundaries and denominators cannot be used."""
    try:
        layers = boundaries.listed(data_folder, seeds)
    except ValueError as error:
        return [str(error)]
    return [
        *asked_runs.problems(seeds, layers),
        *boundaries.problems(data_folder, seeds),
        *denominators.problems(data_folder, seeds),
    ]


def scan(file: dict) -> str:
    """A described file as a table expression; the columns of a CSV file are c0, c1, ..."""
    if file["format"] == "parquet":
        return f"read_parquet({quoted(as_pattern(file['path']))})"
    columns = ", ".join(f"c{i}: 'VARCHAR'" for i in range(len(file["header"])))
    is_gzip = file["path"].lower().endswith(".gz")
    return (
        f"read_csv({quoted(as_pattern(file['path']))}, columns = {{{columns}}}, header = true,"
        f" auto_detect = false, delim = {quoted(file['delimiter'])}, skip = {file['skip']},"
        f" quote = '\"', escape = '\"', {evidence.SKIP_UNREADABLE},"
        f" compression = '{'gzip' if is_gzip else 'none'}')"
    )


def as_pattern(path: str) -> str:
    """A path as a pattern that matches it alone: in DuckDB `a[1].csv` would mean `a1.csv`."""
    return re.sub(r"([\[*?])", r"[\1]", path)


def read_through(path: Path) -> tuple[str, plain.TextCheck]:
    """Read a file's bytes once: their SHA-256, and how its text (unpacked) is written.

    Raises UnreadableFileError unless a gzip stream unpacks to its checksum.
    """
    digest, text, name = hashlib.sha256(), plain.TextCheck(), path.name.lower()
    is_gzip, is_text = name.endswith(".gz"), name.endswith(CSV_SUFFIXES)
    with path.open("rb") as file:
        for block in _blocks(file):
            digest.update(block)
            if is_text and not is_gzip:
                text(block)
    if is_gzip:
        try:
            with gzip.open(path, "rb") as file:
                for block in _blocks(file):
                    text(block)
        except GZIP_FAULTS as error:
            raise UnreadableFileError(
                f"is not a whole gzip file ({error}). Download it again."
            ) from error
    return digest.hexdigest(), text


def plain_copy(path: Path, text: plain.TextCheck, target: Path) -> Path:
    """A file that DuckDB reads: the one given, or a copy of what is in it."""
    name = path.name.lower()
    if name.endswith(WORKBOOK_SUFFIXES):
        return plain.workbook_to_csv(path, target)
    if name.endswith(".zip"):
        member = plain.unzip(path, target)
        if member.suffix == ".parquet":
            return member
        _, text = read_through(member)
        return plain_copy(member, text, target.with_name(f"{target.name}-text"))
    if name.endswith(CSV_SUFFIXES):
        opener = gzip.open if name.endswith(".gz") else Path.open
        with opener(path, "rb") as file:
            start = file.read(HEADER_BYTES)
        for signature, kind in SIGNATURES.items():
            if start.startswith(signature):
                raise UnreadableFileError(
                    f"is {kind}, not CSV. Unpack it, or give it a name that ends as such files' do."
                )
        encoding = plain.encoding_of(start) or text.encoding
        if encoding:
            with opener(path, "rb") as file:
                return plain.recode(_blocks(file), encoding, target)
    return path


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


def csv_dialect(path: Path) -> Dialect:
    """Tell how a CSV file in UTF-8, gzipped or not, is written."""
    opener = gzip.open if path.name.lower().endswith(".gz") else Path.open
    with opener(path, "rb") as file:
        start = file.read(HEADER_BYTES)
    if b"\x00" in start:
        raise UnreadableFileError("is not text (it has zero bytes). Save it as CSV in UTF-8.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise UnreadableFileError(
            "is a web page (HTML or XML), not CSV; the download probably failed. Download it again."
        )
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        raise UnreadableFileError("is JSON, not CSV. Export it as CSV.")
    lines = start.decode("utf-8-sig", errors="replace").splitlines()[:2] or [""]
    named = SEPARATOR_LINE.fullmatch(lines[0].strip("\r\n"))
    if named:
        lines = lines[1:] or [""]
    if not lines[0].strip():
        raise UnreadableFileError("starts with a blank line where the column names should be.")
    delimiters = [named[1]] if named else list(DELIMITER_NAMES)
    headers = {mark: next(csv.reader([lines[0]], delimiter=mark)) for mark in delimiters}
    delimiter = max(headers, key=lambda mark: len(headers[mark]))
    return Dialect(delimiter, 1 if named else 0, headers[delimiter])


def _blocks(file) -> Iterator[bytes]:
    while block := file.read(READ_BYTES):
        yield block
