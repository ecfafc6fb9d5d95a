"""The clustering runs as data: what a row of `seeds/clustering_runs.csv` may say."""

import csv
from collections.abc import Iterator
from pathlib import Path

SCOPES = ("area", "district")
SOURCES = ("crimes", "arrests")
ALGORITHMS = ("kmeans", "ward", "average", "complete")


def run_id(row: dict[str, str]) -> str:
    """Name a run by what it clusters and how."""
    names = ("scope", "period_id", "source", "feature_set", "algorithm")
    return "__".join(row[name] for name in names)


def problems(seeds: Path) -> list[str]:
    """List, a sentence each, the rows of `clustering_runs.csv` that cannot be run."""
    path = seeds / "clustering_runs.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    known = {
        "scope": SCOPES,
        "period_id": _column(seeds / "periods.csv", "period_id"),
        "source": SOURCES,
        "feature_set": _column(seeds / "feature_sets.csv", "feature_set"),
        "algorithm": ALGORITHMS,
        "is_headline": ("true", "false"),
    }
    seen: set[str] = set()
    found = []
    for line, row in enumerate(rows, start=2):
        name = run_id({column: row[column] or "" for column in row})
        faults = list(_faults(row, known))
        if name in seen:
            faults.append("this run is there twice")
        seen.add(name)
        if faults:
            found.append(f"{path} line {line}, run {name}: {'; '.join(faults)}.")
    return found


def _faults(row: dict[str, str], known: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for column, values in known.items():
        if row[column] not in values:
            yield f"unknown {column} '{row[column]}' (known: {', '.join(values)})"
    if not (row["k"] or "").isdigit() or int(row["k"]) < 2:
        yield f"k is '{row['k']}' and must be a whole number of 2 or more"


def _column(path: Path, column: str) -> tuple[str, ...]:
    with path.open(newline="", encoding="utf-8") as lines:
        return tuple(row[column] for row in csv.DictReader(lines))
