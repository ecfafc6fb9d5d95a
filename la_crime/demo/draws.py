"""Draws a year of crimes, arrests or NIBRS cases from the planted city, as numbers.

`layouts` makes them text. Days are counted from 1970-01-01. A code of 0 stands for none; sex and
descent are the letter's character code; a NIBRS code is its position in `nibrs_table`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from la_crime.demo import shares
from la_crime.demo.city import (
    BLOCKS_PER_DISTRICT,
    CRIME_YEARS,
    City,
    expected_crimes,
    scaled_counts,
)
from la_crime.demo.noise import Incidents, draw_bursts, follow_days

STATUS_NAMES = list(shares.STATUSES)
MO_TEXTS = 200  # different MO texts of each kind
NIBRS_BREAK = dt.date(2024, 3, 7)
LAST_NIBRS = dt.date(2026, 9, 29)
FUTURE = dt.date(2099, 6, 15)

# Faults of the rows that must be rejected, in the wording of the reject reasons. Arrests have no
# report date, so none of theirs can come after it.
NO_IDENTIFIER, NO_DATE, IN_FUTURE, AFTER_REPORT, NO_AREA = range(1, 6)
FAULTS = {
    NO_IDENTIFIER: "no usable identifier",
    NO_DATE: "no usable occurrence date",
    IN_FUTURE: "occurrence date in the future",
    AFTER_REPORT: "occurrence after report",
    NO_AREA: "no usable area",
}


@dataclass(frozen=True)
class Feed:
    """The days that a published feed knows of, and how much of each day it holds."""

    first: dt.date  # of occurrence
    last: dt.date  # of report
    holds: Callable[[dt.date], float]  # share of what happened on a day


def held_by_legacy(day: dt.date) -> float:
    """Share of a day's crimes in the old feed, which thins out once the department moves."""
    if day < NIBRS_BREAK:
        return 1
    months_in = (day - NIBRS_BREAK).days / 30.4
    return 0.8 - 0.06 * months_in if day < dt.date(2024, 10, 1) else 0.08


def held_by_nibrs(day: dt.date) -> float:
    """Share of a day's crimes in the NIBRS feed: what the old feed loses, the newest in part."""
    is_new = (LAST_NIBRS - day).days < shares.NEWEST_DAYS
    left = 1 - held_by_legacy(day) if day.year == NIBRS_BREAK.year else 1
    return left * (shares.NEWEST_DAYS_ENTERED if is_new else 1)


LEGACY_CRIMES = Feed(dt.date(2010, 1, 1), dt.date(2025, 3, 28), held_by_legacy)
ARRESTS = Feed(dt.date(2010, 1, 1), dt.date(2025, 7, 31), lambda _: 1)
NIBRS = Feed(NIBRS_BREAK, LAST_NIBRS, held_by_nibrs)


class ReportNumbers:
    """Hands out report numbers YYAANNNNN (year, reporting area, serial), none of them twice."""

    def __init__(self, first_serial: int = 4_001) -> None:
        self.next_serial = np.full(10_000, first_serial)
        self.next_booking = 1_600_000

    def take(self, years: np.ndarray, areas: np.ndarray) -> np.ndarray:
        """Number reports in the order given; `years` are 0-99, `areas` 1-21."""
        prefix = years.astype(np.int64) * 100 + areas
        order = np.argsort(prefix, kind="stable")
        starts = np.searchsorted(prefix[order], prefix[order])
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order)) - starts
        numbers = prefix * 100_000 + self.next_serial[prefix] + rank
        self.next_serial += np.bincount(prefix, minlength=10_000)
        return numbers

    def take_bookings(self, size: int) -> np.ndarray:
        """Number bookings: one series of seven digits, with gaps."""
        numbers = self.next_booking + 3 * np.arange(size)
        self.next_booking += 3 * size
        return numbers


def epoch_day(date: dt.date) -> int:
    """Days from 1970-01-01 to a date."""
    return (date - dt.date(1970, 1, 1)).days


