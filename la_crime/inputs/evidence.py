"""What a file's values tell that its header does not: the order of its dates, and columns misnamed.

The first `SAMPLE_ROWS` rows are looked at, and all rows where those do not decide.
"""

import csv
import fnmatch
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from math import sqrt
from pathlib import Path

import duckdb

from la_crime.inputs import dates
from la_crime.inputs.plain import UnreadableFileError

SAMPLE_ROWS = 10_000
FORMATS_FILE = "formats.csv"
FORMATS_HEADER = ["file", "column", "order"]
DATE_COLUMNS = ("date_occurred", "date_reported")
EXAMPLES = 3
# How a scan of a CSV file passes over rows that cannot be split or decoded.
SKIP_UNREADABLE = "ignore_errors = true"
# A number, or a time of day, as macros/cleaning.sql reads them.
NUMBER = re.compile(r"\s*(?:-?[0-9]+|-?[0-9]{1,3}(?:[,.' \u00a0][0-9]{3})+)(?:[.]0*)?\s*", re.ASCII)
# some departments' codes end with a letter
LETTERED = re.compile(r"\s*[0-9]{2,3}[A-Za-z]\s*", re.ASCII)
TIME = re.compile(
    r"\s*(?:[0-9]{1,4}(?:[.]0*)?|[12][,.][0-9]{3}|0?[.][0-9]+"
    r"|(?:[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[ T])?"
    r"[0-9]{1,2}[:hH][0-9]{2}(?:[:.][0-9]{2}(?:[.][0-9]+)?)?\s*(?:[AaPp][.]?[Mm][.]?)?)\s*",
    re.ASCII,
)
IDENTIFIER = re.compile(
    rf"{NUMBER.pattern}"
    r"|\s*(?:[0-9][0-9-]*(?:[a-df-z][a-z0-9-]*)?|[a-z][a-z0-9-]*[0-9][a-z0-9-]*)\s*",
    re.IGNORECASE | re.ASCII,
)
SCIENTIFIC = re.compile(r"\s*[0-9](?:[.,][0-9]+)?[eE][+]?[0-9]+\s*", re.ASCII)
NOTHING = {"", "-", "null", "nan", "none", "n/a", "na", "#n/a", "<na>"}
# Our column -> what its values should be, and how that is told.
KINDS: dict[str, tuple[str, re.Pattern]] = {
    "report_id": ("an identifier", IDENTIFIER),
    "time_occurred": ("a time of day", TIME),
    "area_id": ("an area's number or name", NUMBER),
    "small_area": ("a district's number", NUMBER),
    "crime_code": ("a crime code", re.compile(rf"{NUMBER.pattern}|{LETTERED.pattern}", re.ASCII)),
    "charge_group_code": ("a charge group's code", NUMBER),
    "nibrs_code": ("a NIBRS code", re.compile(rf"{LETTERED.pattern}|\s*[0-9]{{2,3}}\s*", re.ASCII)),
}


class Formats:
    """The orders of dates that the user wrote into the data folder's `formats.csv`."""

    def __init__(self, data_folder: Path) -> None:
        self.path = data_folder / FORMATS_FILE
        self.lines: list[tuple[str, str, str]] = []
        self.problems: list[str] = []
        self.used: set[int] = set()
        if self.path.is_file():
            self._read()

    def _read(self) -> None:
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as lines:
                reader = csv.reader(lines)
                header = [cell.strip() for cell in next(reader, [])]
                rows = [(reader.line_num, [x.strip() for x in row]) for row in reader if row]
        except (ValueError, csv.Error) as error:
            self.problems.append(
                f"{self.path}: is not CSV in UTF-8 with a first line '{','.join(FORMATS_HEADER)}'"
                f" ({error})."
            )
            return
        if header != FORMATS_HEADER:
            self.problems.append(
                f"{self.path}: begins with '{','.join(header)}', not with "
                f"'{','.join(FORMATS_HEADER)}'."
            )
            return
        for number, row in rows:
            if len(row) != len(FORMATS_HEADER) or row[2] not in dates.ORDERS:
                self.problems.append(
                    f"{self.path}: line {number} is '{','.join(row)}'; it must have a file, a "
                    f"column and one of: {', '.join(dates.ORDERS)}."
                )
            else:
                self.lines.append((row[0], row[1], row[2]))

    def order(self, file_name: str, column: str) -> str | None:
        """The order that the user gave a file's column; the last line that fits counts."""
        found = None
        for i, (file, name, order) in enumerate(self.lines):
            if fnmatch.fnmatchcase(file_name, file) and name in (column, "*"):
                self.used.add(i)
                found = order
        return found

    def unused(self) -> list[str]:
        """A sentence for each line that no date column of any file fits."""
        return [
            f"{self.path}: no file has a column of dates as its line for '{file}', '{name}' says. "
            "Names are those of the folder (crimes/file.csv) and of the file's header."
            for i, (file, name, _) in enumerate(self.lines)
            if i not in self.used
        ]


