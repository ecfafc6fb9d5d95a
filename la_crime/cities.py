"""A city: a folder of its own reference tables and settings, `cities/NAME/`, chosen by `CITY`.

`seeds/` has the tables that all cities share, and what each column of either is.
"""

import csv
import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
DEFAULT = "los_angeles"
SETTINGS = "city.toml"
# what `city.toml` says, and what kind of value each is
NEEDED = {
    "name": str,
    "department": str,
    "attribution": str,
    "areas": list,
    "series_start": str,
    "city_box": dict,
    "boundary_keys": dict,
}
OPTIONAL = {
    "small_areas": list,
    "nibrs_break": str,
    "beyond": dict,
    "left_out": list,
    "demo": dict,
}
DAYS = ("series_start", "nibrs_break")
BOX = ("lat_min", "lat_max", "lon_min", "lon_max")
# rows of which source, by which column, are left out: each of `left_out` says it
RULE = {"source": str, "column": str, "values": list, "reason": str}
RULE_COLUMNS = ("row_kind", "row_state", "crime_code")
KINDS = {str: "a text", dict: "a table in braces", list: "a list in brackets"}
# the column that tells a table's rows apart, in tables that no city is without
KEYS = {
    "areas": "area_id",
    "small_areas": "small_area",
    "crime_codes": "crime_code",
    "periods": "period_id",
}
# a column whose values must be those of another's
REFERENCES = (
    ("small_areas", "area_id", "areas", "area_id"),
    ("crimes_by_area_year", "area_id", "areas", "area_id"),
    ("crime_codes", "crime_group", "crime_groups", "crime_group"),
    ("crime_codes", "nibrs_code", "nibrs_codes", "nibrs_code"),
    ("charge_groups", "matched_crime_group", "crime_groups", "crime_group"),
)

Rows = list[dict[str, str]]


def chosen() -> str:
    """The name of the folder of the city that is built: `CITY`."""
    return os.environ.get("CITY") or DEFAULT


@dataclass(frozen=True)
class Seeds:
    """The reference tables of a project: `seeds / "areas.csv"` is the shared one or the city's."""

    project: Path = PROJECT

    def __truediv__(self, name: str) -> Path:
        """The path of a table, which may be missing."""
        shared = self.project / "seeds" / name
        return shared if shared.is_file() else self.city / name

    @property
    def city(self) -> Path:
        """The city's folder."""
        return self.project / "cities" / chosen()

    @property
    def settings(self) -> dict[str, Any]:
        """What the city's `city.toml` says; ValueError if it cannot be read."""
        path = self.city / SETTINGS
        try:
            read = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"{path}: cannot be opened: {error.strerror}.") from error
        except ValueError as error:
            raise ValueError(f"{path}: cannot be read: {error}.") from error
        return dict.fromkeys(OPTIONAL) | read


def problems(seeds: Seeds) -> list[str]:
    """Say of the city's folder what keeps it from being built, a sentence a fault."""
    if not seeds.city.is_dir():
        known = sorted(path.parent.name for path in seeds.city.parent.glob(f"*/{SETTINGS}"))
        return [f"cities/ has no folder {chosen()!r}, which CITY names ({', '.join(known)})."]
    faults: list[str] = []
    tables = {}
    for name, columns in described(seeds.project).items():
        # what is in these, their own readers say
        columns = [] if name in ("clustering_runs", "layers", "denominators") else columns
        try:
            tables[name] = _read(seeds / f"{name}.csv", columns)
        except ValueError as error:
            faults.append(str(error))
    try:
        faults += _faults_of_settings(seeds.settings, seeds.city / SETTINGS)
    except ValueError as error:
        faults.append(str(error))
    paths = {name: seeds / f"{name}.csv" for name in tables}
    return [*faults, *_faults_of_keys(tables, paths), *_faults_of_references(tables, paths)]


