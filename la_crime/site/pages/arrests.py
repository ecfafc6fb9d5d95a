"""Where recorded crimes and arrests part: ratios, ranks, patterns and tiers."""

import altair as alt
import duckdb
import pandas as pd

from la_crime.site import theme
from la_crime.site.data import fewest_shown
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import (
    choose,
    cross_table,
    fitted,
    in_a_sentence,
    intervals,
    listed,
    query,
    row_heights,
    tier_heat_map,
    tooltips,
    with_scope_names,
)

NOTHING = "No complete year has both crimes and arrests."
COMPARED = {
    "crimes and arrests of the year": theme.ARRESTS,
    "crimes of the year and of the year before": theme.CRIMES,
}
SAMPLES_OF_ONE_PATTERN = 0.8  # the S index of two samples of a single pattern, about


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page on where crimes and arrests part."""
    fewest = fewest_shown(marts)
    ratios = area_ratios(marts, fewest)
    return Page(
        slug="arrests",
        menu="Crimes and arrests",
        question="Where do crimes and arrests part?",
        answer=answer(ratios),
        sections=[
            arrests_per_crime(ratios, fewest),
            ranks(ratios),
            patterns(marts),
            different_areas(marts),
            tiers_cross(marts),
        ],
    )


def area_ratios(marts: duckdb.DuckDBPyConnection, fewest: int) -> pd.DataFrame:
    """Arrests beside crimes of each area and matched group, over the longest period there is.

    Areas with fewer than `fewest` of either are left out.
    """
    return query(
        marts,
        """
        with longest as (
            select period_id
            from marts.crime_arrest_divergence inner join marts.dim_periods using (period_id)
            where scope = 'area'
            order by start_date, end_date desc limit 1
        )

        select
            coalesce(crime_group_name, 'All crimes') as crime_group,
            place_name as area,
            divergence.crimes,
            arrests,
            round(arrests_per_100_crimes, 1) as arrests_per_100_crimes,
            round(ci_low, 1) as low,
            round(ci_high, 1) as high,
            crime_rank,
            arrest_rank,
            rank_shift,
            years
        from longest
        inner join marts.crime_arrest_divergence as divergence using (period_id)
        inner join marts.dim_places using (scope, place_id)
        left join marts.dim_crime_groups using (crime_group)
        where scope = 'area' and least(divergence.crimes, arrests) >= ?
        order by crime_group_order nulls first, arrests_per_100_crimes desc, area
        """,
        fewest,
    )


def answer(ratios: pd.DataFrame) -> str:
    """The range of the ratio over areas, and what it is not."""
    every = ratios[ratios["crime_group"] == "All crimes"]
    if every.empty:
        return "These files have no complete year with both crimes and arrests."
    most, least = every.iloc[0], every.iloc[-1]
    return (
        f"Arrests per 100 recorded crimes run from {least['arrests_per_100_crimes']:.0f} in"
        f" {least['area']} to {most['arrests_per_100_crimes']:.0f} in {most['area']}; arrests"
        " measure enforcement, and this is no clearance rate."
    )


def arrests_per_crime(ratios: pd.DataFrame, fewest: int) -> Section:
    """Arrests per 100 crimes with intervals, by area and matched group."""
    return section(
        "Arrests per 100 recorded crimes",
        "arrests_per_100_crimes",
        ratios.drop(columns=["crime_rank", "arrest_rank", "rank_shift"]),
        NOTHING,
        lambda data: _arrests_per_crime_text(data, fewest),
        _arrests_per_crime_chart,
        "Dots with intervals: arrests per 100 recorded crimes in each area.",
    )


def _arrests_per_crime_text(data: pd.DataFrame, fewest: int) -> str:
    city = data.groupby("crime_group", sort=False)[["crimes", "arrests"]].sum()
    rates = (100 * city["arrests"] / city["crimes"]).round(1)
    return (
        f"Arrests over crimes of {data['years'].iloc[0]}, the years that can be compared and have"
        " both, with exact 95 % intervals. An arrest may be made far from its crime, years later,"
        " or for something nobody reported. Areas with fewer than"
        f" {fewest} of either are hidden. All areas shown together: "
        + listed(f"{rate:.0f} ({in_a_sentence(group)})" for group, rate in rates.items())
        + "."
    )


def _arrests_per_crime_chart(data: pd.DataFrame) -> alt.Chart:
    chart = intervals(
        data,
        "arrests_per_100_crimes",
        alt.Y("area:N", title=None, sort=alt.SortField("arrests_per_100_crimes", "descending")),
        alt.value(theme.ARRESTS),
        title="arrests per 100 crimes",
        scale=alt.Scale(domainMin=0, nice=True),
    )
    return fitted(choose(chart, data, "crime_group", "Group"), row_heights(data["area"]))


def ranks(ratios: pd.DataFrame) -> Section:
    """Each area's rank by crimes and by arrests."""
    return section(
        "Rank by crimes and by arrests",
        "ranks",
        _ranks_rows(ratios),
        NOTHING,
        _ranks_text,
        _ranks_chart,
        "Dots of each area's rank by crimes and by arrests, joined by a line.",
    )


