"""The same 200 incidents in every form that files have: how they are written, and what they are."""

import io
import itertools
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import helpers as h
import pyarrow as pa
import pyarrow.parquet as pq


class Incident(NamedTuple):
    """An incident of our own invention; None is unknown."""

    report_id: int
    occurred: date
    reported: date | None
    hhmm: int | None
    area: int
    district: int
    code: int
    age: int | None
    sex: str | None
    descent: str | None
    premise: int | None
    weapon: int | None
    place: tuple[float, float] | None


def incidents(days: range = range(1, 29)) -> list[Incident]:
    """200 incidents on these days of months, with some of every value unknown."""
    dice = random.Random(14)  # noqa: S311
    times = [0, 1, 5, 59, 100, 930, 1200, 1205, 1315, 2359]

    def some(value):
        return None if dice.random() < 0.15 else value

    found = []
    for i in range(200):
        # months from 1 to 12 and both ends of the days, so that every reading has its chance
        occurred = date(2011 + i % 13, 1 + i % 12, days[i % len(days)])
        reported = date(occurred.year, 12, days[(i * 7) % len(days)])
        area = 1 + i % 21
        found.append(
            Incident(
                report_id=220_100_001 + i,
                occurred=occurred,
                reported=some(max(occurred, reported)),
                hhmm=some(times[i % len(times)]),
                area=area,
                district=100 * area + 11 + i % 80,
                code=dice.choice([510, 626, 330, 1]),
                age=some(dice.randint(1, 99)),
                sex=some(dice.choice("MFX")),
                descent=some(dice.choice("BHWO")),
                premise=some(dice.choice([101, 502])),
                weapon=some(dice.choice([400, 102])),
                place=some((33.9 + i / 1000, -118.4 + i / 1000)),
            )
        )
    return found


def serial(day: date) -> str:
    """A day as spreadsheets count."""
    return str((day - date(1899, 12, 30)).days)


# Name -> how a date is written, and the order that its readers must find.
DATE_FORMS: dict[str, tuple[Callable[[date], str], str]] = {
    "2022-11-06": (lambda d: f"{d:%Y-%m-%d}", ""),
    " 2022-11-06": (lambda d: f" {d:%Y-%m-%d}", ""),
    "2022/11/06": (lambda d: f"{d:%Y/%m/%d}", ""),
    "2022-1-6": (lambda d: f"{d.year}-{d.month}-{d.day}", ""),
    "2022.11.06": (lambda d: f"{d:%Y.%m.%d}", ""),
    "2022 Nov 06": (lambda d: f"{d:%Y %b %d}", ""),
    "06-Nov-2022": (lambda d: f"{d:%d-%b-%Y}", ""),
    "6 NOVEMBER 2022": (lambda d: f"{d.day} {d:%B %Y}".upper(), ""),
    "Nov 6, 2022": (lambda d: f"{d:%b} {d.day}, {d.year}", ""),
    "Sunday, November 6, 2022": (lambda d: f"{d:%A, %B} {d.day}, {d.year}", ""),
    "Nov 6 22": (lambda d: f"{d:%b} {d.day} {d:%y}", ""),
    "20221106": (lambda d: f"{d:%Y%m%d}", ""),
    "44871": (serial, ""),
    "44871.0": (lambda d: serial(d) + ".0", ""),
    "44871.75": (lambda d: serial(d) + ".75", ""),
    "11/06/2022": (lambda d: f"{d:%m/%d/%Y}", "month first"),
    "11-6-2022": (lambda d: f"{d.month}-{d.day}-{d.year}", "month first"),
    "06/11/2022": (lambda d: f"{d:%d/%m/%Y}", "day first"),
    "6.11.2022": (lambda d: f"{d.day}.{d.month}.{d.year}", "day first"),
    "11/6/22": (lambda d: f"{d.month}/{d.day}/{d:%y}", "month first"),
    "6/11/22": (lambda d: f"{d.day}/{d.month}/{d:%y}", "day first"),
    "22-11-06": (lambda d: f"{d:%y-%m-%d}", "year first"),
    "06-Nov-22": (lambda d: f"{d:%d-%b-%y}", "day first"),
    "22-Nov-06": (lambda d: f"{d:%y-%b-%d}", "year first"),
}
IN_ONE_PIECE = {"20221106", "44871", "44871.0", "44871.75"}
TIME_TAILS = ["", " 00:00:00", " 12:00:00 AM", " 0:00", "T00:00:00.000", "T00:00:00Z"]


def on_a_clock(hhmm: int) -> str:
    """`9:30 PM`."""
    hour, minute = divmod(hhmm, 100)
    return f"{hour % 12 or 12}:{minute:02} {'PM' if hour >= 12 else 'AM'}"