def column(seeds: Seeds, table: str, name: str) -> list[str]:
    """A column of a table of the city, in small letters."""
    return [row[name].lower() for row in _read(seeds / f"{table}.csv", [name])]


def described(project: Path) -> dict[str, list[str]]:
    """The columns of every table, by its name, from its description in `seeds/`."""
    files = sorted((project / "seeds").glob("*.yml"))
    seeds = [seed for path in files for seed in yaml.safe_load(path.read_text("utf-8"))["seeds"]]
    return {seed["name"]: list(seed["config"]["column_types"]) for seed in seeds}


def _read(path: Path, columns: list[str]) -> Rows:
    """The rows of a table; ValueError that names its fault."""
    if not path.is_file():
        raise ValueError(f"{path} is missing; where there is nothing to list, a header will do.")
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        header = list(reader.fieldnames or [])
        rows = [dict(row) for row in reader]
    if lacking := [column for column in columns if column not in header]:
        raise ValueError(f"{path} lacks in its header: {', '.join(lacking)}.")
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{path}: row {number} has not {len(header)} cells.")
    return rows


def _faults_of_settings(settings: dict[str, Any], path: Path) -> Iterator[str]:
    known = NEEDED | OPTIONAL
    for key in sorted(settings.keys() - known.keys()):
        yield f"{path} has {key}, which nothing reads."
    for key, kind in known.items():
        value = settings.get(key)
        if value is None and key in NEEDED:
            yield f"{path} does not say {key}."
        elif value is not None and not isinstance(value, kind):
            yield f"{path}: {key} must be {KINDS[kind]}."
        elif value is not None and key in DAYS and not _is_day(value):
            yield f"{path}: {key} is {value!r} and must be a day such as 2010-01-01."
    for key in ("areas", "small_areas"):
        words = settings.get(key)
        if isinstance(words, list) and [type(word) for word in words] != [str, str]:
            yield f"{path}: {key} needs two texts: what many are called, and what one is."
    rules = settings.get("left_out")
    for rule in rules if isinstance(rules, list) else []:
        if not _is_rule(rule):
            yield (
                f"{path}: a line of left_out needs {', '.join(RULE)}, the column one of "
                f"{', '.join(RULE_COLUMNS)}, the values texts."
            )
    box = settings.get("city_box")
    if isinstance(box, dict) and not _is_box(box):
        yield f"{path}: city_box needs {', '.join(BOX)} in degrees, each min under its max."


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_rule(rule: object) -> bool:
    if not isinstance(rule, dict) or rule.keys() != RULE.keys():
        return False
    kinds = all(isinstance(rule[key], kind) for key, kind in RULE.items())
    return kinds and rule["column"] in RULE_COLUMNS and {type(v) for v in rule["values"]} == {str}


def _is_box(box: dict[str, Any]) -> bool:
    if box.keys() != set(BOX) or not all(isinstance(box[side], int | float) for side in BOX):
        return False
    return -90 <= box["lat_min"] < box["lat_max"] <= 90 and box["lon_min"] < box["lon_max"]


def _faults_of_keys(tables: dict[str, Rows], paths: dict[str, Path]) -> Iterator[str]:
    for name, key in KEYS.items():
        values = Counter(row[key] for row in tables.get(name, []))
        if name in tables and not values and name != "small_areas":
            yield f"{paths[name]} has no rows, and every city has some."
        if twice := sorted(value for value, n in values.items() if n > 1):
            yield f"{paths[name]} has more than one row of {key} {', '.join(twice)}."


def _faults_of_references(tables: dict[str, Rows], paths: dict[str, Path]) -> Iterator[str]:
    for name, column, other, key in REFERENCES:
        if name not in tables or other not in tables:
            continue
        there = {row[key] for row in tables[other]} | {""}
        for value in sorted({row[column] for row in tables[name]} - there):
            yield f"{paths[name]} has {column} {value!r}, which {paths[other].name} has not."
