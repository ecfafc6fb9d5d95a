"""Arrests per 100 crimes with their interval."""

from la_crime import effects


def model(dbt, session):  # noqa: ARG001  (dbt's signature)
    """One row per scope, place, period and matched group; see `effects.ratio_interval`."""
    counts = dbt.ref("matched_counts").df()
    ratio, low, high = effects.ratio_interval(
        counts["arrests"].to_numpy(), counts["crimes"].to_numpy()
    )
    return counts.assign(arrests_per_100_crimes=ratio, ci_low=low, ci_high=high)
