"""How concentrated each period's crime groups are."""

import numpy as np
import pandas as pd

from la_crime.measures.noise import noise_of
from la_crime.stats.arrays import rounded
from la_crime.stats.concentration import DRAWS, concentration
from la_crime.stats.resampling import generator

CONCENTRATION_COLUMNS = {
    "period_id": "str",
    "crime_group": "str",
    "crimes": "int64",
    "places": "int64",
    "gini": "float64",
    "gini_low": "float64",
    "gini_high": "float64",
    "generalised_gini": "float64",
    "generalised_gini_low": "float64",
    "generalised_gini_high": "float64",
    "district_share_for_25pct": "float64",
    "district_share_for_50pct": "float64",
    "district_share_for_50pct_low": "float64",
    "district_share_for_50pct_high": "float64",
    "district_share_for_80pct": "float64",
    "km2_share_for_25pct": "float64",
    "km2_share_for_50pct": "float64",
    "km2_share_for_50pct_low": "float64",
    "km2_share_for_50pct_high": "float64",
    "km2_share_for_80pct": "float64",
}


def run_concentration(
    counts: pd.DataFrame,
    places: pd.DataFrame,
    periods: pd.DataFrame,
    noise: pd.DataFrame,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """How concentrated each period's crime groups are: `CONCENTRATION_COLUMNS`, a row of each.

    `counts` has period_id, crime_group, place_id, n, a place that is absent having no crimes;
    `places` has place_id, area_km2 (missing for one that is not on the map): all places there are.
    `periods` has period_id and months, how many a period's counts sum; `noise` has category (a
    crime_group), a, power, correlation, drift. Shares are from 0 to 1. Raises ValueError for a
    place given twice, a count given twice, or a count of a place that is not in `places`.
    """
    areas = places.set_index(places["place_id"].astype("str"))["area_km2"].sort_index()
    if not areas.index.is_unique:
        raise ValueError("place_id is not unique in places")
    area_km2 = areas.to_numpy(dtype=np.float64)
    if counts.duplicated(["period_id", "crime_group", "place_id"]).any():
        raise ValueError("a place's crimes are given twice")
    row_of = counts.assign(row=areas.index.get_indexer(counts["place_id"].astype("str")))
    if (row_of["row"] < 0).any():
        raise ValueError(f"no place {counts['place_id'][row_of['row'] < 0].iloc[0]!r} in places")

    months_of = dict(zip(periods["period_id"], periods["months"], strict=True))
    rows = []
    for (period_id, crime_group), part in row_of.groupby(["period_id", "crime_group"]):
        n = np.zeros(len(areas), dtype=np.int64)
        n[part["row"]] = part["n"]
        rng = generator(f"{period_id}|{crime_group}")
        key = {"period_id": period_id, "crime_group": crime_group}
        own_noise = noise_of(noise, category=crime_group)
        measured = concentration(n, area_km2, draws, rng, own_noise, months_of[period_id])
        totals = {"crimes": n.sum(), "places": len(n)}
        rows.append({**key, **totals, **measured})
    frame = pd.DataFrame(rows, columns=list(CONCENTRATION_COLUMNS)).astype(CONCENTRATION_COLUMNS)
    numbers = frame.columns[4:]
    frame[numbers] = rounded(frame[numbers])
    return frame