TIME_FORMS: dict[str, Callable[[int], str]] = {
    "0930": lambda t: f"{t:04}",
    "930": str,
    "930.0": lambda t: f"{t}.0",
    "1,315": lambda t: f"{t:,}",
    "9:30": lambda t: f"{t // 100}:{t % 100:02}",
    "09:30:00": lambda t: f"{t // 100:02}:{t % 100:02}:00",
    "9:30 AM": on_a_clock,
    "09:30:00 p.m.": lambda t: on_a_clock(t).replace(" AM", ":00 a.m.").replace(" PM", ":00 p.m."),
    "0.395833": lambda t: f"{(t // 100 * 60 + t % 100) / 1440:.10g}",
}
# Name -> how a whole number and how degrees are written.
NUMBER_FORMS: dict[str, tuple[Callable[[int], str], Callable[[float], str]]] = {
    "plain": (str, lambda x: f"{x:.4f}"),
    "padded": (lambda n: f"{n:04}", lambda x: f" {x:.4f} "),
    "thousands": (lambda n: f"{n:,}", lambda x: f"{x:.4f}"),
    "float": (lambda n: f"{n}.0", lambda x: f"{x:.10f}"),
    "decimal comma": (str, lambda x: f"{x:.4f}".replace(".", ",")),
    "European thousands": (
        lambda n: f"{n:,}".replace(",", "."),
        lambda x: f"{x:.4f}".replace(".", ","),
    ),
    "French thousands": (
        lambda n: f"{n:,}".replace(",", "\u00a0"),
        lambda x: f"{x:.4f}".replace(".", ","),
    ),
}
HEADER_FORMS: dict[str, Callable[[str], str]] = {
    "portal": lambda name: name,
    "spaces and case": lambda name: f" {name.upper()}  ",
    "snake case": lambda name: name.strip().lower().replace(" ", "_"),
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "sep=": "^"}
ENCODINGS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 LE with a mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16 LE": lambda text: text.encode("utf-16-le"),
    "UTF-16 BE with a mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 BE": lambda text: text.encode("utf-16-be"),
    "Windows-1252": lambda text: text.encode("windows-1252"),
}
TYPED = (".xlsx", ".parquet")
HEADERS = {
    "crimes 28": ("crimes", h.CRIMES_28),
    "crimes 26": ("crimes", h.CRIMES_26),
    "arrests 25": ("arrests", h.ARRESTS_25),
    "arrests 17": ("arrests", h.ARRESTS_17),
    "NIBRS": ("nibrs_offenses", h.NIBRS_API),
}
FACTORS: dict[str, list[str]] = {
    "date": list(DATE_FORMS),
    "tail": TIME_TAILS,
    "time": list(TIME_FORMS),
    "number": list(NUMBER_FORMS),
    "nothing": ["", " ", "NULL", "nan", "N/A", "None"],
    "header": list(HEADER_FORMS),
    "delimiter": list(DELIMITERS),
    "encoding": list(ENCODINGS),
    "format": [".csv", ".csv.gz", ".tsv", ".zip", *TYPED],
    "line end": ["\n", "\r\n"],
    "blank rows": ["none", "30"],
    "layout": list(HEADERS),
}
Combination = dict[str, str]
PLAIN = {name: levels[0] for name, levels in FACTORS.items()}


def is_possible(chosen: Combination) -> bool:
    """Whether there are such files; a part of a combination will do."""
    if chosen.get("date") in IN_ONE_PIECE and chosen.get("tail", ""):
        return False
    # workbooks and Parquet files are not text
    text_only = ("delimiter", "encoding", "line end")
    return not (
        chosen.get("format") in TYPED
        and any(chosen.get(name, PLAIN[name]) != PLAIN[name] for name in text_only)
    )


def pairs(chosen: Combination) -> set[tuple]:
    """Every two levels of a combination."""
    return set(itertools.combinations(chosen.items(), 2))


def possible_pairs() -> set[tuple]:
    """Every two levels that can be together."""
    found = set()
    for one, other in itertools.combinations(FACTORS, 2):
        for levels in itertools.product(FACTORS[one], FACTORS[other]):
            pair = dict(zip((one, other), levels, strict=True))
            if is_possible(pair):
                found |= pairs(pair)
    return found


def combinations() -> list[Combination]:
    """Every date form with every time tail, the rest so that every possible pair is there."""
    dice = random.Random(0)  # noqa: S311
    left = possible_pairs()

    def drawn(fixed: Combination) -> Combination:
        found = dict(fixed)
        for name, levels in FACTORS.items():
            possible = [level for level in levels if is_possible({**found, name: level})]
            found.setdefault(name, dice.choice(possible))
        return {name: found[name] for name in FACTORS}

    def best(fixed: Combination) -> Combination:
        return max((drawn(fixed) for _ in range(60)), key=lambda draw: len(pairs(draw) & left))

    chosen = []
    starts = [{"date": form, "tail": tail} for form in FACTORS["date"] for tail in FACTORS["tail"]]
    for start in filter(is_possible, starts):
        chosen.append(best(start))
        left -= pairs(chosen[-1])
    while left:
        chosen.append(best(dict(min(left))))
        left -= pairs(chosen[-1])
    return chosen


