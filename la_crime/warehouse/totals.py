"""Says in words whether files look whole: their crimes a year beside those published elsewhere."""

from datetime import date
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import duckdb

# Published totals are about 1 % below raw files where their author cleaned them, and reports are
# added and withdrawn for years: more than this is no such difference.
TOLERANCE = 0.05
# years of an extract or a sample are small alike; a file that was cut is so in one place
ALIKE = 1.5
FIGURES = 3  # of a published total, which is not exact either


class Year(NamedTuple):
    """A year's crimes here, and those published for it."""

    year: int
    kept: int
    published: int


def judgement(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Sentences on the yearly totals of a warehouse's `control_totals`; none without any."""
    years = [
        Year(*row)
        for row in con.sql(
            "select year, crimes_kept, crimes_published from marts.control_totals order by year"
        ).fetchall()
    ]
    built = con.sql("select dataset_kind, newest_crime from marts.build_info").fetchall()
    is_synthetic = any("synthetic" in kind for kind, _ in built)
    return judge(years, is_synthetic, next((newest for _, newest in built), None))


def judge(years: list[Year], is_synthetic: bool, newest: date | None) -> list[str]:
    """Sentences on yearly totals: which are whole, which look cut, doubled, or are not there.

    newest: the day of the newest crime; its year is not expected to be whole.
    """
    held = [year for year in years if year.kept]
    if not held:
        return ["No crimes in any year with a published total."] if years else []
    usual = median(year.kept / year.published for year in held)
    if is_synthetic:
        return [
            "Made-up data is not compared with published totals: it has about "
            f"{usual:.2g} times their crimes, as it was asked to."
        ]
    ratios = [year.kept / year.published for year in held]
    if len(held) > 1 and max(ratios) < 1 - TOLERANCE and max(ratios) < ALIKE * min(ratios):
        return [
            f"{spans(held)}: about {usual:.0%} of the published totals in every year: these files "
            "look like an extract or a sample."
        ]
    whole = [year for year in held if abs(year.kept / year.published - 1) <= TOLERANCE]
    said = [f"{spans(whole)}: as published, within {TOLERANCE:.0%}."] if whole else []
    said += [odd_year(year, newest) for year in held if year not in whole]
    if absent := [year for year in years if not year.kept]:
        said.append(f"{spans(absent)}: no crimes in these files.")
    return said


def odd_year(year: Year, newest: date | None) -> str:
    """A sentence on a year whose total is not the published one."""
    digits = FIGURES - len(str(year.published))
    said = f"{year.year}: {year.kept:,} of about {round(year.published, digits):,}"
    if year.kept > year.published:
        return f"{said}: more than published; are reports in two files under different numbers?"
    if newest and newest.year == year.year:
        share = newest.timetuple().tm_yday / (366 if newest.year % 4 == 0 else 365)
        if year.kept >= (1 - TOLERANCE) * share * year.published:
            return f"{said}: the files end on {newest.day} {newest:%B}."
    return f"{said}: this file looks cut, or one is missing."


def spans(years: list[Year]) -> str:
    """Years as a person lists them: `2010 to 2015, 2017`."""
    numbers = [year.year for year in years]
    breaks = [at for at, (a, b) in enumerate(pairwise(numbers), start=1) if b != a + 1]
    runs = [numbers[a:b] for a, b in pairwise([0, *breaks, len(numbers)])]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
