"""What the data is: rows, cleaning, control totals, the series by month, and its age."""

from datetime import date

import altair as alt
import duckdb
import pandas as pd

from la_crime.site import theme
from la_crime.site.data import built_with
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import PERCENT, fitted, listed, query, tooltips
from la_crime.warehouse.totals import judgement

SOURCES = {"crimes": theme.CRIMES, "arrests": theme.ARRESTS}
FILES = SOURCES | {"NIBRS offences": theme.CATEGORICAL[5]}
SERIES = {
    "crimes, reports": theme.CRIMES,
    "crimes, NIBRS cases": theme.CATEGORICAL[5],
    "arrests": theme.ARRESTS,
}
SOURCE = "replace(source_name, 'nibrs_offenses', 'NIBRS offences') as source"


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page on what the data is, and how far it can be trusted."""
    files = reconciliation(marts)
    return Page(
        slug="trust",
        menu="Data quality",
        question="Can I trust the data?",
        answer=answer(files),
        sections=[
            age(marts),
            by_month(marts),
            periods(marts),
            by_file(files),
            rejects(marts),
            cleaning(marts),
            control_totals(marts),
            unclassified(marts),
            basis(marts),
        ],
    )


# --- Where the data comes from, and how old it is ------------------------------------------------


def answer(files: pd.DataFrame) -> str:
    """What became of the rows that were read."""
    if files.empty:
        return "No file was read."
    read, kept, duplicate, rejected = files[["read", "kept", "duplicate", "rejected"]].sum()
    return (
        f"Of {read:,} rows in {len(files)} files, {kept:,} count, {duplicate:,} were of reports"
        f" that a later file has too, {rejected:,} could not be used, and"
        f" {read - kept - duplicate - rejected:,} are unaccounted for."
    )


def age(marts: duckdb.DuckDBPyConnection) -> Section:
    """What the warehouse was built from, and its newest months."""
    return section(
        "How old is it?",
        "age",
        _age_rows(marts),
        "The warehouse does not say what it was built from.",
        _age_text,
    )


def _age_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select
            dataset_kind as data,
            files,
            (
                select strftime(max(month), '%Y-%m') from marts.fct_crimes_monthly
            ) as newest_month_of_crimes,
            (
                select strftime(max(month), '%Y-%m') from marts.fct_arrests_monthly
            ) as newest_month_of_arrests,
            strftime(built_at, '%Y-%m-%d %H:%M UTC') as built_at,
            attribution
        from marts.build_info
        """,
    )


def _age_text(data: pd.DataFrame) -> str:
    built = data.iloc[0]
    newest = [
        f"{source} to {pd.Timestamp(built[f'newest_month_of_{source}']):%B %Y}"
        for source in SOURCES
        if pd.notna(built[f"newest_month_of_{source}"])
    ]
    kind = built["data"]
    made_up = ", made up in the shape of the real files" if "synthetic" in kind else ""
    day = f"{pd.Timestamp(built['built_at']):%d %B %Y}"
    return (
        f"This is {kind} data{made_up}, with {listed(newest)}, built on {day}."
        " What was reported or corrected later is not in it."
    )


def by_month(marts: duckdb.DuckDBPyConnection) -> Section:
    """Crimes and arrests by month, crimes by record system."""
    day = built_with(marts, "nibrs_break")
    return section(
        "Month by month",
        "by_month",
        _by_month_rows(marts),
        "No file had a row that counts.",
        lambda data: _by_month_text(data, day),
        lambda data: _by_month_chart(data, day),
        "Lines of the crimes and arrests of each month.",
    )


def _by_month_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"{monthly('crimes')} union all {monthly('arrests')} order by series, month",
    )


def _by_month_text(data: pd.DataFrame, day: date | None) -> str:
    if day is None:
        return "Incidents by the month in which they occurred."
    broken = after_the_break(crimes_by_month(data), day)
    return (
        f"Incidents by the month in which they occurred. {broken}"
        if broken
        else "Incidents by the month in which they occurred; crimes end before the department"
        f" moved to another record system, NIBRS, in {day:%B %Y}."
    )


def _by_month_chart(data: pd.DataFrame, day: date | None) -> alt.Chart:
    # a month without a file is a gap in the line
    months = pd.date_range(data["month"].min(), data["month"].max(), freq="MS")
    drawn = data.pivot_table("incidents", "month", "series").reindex(months).rename_axis("month")
    drawn = drawn.reset_index().melt("month", var_name="series", value_name="incidents")
    lines = (
        alt.Chart(drawn)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=12))
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y("incidents:Q", title="incidents a month"),
            color=alt.Color(
                "series:N",
                title=None,
                scale=shown(SERIES, data["series"]),
                legend=alt.Legend(labelLimit=200),
            ),
            tooltip=[alt.Tooltip("month:T", format="%B %Y"), *tooltips(data)[1:]],
        )
    )
    if day is None or not after_the_break(crimes_by_month(data), day):
        return fitted(lines)
    at = alt.DateTime(year=day.year, month=day.month, date=day.day)
    rule = alt.Chart().mark_rule(strokeDash=[6, 4]).encode(x=alt.datum(at))
    return fitted(alt.layer(lines, rule))