def records(found: list[Incident], form: Combination) -> list[dict[str, str]]:
    """The incidents as one form writes them: the published names, and texts."""
    write_date = DATE_FORMS[form["date"]][0]
    whole, degrees = NUMBER_FORMS[form["number"]]
    nothing = form["nothing"]

    def day(value):
        return nothing if value is None else write_date(value) + form["tail"]

    def number(value):
        return nothing if value is None else whole(value)

    def text(value):
        return nothing if value is None else value

    written = []
    for x in found:
        lat, lon = map(degrees, x.place) if x.place else (nothing, nothing)
        point = f"({x.place[0]:.4f}, {x.place[1]:.4f})" if x.place else nothing
        time = nothing if x.hhmm is None else TIME_FORMS[form["time"]](x.hhmm)
        where = {"lat": lat, "lon": lon, "point": point, "address": "1900 S  PEÑA   AV, REAR"}
        written.append(
            {
                **where,
                "id": number(x.report_id),
                "reported": day(x.reported),
                "occurred": day(x.occurred),
                "time": time,
                "area": number(x.area),
                "district": number(x.district),
                "code": number(x.code),
                "age": number(x.age),
                "sex": text(x.sex),
                "descent": text(x.descent),
                "premise": number(x.premise),
                "weapon": number(x.weapon),
                "offence": f"{x.report_id}-13a",
                "nibrs": "13a",
                "group": number(x.code % 30),
                "type": "f",
            }
        )
    return written


_PUBLISHED = {
    "id": ("DR_NO", "DR Number", "Report ID", "caseno"),
    "reported": ("Date Rptd", "Date Reported", "date_rptd"),
    "occurred": ("DATE OCC", "Date Occurred", "Arrest Date", "date_occ"),
    "time": ("TIME OCC", "Time Occurred", "Time", "time_occ"),
    "area": ("AREA", "Area ID", "area"),
    "district": ("Rpt Dist No", "Reporting District", "rpt_dist_no"),
    "code": ("Crm Cd", "Crime Code"),
    "age": ("Vict Age", "Victim Age", "Age"),
    "sex": ("Vict Sex", "Victim Sex", "Sex Code"),
    "descent": ("Vict Descent", "Victim Descent", "Descent Code"),
    "premise": ("Premis Cd", "Premise Code", "premis_cd"),
    "weapon": ("Weapon Used Cd", "Weapon Used Code", "weapon_used_cd"),
    "lat": ("LAT", "hndrdth_lat"),
    "lon": ("LON", "hndrdth_lon"),
    "point": ("Location ", "Location"),
    "address": ("LOCATION", "Address"),
    "offence": ("uniquenibrno",),
    "nibrs": ("nibr_code",),
    "group": ("Charge Group Code",),
    "type": ("Arrest Type Code",),
}
OURS = {name: ours for ours, published in _PUBLISHED.items() for name in published}


def content(found: list[Incident], form: Combination) -> bytes:
    """A file of incidents in one form."""
    published = HEADERS[form["layout"]][1]
    header = [HEADER_FORMS[form["header"]](name) for name in published]
    rows = [
        [record.get(OURS.get(name), "") for name in published] for record in records(found, form)
    ]
    rows += [[""] * len(header)] * (30 if form["blank rows"] == "30" else 0)
    if form["format"] == ".xlsx":
        cells = [[as_cell(text) for text in row] for row in rows]
        return h.workbook_bytes({"Sheet1": [header, *cells]})
    if form["format"] == ".parquet":
        buffer = io.BytesIO()
        columns = [[text or None for text in column] for column in zip(*rows, strict=True)]
        table = pa.table([pa.array(column, pa.string()) for column in columns], names=header)
        pq.write_table(table, buffer)
        return buffer.getvalue()
    mark = DELIMITERS[form["delimiter"]]
    text = h.csv_text(header, rows, form["line end"], mark)
    if form["delimiter"] == "sep=":
        text = f"sep={mark}{form['line end']}{text}"
    encoded = ENCODINGS[form["encoding"]](text)
    if form["format"] != ".zip":
        return encoded
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.csv", encoded)
    return buffer.getvalue()


def as_cell(text: str) -> str | float:
    """A workbook's cell: a number where a spreadsheet would make one of it, and the same one."""
    is_number = re.fullmatch("0|0[.][0-9]+|[1-9][0-9]*([.]0|[.][0-9]{4})?", text)
    return float(text) if is_number else text
