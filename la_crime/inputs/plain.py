"""Plain copies of files that DuckDB cannot read as they are: archives, workbooks, other encodings.

A copy is made once, and kept under the hash of the file that it was made from.
"""

import codecs
import csv
import datetime as dt
import io
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

READ_BYTES = 1024 * 1024
# A workbook holds no more rows than this, so one that is full was probably cut.
WORKBOOK_ROWS = 1_048_576
CSV_SUFFIXES = (".csv", ".tsv", ".txt")
MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# What macOS and Windows put into archives of their own accord.
CLUTTER = re.compile(r"(^|/)(__MACOSX/|\.|desktop\.ini$|Thumbs\.db$)")


class UnreadableFileError(Exception):
    """A file that cannot be read, and what to do about it, in a sentence."""


def copy_once(target: Path, write: Callable[[IO[bytes]], None]) -> Path:
    """Let `write` fill a file, unless it is there; it is there whole or not at all."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                write(file)
            Path(name).rename(target)
        finally:
            Path(name).unlink(missing_ok=True)
    return target


def unzip(path: Path, target: Path) -> Path:
    """Copy the one table in a zip archive to `target` with the suffix of its name."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                name
                for name in archive.namelist()
                if not name.endswith("/") and not CLUTTER.search(name)
            ]
            if len(names) != 1 or not names[0].lower().endswith((*CSV_SUFFIXES, ".parquet")):
                raise UnreadableFileError(
                    f"is a zip archive of {_counted(names, 'file')}; one with a single .csv or "
                    ".parquet file in it is read. Unpack it here, and remove the archive."
                )
            if archive.getinfo(names[0]).flag_bits & 1:
                raise UnreadableFileError(
                    "is a zip archive with a password. Unpack it here, and remove the archive."
                )
            suffix = Path(names[0]).suffix.lower()

            def write(file: IO[bytes]) -> None:
                with archive.open(names[0]) as member:
                    shutil.copyfileobj(member, file, READ_BYTES)

            return copy_once(target.with_suffix(suffix), write)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,  # meant: zipfile raises it for a way to compress that it does not know
        EOFError,
    ) as error:
        raise UnreadableFileError(
            f"is not a whole zip archive ({error}). Download it again."
        ) from error


def _counted(names: list[str], kind: str) -> str:
    """How many of a kind there are, and the first of their names."""
    shown = ", ".join(sorted(names)[:5]) + (", ..." if len(names) > 5 else "")
    return f"{len(names)} {kind}{'' if len(names) == 1 else 's'}" + (f" ({shown})" if names else "")


def workbook_to_csv(path: Path, target: Path) -> Path:
    """Copy the one filled sheet of an Excel workbook to `target` as CSV."""
    import python_calamine  # here, for few have workbooks

    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
            filled = [sheet for sheet in sheets if sheet.end and sheet.end[1] > 0]
            if len(filled) != 1:
                raise UnreadableFileError(
                    f"is a workbook with {_counted([x.name for x in filled], 'filled sheet')}; "
                    "one with a single table in it is read. Save the table's sheet as CSV in UTF-8."
                )
            if filled[0].end[0] + 1 >= WORKBOOK_ROWS:
                raise UnreadableFileError(
                    f"is a workbook that is full ({WORKBOOK_ROWS:,} rows), so that what did not "
                    "fit is probably lost. Use the file that it was opened from."
                )

            def write(file: IO[bytes]) -> None:
                text = codecs.getwriter("utf-8")(file)
                rows = csv.writer(text, lineterminator="\n")
                rows.writerows([cell_text(cell) for cell in row] for row in filled[0].iter_rows())

            return copy_once(target.with_suffix(".csv"), write)
    except (python_calamine.CalamineError, OSError) as error:
        raise UnreadableFileError(
            f"is not a whole Excel workbook, or has a password ({error}). Save it again, as CSV."
        ) from error


def cell_text(cell: object) -> str:
    """A workbook's cell as a CSV file would have it; dates and times in ISO form."""
    match cell:
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.time() | dt.date():
            return cell.isoformat()
        case dt.timedelta():
            return f"{cell // dt.timedelta(hours=1):02}:{cell.seconds // 60 % 60:02}"
        case _:
            return str(cell)


def recode(blocks: Iterator[bytes], encoding: str, target: Path) -> Path:
    """Copy text to `target` in UTF-8, without a byte-order mark, each line with the same end."""
    # what is no UTF-8 stays as it is, for its rows are told apart when they are read
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    characters = codecs.getincrementaldecoder(encoding)(errors=errors)
    decoder = io.IncrementalNewlineDecoder(characters, translate=True)

    def write(file: IO[bytes]) -> None:
        is_start = True
        for block in blocks:
            text = decoder.decode(block)
            text = text.removeprefix("\ufeff") if is_start else text
            file.write(text.encode(errors=errors))
            is_start = is_start and not text
        file.write(decoder.decode(b"", final=True).encode(errors=errors))

    return copy_once(target.with_suffix(".csv"), write)


def encoding_of(start: bytes) -> str | None:
    """The UTF-16 encoding that a file's first bytes speak of; None for anything else.

    Without a mark, UTF-16 is known by the zero byte that each letter of a header has.
    """
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            return encoding
    pairs = start[:200]
    for encoding, zeros in (("utf-16-le", pairs[1::2]), ("utf-16-be", pairs[::2])):
        if zeros and set(zeros) == {0} and 0 not in set(pairs) - {0}:
            return encoding
    return None


class TextCheck:
    """Tells, from blocks of bytes as they pass, what text is written in, and how lines end."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.wrong = self.right = 0
        self.ends = dict.fromkeys((b"\r\n", b"\n", b"\r"), 0)
        self.last = b""

    def __call__(self, block: bytes) -> None:
        """Take in the next block."""
        for end in (b"\n", b"\r"):
            self.ends[end] += block.count(end)
        # to look for two bytes takes five times as long as for one
        self.ends[b"\r\n"] += block.count(b"\r\n") if b"\r" in block else 0
        self.ends[b"\r\n"] += self.last + block[:1] == b"\r\n"
        self.last = block[-1:]
        if block.isascii() and not self.decoder.getstate()[0]:
            return
        text = self.decoder.decode(block)
        wrong = text.count("\ufffd")
        self.wrong += wrong
        self.right += len(text) - len(text.encode("ascii", "ignore")) - wrong

    @property
    def encoding(self) -> str | None:
        """What to copy the text from; None for UTF-8 that can be read as it is.

        Windows-1252 is text in which no byte beyond ASCII makes sense as UTF-8.
        """
        if self.wrong > 0 and self.right == 0:
            return "windows-1252"
        both, *each = self.ends.values()
        # DuckDB stops at lines that end otherwise than the first, or reads nothing at all
        return "utf-8" if (both > 0) + sum(n > both for n in each) > 1 else None
