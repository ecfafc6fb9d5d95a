"""What several modules do with files: hash them, bring them to the disk, name them in SQL."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def sha256(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_all(paths: Iterable[Path]) -> str:
    """Hash what several files hold, in the order of their paths."""
    return hashlib.sha256(" ".join(map(sha256, sorted(paths))).encode()).hexdigest()


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
