"""Published figures that must follow from the rounded counts: those that do not tell more."""

import duckdb
import numpy as np
import pandas as pd

from la_crime.stats.effects import cramers_v
from la_crime.warehouse.attack.reading import (
    CELL,
    GROUPS,
    TIER_CELL,
    as_recovered,
    base_of,
    read_tiers,
)

INTERVALS = [f"{name}_{end}" for name in ("share", "location_quotient") for end in ("low", "high")]


def unexplained_figures(
    con: duckdb.DuckDBPyConnection, profiles: pd.DataFrame
) -> list[pd.DataFrame]:
    """Tiers, shares and statistics that do not follow, if the counts are rounded."""
    if base_of(profiles["n"]) == 1:
        return []
    return [
        unexplained_tiers(con, profiles),
        unexplained_shares(profiles),
        unexplained_statistics(con),
    ]


def unexplained_tiers(con: duckdb.DuckDBPyConnection, profiles: pd.DataFrame) -> pd.DataFrame:
    """Tier cells, if they are rounded, that are not the sum of their places' rounded counts."""
    tiers, members = read_tiers(con)
    if base_of(tiers["n"]) == 1:
        return as_recovered(tiers[:0], "", "")
    shown = shown_by_period(con, profiles).rename(columns={"n": "place_n"})
    of_places = tiers.merge(members, on=["run_id", "cluster_rank"]).merge(
        shown, on=[*CELL, "period_id"], how="left"
    )
    sums = of_places.groupby(TIER_CELL, as_index=False).agg(
        scope=("scope", "first"), n=("n", "first"), place_n=("place_n", "sum")
    )
    odd = sums[sums["n"].fillna(0) != sums["place_n"]]
    return as_recovered(odd.assign(place_id=odd["run_id"]), "a tier", "tells more than places")


def shown_by_period(con: duckdb.DuckDBPyConnection, profiles: pd.DataFrame) -> pd.DataFrame:
    """The counts that are shown, and for the other periods the sums of their years."""
    shown = profiles[profiles["n"].notna()]
    years = shown[shown["period_id"].str.fullmatch(r"\d{4}")]
    periods = con.sql(
        "select period_id, year(start_date) as start, year(end_date) as until from dim_periods"
    ).df()
    known = profiles[["scope", "period_id"]].drop_duplicates().assign(is_shown=True)
    sums = [shown[[*CELL, "period_id", "n"]]]
    for scope, of_scope in years.groupby("scope"):
        others = periods[
            ~periods["period_id"].isin(known.loc[known["scope"] == scope, "period_id"])
        ]
        for period in others.itertuples():
            inside = of_scope[of_scope["first_year"].between(period.start, period.until)]
            summed = inside.groupby(CELL, as_index=False)["n"].sum()
            sums.append(summed.assign(period_id=period.period_id))
    return pd.concat(sums, ignore_index=True)


def unexplained_shares(profiles: pd.DataFrame) -> pd.DataFrame:
    """Cells whose share, location quotient or interval does not follow from the counts shown.

    Of the intervals: hidden cells have none, those of shares and of quotients are one, and cells of
    a category with the same count in tables of the same total have the same.
    """
    table = ["scope", "place_id", "period_id", "source", "characteristic"]
    city = ["scope", "period_id", "source", "characteristic"]
    counted = profiles[profiles["n"].notna()]
    share = counted["n"] / counted.groupby(table)["n"].transform("sum")
    city_share = counted.groupby([*city, "category"])["n"].transform("sum") / counted.groupby(city)[
        "n"
    ].transform("sum")
    odd = ((share - counted["share"]).abs() > 1.1e-6) | (
        (share / city_share - counted["location_quotient"]).abs() > 1.1e-4
    )
    ends = [name for name in INTERVALS if name in profiles]
    if ends:
        for end in ("low", "high"):
            apart = counted[f"share_{end}"] / city_share - counted[f"location_quotient_{end}"]
            # the share's sixth decimal and the quotient's fourth
            odd |= apart.abs() > 5.1e-7 / city_share + 5.1e-5
        alike = [*city, "category", "n", "total"]
        totals = counted.assign(total=counted.groupby(table)["n"].transform("sum"))
        odd |= totals.groupby(alike)[ends].transform("nunique").gt(1).any(axis=1)
    figures = ["share", "location_quotient", *ends]
    shown = profiles["n"].isna() & profiles[figures].notna().any(axis=1)
    found = pd.concat([counted[odd], profiles[shown]])
    return as_recovered(found, "a share", "does not follow from counts")


def unexplained_statistics(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Chi-squares of tiers that do not follow from the rounded counts of the tiers."""
    effects = con.sql(
        "select run_id, scope, characteristic, statistic from tier_effects"
        " inner join (select run_id, scope from cluster_runs) using (run_id)"
        " where statistic is not null and test = 'chi-square'"
        f" and characteristic not in {GROUPS}"
    ).df()
    tiers = con.sql(
        "select run_id, cluster_rank, characteristic, category, coalesce(n, 0) as n"
        " from cluster_profiles where category not in ('unknown', 'unclassified')"
    ).df()
    tables = dict(list(tiers.groupby(["run_id", "characteristic"])))
    odd = [
        row
        for row in effects.itertuples()
        if not follows(tables.get((row.run_id, row.characteristic)), row.statistic)
    ]
    frame = pd.DataFrame(odd, columns=["Index", *effects.columns]).rename(
        columns={"run_id": "place_id", "statistic": "value"}
    )
    return as_recovered(frame, "a statistic", "does not follow from counts")


def follows(tier_counts: pd.DataFrame | None, statistic: float) -> bool:
    """Whether a chi-square is that of the tiers' counts, to what six decimals can show."""
    if tier_counts is None:
        return False
    table = tier_counts.pivot_table(index="cluster_rank", columns="category", values="n").to_numpy(
        float
    )
    return bool(np.isclose(cramers_v(table).statistic, statistic, rtol=1e-9, atol=1.1e-6))