def monthly(source: str) -> str:
    """The query for a source's incidents by month and series: crimes by their record system."""
    of_crimes = "if(record_system = 'nibrs', 'crimes, NIBRS cases', 'crimes, reports')"
    series = of_crimes if source == "crimes" else f"'{source}'"
    return (
        f"select month, {series} as series, cast(sum({source}) as bigint) as incidents"
        f" from marts.fct_{source}_monthly group by all"
    )


def crimes_by_month(data: pd.DataFrame) -> pd.Series:
    """The crimes of each month, whatever their record system."""
    return data[data["series"].str.startswith("crimes")].groupby("month")["incidents"].sum()


def after_the_break(crimes: pd.Series, day: date) -> str:
    """What the change of record system on a day did to the crimes a month; empty if none follow."""
    month = pd.Timestamp(day).replace(day=1)
    before = crimes[(crimes.index < month) & (crimes.index >= month - pd.DateOffset(years=1))]
    after = crimes[crimes.index > month]
    if after.empty:
        return ""
    fall = "" if before.empty else f" from {before.mean():,.0f} in the year before it"
    return (
        f"On {day.day} {day:%B %Y} (dashed) the department began to move to another"
        f" record system, NIBRS. Crimes a month went{fall} to {after.mean():,.0f} after it and"
        f" {crimes.iloc[-1]:,} in the last month: the two are not of one kind, and the change says"
        " nothing of crime itself."
    )


def periods(marts: duckdb.DuckDBPyConnection) -> Section:
    """The periods, and whether they are complete."""
    return section(
        "Which periods are complete?",
        "periods",
        _periods_rows(marts),
        "The warehouse has no periods.",
        _periods_text,
    )


def _periods_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select
            period_name as period,
            strftime(start_date, '%Y-%m-%d') as from_day,
            strftime(end_date, '%Y-%m-%d') as to_day,
            months_with_crimes,
            months_in_period,
            crimes_in_period as crimes,
            if(is_complete, 'yes', 'no') as is_complete,
            if(crosses_nibrs_break, 'yes', 'no') as crosses_nibrs_break
        from marts.dim_periods
        order by is_single_year, start_date, end_date desc
        """,
    )


def _periods_text(data: pd.DataFrame) -> str:
    complete = data.loc[data["is_complete"] == "yes", "period"]
    return (
        "A period is complete if every month has crimes, up to its last week, by one record system,"
        f" and none of it is still being filled. Complete are: {listed(complete)}."
    )


# --- What became of the rows ---------------------------------------------------------------------


def reconciliation(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What became of the rows of each file."""
    return query(
        marts,
        f"""
        select
            {SOURCE},
            file_name as file,
            layout,
            rows_read as read,
            rows_kept as kept,
            rows_duplicate as duplicate,
            rows_rejected as rejected
        from marts.row_reconciliation
        order by source desc, file
        """,
    )


def by_file(files: pd.DataFrame) -> Section:
    """What became of every row of every file."""
    return section("What became of every row?", "files", files, "No file was read.", _by_file_text)


def _by_file_text(files: pd.DataFrame) -> str:
    exact = (files["kept"] + files["duplicate"] + files["rejected"] == files["read"]).sum()
    return (
        "Every row read is kept, a duplicate of a report in a later file, or rejected; the three"
        f" add up in {exact} of {len(files)} files."
    )


def rejects(marts: duckdb.DuckDBPyConnection) -> Section:
    """Rejected rows by reason."""
    return section(
        "Why were rows rejected?",
        "rejects",
        _rejects_rows(marts),
        "No row was rejected.",
        _rejects_text,
        _rejects_chart,
        "Bars of the rejected rows by reason.",
    )


def _rejects_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        select {SOURCE}, reason, cast(sum(rows) as bigint) as rows
        from marts.reject_reasons
        group by source_name, reason order by source desc, rows desc, reason
        """,
    )


def _rejects_text(data: pd.DataFrame) -> str:
    return (
        "Rows that cannot be used, by the first reason that applies: "
        + listed(f"{n:,} of {source}" for source, n in data.groupby("source")["rows"].sum().items())
        + "."
    )


def _rejects_chart(data: pd.DataFrame) -> alt.Chart:
    return bars(data, alt.X("rows:Q", title="rows", axis=alt.Axis(tickMinStep=1)), "reason")


def cleaning(marts: duckdb.DuckDBPyConnection) -> Section:
    """How many kept rows each cleaning rule touched."""
    return section(
        "What was unknown or suspect?",
        "cleaning",
        _cleaning_rows(marts),
        "No row was kept.",
        _cleaning_text,
        lambda data: bars(data, alt.X("share:Q", title="share of kept rows", axis=PERCENT), "rule"),
        "Bars of the share of rows under each rule.",
    )


def _cleaning_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        select
            {SOURCE},
            rule,
            rows,
            rows_kept,
            round(rows / rows_kept, 5) as share
        from marts.cleaning_counts
        where rows_kept > 0
        order by source desc, share desc, rule
        """,
    )


