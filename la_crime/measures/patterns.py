"""Andresen's spatial point pattern test over many pairs of patterns."""

import numpy as np
import pandas as pd

from la_crime.measures.frames import stacked
from la_crime.measures.noise import noise_of
from la_crime.stats.noise import MONTHS
from la_crime.stats.patterns import pattern_similarity

PATTERN_COLUMNS = {
    "scope": "str",
    "compared": "str",
    "left_id": "str",
    "right_id": "str",
    "place_id": "str",
    "left_share": "float64",
    "right_share": "float64",
    "is_similar": "bool",
    "q_value": "float64",
    "is_different": "bool",
    "s_index": "float64",
    "robust_s_index": "float64",
    "dissimilarity": "float64",
    "dissimilarity_low": "float64",
    "dissimilarity_high": "float64",
}

PAIR = ["scope", "compared", "left_id", "right_id"]


def run_pattern_similarity(counts: pd.DataFrame, noise: pd.DataFrame) -> pd.DataFrame:
    """Test each pair of patterns: `PATTERN_COLUMNS`, a row a pair and place.

    `counts` has scope, compared, left_id, right_id, left_source, right_source, n_years (that either
    pattern sums), place_id, left_n, right_n; the left pattern is the base, the right one the test.
    `noise` has scope, source, category, a, power, correlation, drift, of which the noise of all
    incidents counts. What a pair has as a whole (s_index, robust_s_index and dissimilarity with its
    interval) repeats for its places. A pair of which a pattern has no incident is left out. Raises
    ValueError for a count that is negative or not whole. Source: see
    `la_crime.stats.patterns.pattern_similarity`.
    """
    parts = []
    for names, rows in counts.groupby(PAIR):
        places = rows.sort_values("place_id")
        left, right = places["left_n"].to_numpy(), places["right_n"].to_numpy()
        if left.sum() == 0 or right.sum() == 0:
            continue
        months = float(MONTHS * places["n_years"].iloc[0])
        dispersions = [
            noise_of(
                noise, scope=places["scope"].iloc[0], source=places[source].iloc[0], category="all"
            ).dispersion(n.astype(np.float64), months)
            for source, n in (("left_source", left), ("right_source", right))
        ]
        found = pattern_similarity(left, right, *dispersions)
        part = {
            **dict(zip(PAIR, names, strict=True)),
            "place_id": places["place_id"].to_numpy(),
            "left_share": found.base_share,
            "right_share": found.test_share,
            "is_similar": found.is_similar,
            "q_value": found.q_value,
            "is_different": found.is_different,
            "s_index": found.s_index,
            "robust_s_index": found.robust_s_index,
            "dissimilarity": found.dissimilarity,
            "dissimilarity_low": found.dissimilarity_low,
            "dissimilarity_high": found.dissimilarity_high,
        }
        parts.append(part)
    return stacked(parts, PATTERN_COLUMNS)
