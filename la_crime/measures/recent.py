"""Recent change: windows beside their bases, and months beside what was to be expected."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from la_crime.frames import typed
from la_crime.measures.noise import DEFAULT, MIN_MONTH
from la_crime.stats.arrays import Floats, Ints, rounded
from la_crime.stats.effects import benjamini_hochberg
from la_crime.stats.noise import CountNoise
from la_crime.stats.recent import (
    FALSE_DISCOVERY,
    Expected,
    common_noise,
    count_change,
    expected_months,
    window_dispersion,
)

DAYS_OF_MONTH = 365.25 / 12
# Where a city has too few months to measure what its places have in common, more than any we saw.
DEFAULT_COMMON = 0.05
MIN_MONTHS = 24
# How counts bunch is not measured of places with fewer a month: neither is what is unusual there.
MIN_EXPECTED = MIN_MONTH
# The months of which expectations are kept: three years.
KEPT_MONTHS = 36

RECORD_SYSTEMS = ("any", "legacy", "nibrs")
SERIES = ["scope", "source", "category", "place_id"]
CITY_COLUMNS = {
    "source": "str",
    "category": "str",
    "n_months": "int64",
    "is_measured": "bool",
    "common": "float64",
}
CHANGE_COLUMNS = {
    **dict.fromkeys([*SERIES, "comparison"], "str"),
    "ratio": "float64",
    "ratio_low": "float64",
    "ratio_high": "float64",
    "p_value": "float64",
    "q_value": "float64",
}
EXPECTED_COLUMNS = {
    **dict.fromkeys(SERIES, "str"),
    "month": "datetime64[us]",
    "n": "int64",
    "expected": "float64",
    "expected_low": "float64",
    "expected_high": "float64",
    "p_value": "float64",
    "q_value": "float64",
    "is_unusual": "boolean",
}


def recent_change(pairs: pd.DataFrame, noise: pd.DataFrame, city: pd.DataFrame) -> pd.DataFrame:
    """Each pair's ratio and test: `CHANGE_COLUMNS`, a row for each of `pairs`, in order.

    `pairs` has `SERIES`, comparison, record_system, n_days (of a window), base_windows, n, base_n
    (of all base windows) and n_places, how many a place sums: pairs that can be compared. `noise`
    is of `noise_of_series`, `city` of `city_noise`. q is Benjamini and Hochberg's over the places
    and categories of a scope, source and comparison.
    """
    own = noise_of_series(pairs, noise)
    common = _common(pairs, city)
    n, base = (pairs[name].to_numpy(dtype=np.float64) for name in ("n", "base_n"))
    windows, k = (pairs[name].to_numpy(dtype=np.float64) for name in ("base_windows", "n_places"))
    months = pairs["n_days"].to_numpy(dtype=np.float64) / DAYS_OF_MONTH
    mean = (n + base) / (1 + windows)
    found = count_change(
        n,
        base,
        windows,
        window_dispersion(own, mean, months, common, k),
        window_dispersion(own, windows * mean, windows * months, common, k),
    )
    made = pairs.assign(
        ratio=rounded(found.ratio),
        ratio_low=rounded(found.low),
        ratio_high=rounded(found.high),
        p_value=rounded(found.p_value),
    )
    made["q_value"] = _q_values(made, ["scope", "source", "comparison"])
    return made[list(CHANGE_COLUMNS)].astype(CHANGE_COLUMNS)


def city_noise(counts: pd.DataFrame, months: pd.DataFrame, noise: pd.DataFrame) -> pd.DataFrame:
    """What the places of the city have in common from month to month: `CITY_COLUMNS`.

    A row a source and category. `counts`, of the city alone, `months` and `noise` are as of
    `monthly_expected`.
    """
    parts = []
    for source, rows in counts.groupby("source"):
        monthly = _by_month(rows, months[months["source"] == source])
        series, table = monthly.series, monthly.counts
        made = _expected(monthly, noise, np.zeros(len(series)))
        common, n_months = common_noise(table, made)
        measured = n_months >= MIN_MONTHS
        parts.append(
            series.assign(
                n_months=n_months,
                is_measured=measured,
                common=rounded(np.where(measured, common, DEFAULT_COMMON)),
            )[list(CITY_COLUMNS)]
        )
    return typed(parts, CITY_COLUMNS)


def monthly_expected(
    counts: pd.DataFrame, months: pd.DataFrame, noise: pd.DataFrame, city: pd.DataFrame
) -> pd.DataFrame:
    """The newest `KEPT_MONTHS` months of each series, expected and found: `EXPECTED_COLUMNS`.

    `counts` has `SERIES`, month, n, n_places, is_same_ground, whether the place is the same one in
    all months, and whole_through, the day through which the category is whole, a row a month with
    incidents; `months` source, month, record_system and is_whole, a row each from the first on;
    `noise` as of `noise_of_series`; `city` of `city_noise`. What cannot be expected is null, and
    nothing is tested where fewer than `MIN_EXPECTED` are. q is Benjamini and Hochberg's over the
    places and categories of a scope, source and month.
    """
    parts = []
    for source, rows in counts.groupby("source"):
        monthly = _by_month(rows, months[months["source"] == source])
        series, table = monthly.series, monthly.counts
        made = _expected(monthly, noise, _common(series, city))
        last = int(np.flatnonzero(table.any(axis=0))[-1]) + 1
        kept = slice(max(0, last - KEPT_MONTHS), last)
        n = table[:, kept]
        made = Expected(made.mean[:, kept], made.variance[:, kept])
        low, high = made.band()
        width = n.shape[1]
        part = series.loc[series.index.repeat(width), SERIES].reset_index(drop=True)
        part = part.assign(
            month=np.tile(monthly.months[kept], len(series)),
            n=n.ravel(),
            expected=rounded(made.mean.ravel()),
            expected_low=low.ravel(),
            expected_high=high.ravel(),
            p_value=rounded(np.where(made.mean >= MIN_EXPECTED, made.p_value(n), np.nan).ravel()),
        )
        part["q_value"] = _q_values(part, ["scope", "month"])
        known = part["q_value"].notna()
        part["is_unusual"] = (part["q_value"] <= FALSE_DISCOVERY).astype("boolean").where(known)
        parts.append(part)
    return typed(parts, EXPECTED_COLUMNS)


def noise_of_series(rows: pd.DataFrame, noise: pd.DataFrame) -> CountNoise:
    """The noise of each row, by scope, source, category and record_system, as arrays (n,).

    That of the record system, or else of the one with most months; `DEFAULT` where there is none.
    A city has the noise of its areas, and no drift, which is one of shares. `noise` has those
    columns, n_months and `CountNoise`'s.
    """
    fields = list(CountNoise._fields)
    keys = ["scope", "source", "category"]
    asked = rows[[*keys, "record_system"]].assign(scope=rows["scope"].replace("city", "area"))
    own = asked.merge(noise, how="left", on=[*keys, "record_system"], validate="m:1")[fields]
    longest = noise.sort_values("n_months", ascending=False, kind="stable").drop_duplicates(keys)
    other = asked[keys].merge(longest, how="left", on=keys, validate="m:1")[fields]
    found = own.fillna(other).fillna(DEFAULT._asdict())
    found.loc[(rows["scope"] == "city").to_numpy(), "drift"] = 0.0
    return CountNoise(*found.to_numpy(dtype=np.float64).T)


def _common(rows: pd.DataFrame, city: pd.DataFrame) -> Floats:
    found = rows[["source", "category"]].merge(
        city, how="left", on=["source", "category"], validate="m:1"
    )
    return found["common"].fillna(DEFAULT_COMMON).to_numpy(dtype=np.float64)


def _q_values(rows: pd.DataFrame, family: list[str]) -> pd.Series:
    return rows.groupby(family)["p_value"].transform(
        lambda p: rounded(benjamini_hochberg(p.to_numpy()))
    )


class _Monthly(NamedTuple):
    """Series, a row each, their `counts` (n, months), and the `months` and `system` (months,)."""

    series: pd.DataFrame
    counts: Floats
    months: NDArray[np.datetime64]
    system: Ints


def _by_month(counts: pd.DataFrame, months: pd.DataFrame) -> _Monthly:
    months = months.sort_values("month")
    names = months["month"].to_numpy(dtype="datetime64[us]")
    number = months["record_system"].map({name: i for i, name in enumerate(RECORD_SYSTEMS)})
    system = number.fillna(-1).where(months["is_whole"], -1).to_numpy(dtype=np.int64)
    own = ["n_places", "is_same_ground", "whole_through"]
    series = counts.groupby(SERIES, as_index=False)[own].first()
    row = counts[SERIES].merge(series.reset_index(), how="left", on=SERIES)["index"].to_numpy()
    column = np.searchsorted(names, counts["month"].to_numpy(dtype="datetime64[us]"))
    table = np.zeros((len(series), len(names)))
    np.add.at(table, (row, column), counts["n"].to_numpy(dtype=np.float64))
    return _Monthly(series, table, names, system)


def _expected(monthly: _Monthly, noise: pd.DataFrame, common: Floats) -> Expected:
    """`expected_months` of the series, each drawn towards that of the city in its category.

    Months that their category is not whole through are not expected, nor any of a place whose
    ground changed.
    """
    series, known = monthly.series, monthly.system[monthly.system >= 0]
    newest = RECORD_SYSTEMS[known[-1]] if len(known) else RECORD_SYSTEMS[0]
    of_city = series["scope"] == "city"
    city_row = dict(zip(series.loc[of_city, "category"], series.index[of_city], strict=True))
    made = expected_months(
        monthly.counts,
        monthly.system,
        series["category"].map(city_row).to_numpy(dtype=np.int64),
        noise_of_series(series.assign(record_system=newest), noise),
        common,
        series["n_places"].to_numpy(dtype=np.float64),
    )
    last_days = monthly.months.astype("datetime64[M]") + 1
    is_in = series["whole_through"].to_numpy(dtype="datetime64[D]")[:, None] + 1 >= last_days
    is_in &= series["is_same_ground"].to_numpy(dtype=bool)[:, None]
    return Expected(*(np.where(is_in, part, np.nan) for part in made))
