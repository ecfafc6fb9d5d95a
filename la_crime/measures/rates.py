"""Incidents per resident or other unit: intervals, rates drawn towards others, and ranks."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from la_crime.frames import typed
from la_crime.measures.noise import noise_of
from la_crime.spatial.neighbourhoods import Weights
from la_crime.stats.arrays import Floats, rounded
from la_crime.stats.rates import count_interval, empirical_bayes
from la_crime.stats.resampling import generator
from la_crime.stats.tiers import rank_intervals

KEYS = ["scope", "period_id", "source", "incident_group", "denominator"]
PER = 1000  # residents, a year
RANK_DRAWS = 400
# ranks are of all incidents: of a group, most places of a city would have most ranks
RANKED = "all"

RATE_COLUMNS = {
    **dict.fromkeys(KEYS, "str"),
    "place_id": "str",
    "n": "int64",
    "base": "float64",
    "rate": "float64",
    "rate_low": "float64",
    "rate_high": "float64",
    "city_rate": "float64",
    "smoothed_rate": "float64",
    "neighbour_rate": "float64",
    "rate_rank": "float64",
    "rank_low": "float64",
    "rank_high": "float64",
}


def run_rates(
    counts: pd.DataFrame, noise: pd.DataFrame, weights_by_scope: dict[str, Weights]
) -> pd.DataFrame:
    """Rates a year for every `PER` of the base: `RATE_COLUMNS`, a row a place and `KEYS`.

    `counts` has KEYS, place_id, n (none is 0), base (above 0) and months (that n sums, alike within
    KEYS); `noise` has scope, source, category, a, power, correlation, drift, and where it lacks the
    group that of all incidents holds. rate_low and rate_high are the 95 % interval under noise,
    see `count_interval`; city_rate is that of all places together. smoothed_rate is drawn towards
    the rate of all places, neighbour_rate towards that of its neighbours, see `empirical_bayes`.
    rate_rank is the place's by smoothed_rate, 1 the highest, of equals the first by place_id;
    rank_low and rank_high hold the rank of its rate with 95 %; for the group `RANKED` alone, NaN
    elsewhere.
    Raises ValueError for a place that the weights lack.
    """
    parts = []
    for key, rows in counts.groupby(KEYS):
        scope, _, source, group, _ = (str(part) for part in key)
        rows = rows.sort_values("place_id")
        n, base = (rows[name].to_numpy(dtype=np.float64) for name in ("n", "base"))
        months = float(rows["months"].iloc[0])
        known = (noise["scope"] == scope) & (noise["source"] == source)
        category = group if (known & (noise["category"] == group)).any() else RANKED
        own = noise_of(noise, scope=scope, source=source, category=category)
        low, high = count_interval(n, own.dispersion(n, months))
        # the count that a place of its size would have: its own would take a low one for a sure one
        usual = own.dispersion(n.sum() / base.sum() * base, months)
        overall = empirical_bayes(n, base, usual)
        near = _adjacency(weights_by_scope[scope], rows["place_id"].tolist())
        scale = PER * 12 / months
        part = {
            "n": n.astype(np.int64),
            "base": base,
            "rate": rounded(n / base * scale),
            "rate_low": rounded(low / base * scale),
            "rate_high": rounded(high / base * scale),
            "city_rate": rounded(n.sum() / base.sum() * scale),
            "smoothed_rate": rounded(overall.mean * scale),
            "neighbour_rate": rounded(empirical_bayes(n, base, usual, near).mean * scale),
            **_ranks(group, overall.mean, overall.sd, key),
        }
        parts.append(rows[[*KEYS, "place_id"]].reset_index(drop=True).assign(**part))
    return typed(parts, RATE_COLUMNS)


def _ranks(group: str, mean: Floats, sd: Floats, key: tuple) -> dict[str, Floats]:
    """The ranks of rates (n,) known with standard errors, or NaN where the group has none."""
    if group != RANKED:
        return dict.fromkeys(("rate_rank", "rank_low", "rank_high"), np.full(len(mean), np.nan))
    rng = generator("rates", *(str(part) for part in key))
    low, high = rank_intervals(mean + sd * rng.standard_normal((RANK_DRAWS, len(mean))))
    rank = (-rounded(mean)).argsort(kind="stable").argsort() + 1
    return {"rate_rank": rank, "rank_low": low, "rank_high": high}


def _adjacency(weights: Weights, place_ids: list[str]) -> csr_array:
    """Who is whose neighbour among some of the places, (n, n) of zeros and ones, in their order."""
    at = pd.Index(weights.place_ids, dtype="str").get_indexer(place_ids)
    if (at < 0).any():
        raise ValueError(f"place {place_ids[(at < 0).argmax()]!r} has no row in the weights")
    return csr_array((weights.matrix[at][:, at] != 0).astype(np.float64))
