"""The layouts that files come in: which of a file's columns is which of ours.

A layout is a line of the city's `file_layouts.csv`. Names match by their letters and digits, so
that `AREA `, `Area` and `area` are one. A file needs only what an answer needs; what else a layout
has may be absent.
"""

import csv
import io
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from la_crime.inputs.plain import UnreadableFileError

# What a row of each source cannot do without; an area may follow from the district.
NEEDED = {
    "crimes": ("report_id", "date_occurred", "crime_code"),
    "arrests": ("report_id", "date_occurred", "charge_group_code"),
    "nibrs_offenses": ("report_id", "offense_id", "date_occurred"),
}
# And of these one.
ONE_OF = {
    "crimes": (("area_id", "small_area"),),
    "arrests": (("area_id", "small_area"),),
    "nibrs_offenses": (("nibrs_code", "crime_code"), ("area_id", "small_area")),
}
# Files that were saved anew have these under other names than their layout's.
COORDINATES = ("lat", "lon")
SHOWN_NAMES = 30
SHOWN_LETTERS = 300
DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Layout:
    """A line of `file_layouts.csv`: for each of our columns, the names that a file may give it.

    A column that the layout does not have has no names.
    """

    source: str
    name: str
    columns: dict[str, list[str]]

    def locate(self, header: list[str]) -> dict[str, int]:
        """The position of each of our columns in a header, the first if a name is there twice."""
        keys = [name_key(name) for name in header]
        found = {}
        for column, names in self.columns.items():
            position = next((keys.index(name_key(n)) for n in names if name_key(n) in keys), None)
            if position is not None:
                found[column] = position
        return found

    def lacks(self, found: dict[str, int]) -> list[str]:
        """Which of our columns that a row cannot do without are not among those found."""
        lacking = [column for column in NEEDED[self.source] if column not in found]
        for columns in ONE_OF[self.source]:
            if not found.keys() & set(columns):
                lacking += [column for column in columns if self.columns[column]]
        return lacking


def name_key(name: str) -> str:
    """Reduce a column name to its letters and digits: `Part 1-2` and `part_1_2` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_layouts(path: Path) -> list[Layout]:
    """Read `file_layouts.csv`, in the order in which layouts are tried."""
    with path.open(newline="", encoding="utf-8") as lines:
        return [
            Layout(
                row.pop("source"),
                row.pop("layout"),
                {column: cell.split(" | ") if cell else [] for column, cell in row.items()},
            )
            for row in csv.DictReader(lines)
        ]


def match_layout(
    header: list[str], source: str, layouts: list[Layout], delimiter: str = ","
) -> tuple[Layout, dict[str, int]]:
    """Find the layout of a source of which a header has most, and all that is needed.

    Raises UnreadableFileError, with the nearest layout and a line to add, where there is none.
    """
    own = [layout for layout in layouts if layout.source == source]
    whole = _whole(header, own)
    if whole:
        layout, found = max(whole, key=lambda match: len(match[1]))
        if not found.keys() & {"location", *COORDINATES}:
            others = [other.locate(header) for other in own if found.keys().isdisjoint(COORDINATES)]
            found |= {c: other[c] for other in others for c in COORDINATES if c in other}
        return layout, found
    elsewhere = _whole(header, layouts)
    if elsewhere:
        layout, _ = max(elsewhere, key=lambda match: len(match[1]))
        raise UnreadableFileError(
            f"has the columns of '{layout.name}', and is in {source}/. Move it to {layout.source}/."
        )
    raise UnreadableFileError(_nearly(header, own, delimiter))


def _whole(header: list[str], layouts: list[Layout]) -> list[tuple[Layout, dict[str, int]]]:
    """The layouts of which a header has all that is needed, with what it has of each."""
    matches = [(layout, layout.locate(header)) for layout in layouts]
    return [(layout, found) for layout, found in matches if not layout.lacks(found)]


def _nearly(header: list[str], layouts: list[Layout], delimiter: str) -> str:
    """Say how far a header is from its nearest layout, and how to make it known."""
    layout = max(layouts, key=lambda layout: len(layout.locate(header)))
    found = layout.locate(header)
    if not found and any(name.strip().isdecimal() for name in header):
        return (
            "has values where the column names should be. Add a first line with the names that the "
            "file's source gives its columns."
        )
    names = [
        name if len(name) <= SHOWN_LETTERS else f"{name[:SHOWN_LETTERS]}..." for name in header
    ]
    shown = ", ".join(names[:SHOWN_NAMES]) + (", ..." if len(header) > SHOWN_NAMES else "")
    separated = f", separated by {DELIMITER_NAMES.get(delimiter, repr(delimiter))}"
    matched = ", ".join(header[position] for position in found.values())
    lacking = layout.lacks(found)
    missing = ", ".join(f"{column} ({' or '.join(layout.columns[column])})" for column in lacking)
    missing = re.sub(r"(area_id \([^)]*\)), small_area", r"\1 or small_area", missing)
    guesses = likely_names(header, layout, layouts)
    renamed = ", ".join(f"'{name}' may be our {column}" for column, name in guesses.items())
    names = {column: header[position] for column, position in found.items()} | guesses
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(
        [layout.source, "my layout", *(names.get(column, "") for column in layout.columns)]
    )
    return (
        f"has a header that matches no known layout. Found {len(header)} column"
        + ("s" if len(header) > 1 else "")
        + (separated if delimiter and len(header) > 1 else "")
        + f": {shown}. The nearest layout is '{layout.name}': of its columns {matched or 'none'} "
        f"{'are' if len(found) > 1 else 'is'} there, and what cannot be done without is not: "
        f"{missing}. "
        + ("" if found else "Column names must be in the first line: remove what is above them. ")
        + (f"{renamed[0].upper()}{renamed[1:]}. " if renamed else "")
        + "If this is a new layout, add a line like this to the city's file_layouts.csv: "
        + line.getvalue()
    )


def likely_names(header: list[str], layout: Layout, layouts: list[Layout]) -> dict[str, str]:
    """For each column that a layout has and a header has not, the free name there most like it.

    layouts: those by whose names a column may be known, too.
    """
    found = layout.locate(header)
    free = {name_key(name): name for i, name in enumerate(header) if i not in found.values()}
    guesses = {}
    for column, names in layout.columns.items():
        if column in found or not names:
            continue
        others = [name for other in layouts for name in other.columns[column]]
        wanted = [*map(name_key, [*names, *others, column])]
        close = [near for key in wanted for near in get_close_matches(key, free, n=1, cutoff=0.7)]
        if close:
            guesses[column] = free.pop(close[0])
    return guesses
