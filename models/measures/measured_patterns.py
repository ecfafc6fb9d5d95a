"""Whether two patterns lie over the places alike: Andresen's test."""

from la_crime import patterns


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, pair and place; see `la_crime.patterns.run_pattern_similarity`."""
    return patterns.run_pattern_similarity(dbt.ref("pattern_counts").df())
