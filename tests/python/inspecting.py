"""What tests of the inspection of files share: a good file, and the one problem of another."""

import io
from pathlib import Path

import helpers as h
import pyarrow as pa
import pyarrow.parquet as pq

from la_crime.inputs import inspection

GOOD = h.csv_bytes(h.CRIMES_28, [["1"] * 28])


def inspect(folder: Path) -> dict:
    """What `inspection.inspect` finds in a data folder, by the project's seeds."""
    return inspection.inspect(folder, h.SEEDS, folder / "unpacked")


def inspected(folder: Path, name: str) -> dict:
    """The description of one file, in a folder without problems."""
    found = inspect(folder)
    assert found["problems"] == []
    return next(file for file in found["files"] if file["file_name"] == name)


def problem(folder: Path, name: str, content: bytes) -> str:
    """The one problem that a file with this content makes, its path taken off."""
    h.put(folder / name, content)
    return problem_of(folder, name)


def problem_of(folder: Path, name: str) -> str:
    """The one problem of a folder, which must be about this file, its path taken off."""
    found = inspect(folder)
    (sentence,) = found["problems"]
    assert [file["file_name"] for file in found["files"]] == ["crimes/good.csv"]
    assert sentence.startswith(f"{folder / name}: ")
    return sentence.removeprefix(f"{folder / name}: ")


def named_columns(file: dict) -> dict[str, str]:
    """Our columns of a described file, and what it calls them."""
    return {ours: file["header"][position] for ours, position in file["columns"].items()}


def parquet_bytes(header: list[str]) -> bytes:
    """A Parquet file with one row of ones."""
    buffer = io.BytesIO()
    pq.write_table(pa.table([pa.array(["1"])] * len(header), names=header), buffer)
    return buffer.getvalue()
