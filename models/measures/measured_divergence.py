"""Arrests per 100 crimes with their interval."""

from la_crime.stats import effects

TYPES = {
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


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, place, period and matched group; see `effects.ratio_interval`."""
    counts = dbt.ref("matched_counts").df()
    ratio, low, high = effects.ratio_interval(
        counts["arrests"].to_numpy(), counts["crimes"].to_numpy()
    )
    measures = {"arrests_per_100_crimes": ratio, "ci_low": low, "ci_high": high}
    # typed, for an empty frame would have no types of its own
    return counts.assign(**measures).astype(TYPES)
