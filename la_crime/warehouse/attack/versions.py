"""What two published versions give away beside one another."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from la_crime.files import quoted
from la_crime.warehouse.attack.reading import FEW, as_recovered


def compare(newer: Path, older: Path) -> pd.DataFrame:
    """What changed between two versions while fewer than `FEW` records did: `COLUMNS`.

    How many records changed is what the monthly facts of the place, or of a tier's places, show for
    the years of the cell. A count that moved with so few of them says what these records are.
    """
    with duckdb.connect() as con:
        for name, file in (("newer", newer), ("older", older)):
            con.execute(f"attach {quoted(file)} as {name} (read_only)")
        con.execute("use newer.marts")
        records = changed_records(con)
        spans = con.sql(
            "select period_id, year(start_date) as first_year, year(end_date) as last_year"
            " from dim_periods"
        ).df()
        places = changed_cells(con, "place_profiles", ["scope", "place_id", "period_id"])
        groups = changed_cells(con, "crime_group_profiles", ["period_id", "crime_group"])
        tiers = changed_cells(con, "cluster_profiles", ["run_id", "cluster_rank"])
        # a tier that has other places than before differs by them, which are compared anyway
        members = con.sql(
            " intersect ".join(
                "select run_id, cluster_rank, scope, list(place_id order by place_id) as places"
                f" from {version}.marts.cluster_assignments group by all"
                for version in ("newer", "older")
            )
        ).df()
        periods = con.sql("select run_id, period_id from cluster_runs").df()
        rules = con.sql(
            "select source_name as source, rule as category, newer.rows as value"
            " from cleaning_counts as newer"
            " inner join older.marts.cleaning_counts as older using (source_name, rule)"
            " where newer.rows != older.rows and regexp_matches(rule, '^(victim|arrestee) ')"
        ).df()
    members = members.merge(periods, on="run_id").explode("places")
    members = members.rename(columns={"places": "place_id"})
    of_tiers = tiers.merge(members, on=["run_id", "cluster_rank"])
    of_city = rules.assign(
        records=rules["source"].map(
            records[records["scope"] == "area"].groupby("source")["n"].sum()
        )
    )
    found = [
        moved_with_few(
            places.merge(spans, on="period_id"), records, ["scope", "place_id", "period_id"]
        ),
        moved_with_few(
            groups.assign(scope="city", place_id="city", source="crimes").merge(
                spans, on="period_id"
            ),
            records,
            ["scope", "place_id", "period_id", "crime_group"],
        ),
        moved_with_few(of_tiers.merge(spans, on="period_id"), records, ["run_id", "cluster_rank"]),
        of_city[~(of_city["records"] >= FEW)],
    ]
    return as_recovered(pd.concat(found, ignore_index=True), "a change", "two versions")


def changed_cells(con: duckdb.DuckDBPyConnection, table: str, keys: list[str]) -> pd.DataFrame:
    """The cells of a table whose number differs between the versions, hidden being one of them.

    A longer period that has gained a year is another cell.
    """
    both = [
        {name for name, *_ in con.sql(f"describe {version}.marts.{table}").fetchall()}
        for version in ("newer", "older")
    ]
    also = [name for name in ("years", "source") if all(name in columns for columns in both)]
    cell = ", ".join([*keys, *also, "characteristic", "category"])
    return con.sql(
        f"select {cell}, newer.n as value"
        f" from newer.marts.{table} as newer full join older.marts.{table} as older using ({cell})"
        " where newer.n is distinct from older.n and category != '(too few incidents)'"
    ).df()


def changed_records(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """By scope, place, source and year: how many records of the facts came, went or moved (`n`)."""
    parts = []
    for scope, place in (
        ("city", "'city'"),
        ("area", "area_id"),
        ("district", "small_area"),
    ):
        for source, group in (("crimes", "crime_group"), ("arrests", "charge_group")):
            both = " union all ".join(
                f"select {place}, month, {group}, {sign} * {source} as n"
                f" from {name}.marts.fct_{source}_monthly"
                for name, sign in (("newer", 1), ("older", -1))
            )
            parts.append(
                f"select '{scope}' as scope, {place}::varchar as place_id, '{source}' as source,"
                f" year(month) as year, abs(sum(n)) as n from ({both})"
                f" group by {place}, month, {group}"
            )
    return con.sql(
        "select scope, place_id, source, year, sum(n)::double as n"
        f" from ({' union all '.join(parts)}) group by all having sum(n) > 0"
    ).df()


def moved_with_few(cells: pd.DataFrame, records: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The changed cells whose places had fewer than `FEW` changed records in the cell's years.

    `cells` has a row for each place of a cell, with first_year and last_year.
    """
    if cells.empty:
        return cells
    if "years" in cells:
        ends = cells["years"].str.split("-")
        cells = cells.assign(
            first_year=np.maximum(cells["first_year"], ends.str[0].astype(int)),
            last_year=np.minimum(cells["last_year"], ends.str[-1].astype(int)),
        )
    keys = [*keys, "source", "characteristic", "category"]
    joined = cells.merge(records, on=["scope", "place_id", "source"], how="left")
    counts = joined["year"].between(joined["first_year"], joined["last_year"])
    joined["records"] = joined["n"].where(counts, 0).fillna(0)
    summed = joined.groupby(keys, as_index=False).agg(
        {name: "first" for name in cells.columns if name not in keys} | {"records": "sum"}
    )
    return summed[summed["records"] < FEW]
