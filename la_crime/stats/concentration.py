"""Crime concentration: Gini coefficients, and the share of places and of land that holds crime.

Functions take counts of shape (..., n): one or many distributions over the same n places.
"""

from collections.abc import Iterable

import numpy as np

from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.noise import MONTHS, POISSON, CountNoise
from la_crime.stats.resampling import normal_interval

# Enough for the width of a normal interval to a tenth.
DRAWS = 50
PORTIONS = {"25pct": 0.25, "50pct": 0.5, "80pct": 0.8}
HALF = {"50pct": PORTIONS["50pct"]}
# Measures whose interval is published.
WITH_INTERVAL = ("gini", "generalised_gini", "district_share_for_50pct", "km2_share_for_50pct")


def gini(counts: Ints) -> Floats:
    """Gini coefficients (...) of counts (..., n), from 0, all places equal, to (n - 1) / n.

    NaN without crimes. Raises ValueError for a negative count. Source: Gini (1912), "Variabilità e
    mutabilità", as half the mean absolute difference between places over their mean.
    """
    return _gini(np.sort(_checked(counts), axis=-1))


def _gini(ordered: Ints) -> Floats:
    n = ordered.shape[-1]
    total = ordered.sum(axis=-1)
    ranked = ordered @ np.arange(1, n + 1)
    # (2 ranked - (n + 1) total) is whole, so that equality is exactly 0.
    return np.where(total > 0, (2 * ranked - (n + 1) * total) / np.maximum(n * total, 1), np.nan)


def generalised_gini(counts: Ints) -> Floats:
    """Gini coefficients (...) of counts (..., n), against the most even spread there could be.

    With fewer crimes than places some must have none, and the plain Gini calls that concentration.
    0 where no place has a second crime while another has none; equal to `gini` where crimes are as
    many as places or more. NaN without crimes. Source: Bernasco & Steenbeek (2017), "More places
    than crimes", J. Quant. Criminol. 33(3).
    """
    return _generalised_gini(np.sort(_checked(counts), axis=-1))


def _generalised_gini(ordered: Ints) -> Floats:
    places_per_crime = ordered.shape[-1] / np.maximum(ordered.sum(axis=-1), 1)
    # The most even spread comes out a rounding error off 0.
    return np.maximum(np.maximum(places_per_crime, 1.0) * (_gini(ordered) - 1) + 1, 0.0)


def place_share(counts: Ints, portion: float) -> Floats:
    """The smallest share (...) of places that holds `portion` of the crimes in counts (..., n).

    Places are taken from the most crimes down, whole. NaN without crimes. Source: Weisburd (2015),
    "The law of crime concentration and the criminology of place", Criminology 53(2).
    """
    return _place_shares(np.sort(_checked(counts), axis=-1), (portion,))[0]


def _place_shares(ordered: Ints, portions: Iterable[float]) -> list[Floats]:
    held = np.cumsum(ordered[..., ::-1], axis=-1)
    total = held[..., -1]
    shares = []
    for portion in portions:
        taken = (held < portion * total[..., None]).sum(axis=-1) + 1
        shares.append(np.where(total > 0, taken / ordered.shape[-1], np.nan))
    return shares


def land_shares(counts: Ints, area_km2: Floats, portions: Iterable[float]) -> list[Floats]:
    """For each portion, the share (...) of land that holds it of the crimes in counts (..., n).

    Places, of `area_km2` (n,), are taken from the most crimes per km² down, whole; a place whose
    area is NaN, as one that is not on the map, is left out with its crimes. NaN without crimes.
    Raises ValueError for an area of zero or less.
    """
    area_km2 = np.asarray(area_km2, dtype=np.float64)
    has_area = ~np.isnan(area_km2)
    counts, area_km2 = _checked(counts)[..., has_area], area_km2[has_area]
    if (area_km2 <= 0).any():
        raise ValueError("an area is zero or less")
    if not len(area_km2):
        return [np.full(counts.shape[:-1], np.nan) for _ in portions]
    # Too little to reorder places, enough that equal densities sort alike on every machine.
    unlike = area_km2 * (1 + 1e-12 * np.arange(len(area_km2)))
    order = np.argsort(-(counts / unlike), axis=-1)
    held = np.cumsum(np.take_along_axis(counts, order, axis=-1), axis=-1)
    land = np.cumsum(area_km2[order], axis=-1)
    total = held[..., -1]
    shares = []
    for portion in portions:
        last = (held < portion * total[..., None]).sum(axis=-1)
        taken = np.take_along_axis(land, last[..., None], axis=-1)[..., 0]
        shares.append(np.where(total > 0, taken / land[..., -1], np.nan))
    return shares


def _checked(counts: Ints) -> Ints:
    counts = np.asarray(counts)
    if (counts < 0).any():
        raise ValueError("concentration needs counts of zero or more")
    return counts


def redrawn_counts(
    counts: Ints,
    draws: int,
    rng: np.random.Generator,
    noise: CountNoise = POISSON,
    months: float = MONTHS,
) -> Ints:
    """(draws, n) counts such as places like those of `counts` (n,) might have had by chance.

    Counts sum `months` months and scatter by `noise` around rates that are the counts, less the
    part of their spread that noise alone makes. Drawn around the raw counts, a place that happened
    to have none would have none in every draw, and intervals of sparse crime would hold the truth
    half as often as they say. Sources: Marshall (1991), "Mapping disease and mortality rates using
    empirical Bayes estimators", Appl. Stat. 40(2), for the part; Louis (1984), "Estimating a
    population of parameter values using Bayes and empirical Bayes methods", JASA 79(386), for its
    root, which keeps the rates' spread.
    """
    mean = counts.mean()
    spread = counts.var(ddof=1) if len(counts) > 1 else 0.0
    by_noise = float((noise.dispersion(counts, months) * counts).mean()) if len(counts) else 0.0
    kept = np.sqrt((spread - by_noise) / spread) if spread > by_noise else 0.0
    rates = mean + kept * (counts - mean)
    return noise.recount(rng, rates, draws, months)


def measures(
    counts: Ints, area_km2: Floats, portions: dict[str, float] = PORTIONS
) -> dict[str, Floats]:
    """Each measure (...) of counts (..., n) over places of `area_km2` (n,), by column name."""
    ordered = np.sort(_checked(counts), axis=-1)
    shares = {
        "district": _place_shares(ordered, portions.values()),
        "km2": land_shares(counts, area_km2, portions.values()),
    }
    return {
        "gini": _gini(ordered),
        "generalised_gini": _generalised_gini(ordered),
        **{
            f"{unit}_share_for_{name}": share
            for unit, of_unit in shares.items()
            for name, share in zip(portions, of_unit, strict=True)
        },
    }


def concentration(
    counts: Ints,
    area_km2: Floats,
    draws: int,
    rng: np.random.Generator,
    noise: CountNoise = POISSON,
    months: float = MONTHS,
) -> dict[str, float]:
    """All of `measures` of counts (n,), and `_low` and `_high` for those in `WITH_INTERVAL`.

    The intervals are 95 % ones, normal (the measures sum over places), and as wide as
    `redrawn_counts` vary: what another period with the same rates might show. Counts drawn of
    counts are less even than these, which moves the draws, but not their width. Places are not
    resampled: they are all there are. All is NaN without crimes.
    """
    result = {name: float(value) for name, value in measures(counts, area_km2).items()}
    drawn = measures(redrawn_counts(counts, draws, rng, noise, months), area_km2, HALF)
    for name in WITH_INTERVAL:
        low, high = normal_interval(result[name], drawn[name])
        result |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return result