def _ranks_rows(ratios: pd.DataFrame) -> pd.DataFrame:
    columns = ["crime_group", "area", "crimes", "arrests", "crime_rank", "arrest_rank"]
    return ratios[[*columns, "rank_shift"]]


def _ranks_text(data: pd.DataFrame) -> str:
    every = data[data["crime_group"] == "All crimes"]
    up, down = every.loc[every["rank_shift"].idxmax()], every.loc[every["rank_shift"].idxmin()]
    return (
        "1 is the most. By all incidents,"
        f" {up['area']} moves up furthest, from rank {up['crime_rank']} by crimes to"
        f" {up['arrest_rank']} by arrests, and {down['area']} down, from {down['crime_rank']} to"
        f" {down['arrest_rank']}."
    )


def _ranks_chart(data: pd.DataFrame) -> alt.Chart:
    points = (
        data.assign(line=data["crime_rank"])
        .melt(
            id_vars=["crime_group", "area", "crimes", "arrests", "line"],
            value_vars=["crime_rank", "arrest_rank"],
            var_name="rank_by",
            value_name="rank",
        )
        .replace({"rank_by": {"crime_rank": "crimes", "arrest_rank": "arrests"}})
    )
    y = alt.Y("area:N", title=None, sort=alt.SortField("line"))
    base = alt.Chart(points).encode(y=y)
    lines = base.mark_line(color=theme.NOT_SHOWN, strokeWidth=3).encode(x="rank:Q", detail="area:N")
    dots = base.mark_point(filled=True, opacity=1).encode(
        x=alt.X(
            "rank:Q",
            title="rank",
            scale=alt.Scale(reverse=True, zero=False, nice=False, padding=10),
        ),
        size=alt.condition(alt.datum.rank_by == "crimes", alt.value(140), alt.value(60)),
        color=alt.Color(
            "rank_by:N",
            title="rank by",
            scale=theme.colour_scale({"crimes": theme.CRIMES, "arrests": theme.ARRESTS}),
        ),
        shape=alt.Shape(
            "rank_by:N",
            title="rank by",
            scale=theme.colour_scale({"crimes": "circle", "arrests": "square"}),
        ),
        tooltip=tooltips(points.drop(columns="line")),
    )
    return fitted(choose(lines + dots, points, "crime_group", "Group"), row_heights(points["area"]))


def patterns(marts: duckdb.DuckDBPyConnection) -> Section:
    """The S index of crimes against arrests, beside crimes against the next year's crimes."""
    return section(
        "Do both lie in the same places?",
        "pattern_similarity",
        _patterns_rows(marts),
        NOTHING,
        _patterns_text,
        _patterns_chart,
        "Lines of the S index of crimes and arrests by year.",
    )


def _patterns_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return with_scope_names(
        marts,
        query(
            marts,
            """
            select
                scope,
                right_period_id as year,
                if(compared = 'source', ?, ?) as compared,
                round(s_index, 3) as s_index,
                round(robust_s_index, 3) as robust_s_index,
                n_different as different_places,
                round(share_different, 3) as share_different,
                n_places as places
            from marts.pattern_similarity
            inner join marts.dim_periods as periods on right_period_id = periods.period_id
            inner join marts.dim_periods as earlier on left_period_id = earlier.period_id
            where
                periods.is_single_year
                and year(periods.start_date) - year(earlier.start_date)
                = if(compared = 'source', 0, 1)
            order by scope, compared, year
            """,
            *COMPARED,
        ),
    )