def year_of(days: np.ndarray) -> np.ndarray:
    """Calendar years of days since 1970-01-01."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970


def pick(rng: np.random.Generator, weights: Mapping, size: int) -> np.ndarray:
    """Draw `size` keys of a mapping in proportion to its values."""
    cumulative = np.cumsum(np.fromiter(weights.values(), float))
    positions = np.searchsorted(cumulative / cumulative[-1], rng.random(size), side="right")
    return np.array(list(weights))[np.minimum(positions, len(weights) - 1)]


def letters(weights: Mapping[str, float]) -> dict[int, float]:
    """Replace one-letter keys by their character codes."""
    return {ord(letter): weight for letter, weight in weights.items()}


def day_weights(year: int, weekend: float, feed: Feed) -> dict[int, float]:
    """Weight of each day of a year that a feed knows of, by season, weekday and what it holds."""
    start = dt.date(year, 1, 1)
    days = [start + dt.timedelta(n) for n in range(366)]
    weights = {}
    for day in days:
        if day.year == year and feed.first <= day <= feed.last:
            weight = shares.MONTH_WEIGHTS[day.month - 1]
            weight *= weekend if day.weekday() >= 4 else 1
            weights[epoch_day(day)] = weight * feed.holds(day)
    return weights


def draw_days(
    rng: np.random.Generator, year: int, profile: str, size: int, feed: Feed
) -> np.ndarray:
    """Draw days of a year by season and the profile's weekday pattern, as a feed holds them."""
    weekend = shares.HOUR_PROFILES[profile][1]
    return pick(rng, day_weights(year, weekend, feed), size)


def draw_times(rng: np.random.Generator, profile: str, size: int) -> np.ndarray:
    """Draw times as HHMM: by hour, heaped on the full, half and fifth minutes and on defaults."""
    spans = shares.HOUR_PROFILES[profile][0]
    hourly = np.interp(np.arange(24) + 0.5, np.arange(8) * 3 + 1.5, spans, period=24)
    hours = pick(rng, dict(enumerate(hourly)), size)
    kind = rng.random(size)
    minutes = np.where(kind < 0.93, 5 * rng.integers(0, 12, size), rng.integers(0, 60, size))
    minutes = np.select([kind < 0.47, kind < 0.64], [0, 30], minutes)
    times = hours * 100 + minutes
    default = rng.random(size)
    times[default < shares.DEFAULT_TIME_NOON + shares.DEFAULT_TIME_0001] = 1
    times[default < shares.DEFAULT_TIME_NOON] = 1200
    return times