def _cleaning_text(data: pd.DataFrame) -> str:
    most = data.drop_duplicates("source")
    return (
        "Rows that count although a value is unknown, or is kept and flagged: a default time or"
        " date stands where nobody knew better. The most frequent: "
        + listed(f"{row.rule} ({row.share:.1%} of {row.source})" for row in most.itertuples())
        + "."
    )


def shown(colours: dict[str, str], names: pd.Series) -> alt.Scale:
    """The scale of those of the names that the data has."""
    return theme.colour_scale({name: colours[name] for name in colours if name in set(names)})


def bars(data: pd.DataFrame, x: alt.X, label: str) -> alt.Chart:
    """Bars of what is counted under each label, in the colours of the sources."""
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y(f"{label}:N", title=None, sort="-x", axis=alt.Axis(labelLimit=240)),
            yOffset=alt.YOffset("source:N", sort=list(FILES)),
            color=alt.Color("source:N", title=None, scale=shown(FILES, data["source"])),
            tooltip=tooltips(data),
        )
    )
    return fitted(chart, 36 * data[label].nunique())


def control_totals(marts: duckdb.DuckDBPyConnection) -> Section:
    """Crimes kept over crimes published elsewhere, by year."""
    return section(
        "Do the totals match those published?",
        "control_totals",
        _control_totals_rows(marts),
        "There are no published totals to compare with.",
        lambda data: " ".join([_control_totals_text(data), *judgement(marts)]),
        _control_totals_chart,
        "Bars by year of the crimes kept over the crimes published.",
    )


def _control_totals_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select
            cast(year as varchar) as year,
            crimes_kept,
            crimes_published,
            round(ratio, 4) as ratio,
            basis
        from marts.control_totals order by year
        """,
    )


def _control_totals_text(data: pd.DataFrame) -> str:
    kept, published = data["crimes_kept"].sum(), data["crimes_published"].sum()
    return (
        f"These files have {kept:,} crimes of the {published:,} that public tables count for the"
        f" same years, {kept / published:.1%} (dashed: 100 %)."
    )


def _control_totals_chart(data: pd.DataFrame) -> alt.Chart:
    base = alt.Chart(data)
    columns = base.mark_bar().encode(
        x=alt.X("year:O", title=None),
        y=alt.Y("ratio:Q", title="kept over published", axis=PERCENT),
        tooltip=tooltips(data),
    )
    whole = alt.Chart().mark_rule(strokeDash=[4, 4]).encode(y=alt.datum(1))
    return fitted(alt.layer(columns, whole))


def unclassified(marts: duckdb.DuckDBPyConnection) -> Section:
    """Codes that the classification does not know."""
    return section(
        "Codes that nobody knows",
        "unclassified",
        _unclassified_rows(marts),
        "Every code in the files is known.",
        _unclassified_text,
    )


def _unclassified_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        select
            {SOURCE},
            coalesce(cast(code as varchar), 'none') as code,
            rows,
            round(share, 5) as share
        from marts.unclassified_codes order by source desc, rows desc, code
        """,
    )


def _unclassified_text(data: pd.DataFrame) -> str:
    unknown = data[data["code"] != "none"]
    return (
        f"{len(unknown)} codes are in no reference table and stand for"
        f" {unknown['rows'].sum():,} rows; {data.loc[data['code'] == 'none', 'rows'].sum():,} rows"
        " have no code at all. Both count in totals, in no group."
    )


def basis(marts: duckdb.DuckDBPyConnection) -> Section:
    """What the classification of crimes rests on."""
    return section(
        "What the crime groups rest on",
        "basis",
        _basis_rows(marts),
        "No year is closed yet, of which this could be said.",
        _basis_text,
    )


def _basis_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select
            if(record_system = 'nibrs', 'NIBRS cases', 'reports') as records,
            case basis
                when 'department' then 'the department''s own table'
                when 'fbi' then 'the FBI''s manual'
                else 'our reading of the wording'
            end as basis,
            share
        from marts.classification_basis order by records desc, share desc, basis
        """,
    )


def _basis_text(data: pd.DataFrame) -> str:
    inferred = data[data["basis"] == "our reading of the wording"].set_index("records")["share"]
    ours = listed(f"{share:.0%} of {records}" for records, share in inferred.items())
    return (
        "A code belongs to a group because the department's COMPSTAT table or the FBI's manual says"
        f" so, or else by our reading of its wording: {ours or 'none'}. Shares are of crimes of"
        " years that are closed."
    )