def _patterns_text(data: pd.DataFrame) -> str:
    means = data.groupby(["scope", "compared"], sort=False)["s_index"].mean()
    return (
        "The S index is the share of places with the same share of both patterns; two samples of"
        f" one pattern have about {SAMPLES_OF_ONE_PATTERN} (dashed) if incidents come one by one,"
        " and less where they come in batches. Its mean over the years: "
        + listed(
            f"{mean:.2f} for {what} ({scope.lower()})" for (scope, what), mean in means.items()
        )
        + "."
    )


def _patterns_chart(data: pd.DataFrame) -> alt.Chart:
    base = alt.Chart(data)
    lines = base.mark_line(point=alt.OverlayMarkDef(filled=True, size=60)).encode(
        x=alt.X("year:O", title=None),
        y=alt.Y("s_index:Q", title="S index", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "compared:N",
            title="same share of",
            scale=theme.colour_scale(COMPARED),
            legend=alt.Legend(columns=1, labelLimit=320),
        ),
        tooltip=tooltips(data),
    )
    bound = base.mark_rule(strokeDash=[4, 4]).encode(y=alt.datum(SAMPLES_OF_ONE_PATTERN))
    return fitted(choose(lines + bound, data, "scope", "Places"))


def different_areas(marts: duckdb.DuckDBPyConnection) -> Section:
    """Each area's share of crimes and of arrests over the longest period."""
    return section(
        "Each area's share of both",
        "shares_of_both",
        _different_areas_rows(marts),
        NOTHING,
        _different_areas_text,
    )


def _different_areas_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        with longest as (
            select left_id, right_id, left_years as years
            from marts.pattern_similarity
            inner join marts.dim_periods on left_period_id = period_id
            where scope = 'area' and compared = 'source'
            order by start_date, end_date desc limit 1
        )

        select
            place_name as area,
            round(left_share, 4) as share_of_crimes,
            round(right_share, 4) as share_of_arrests,
            round(right_share - left_share, 4) as difference,
            if(is_different, 'beyond noise', 'within noise') as verdict,
            years
        from longest
        inner join marts.pattern_places as tested using (left_id, right_id)
        inner join marts.dim_places using (scope, place_id)
        where scope = 'area' and compared = 'source'
        order by difference desc, area
        """,
    )


def _different_areas_text(data: pd.DataFrame) -> str:
    beyond = data.loc[data["verdict"] == "beyond noise"]
    return (
        f"Each area's share of the city's crimes and of its arrests in {data['years'].iloc[0]}."
        f" In {len(beyond)} of {len(data)} areas the two differ beyond counting noise."
    )


def tiers_cross(marts: duckdb.DuckDBPyConnection) -> Section:
    """Tiers by crimes against tiers by arrests."""
    return section(
        "Tier by crimes, tier by arrests",
        "crime_tier_against_arrest_tier",
        cross_table(marts, "source", "arrests"),
        "No headline run has one by arrests beside it.",
        _tiers_cross_text,
        _tiers_cross_chart,
        "Heat map of tiers by recorded crimes against tiers by arrests.",
    )


def _tiers_cross_text(data: pd.DataFrame) -> str:
    indices = data.drop_duplicates("run").dropna(subset="ari")
    return (
        "Each row is a tier by recorded crimes, and its cells say which tier by arrests those"
        " places have. The adjusted Rand index (1 the same, 0 no more than chance) is "
        + listed(f"{row.ari:.2f} for {in_a_sentence(row.run)}" for row in indices.itertuples())
        + "."
    )


def _tiers_cross_chart(data: pd.DataFrame) -> alt.Chart:
    chart = tier_heat_map(
        data, "tier by crimes", "tier by arrests", alt.Text("places:Q", format=",")
    )
    return fitted(choose(chart, data, "run", "Run"), 240)
