"""What a published file has, as frames."""

import duckdb
import numpy as np
import pandas as pd

# Cells that must not be shown as they are; a change in fewer records than this singles them out.
FEW = 10
GROUPS = ("crime_group", "charge_group")
CELL = ["scope", "place_id", "source", "characteristic", "category"]
TABLE = ["scope", "place_id", "source", "characteristic", "atom"]
# between the characteristic and the crime group that it is of
OF_GROUP = " of "
TIER_CELL = ["run_id", "cluster_rank", "source", "characteristic", "category"]
COLUMNS = [*CELL, "years", "how", "by", "value"]


def base_of(numbers: pd.Series) -> int:
    """The base that every one of the numbers is a multiple of; 1 if there are none."""
    found = numbers.dropna().astype("int64").to_numpy()
    return int(np.gcd.reduce(found)) if len(found) else 1


def read_profiles(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The rows of both profiles with the first and the last year that each counts.

    What is told of a crime group is a characteristic of its own, such as 'hour_band of robbery'.
    """
    columns = [name for name, *_ in con.sql("describe place_profiles").fetchall()]
    profiles = con.sql(
        "from place_profiles union all by name"
        " select 'city' as scope, 'city' as place_id, period_id, period_id as years,"
        f" 'crimes' as source, characteristic || '{OF_GROUP}' || crime_group as characteristic,"
        " category, n, share, if(n > 0, 1, null) as location_quotient,"
        " cell_status = 'suppressed' as is_suppressed from crime_group_profiles"
    ).df()
    spans = con.sql(
        "select period_id, year(start_date) as first_year, year(end_date) as last_year"
        " from dim_periods"
    ).df()
    profiles = profiles.merge(spans, on="period_id")
    if "years" in columns:
        ends = profiles["years"].str.split("-")
        profiles["first_year"] = np.maximum(profiles["first_year"], ends.str[0].astype(int))
        profiles["last_year"] = np.minimum(profiles["last_year"], ends.str[-1].astype(int))
    return profiles


def read_tiers(con: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells of tiers, and the places of each tier."""
    tiers = con.sql(
        "select run_id, scope, period_id, cluster_rank, profiles.source, characteristic,"
        " category, n from cluster_profiles as profiles"
        " inner join (select run_id, scope, period_id from cluster_runs) using (run_id)"
    ).df()
    return tiers, con.sql("select run_id, cluster_rank, place_id from cluster_assignments").df()


def atoms(profiles: pd.DataFrame) -> pd.DataFrame:
    """The blocks of years that the published periods part each other into.

    One row per scope, source, characteristic, period and block (`atom`): years that the same
    periods have. n_atoms is how many blocks the period has.
    """
    keys = ["scope", "source", "characteristic"]
    periods = profiles[[*keys, "period_id", "first_year", "last_year"]].drop_duplicates()
    years = periods.assign(
        year=[
            list(range(first, last + 1))
            for first, last in zip(periods["first_year"], periods["last_year"], strict=True)
        ]
    ).explode("year")
    named = years.sort_values("period_id").groupby([*keys, "year"], as_index=False)["period_id"]
    sets = named.agg(" ".join).rename(columns={"period_id": "of"})
    sets["atom"] = sets[[*keys, "of"]].agg("|".join, axis=1)
    of_atom = sets.groupby("atom")["year"].agg(tuple)
    joined = years[[*keys, "period_id", "year"]].merge(sets, on=[*keys, "year"])
    joined = joined.drop_duplicates([*keys, "period_id", "atom"]).drop(columns=["year", "of"])
    joined["years_in_atom"] = joined["atom"].map(of_atom)
    joined["first_year"] = joined["years_in_atom"].str[0]
    joined["last_year"] = joined["years_in_atom"].str[-1]
    joined["n_atoms"] = joined.groupby([*keys, "period_id"])["atom"].transform("size")
    joined["period_years"] = joined.groupby([*keys, "period_id"])["years_in_atom"].transform(
        lambda parts: str(sorted(year for part in parts for year in part))
    )
    return joined


def read_facts(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Incidents by scope, place, source, year and group (`family`): n, and n_legacy of crimes."""
    found = []
    for scope, place in (
        ("city", "'city'"),
        ("area", "area_id"),
        ("district", "small_area"),
    ):
        for source, group, count in (
            ("crimes", "crime_group", "crimes"),
            ("arrests", "charge_group", "arrests"),
        ):
            legacy = "if(record_system = 'legacy', crimes, 0)" if source == "crimes" else "0"
            found.append(
                con.sql(
                    f"select '{scope}' as scope, {place}::varchar as place_id,"
                    f" '{source}' as source, year(month) as year, {group} as family,"
                    f" sum({count})::double as n,"
                    f" sum({legacy})::double as n_legacy from fct_{source}_monthly group by all"
                ).df()
            )
    if con.execute(
        "select 1 from duckdb_tables() where table_name = 'fct_layers_monthly'"
    ).fetchone():
        found.append(
            con.sql(
                "select scope, place_id, source, year(month) as year, incident_group as family,"
                " sum(incidents)::double as n,"
                " sum(if(record_system = 'legacy', incidents, 0))::double as n_legacy"
                " from fct_layers_monthly where place_id != 'outside' group by all"
            ).df()
        )
    return pd.concat(found, ignore_index=True)


def read_pairs(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Which districts have records in which areas."""
    return con.sql(
        "select distinct small_area::varchar as place_id, area_id::varchar as area_id"
        " from (select small_area, area_id from fct_crimes_monthly"
        " union all select small_area, area_id from fct_arrests_monthly)"
    ).df()


def as_recovered(frame: pd.DataFrame, how: str, by: str) -> pd.DataFrame:
    """Rows of a frame as what was worked out, with what the frame lacks left empty."""
    return frame.assign(how=how, by=by).reindex(columns=COLUMNS)
