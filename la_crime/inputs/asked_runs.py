"""The clustering runs as data: what a row of `clustering_runs.csv` may say."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from la_crime.cities import Seeds
from la_crime.stats.algorithms import ALGORITHMS

SCOPES = ("area", "district")  # of the department
SOURCES = ("crimes", "arrests")
ID_COLUMNS = ("scope", "period_id", "source", "feature_set", "algorithm")
COLUMNS = (*ID_COLUMNS, "k", "is_headline")


def run_id(row: dict[str, str]) -> str:
    """Name a run by what it clusters and how; a part that the row lacks is empty."""
    return "__".join(row.get(name, "") for name in ID_COLUMNS)


def problems(seeds: Seeds, layers: Collection[str] = ()) -> list[str]:
    """List what cannot be run in `clustering_runs.csv`, a sentence a row, by line and id.

    layers: the scopes that there are beside `SCOPES`.
    """
    path = seeds / "clustering_runs.csv"
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        rows = [(reader.line_num, cells) for cells in reader if cells]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        return [f"{path} lacks these columns in its first line: {', '.join(missing)}."]
    if not rows:
        return [f"{path} lists no run; it needs a row for each clustering to make."]
    known = known_values(seeds, layers)
    seen: set[str] = set()
    found = []
    for line, cells in rows:
        name = run_id(dict(zip(header, cells, strict=False)))
        faults = list(_faults(header, cells, known))
        if name in seen:
            faults.append("this run is there twice")
        seen.add(name)
        if faults:
            found.append(f"{path} line {line}, run {name}: {'; '.join(faults)}.")
    return found


def known_values(seeds: Seeds, layers: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """List what each column of a run may say; any whole number of 2 or more will do for `k`."""
    return {
        "scope": (*SCOPES, *layers),
        "period_id": _column(seeds / "periods.csv", "period_id"),
        "source": SOURCES,
        "feature_set": _column(seeds / "feature_sets.csv", "feature_set"),
        "algorithm": ALGORITHMS,
        "is_headline": ("true", "false"),
    }


def _faults(
    header: list[str], cells: list[str], known: dict[str, tuple[str, ...]]
) -> Iterator[str]:
    if len(cells) != len(header):
        yield f"it has {len(cells)} cells and must have {len(header)}"
        return
    row = dict(zip(header, cells, strict=True))
    for column, values in known.items():
        if row[column] not in values:
            yield f"unknown {column} '{row[column]}' (known: {', '.join(values)})"
    is_whole = row["k"].isascii() and row["k"].isdigit()
    if not is_whole or int(row["k"]) < 2:
        yield f"k is '{row['k']}' and must be a whole number of 2 or more"


def _column(path: Path, column: str) -> tuple[str, ...]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return tuple(row[column] for row in csv.DictReader(lines))