class Sample:
    """The values of a file's columns, as many rows of them as were looked at.

    columns: our column -> its name in the relation `scan`, a SQL table expression.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, scan: str, columns: dict[str, str]) -> None:
        self.con, self.scan, self.columns = con, scan, columns
        self.is_whole = False

    def take(self, rows: int | None) -> None:
        """Look at this many rows, or at all of them."""
        listed = ", ".join(f"{name}::varchar as {column}" for column, name in self.columns.items())
        limit = f" limit {rows}" if rows else ""
        try:
            self.con.execute(
                f"create or replace table sample as select {listed} from {self.scan}{limit}"
            )
        except duckdb.Error as error:
            raise UnreadableFileError(
                f"has rows that cannot be read. DuckDB says: {str(error).splitlines()[0]}"
            ) from error
        found = self.con.execute("select count(*) from sample").fetchall()[0][0]
        self.is_whole = rows is None or found < rows
        if not found:
            self._require_no_rows()

    def _require_no_rows(self) -> None:
        """Raise UnreadableFileError if there are rows, and none of them is one."""
        if SKIP_UNREADABLE not in self.scan:
            return
        # all columns: DuckDB 1.5 can store what it rejects only where it reads every one
        stored = self.scan.replace(SKIP_UNREADABLE, "store_rejects = true")
        self.con.execute(f"select count(columns(*)) from {stored}").fetchall()
        lines, fault = self.con.execute(
            "select count(distinct line), lower(mode(error_type)::varchar) from reject_errors"
        ).fetchall()[0]
        if lines:
            raise UnreadableFileError(
                f"has {lines:,} row{'s' if lines > 1 else ''}, none of which has the columns of "
                f"its header (most often: {fault}). Save it again, with quotes around values that "
                "have the delimiter in them."
            )

    def values(self, *columns: str) -> Counter:
        """How often each value, or combination of values, occurs; None for a missing column."""
        listed = ", ".join(column if column in self.columns else "null" for column in columns)
        counted = self.con.execute(f"select {listed}, count(*) from sample group by all").fetchall()
        if len(columns) == 1:
            return Counter(dict(counted))
        return Counter({tuple(values): n for *values, n in counted})


def examine(
    sample: Sample,
    names: dict[str, str],
    forms: tuple[dates.DateForm, ...],
    first: date,
    given: dict[str, str | None],
    area_names: frozenset[str],
) -> dict[str, str]:
    """The order of each date column, '' where its values need none; as many rows as that takes.

    names: our column -> its name in the file; first: the day that the series begins; given: our
    column -> the order that the user gave it; area_names: in small letters. Raises
    UnreadableFileError if nothing decides, or if a column does not hold what its name says.
    """
    chosen = tuple(given.get(column) for column in DATE_COLUMNS)
    sample.take(SAMPLE_ROWS)
    try:
        orders = find_orders(sample, forms, first, chosen)
    except dates.UndecidedOrderError as error:
        if sample.is_whole:
            raise undecided(error, names) from error
        sample.take(None)
        try:
            orders = find_orders(sample, forms, first, chosen)
        except dates.UndecidedOrderError as still:
            raise undecided(still, names) from still
    found = dict(zip(DATE_COLUMNS, orders, strict=True))
    check_dates(sample, names, found, forms)
    check_kinds(sample, names, area_names)
    return {column: order for column, order in found.items() if column in names}


def find_orders(
    sample: Sample, forms: tuple[dates.DateForm, ...], first: date, chosen: tuple
) -> tuple[str, str]:
    """The orders of the occurrence and the report dates in a sample."""
    last = datetime.now(tz=UTC).date()
    return dates.decide(sample.values(*DATE_COLUMNS), forms, first, last, chosen)


def undecided(error: dates.UndecidedOrderError, names: dict[str, str]) -> UnreadableFileError:
    """Say which column does not tell its order, and where to say it."""
    name = names[DATE_COLUMNS[error.column]]
    return UnreadableFileError(
        f"column '{name}' {error}. Say which order it has in {FORMATS_FILE} of the data folder: "
        f"a first line '{','.join(FORMATS_HEADER)}', and for this column a line "
        f"'FILE,{name},ORDER', with one of: {', '.join(dates.ORDERS)}. A date that is none in that "
        "order is then rejected."
    )


def check_dates(sample: Sample, names: dict[str, str], orders: dict[str, str], forms) -> None:
    """Raise UnreadableFileError if a column of dates holds mostly something else."""
    dated = sample.values("date_occurred")
    if dated and not any(map(is_filled, dated)):
        raise UnreadableFileError(
            f"column '{names['date_occurred']}' is empty in all {dated.total():,} rows that were "
            "looked at, and without its date no row can be used. Use the file that this one was "
            "made from."
        )
    for column in orders:
        if column in names:
            require(
                sample.values(column),
                lambda text, order=orders[column]: dates.to_date(text, order, forms) is not None,
                f"column '{names[column]}' holds no dates in a form that is known",
                "The forms are in seeds/date_forms.csv, and docs/method.md tells of them.",
            )


def check_kinds(sample: Sample, names: dict[str, str], area_names: frozenset[str]) -> None:
    """Raise UnreadableFileError if a column of numbers, codes or times holds mostly others."""
    for column, (kind, pattern) in KINDS.items():
        if column not in names:
            continue
        values = sample.values(column)
        require(
            values,
            lambda text: not SCIENTIFIC.fullmatch(text),
            f"column '{names[column]}' holds numbers that a spreadsheet has rounded",
            "Their last digits are lost: use the file that was opened there.",
            tolerated=0.05,
        )
        require(
            values,
            lambda text, pattern=pattern, column=column: (
                pattern.fullmatch(text) is not None
                or (column == "area_id" and text.strip().lower() in area_names)
            ),
            f"column '{names[column]}', which is our {column}, holds what is not {kind}",
            "If the file calls another column by that name, rename it, or add a line to "
            "the city's file_layouts.csv.",
            shows=column != "report_id",
        )


def is_filled(text: str | None) -> bool:
    """Whether a value is more than a word for nothing."""
    return text is not None and text.strip().lower() not in NOTHING


def require(
    values: Counter,
    holds: Callable[[str], bool],
    fault: str,
    advice: str,
    tolerated: float = 0.5,
    shows: bool = True,
) -> None:
    """Raise UnreadableFileError if more values than tolerated do not hold, beyond what chance does.

    The fewer values there are, the more of them may be odd: three standard errors of a share.
    shows: whether the most frequent odd values may be shown; an identifier's may not.
    """
    filled = Counter({text: n for text, n in values.items() if is_filled(text)})
    odd = Counter({text: n for text, n in filled.items() if not holds(text)})
    total = filled.total()
    if odd.total() > tolerated * total + 3 * sqrt(tolerated * (1 - tolerated) * total):
        examples = ", ".join(f"'{text}'" for text, _ in odd.most_common(EXAMPLES))
        raise UnreadableFileError(
            f"{fault}: {odd.total():,} of {total:,} values that were looked at"
            + (f", such as {examples}" if shows else "")
            + f". {advice}"
        )
