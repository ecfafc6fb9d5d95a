"""What changed lately: recent windows beside those before, unusual months, and what makes it up."""

import altair as alt
import duckdb
import pandas as pd

from la_crime.site import theme
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import choose, fitted, query, tooltips
from la_crime.site.recent import CATEGORIES, COMPARISONS

NOTHING = "These files have no two windows of time that can be set beside each other."
UNUSUAL_MONTHS = 12
# Of a breakdown the parts that are drawn; the table has all.
DRAWN_PARTS = 15
MORE, FEWER = theme.CATEGORICAL[1], theme.CATEGORICAL[0]


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page of recent change; the browser fills it for the place that is asked for."""
    city = _city_rows(marts)
    return Page(
        slug="lately",
        menu="Lately",
        question="What changed lately?",
        answer=answer(marts),
        sections=[the_city(city), contributions(marts), unusual(marts)],
    )


def answer(marts: duckdb.DuckDBPyConnection) -> str:
    """What the mart says of all crimes of the city in the year to date, or why it says nothing."""
    said = marts.sql(
        "select sentence from marts.recent_change"
        " where scope = 'city' and source = 'crimes' and category = 'all'"
        " and comparison = 'year_to_date_last_year'"
    ).fetchall()
    return f"Recorded crimes of the city: {said[0][0]}" if said else NOTHING


def the_city(rows: pd.DataFrame) -> Section:
    """The windows of the city: of all incidents and of Part I."""
    return section("The city in figures", "city", rows, NOTHING, _city_text)


def _city_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        select
            category_name as counted,
            window_name as lately,
            incidents as count,
            base_name as beside,
            base_incidents as count_beside,
            round(ratio, 3) as ratio,
            round(ratio_low, 3) as low,
            round(ratio_high, 3) as high,
            verdict,
            coalesce(not_comparable_because, '') as why_not_comparable
        from marts.recent_change
        inner join ({CATEGORIES}) using (source, category)
        where scope = 'city' and sort_order < 0
        order by source desc, sort_order, list_position(?, comparison)
        """,
        COMPARISONS,
    )


def _city_text(data: pd.DataFrame) -> str:
    told = data["verdict"].value_counts()
    return (
        f"Of {len(data)} comparisons of the city {told.get('more', 0)} say more and"
        f" {told.get('fewer', 0)} fewer; {told.get('not comparable', 0)} cannot be made, for the"
        " reason in the last column. The ratio is the newer count over the older, with its 95 %"
        " interval."
    )


def contributions(marts: duckdb.DuckDBPyConnection) -> Section:
    """Which places and groups make up each change of the city."""
    return section(
        "What makes up a change of the city",
        "contributions",
        _contribution_rows(marts),
        "No change of the city can be taken apart: none of its windows can be compared.",
        _contributions_text,
        _contributions_chart,
        "Bars of how many more or fewer incidents each area or group of the city had.",
    )


def _contribution_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        select
            if(source = 'crimes', 'Crimes: ', 'Arrests: ') || window_name
            || ', beside ' || base_name as change,
            case breakdown
                when 'area' then 'areas'
                when 'group' then 'groups'
                else 'groups of an area'
            end as parts,
            case breakdown
                when 'area' then place_name
                when 'group' then category_name
                else place_name || ': ' || category_name
            end as part,
            incidents as count,
            round(base_incidents, 1) as count_beside,
            round(difference, 1) as difference,
            round(share_of_change, 3) as share_of_change,
            is_comparable_change as is_comparable
        from marts.change_contributions as parts
        inner join ({CATEGORIES}) using (source, category)
        left join marts.dim_places as places
            on places.scope = 'area' and parts.place_id = places.place_id
        where breakdown in ('area', 'group', 'area and group')
        order by source desc, list_position(?, comparison), breakdown != 'area', breakdown,
            abs(difference) desc, part
        """,
        COMPARISONS,
    )


def _contributions_text(data: pd.DataFrame) -> str:
    first = data[(data["change"] == data["change"].iloc[0]) & (data["parts"] == "areas")]
    total = first["difference"].sum()
    most = first.iloc[0]
    return (
        f"The differences of the parts add up to the city's: {_signed(total)} for"
        f" {_lowered(data['change'].iloc[0])}, of which {most['part']} has"
        f" {_signed(most['difference'])}. A part that went the other way has a negative share."
        f" Drawn are the {DRAWN_PARTS} largest. What a group shows whose reports take long may be"
        " that they are not in yet: it is not comparable."
    )


def _signed(value: float) -> str:
    return f"{value:+,.1f}".removesuffix(".0")


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]


def _contributions_chart(data: pd.DataFrame) -> alt.Chart:
    largest = data.groupby(["change", "parts"], sort=False).head(DRAWN_PARTS)
    bars = (
        alt.Chart(largest)
        .mark_bar()
        .encode(
            x=alt.X("difference:Q", title="more or fewer than before"),
            y=alt.Y("part:N", title=None, sort=alt.SortField("difference", "descending")),
            color=alt.condition(alt.datum.difference > 0, alt.value(MORE), alt.value(FEWER)),
            opacity=alt.condition(alt.datum.is_comparable, alt.value(1), alt.value(0.35)),
            tooltip=tooltips(largest.drop(columns="change")),
        )
    )
    chosen = choose(bars, largest, "change", "Change")
    return fitted(choose(chosen, largest, "parts", "Parts"), 380)


def unusual(marts: duckdb.DuckDBPyConnection) -> Section:
    """The unusual months of the newest year that can be compared."""
    return section(
        "Unusual months",
        "unusual_months",
        _unusual_rows(marts),
        "No month of the newest year that can be compared is unusual, in any place or group.",
        _unusual_text,
    )


def _unusual_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        with newest as (
            select source, max(month) as newest_month
            from marts.monthly_expected
            where is_unusual is not null
            group by source
        )

        select
            strftime(month, '%Y-%m') as month,
            coalesce(place_name, 'The city') as place,
            category_name as counted,
            incidents as count,
            round(expected, 1) as expected,
            expected_low as low,
            expected_high as high,
            verdict
        from marts.monthly_expected
        inner join newest using (source)
        inner join ({CATEGORIES}) using (source, category)
        left join marts.dim_places using (scope, place_id)
        where is_unusual and month > newest_month - to_months(?)
        order by month desc, scope = 'district', scope = 'area', source desc, sort_order,
            try_cast(place_id as integer)
        """,
        UNUSUAL_MONTHS,
    )


def _unusual_text(data: pd.DataFrame) -> str:
    more = int((data["verdict"] == "more than expected").sum())
    return (
        f"Of the newest {UNUSUAL_MONTHS} months that can be compared, of all places and groups:"
        f" more than the months before let expect {_times(more)}, fewer {_times(len(data) - more)},"
        " beyond what counts vary by themselves. About 1 in 20 of these is chance."
    )


def _times(n: int) -> str:
    return {0: "never", 1: "once"}.get(n, f"{n} times")
