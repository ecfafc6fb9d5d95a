"""Whether what is said of recent change holds: quiet months, windows without change, and surges."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from la_crime.calibration.cities import Found, Kind, counted
from la_crime.stats.arrays import Bools, Floats
from la_crime.stats.effects import benjamini_hochberg
from la_crime.stats.noise import MONTHS, CountNoise
from la_crime.stats.recent import (
    FALSE_DISCOVERY,
    Change,
    Expected,
    common_noise,
    count_change,
    expected_months,
    window_dispersion,
)

# Bounds of the sizes by which power is told.
SIZES = (0, 10, 20, 50, 200, np.inf)
# What a surge multiplies a count by, and how many of the places have one.
SURGES = {"gains a half": 1.5, "doubles": 2.0, "falls by half": 0.5}
SURGING = 0.05


def expectations(
    counts: Floats, noise: CountNoise, kind: Kind, rng: np.random.Generator
) -> Iterator[Found]:
    """Statements of `expected_months` for counts (n, years, 12): the last year, month by month.

    `noise` is what is estimated of the counts.
    """
    table = counts.reshape(len(counts), -1)
    made = _expected(table, noise)
    newest = slice(-MONTHS, None)
    low, high = (bound[1:, newest] for bound in made.band())
    seen = table[:, newest]
    yield "band of a month holds its count", 0.95, (low <= seen) & (seen <= high)
    yield (
        "a quiet month has an unusual place",
        FALSE_DISCOVERY,
        _discovered(made, table).any(axis=0),
    )
    mean = made.mean[1:, -1]
    for what, factor in SURGES.items():
        surging = rng.random(len(table)) < SURGING
        planted = table[:, -1:].copy()
        planted[surging] = surge(rng, planted[surging], mean[surging, None], factor, kind)
        p_value = Expected(made.mean[1:, -1:], made.variance[1:, -1:]).p_value(planted)
        yield from _powers(
            f"a month that {what} is unusual", mean, surging, benjamini_hochberg(p_value[:, 0])
        )


def changes(
    counts: Floats, noise: CountNoise, kind: Kind, rng: np.random.Generator
) -> Iterator[Found]:
    """Statements of `count_change` for counts (n, years, 12) whose levels do not move.

    A month is set beside the same month a year before, and a year beside the year before.
    """
    for name, months, newer, older in (
        ("month", 1, counts[:, -1, -1], counts[:, -2, -1]),
        ("year", MONTHS, counts[:, -1].sum(axis=1), counts[:, -2].sum(axis=1)),
    ):
        # what is summed over the city moves by itself, as its season does
        city = newer.sum() / older.sum()
        found = _change(newer, older, months, noise)
        held = (found.low <= city) & (city <= found.high)
        yield f"interval of a {name}'s ratio holds it", 0.95, held[older > 0]
        any_said = (benjamini_hochberg(found.p_value) <= FALSE_DISCOVERY).any()
        yield f"a change of a {name} is said where there is none", FALSE_DISCOVERY, any_said[None]
        for what, factor in SURGES.items():
            surging = rng.random(len(newer)) < SURGING
            planted = newer.copy()
            planted[surging] = surge(rng, newer[surging], older[surging], factor, kind)
            q = benjamini_hochberg(_change(planted, older, months, noise).p_value)
            yield from _powers(f"a {name} that {what} is said to change", older, surging, q)


def surge(
    rng: np.random.Generator, counts: Floats, mean: Floats, factor: float, kind: Kind
) -> Floats:
    """Counts with so many times as many incidents: more of the same kind, or fewer of them."""
    if factor < 1:
        return rng.binomial(counts.astype(int), factor).astype(np.float64)
    more = counted(rng, np.atleast_2d((factor - 1) * mean), kind)
    return counts + more.reshape(np.shape(counts))


def _expected(table: Floats, noise: CountNoise) -> Expected:
    """Expectations of the city, which comes first, and its places: (1 + n, months)."""
    n = len(table)
    whole = np.vstack([table.sum(axis=0), table])
    fields = CountNoise(*(np.full(1 + n, value) for value in noise))
    fields.drift[0] = 0.0
    places = np.append(n, np.ones(n))
    system, city = np.zeros(table.shape[1], dtype=int), np.zeros(1 + n, dtype=int)
    alone = CountNoise(*(value[:1] for value in fields))
    of_city = expected_months(whole[:1], system, city[:1], alone, np.zeros(1), places[:1])
    common, _ = common_noise(whole[:1], of_city)
    return expected_months(whole, system, city, fields, np.full(1 + n, common[0]), places)


def _discovered(made: Expected, table: Floats) -> Bools:
    """(n, 12) which places are unusual in the months of the last year."""
    newest = Expected(*(part[1:, -MONTHS:] for part in made))
    p_value = newest.p_value(table[:, -MONTHS:])
    return np.apply_along_axis(benjamini_hochberg, 0, p_value) <= FALSE_DISCOVERY


def _change(newer: Floats, older: Floats, months: int, noise: CountNoise) -> Change:
    mean = (newer + older) / 2
    dispersion = window_dispersion(noise, mean, months, 0.0, np.ones(len(mean)))
    return count_change(newer, older, 1, dispersion, dispersion)


def _powers(what: str, size: Floats, surging: Bools, q_values: Floats) -> Iterator[Found]:
    """How often what was planted is found, by the size that a count has without it."""
    for low, high in pairwise(SIZES):
        these = surging & (size >= low) & (size < high)
        if these.any():
            sizes = f"{low} or more" if high == np.inf else f"{low} to {high}"
            yield f"{what}: {sizes}", np.nan, q_values[these] <= FALSE_DISCOVERY
