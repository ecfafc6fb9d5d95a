"""Andresen's spatial point pattern test over many pairs of patterns."""

import pandas as pd

from la_crime.stats.patterns import pattern_similarity
from la_crime.stats.resampling import generator

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
}

PAIR = ["scope", "compared", "left_id", "right_id"]


def run_pattern_similarity(counts: pd.DataFrame) -> pd.DataFrame:
    """Test each pair of patterns: `PATTERN_COLUMNS`, a row a pair and place.

    `counts` has scope, compared, left_id, right_id, place_id, left_n, right_n; the left pattern is
    the base, the right one the test. s_index and robust_s_index repeat for the places of a pair. A
    pair of which a pattern has no incident is left out. Raises ValueError for a count that is
    negative or not whole. Source: see `la_crime.stats.patterns.pattern_similarity`.
    """
    parts = []
    for names, rows in counts.groupby(PAIR):
        places = rows.sort_values("place_id")
        left, right = places["left_n"].to_numpy(), places["right_n"].to_numpy()
        if left.sum() == 0 or right.sum() == 0:
            continue
        found = pattern_similarity(left, right, generator("|".join(names)))
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
        }
        parts.append(pd.DataFrame(part))
    empty = pd.DataFrame(columns=list(PATTERN_COLUMNS))
    return (pd.concat(parts, ignore_index=True) if parts else empty).astype(PATTERN_COLUMNS)
