"""A data folder: its manifest, its lock, and files that appear only when they are whole."""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from la_crime.files import sha256, sync
from la_crime.inputs.inspection import SYNTHETIC_PREFIX
from la_crime.portal.client import ID

MANIFEST = "manifest.json"
INCOMING = ".incoming"
LOCK = "lock"


class FetchError(OSError):
    """Why a dataset was not fetched, in a sentence."""


class DataFolder:
    """A data folder, its manifest, and where files grow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.incoming = path / INCOMING

    def manifest(self) -> dict:
        """Read the manifest; a new one if there is none."""
        path = self.path / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if not all(isinstance(entry["files"], dict) for entry in manifest["datasets"].values()):
                raise TypeError
        except FileNotFoundError:
            return {"datasets": {}}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(
                f"{path} is not the manifest of a fetch. Remove it to fetch everything anew."
            ) from None
        return manifest

    def held(self, name: str) -> dict | None:
        """What the manifest says of a dataset, if its files are as they were."""
        entry = self.manifest()["datasets"].get(name)
        if entry and all(
            (self.path / path).is_file() and sha256(self.path / path) == file["sha256"]
            for path, file in entry["files"].items()
        ):
            return entry
        return None

    def record(self, name: str, entry: dict) -> None:
        """Put an entry into the manifest."""
        datasets = self.manifest()["datasets"] | {name: entry}
        write_json(self.path / MANIFEST, {"datasets": dict(sorted(datasets.items()))})

    def refuse_demo_data(self) -> None:
        """Raise ValueError if synthetic files are here, which real ones must not be mixed with."""
        for path in sorted(self.path.glob(f"*/{SYNTHETIC_PREFIX}*")):
            raise ValueError(
                f"{self.path} holds demo data ({path.name}), and real rows would be mixed with "
                "synthetic ones. Choose another folder for --out."
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other fetches out of the folder; the lock goes with the process."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        with (self.incoming / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FetchError(
                    f"Another fetch is at work in {self.path}. Wait for it, or choose another "
                    "folder with --out."
                ) from None
            yield


def parquet_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Write Parquet so that the same rows give the same bytes."""
    return pq.ParquetWriter(file, schema, compression="zstd")


def ids(path: Path) -> pa.Array:
    """The row ids of a landed file."""
    return pq.read_table(path, columns=[ID])[ID].combine_chunks()


def row_count(path: Path) -> int:
    """Rows of a Parquet file."""
    return pq.read_metadata(path).num_rows


def file_number(name: str) -> int:
    """The number in the name of a landed file."""
    return int(re.search(r"-(\d+)\.parquet$", name)[1])


def now() -> str:
    """This moment, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def durable(path: Path, hidden_in: Path | None = None) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when it is whole and on the disk."""
    partial = (hidden_in or path.parent) / f".{path.name}.partial"
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync(path.parent)


def write_json(path: Path, content: dict) -> None:
    """Write JSON durably."""
    with durable(path) as file:
        file.write(json.dumps(content, indent=2).encode() + b"\n")
