"""What several modules do with files: hash them, bring them to the disk, name them in SQL."""

import hashlib
import os
from pathlib import Path
from typing import Any

# with what a spreadsheet starts a formula, plain and full-width (OWASP, CSV injection)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def sha256(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def quoted(value: Path | str) -> str:
    """A path or a text as a literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def plain_cell(value: Any) -> Any:
    """A cell of CSV that no spreadsheet runs: text that starts like a formula gets a quote mark.

    A carriage return becomes a space: Python leaves it unquoted, and a row would start after it.
    """
    if not isinstance(value, str):
        return value
    mark = "'" if value.startswith(FORMULA_STARTS) else ""
    return mark + value.replace("\r", " ")
