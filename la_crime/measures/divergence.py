"""Arrests beside crimes, place by place, with the noise that both have."""

import numpy as np
import pandas as pd

from la_crime.measures.noise import noise_of
from la_crime.stats.effects import ratio_interval
from la_crime.stats.noise import MONTHS

COLUMNS = {
    "scope": "str",
    "place_id": "str",
    "period_id": "str",
    "matched_group": "str",
    "crimes": "int64",
    "arrests": "int64",
    "arrests_per_100_crimes": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
}


def divergence(counts: pd.DataFrame, noise: pd.DataFrame) -> pd.DataFrame:
    """Arrests per 100 crimes with their interval: `COLUMNS`, a row for each of `counts`, in order.

    `counts` has scope, place_id, period_id, matched_group, crimes, arrests and n_years, the years
    that both sum; `noise` scope, source, category, a, power, correlation, drift. Crimes have the
    noise of their group. Arrests have that of all arrests at their own number, for several charge
    groups match one group of crimes.
    """
    of_crimes, of_arrests = np.ones(len(counts)), np.ones(len(counts))
    for (scope, group), rows in counts.groupby(["scope", "matched_group"]).indices.items():
        months = MONTHS * counts["n_years"].to_numpy(dtype=np.float64)[rows]
        for dispersion, source, category in (
            (of_crimes, "crimes", group),
            (of_arrests, "arrests", "all"),
        ):
            own = noise_of(noise, scope=scope, source=source, category=category)
            dispersion[rows] = own.dispersion(counts[source].to_numpy()[rows], months)
    ratio, low, high = ratio_interval(
        counts["arrests"].to_numpy(), counts["crimes"].to_numpy(), of_arrests, of_crimes
    )
    found = {"arrests_per_100_crimes": ratio, "ci_low": low, "ci_high": high}
    # typed, for an empty frame would have no types of its own
    return counts.assign(**found)[list(COLUMNS)].astype(COLUMNS)