def draw_blocks(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw hundred-blocks of a district: a few hold most incidents."""
    return (BLOCKS_PER_DISTRICT * rng.random(size) ** 1.7).astype(np.int32)


def draw_coordinate_faults(rng: np.random.Generator, size: int) -> np.ndarray:
    """1 where coordinates are (0, 0), 2 where they lie outside the city, else 0."""
    u = rng.random(size)
    outside = u < shares.ZERO_COORDINATES + shares.COORDINATES_OUTSIDE_CITY
    return np.select([u < shares.ZERO_COORDINATES, outside], [1, 2], 0)


def draw_off_layer(
    rng: np.random.Generator, city: City, districts: np.ndarray, areas: np.ndarray
) -> np.ndarray:
    """Reporting-district codes of the districts, a few replaced by codes off the layer."""
    codes = city.districts["small_area"].to_numpy()[districts].copy()
    stray = np.flatnonzero(rng.random(len(codes)) < shares.OFF_LAYER_ROWS)
    by_area = city.off_layer // 100
    first, last = (np.searchsorted(by_area, areas[stray], side=s) for s in ("left", "right"))
    found = last > first
    position = first + (rng.random(len(stray)) * (last - first)).astype(int)
    codes[stray[found]] = city.off_layer[position[found]]
    return codes


def modus_operandi(seed: int) -> pd.DataFrame:
    """MO texts by number: 1 to 200 for takings of property, 201 to 400 for persons confronted."""
    rng = np.random.default_rng([seed, 3])
    texts = [
        " ".join(rng.permutation(codes)[: rng.integers(1, 6)])
        for codes in (shares.MO_CODES_PROPERTY, shares.MO_CODES_PERSON)
        for _ in range(MO_TEXTS)
    ]
    return pd.DataFrame({"mo": np.arange(1, len(texts) + 1), "mocodes": texts})


def draw_victims(
    rng: np.random.Generator, shape: shares.CrimeShape, size: int
) -> dict[str, np.ndarray]:
    """Draw victims: none (age 0, no sex or descent), organisations (age 0, X, X) or persons."""
    u = rng.random(size)
    absent = u < shape.victim_is_absent
    organisation = ~absent & (u < shape.victim_is_absent + shape.victim_is_organisation)
    sex = np.where(rng.random(size) < shape.female, ord("F"), ord("M"))
    odd = np.flatnonzero(rng.random(size) < sum(shares.SEX_ODDITIES.values()))
    sex[odd] = pick(rng, letters(shares.SEX_ODDITIES), len(odd))
    descent = pick(rng, letters(shares.VICTIM_DESCENTS), size)
    spread = shape.age_years * rng.gamma(6, 1 / 6, size)
    age = np.clip(np.rint(spread), 2, 17 if shape.age_years < 18 else 99).astype(int)
    age[rng.random(size) < shares.AGE_UNKNOWN] = 0
    age[absent | organisation] = 0
    oddity = rng.random(size)
    age[oddity < shares.AGE_MINUS_ONE] = -1
    age[oddity > 1 - shares.AGE_IMPOSSIBLE] = 121 + rng.integers(0, 80)
    unknown = np.where(organisation, ord("X"), 0)
    nobody = absent | organisation
    return {
        "age": age,
        "sex": np.where(nobody, unknown, sex),
        "descent": np.where(nobody, unknown, descent),
    }


def draw_reports(
    rng: np.random.Generator,
    shape: shares.CrimeShape,
    year: int,
    leader: np.ndarray,
    size: int,
    feed: Feed,
) -> dict[str, np.ndarray]:
    """Draw the days of occurrence and report, with default dates moved to the first of a month.

    The last ones of `size` incidents follow others, as `leader` says.
    """  # fmt: skip
    leading = draw_days(rng, year, shape.hours, size - len(leader), feed)
    first = max(feed.first, dt.date(year, 1, 1))
    last = min(feed.last, dt.date(year, 12, 31))
    happened = follow_days(rng, leading, leader, epoch_day(first), epoch_day(last))
    lag = 1 + np.floor(shape.lag_days * rng.lognormal(0, 1.3, size))
    lag[rng.random(size) < shape.reported_same_day] = 0
    lag = np.minimum(lag, 360)
    late = rng.random(size) < shape.reported_after_a_year
    lag[late] = 366 + np.floor(rng.exponential(330, late.sum()))
    reported = happened + lag.astype(int)
    last = epoch_day(feed.last)
    too_late = reported > last
    reported[too_late] = np.minimum(happened[too_late] + lag[too_late].astype(int) % 11, last)

    dates = happened.astype("datetime64[D]")
    new_year = shares.DEFAULT_NEW_YEAR_2010 if year == 2010 else shares.DEFAULT_NEW_YEAR
    u = rng.random(size)
    occurred = np.select(
        [u < new_year, u < new_year + shares.DEFAULT_FIRST_OF_MONTH],
        [dates.astype("datetime64[Y]").astype("datetime64[D]"),
         dates.astype("datetime64[M]").astype("datetime64[D]")],
        dates,
    ).astype(int)  # fmt: skip
    occurred = np.where(occurred < epoch_day(feed.first), happened, occurred)
    return {"occurred": occurred, "reported": reported}


def draw_statuses(rng: np.random.Generator, shape: shares.CrimeShape, size: int) -> np.ndarray:
    """Draw positions in `STATUS_NAMES`: most cases stay open."""
    weights = {
        "AA": shape.adult_arrest, "AO": shape.adult_other, "JA": 0.004, "JO": 0.001, "CC": 1e-5,
    }  # fmt: skip
    weights["IC"] = 1 - sum(weights.values())
    return pick(rng, {STATUS_NAMES.index(s): weight for s, weight in weights.items()}, size)


def draw_group(
    city: City, year: int, group: str, incidents: Incidents, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw a year's crimes of one group."""
    shape = shares.CRIME_SHAPES[group]
    size = len(incidents.district)
    codes = city.crime_codes[city.crime_codes["crime_group"] == group]
    code_weights = dict(zip(codes["crime_code"], codes["rows_2010_2023"], strict=True))
    mo_is_null = rng.random(size) < (
        shares.MO_IS_NULL_WITHOUT_VICTIM if shape.victim_is_absent > 0.5 else shares.MO_IS_NULL
    )
    first_mo = MO_TEXTS if shape.weapons != "damage" and shape.has_weapon > 0.3 else 0
    weapon = pick(rng, shares.WEAPON_MIXES[shape.weapons], size)
    return pd.DataFrame(
        {
            "district": incidents.district,
            **draw_reports(rng, shape, year, incidents.leader, size, LEGACY_CRIMES),
            "time": draw_times(rng, shape.hours, size),
            "code": pick(rng, code_weights, size),
            "earlier_code": pick(rng, code_weights, size),
            "mo": np.where(mo_is_null, 0, first_mo + 1 + rng.integers(0, MO_TEXTS, size)),
            **draw_victims(rng, shape, size),
            "premise": pick(rng, shares.PREMISE_MIXES[shape.premises], size),
            "weapon": np.where(rng.random(size) < shape.has_weapon, weapon, 0),
            "status": draw_statuses(rng, shape, size),
        }
    )


def split_areas(
    city: City, year: int, area_counts: pd.Series, rng: np.random.Generator
) -> np.ndarray:
    """Split each area's crimes of a year, by area_id, over its districts at random: (D,)."""
    area_of = city.districts["area_id"].to_numpy()
    counts = np.zeros(len(area_of), dtype=np.int64)
    for area_id, count in area_counts.items():
        inside = area_of == area_id
        weights = city.crime_weights[CRIME_YEARS.index(year), inside]
        counts[inside] = rng.multinomial(count, weights / weights.sum())
    return counts


def count_crimes(city: City, year: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Draw how many crimes each district has in a year, (D,).

    As published, each area's count is met exactly; else each district has Poisson noise of its own.
    """
    if city.history == "published":
        return split_areas(city, year, scaled_counts(city.crime_counts, scale)[year], rng)
    return rng.poisson(expected_crimes(city, scale)[CRIME_YEARS.index(year)])


def count_arrests(city: City, year: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Draw how many arrests each district has in a year, (D,)."""
    total = shares.ARRESTS_BY_YEAR[year] * scale
    return count_in_city(city, total, city.arrest_weights, rng)


def count_in_city(
    city: City, total: float, weights: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw how many of a year's incidents each district has, (D,), by the districts' weights.

    As published, the total is met exactly; else each district has Poisson noise of its own.
    """
    if city.history == "published":
        return split_city(weights, round(total), rng)
    return rng.poisson(total * weights / weights.sum())


def split_city(weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Split incidents of the city over its districts at random, by their weights: (D,)."""
    return rng.multinomial(count, weights / weights.sum())


def draw_groups(
    city: City, at: int, counts: np.ndarray, rng: np.random.Generator
) -> list[Incidents]:
    """Draw the groups of a year's incidents, `counts` (D,) before some follow others of their area.

    Mixes are those of the crime year at position `at`.
    """
    mix = city.crime_mix[at] / city.crime_mix[at].sum(axis=1, keepdims=True)
    by_group = rng.multinomial(counts, mix)
    expected = city.crime_weights[at][:, None] * mix
    areas = city.districts["area_id"].to_numpy()
    return draw_bursts(rng, by_group, expected, areas, city.followers)


def draw_crimes(
    city: City, year: int, counts: np.ndarray, numbers: ReportNumbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw a year's crimes, in the order of their report.

    `counts` (D,) are those of districts, from which bursts move some within their area.
    """
    in_bursts = draw_groups(city, CRIME_YEARS.index(year), counts, rng)
    crimes = pd.concat(
        [
            draw_group(city, year, group, incidents, rng)
            for group, incidents in zip(city.crime_groups, in_bursts, strict=True)
        ],
        ignore_index=True,
    )
    shuffled = np.lexsort((rng.random(len(crimes)), crimes["reported"]))
    return finish_crimes(city, crimes.iloc[shuffled].reset_index(drop=True), numbers, rng)


def finish_crimes(
    city: City, crimes: pd.DataFrame, numbers: ReportNumbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Number the reports and plant the quirks that do not depend on the crime group."""
    size = len(crimes)
    areas = city.districts["area_id"].to_numpy()[crimes["district"]]
    code = crimes["code"].to_numpy(copy=True)
    unknown = rng.random(size)
    code[unknown < shares.UNKNOWN_CRIME_CODE] = rng.choice(shares.UNKNOWN_CRIME_CODES)
    code[unknown > 1 - shares.NULL_CRIME_CODE] = 0

    # What an earlier extract said of the same report.
    status = crimes["status"].to_numpy()
    reopened = rng.random(size) < shares.STATUS_CHANGED_LATER
    recoded = (rng.random(size) < shares.CODE_CHANGED_LATER) & (code > 0)

    station = np.where(rng.random(size) < shares.DR_OF_ANOTHER_STATION, 1 + areas % 21, areas)
    short_years = np.where(
        rng.random(size) < shares.DR_WITH_LEADING_ZERO,
        rng.integers(1, 10, size),
        year_of(crimes["reported"].to_numpy()) % 100,
    )
    second = rng.random(size) < shares.SECOND_CRIME_CODE
    return crimes.assign(
        report_id=numbers.take(short_years, station),
        area=areas,
        small_area=draw_off_layer(rng, city, crimes["district"].to_numpy(), areas),
        block=draw_blocks(rng, size),
        code=code,
        earlier_code=np.where(recoded, crimes["earlier_code"], code),
        code_2=np.where(second, rng.permutation(code), 0),
        earlier_status=np.where(reopened, STATUS_NAMES.index("IC"), status),
        coordinate_fault=draw_coordinate_faults(rng, size),
        style=rng.integers(0, 100, size),
    )


def draw_arrests(
    city: City, year: int, counts: np.ndarray, numbers: ReportNumbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw a year's arrests, in the order of their dates; `counts` (D,): how many in each."""
    by_charge = rng.multinomial(
        counts, city.charge_mix / city.charge_mix.sum(axis=1, keepdims=True)
    )
    arrests = pd.concat(
        [
            draw_charge_group(year, group, by_charge[:, i], rng)
            for i, group in enumerate(shares.CHARGE_SHAPES)
        ],
        ignore_index=True,
    )
    shuffled = np.lexsort((rng.random(len(arrests)), arrests["occurred"]))
    arrests = arrests.iloc[shuffled].reset_index(drop=True)
    size = len(arrests)
    areas = city.districts["area_id"].to_numpy()[arrests["district"]]
    is_booking = rng.random(size) < 0.65
    ids = numbers.take(np.full(size, year % 100), areas)
    ids[is_booking] = numbers.take_bookings(is_booking.sum())
    is_null = (rng.random(size) < shares.NULL_CHARGE_GROUP_TO_2019) & (year <= 2019)
    return arrests.assign(
        report_id=ids,
        is_booking=is_booking,
        charge_group=np.where(is_null, 0, arrests["charge_group"]),
        area=areas,
        small_area=draw_off_layer(rng, city, arrests["district"].to_numpy(), areas),
        block=draw_blocks(rng, size),
        disposition=pick(rng, dict(enumerate(shares.DISPOSITIONS.values())), size),
        jail=pick(rng, dict.fromkeys(shares.JAILS, 1), size),
        booked=arrests["occurred"] + (rng.random(size) < 0.2),
        booking_time=(arrests["time"] + 200) % 2400,
        coordinate_fault=draw_coordinate_faults(rng, size),
        style=rng.integers(0, 100, size),
    )


def draw_charge_group(
    year: int, group: int, counts: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw a year's arrests of one charge group; `counts` (D,) says how many in each district."""
    shape = shares.CHARGE_SHAPES[group]
    size = int(counts.sum())
    is_juvenile = shape.age_years < 18
    spread = np.rint(shape.age_years * rng.gamma(12, 1 / 12, size))
    return pd.DataFrame(
        {
            "district": np.repeat(np.arange(len(counts)), counts),
            "occurred": draw_days(rng, year, "arrest", size, ARRESTS),
            "time": draw_times(rng, "arrest", size),
            "age": np.clip(spread, 8 if is_juvenile else 15, 17 if is_juvenile else 90).astype(int),
            "sex": np.where(rng.random(size) < shape.female, ord("F"), ord("M")),
            "descent": pick(rng, letters(shares.ARREST_DESCENTS), size),
            "charge_group": group,
            "charge": 10 * group + rng.integers(0, len(shape.charges), size),
            "arrest_type": pick(rng, letters(shares.ARREST_TYPE_MIXES[shape.arrest_type]), size),
        }
    )


def nibrs_table(city: City) -> pd.DataFrame:
    """NIBRS codes by their number: code, nibrs_code, description, crime_against; unknown ones last.

    A higher number is a less serious offence.
    """
    codes = city.nibrs_codes[["nibrs_code", "description", "crime_against"]]
    unknown = pd.DataFrame({"nibrs_code": shares.UNKNOWN_NIBRS_CODES})
    return pd.concat([codes, unknown], ignore_index=True).rename_axis("code").reset_index()


def pick_nibrs_codes(rng: np.random.Generator, city: City, group: str, size: int) -> np.ndarray:
    """Draw numbers of the NIBRS codes of one crime group."""
    codes = city.nibrs_codes.loc[city.nibrs_codes["crime_group"] == group, "nibrs_code"]
    weights = {at: shares.NIBRS_CODE_WEIGHTS.get(code, 1) for at, code in codes.items()}
    return pick(rng, weights, size)


def draw_cases(
    city: City, year: int, counts: np.ndarray, numbers: ReportNumbers, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw a year's NIBRS cases with their most serious offence, in the order of their report.

    counts (D,): those of districts, from which bursts move some within their area. Mixes are those
    of the last crime year.
    """
    in_bursts = draw_groups(city, -1, counts, rng)
    cases = pd.concat(
        [
            draw_case_group(city, year, group, incidents, rng)
            for group, incidents in zip(city.crime_groups, in_bursts, strict=True)
        ],
        ignore_index=True,
    )
    shuffled = np.lexsort((rng.random(len(cases)), cases["reported"]))
    cases = cases.iloc[shuffled].reset_index(drop=True)
    size = len(cases)
    areas = city.districts["area_id"].to_numpy()[cases["district"]]
    station = np.where(rng.random(size) < shares.DR_OF_ANOTHER_STATION, 1 + areas % 21, areas)
    return cases.assign(
        report_id=numbers.take(year_of(cases["reported"].to_numpy()) % 100, station),
        area=areas,
        small_area=draw_off_layer(rng, city, cases["district"].to_numpy(), areas),
        block=draw_blocks(rng, size),
        coordinate_fault=draw_coordinate_faults(rng, size),
        style=rng.integers(0, 100, size),
    )


def draw_case_group(
    city: City, year: int, group: str, incidents: Incidents, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw a year's NIBRS cases of one crime group."""
    shape = shares.CRIME_SHAPES[group]
    size = len(incidents.district)
    weapon = pick(rng, shares.WEAPON_MIXES[shape.weapons], size)
    return pd.DataFrame(
        {
            "district": incidents.district,
            **draw_reports(rng, shape, year, incidents.leader, size, NIBRS),
            "time": draw_times(rng, shape.hours, size),
            "code": pick_nibrs_codes(rng, city, group, size),
            "premise": pick(rng, shares.PREMISE_MIXES[shape.premises], size),
            "weapon": np.where(rng.random(size) < shape.has_weapon, weapon, 0),
            "status": draw_statuses(rng, shape, size),
        }
    )


def draw_moved(city: City, crimes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Choose reports of the old feed that are NIBRS cases too: the same but for their code."""
    is_moved = rng.random(len(crimes)) < shares.REPORTS_IN_BOTH_FEEDS
    moved = crimes[is_moved & (crimes["occurred"] >= epoch_day(NIBRS_BREAK))]
    group_of = city.crime_codes.set_index("crime_code")["crime_group"]
    groups = moved["code"].map(group_of).fillna("other_offences")
    code = moved["code"].to_numpy(copy=True)
    for group in city.crime_groups:
        inside = (groups == group).to_numpy()
        code[inside] = pick_nibrs_codes(rng, city, group, inside.sum())
    return moved.assign(code=code)


def draw_offences(city: City, cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the offences of cases, one row each: a few have a second or a third, ever less serious.

    Adds sequence (1 for the most serious) and offences (of the case).
    """
    last = len(city.nibrs_codes) - 1
    weights = np.bincount(cases["code"], minlength=last + 1) + 1
    reached = np.cumsum(weights)
    offences = [cases.assign(sequence=1)]
    for sequence, share in enumerate(shares.FURTHER_OFFENCES, start=2):
        before = offences[-1][offences[-1]["code"] < last]
        chosen = rng.permutation(len(before))[: round(share * len(cases))]
        further = before.iloc[np.sort(chosen)]
        start = reached[further["code"]]
        drawn = start + rng.random(len(further)) * (reached[-1] - start)
        code = np.searchsorted(reached, drawn, side="right")
        offences.append(further.assign(code=code, sequence=sequence))
    offences = pd.concat(offences).sort_index(kind="stable")
    unknown = rng.random(len(offences)) < shares.UNKNOWN_NIBRS_CODE
    stray = last + 1 + rng.integers(0, len(shares.UNKNOWN_NIBRS_CODES), len(offences))
    return offences.assign(
        code=np.where(unknown, stray, offences["code"]),
        offences=offences.groupby(level=0)["sequence"].transform("size"),
    ).reset_index(drop=True)


def draw_faulty(
    drawn: pd.DataFrame, faults: list[int], each: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Give drawn rows one fault each, `each` rows of every kind in `faults`.

    drawn: len(faults) x each rows. Identifiers, dates and areas that must be unreadable text are
    left to the layouts; days are changed here.
    """
    drawn = drawn.iloc[rng.permutation(len(drawn))].reset_index(drop=True)
    fault = np.repeat(faults, each)
    occurred = drawn["occurred"].to_numpy(copy=True)
    occurred[fault == IN_FUTURE] = epoch_day(FUTURE)
    faulty = drawn.assign(fault=fault, occurred=occurred)
    if "reported" in drawn:
        before = drawn["occurred"] - 1 - drawn["style"] % 30
        faulty["reported"] = np.where(fault == AFTER_REPORT, before, drawn["reported"])
    return faulty
