"""Which day a text means, and in which order a column of dates has day, month and year.

A form of date is a row of `seeds/date_forms.csv`; `macros/cleaning.sql` reads by the same rows.
Forms such as `11/06/2022` need to know the order, which no single value tells: `decide` finds it
for each column of a file from all of its values, or says that nothing in them decides.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product
from pathlib import Path

# A text's three tokens: of `2010 Feb 20 12:00:00 AM`, `Sunday, November 6, 2022`, `11/6/22 0:00`.
_PART = "([0-9]{1,4}|[A-Za-z]{3})[A-Za-z]*[.]?"
TOKENS = (
    rf"^[^0-9A-Za-z]*(?:[A-Za-z]{{3,9}}, *)?{_PART}[ ,./-]+{_PART}[ ,./-]+([0-9]{{1,4}})"
    "(?:[^0-9].*)?$"
)
SERIAL = "serial"  # days since the day that spreadsheets count from
SERIAL_START = date(1899, 12, 30)
ORDERS = ("month first", "day first", "year first")
# An order that puts this many times more days outside the series, or occurrences after their
# report, than another does is not the column's; a few of either are in every file.
FAULTS_RATIO = 10

Values = Counter  # of pairs: the text of an occurrence, the text of its report (or None)


@dataclass(frozen=True)
class DateForm:
    """A row of `date_forms.csv`; `order` is '' for a form that can be read in one way only."""

    name: str
    shape: re.Pattern
    order: str
    strptime: str


class UndecidedOrderError(Exception):
    """A column whose values do not tell their order: what is wrong, and its place in a pair."""

    def __init__(self, column: int, fault: str) -> None:
        super().__init__(fault)
        self.column = column


def form_rows(path: Path) -> list[dict[str, str]]:
    """The rows of `date_forms.csv`, in the order in which forms are tried; SQL is made of them."""
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def read_forms(path: Path) -> tuple[DateForm, ...]:
    """Read `date_forms.csv`, in the order in which forms are tried."""
    return tuple(
        DateForm(row["form"], re.compile(row["shape"]), row["date_order"], row["strptime"])
        for row in form_rows(path)
    )


def tokens(text: str) -> str:
    """The day, month and year in a text, in its own order, between single spaces."""
    return re.sub(TOKENS, r"\1 \2 \3", text.strip(" "))


def orders_of(text: str, forms: Sequence[DateForm]) -> dict[str, date | None]:
    """The days that a text may mean, by order; None where an order makes no day of it.

    A text that can be read in one way only, or in none, has no orders.
    """
    found = tokens(text)
    return {
        form.order: day_of(found, form.strptime)
        for form in forms
        if form.order and form.shape.fullmatch(found)
    }


@lru_cache(maxsize=2**16)
def to_date(text: str, order: str, forms: tuple[DateForm, ...]) -> date | None:
    """The day that a text means in a column of this order ('' where it is not known), or None."""
    found = tokens(text)
    fitting = (form for form in forms if form.order in ("", order) and form.shape.fullmatch(found))
    return next((day_of(found, form.strptime) for form in fitting), None)


def day_of(found: str, strptime: str) -> date | None:
    """The day of three tokens, or of a serial number, in one form; None if there is no such day."""
    try:
        if strptime == SERIAL:
            return SERIAL_START + timedelta(days=int(float(found)))
        return datetime.strptime(found, strptime).date()
    except ValueError:
        return None


def decide(
    values: Values,
    forms: tuple[DateForm, ...],
    first: date,
    last: date,
    given: tuple[str | None, str | None] = (None, None),
) -> tuple[str, str]:
    """The orders of a file's occurrence and report dates; '' where no value needs one.

    An order that is given holds. Another is impossible if a value that some order reads has no day
    in it; what is left is judged by the days that lie outside `first` to `last`, and by occurrences
    after their report. Raises UndecidedOrderError where orders are left that mean different days,
    or none is.
    """
    columns = (Counter(), Counter())
    for pair, n in values.items():
        for column, text in zip(columns, pair, strict=True):
            if text:
                column[text] += n
    left = [[given[i]] if given[i] else _possible(i, columns[i], forms) for i in (0, 1)]
    if max(map(len, left)) == 1:
        return left[0][0], left[1][0]
    faults = {orders: _faults(values, orders, forms, first, last) for orders in product(*left)}
    fewest = min(faults.values())
    kept = [pair for pair, n in faults.items() if n == fewest or n < FAULTS_RATIO * fewest]
    for i, orders in enumerate(zip(*kept, strict=True)):
        _require_one(i, columns[i], list(dict.fromkeys(orders)), forms)
    return kept[0]


def _possible(place: int, column: Counter, forms: tuple[DateForm, ...]) -> list[str]:
    """The orders in which every value is a day that is one in any; [''] if none needs an order."""
    readings = {text: orders_of(text, forms) for text in column}
    readings = {text: days for text, days in readings.items() if any(days.values())}
    found = [order for order in ORDERS if any(order in days for days in readings.values())]
    possible = [order for order in found if all(days.get(order) for days in readings.values())]
    if not found or possible:
        return possible or [""]
    examples = {}
    for text, days in sorted(readings.items()):
        fitting = " or the ".join(order for order, day in days.items() if day)
        examples.setdefault(fitting, text)
    shown = sorted(examples.items(), key=lambda example: (len(example[0]), example))[:2]
    listed = " and with the ".join(f"{orders} ('{text}')" for orders, text in shown)
    raise UndecidedOrderError(
        place, f"mixes dates with the {listed}, so that none of its dates can be trusted"
    )


def _faults(values: Values, orders: Sequence[str], forms, first: date, last: date) -> int:
    """The values outside the series, and the occurrences after their report, under two orders."""
    faults = 0
    for pair, n in values.items():
        days = [
            text and to_date(text, order, forms) for text, order in zip(pair, orders, strict=True)
        ]
        faults += n * sum(not first <= day <= last for day in days if day)
        faults += n * bool(days[0] and days[1] and days[0] > days[1])
    return faults


def _require_one(place: int, column: Counter, orders: list[str], forms) -> None:
    """Raise UndecidedOrderError if a value means different days in the orders that are left."""
    doubtful = [
        text for text in column if len({to_date(text, order, forms) for order in orders}) > 1
    ]
    if doubtful:
        shown = [
            f"'{text}' is {' or '.join(_said(to_date(text, order, forms)) for order in orders)}"
            for text in sorted(doubtful)[:2]
        ]
        raise UndecidedOrderError(
            place,
            f"has dates that can be read with the {' or the '.join(orders)}, and no value tells "
            f"which: {'; '.join(shown)}",
        )


def _said(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "no day"
