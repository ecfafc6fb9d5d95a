"""What a person wants to read after a build."""

from pathlib import Path

import duckdb

from la_crime.warehouse import publish
from la_crime.warehouse.opening import opened, require_crimes
from la_crime.warehouse.totals import judgement


def summary(warehouse: Path) -> str:
    """Say in text what a warehouse holds, and first if its last build was not a whole one.

    Raises FileNotFoundError if there is none, ValueError if it cannot be read, has no crime that
    was kept, or no build of it ever got to its marts.
    """
    with opened(warehouse) as con:
        _, fault = publish.last_build(con, "quality.build_outcome")
        caution = [f"CAUTION: what follows may be of several builds, for {fault}"] if fault else []
        try:
            require_crimes(con, warehouse)
            sections = (origin, rows, yearly_totals, lately, area_tiers, runs, claims)
            parts = [*caution, *(section(con) for section in sections)]
        except (duckdb.CatalogException, IndexError):
            if not fault:
                raise
            raise ValueError(f"{warehouse} has nothing to sum up yet, for {fault}") from None
    return "\n\n".join([*parts, f"The warehouse is {warehouse}; its tables are in schema marts."])


def origin(con: duckdb.DuckDBPyConnection) -> str:
    """Say what the data is."""
    city, kind, files, built_at, fetched_at, newest = con.sql(
        "select city, dataset_kind, files, built_at, fetched_at, newest_crime from marts.build_info"
    ).fetchall()[0]
    oldest = con.sql("select min(month) from marts.fct_crimes_monthly").fetchall()[0][0]
    title = f"{city} crimes and arrests: {kind} data"
    lines = [title, "=" * len(title)]
    if "synthetic" in kind:
        lines.append(
            "SYNTHETIC: made up in the shape of the real files; it says nothing of any place."
        )
    lines.append(
        f"{files} files, crimes from {oldest:%B %Y} to {newest.day} {newest:%B %Y}, "
        f"built {built_at:%Y-%m-%d %H:%M} UTC."
    )
    lines.append(
        f"The newest file came on {fetched_at:%Y-%m-%d}; the newest crime in it was "
        f"{(built_at.date() - newest).days} days old at the build."
    )
    return "\n".join(lines)


def rows(con: duckdb.DuckDBPyConnection) -> str:
    """Say what became of the rows read."""
    lines = [f"{'rows':<10}{'read':>12}{'kept':>12}{'duplicate':>12}{'rejected':>12}"]
    for source, *counts in con.sql(
        "select source_name, sum(rows_read), sum(rows_kept), sum(rows_duplicate),"
        " sum(rows_rejected) from marts.row_reconciliation group by 1 order by 1 desc"
    ).fetchall():
        lines.append(f"{source:<10}" + "".join(f"{int(n):>12,}" for n in counts))
    for source, reason, n in con.sql(
        "select source_name, reason, sum(rows) from marts.reject_reasons"
        " group by all order by 1 desc, 3 desc, 2"
    ).fetchall():
        lines.append(f"  rejected {source}: {reason}: {int(n):,}")
    for name, columns in con.sql(
        "select file_name, columns_absent from marts.row_reconciliation"
        " where columns_absent != '' order by source_name desc, file_name"
    ).fetchall():
        lines.append(f"  not in {name}: {columns}")
    unknown = con.sql(
        "select source_name, sum(rows), count(*) from marts.unclassified_codes"
        " where code is not null group by 1 order by 1"
    ).fetchall()
    lines += [
        f"  unclassified {source}: {int(n):,} rows with {codes} codes that no seed knows"
        for source, n, codes in unknown
    ]
    return "\n".join(lines)


def yearly_totals(con: duckdb.DuckDBPyConnection) -> str:
    """Say whether the files look whole, by their yearly totals."""
    title = "Crimes a year beside the totals published (marts.control_totals)"
    return "\n".join([title, *(f"  {line}" for line in judgement(con))])


def area_tiers(con: duckdb.DuckDBPyConnection) -> str:
    """List the areas by tier, for each headline run of areas, with their recorded crimes."""
    parts = []
    for run_id, period, status, reason, caution in con.sql(
        "select run_id, period_name, status, reason, runs.caution"
        " from marts.cluster_runs as runs inner join marts.dim_periods using (period_id)"
        " where is_headline and scope = 'area' order by start_date, end_date desc"
    ).fetchall():
        lines = [f"Areas by recorded-crime volume, {period} ({run_id})"]
        if caution:
            lines.append(f"  (caution: {caution})")
        if status != "ok":
            lines.append(f"  not run: {reason}")
        for tier, names in con.execute(
            "select tier, string_agg(place_name || ' ' || volume, ', ' order by volume desc)"
            " from marts.cluster_assignments"
            " inner join marts.dim_places using (scope, place_id)"
            " where run_id = ? group by tier, cluster_rank order by cluster_rank",
            [run_id],
        ).fetchall():
            lines.append(f"  {tier:<12} {names}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def lately(con: duckdb.DuckDBPyConnection) -> str:
    """Say what changed lately in the city: its newest 28 days, year to date and 12 months."""
    (through,) = con.sql("select crimes_whole_through from marts.build_info").fetchall()[0]
    if through is None:
        return "Nothing is whole yet: no recent change can be told."
    said = con.sql(
        "select sentence from marts.recent_change"
        " where scope = 'city' and source = 'crimes' and category = 'all' and comparison in"
        " ('28_days_last_year', 'year_to_date_last_year', '12_months_before')"
        " order by window_start desc"
    ).fetchall()
    return "\n".join(
        [f"Lately: recorded crimes, whole through {through.day} {through:%B %Y}"]
        + [f"  {sentence}" for (sentence,) in said]
    )


def runs(con: duckdb.DuckDBPyConnection) -> str:
    """Say how many clusterings went, and why the others did not."""
    ok, total = con.sql(
        "select count(*) filter (where status = 'ok'), count(*) from marts.cluster_runs"
    ).fetchall()[0]
    lines = [f"{ok} of {total} clusterings ran."]
    for reason, n in con.sql(
        "select regexp_replace(reason, '[0-9]+', 'N', 'g'), count(*) from marts.cluster_runs"
        " where status != 'ok' group by 1 order by 2 desc, 1"
    ).fetchall():
        lines.append(f"  {n} not run: {reason}")
    return "\n".join(lines)


def claims(con: duckdb.DuckDBPyConnection) -> str:
    """List what the original study claimed, and what this data says of it."""
    lines = ["What the original study claimed, and what this data says (marts.study_claims)"]
    for claim, verdicts in con.sql(
        "select claim, string_agg(scope || ': ' || verdict, ', ' order by scope)"
        " from marts.study_claims group by claim_id, claim order by claim_id"
    ).fetchall():
        lines.append(f"  {claim:<68} {verdicts}")
    return "\n".join(lines)
