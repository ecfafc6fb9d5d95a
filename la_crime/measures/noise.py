"""How much recorded counts vary by themselves, by scope, source, record system and group."""

from typing import Any

import numpy as np
import pandas as pd

from la_crime.frames import typed
from la_crime.stats.arrays import Floats, rounded
from la_crime.stats.noise import CountNoise, estimate_noise, freedom
from la_crime.stats.resampling import DRAWS, generator
from la_crime.stats.threads import single_threaded

# Three times Poisson and a tenth a year: wider than anything that we have seen of areas or of
# districts (about 2.5 and 5 %), for where too little is there to measure it.
DEFAULT = CountNoise(a=2.0, power=0.0, correlation=0.0, drift=0.1)
# Fewer would leave an index of dispersion open by more than a seventh.
MIN_FREEDOM = 100
MIN_INCIDENTS = 500
# A place with fewer a month says little of how they bunch, and less than there is.
MIN_MONTH = 1.0
# With two steps between whole years a change has been seen twice.
MIN_STEPS = 2
# A month with less of the record system than that share of its usual month is its start or end.
WHOLE_MONTH = 0.5

KEYS = ["scope", "source", "record_system", "category"]
# a place's incidents in each month of a year
MONTHS = [f"n_{month}" for month in range(1, 13)]
COUNT_NOISE_COLUMNS = {
    **dict.fromkeys(KEYS, "str"),
    "incidents": "int64",
    "n_places": "int64",
    "n_months": "int64",
    "n_steps": "int64",
    "is_noise_measured": "bool",
    "is_drift_measured": "bool",
    "a": "float64",
    "power": "float64",
    "correlation": "float64",
    "drift": "float64",
    "drift_low": "float64",
    "drift_high": "float64",
    "typical_month": "float64",
    "dispersion_month": "float64",
    "dispersion_month_low": "float64",
    "dispersion_month_high": "float64",
    "dispersion_year": "float64",
    "dispersion_year_low": "float64",
    "dispersion_year_high": "float64",
}


@single_threaded
def count_noise(series: pd.DataFrame, draws: int = DRAWS) -> pd.DataFrame:
    """The noise of each kind of count: `COUNT_NOISE_COLUMNS`, a row a scope, source, system, group.

    `series` has `KEYS`, place_id, year and `MONTHS`, a row a place and year with incidents. Of
    counts with fewer than `MIN_FREEDOM` degrees of freedom or `MIN_INCIDENTS`, and of fewer than
    `MIN_STEPS` steps from a whole year to the next, it is `DEFAULT`. Places count that have
    `MIN_MONTH` or more a month: a year with one or two shows no bunching, whatever there is. A
    month counts where the city has at least `WHOLE_MONTH` of its usual month. Intervals are 95 %
    ones, over resampled places.
    """
    parts = []
    # numbers for text, which is slow to slice
    light = series.assign(place=pd.factorize(series["place_id"], sort=True)[0])
    light = light.drop(columns="place_id")
    for key, rows in light.groupby(KEYS):
        months, year_counts, years = _by_month(rows)
        is_dense = np.nanmean(months, axis=(1, 2)) >= MIN_MONTH
        typical = _typical(months)
        months, year_counts = months[is_dense], year_counts[is_dense]
        n_months, n_free = freedom(months)
        n_steps = int((np.diff(years) == 1).sum())
        incidents = int(np.nansum(months))
        measured = n_free * len(months) >= MIN_FREEDOM and incidents >= MIN_INCIDENTS
        drift_measured = measured and n_steps >= MIN_STEPS
        found, drawn = DEFAULT, None
        if measured:
            rng = generator("count noise", *key)
            found, drawn = estimate_noise(months, year_counts, years, draws, rng)
            if not drift_measured:
                found = found._replace(drift=DEFAULT.drift)
        parts.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "incidents": incidents,
                "n_places": len(months),
                "n_months": n_months,
                "n_steps": n_steps,
                "is_noise_measured": measured,
                "is_drift_measured": drift_measured,
                **{name: rounded(value) for name, value in found._asdict().items()},
                **_interval("drift", drawn.drift if drawn and drift_measured else None),
                "typical_month": rounded(typical),
                **_dispersion("month", found, drawn, typical, 1),
                **_dispersion("year", found, drawn, typical * 12, 12),
            }
        )
    return typed([pd.DataFrame(parts)] if parts else [], COUNT_NOISE_COLUMNS)


def _by_month(rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Counts (n, years, 12), NaN where there is no whole month; (n, m) of whole years; (m,)."""
    year = rows["year"].to_numpy()
    first, last = int(year.min()), int(year.max())
    places, place = np.unique(rows["place"].to_numpy(), return_inverse=True)
    counts = np.zeros((len(places), last - first + 1, 12))
    counts[place, year - first] = rows[MONTHS]
    city = counts.sum(axis=0)
    is_there = city >= WHOLE_MONTH * np.median(city[city > 0])
    whole = is_there.all(axis=1)
    years = np.arange(first, last + 1)[whole].astype(float)
    return np.where(is_there, counts, np.nan), counts[:, whole].sum(axis=2), years


def _typical(months: Floats) -> float:
    """The monthly count of the place in the middle, of those that have any."""
    own = np.nanmean(months, axis=(1, 2))
    return float(np.median(own[own > 0])) if (own > 0).any() else 0.0


def _interval(name: str, drawn: Floats | None) -> dict[str, float]:
    low, high = (np.nan, np.nan) if drawn is None else np.percentile(drawn, [2.5, 97.5])
    return {f"{name}_low": rounded(low), f"{name}_high": rounded(high)}


def _dispersion(
    unit: str, found: CountNoise, drawn: CountNoise | None, mean: float, months: int
) -> dict[str, float]:
    """The index of dispersion of a month or year of the typical place, with its interval."""
    name = f"dispersion_{unit}"
    spread = None if drawn is None else drawn.dispersion(mean, months)
    return {name: rounded(float(found.dispersion(mean, months))), **_interval(name, spread)}


def noise_of(noise: pd.DataFrame, **key: Any) -> CountNoise:
    """The noise that `noise` (columns of `key`, a, power, correlation, drift) has for a key.

    `DEFAULT` where it has none. Raises ValueError where it has several.
    """
    rows = noise[np.logical_and.reduce([noise[name] == value for name, value in key.items()])]
    if len(rows) > 1:
        raise ValueError(f"several rows of noise for {key}")
    return (
        CountNoise(*rows[list(CountNoise._fields)].iloc[0].astype(float)) if len(rows) else DEFAULT
    )
