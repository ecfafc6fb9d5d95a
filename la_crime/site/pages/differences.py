"""What the tiers differ in, apart from volume, and the typology of places by volume and mix."""

import altair as alt
import duckdb
import numpy as np
import pandas as pd

from la_crime.site import theme
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import (
    HEADLINE_RUNS,
    NO_RUN,
    SHARES,
    TIERS,
    TIERS_ON_TOP,
    choose,
    fitted,
    heat_map,
    in_a_sentence,
    intervals,
    listed,
    query,
    tooltips,
)

NO_MIX = "No period had enough places to be clustered both by volume and by crime mix."
EFFECTS = {
    "large": theme.CATEGORICAL[1],
    "medium": theme.CATEGORICAL[4],
    "small": theme.CATEGORICAL[5],
    "negligible": theme.MUTED,
}
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
BANDS = ["morning (6-11)", "afternoon (12-17)", "evening (18-23)", "night (0-5)", "under 18"]


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page on what distinguishes the tiers."""
    effects = tier_effects(marts)
    return Page(
        slug="differences",
        menu="Differences",
        question="What distinguishes the tiers?",
        answer=answer(effects),
        sections=[
            effect_sizes(effects),
            not_compared(effects),
            location_quotients(marts),
            typology_counts(marts),
            typology_map(marts),
            typology_areas(marts),
        ],
    )


# --- Effect sizes --------------------------------------------------------------------------------


def tier_effects(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """How far the tiers of each headline run differ in each characteristic."""
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            run,
            replace(replace(characteristic, '_', ' '), 'km2', 'km²') as characteristic,
            verdict,
            round(effect_size, 4) as effect_size,
            round(low, 4) as low,
            round(high, 4) as high,
            effect_size_name,
            test,
            p_value
        from runs inner join marts.tier_effects using (run_id)
        order by run_order, effect_size desc nulls last, characteristic
        """,
    )


def answer(effects: pd.DataFrame) -> str:
    """How much more than negligible the tiers differ in anything but volume."""
    tested = effects[effects["verdict"].isin(EFFECTS)]
    if tested.empty:
        return "No tiers could be compared in these files."
    more = tested[tested["verdict"] != "negligible"]
    if more.empty:
        return (
            "Volume, and little else: in every characteristic the tiers differ negligibly, however"
            " small the p-values are."
        )
    most = more.groupby("characteristic")["effect_size"].max().nlargest(3).index
    return (
        f"Volume, and in {len(more)} of {len(tested)} tests something else by more than a"
        f" negligible amount, most of all {listed(most)}."
    )


def effect_sizes(effects: pd.DataFrame) -> Section:
    """Effect sizes with their intervals."""
    return section(
        "How much do the tiers differ?",
        "effect_sizes",
        effects[effects["verdict"].isin(EFFECTS)].reset_index(drop=True),
        NO_RUN,
        _effect_sizes_text,
        _effect_sizes_chart,
        "Dots with intervals: the effect size of the tiers for each characteristic.",
    )


def _effect_sizes_text(data: pd.DataFrame) -> str:
    largest = data.loc[data.groupby("run", sort=False)["effect_size"].idxmax()]
    return (
        "0 means that the tiers do not differ, 1 that they differ wholly; lines are 95 % intervals."
        " Shares are measured by Cramér's V, rates by epsilon-squared, and the words come from the"
        " size alone. The largest is "
        + listed(
            f"{row.characteristic} ({row.effect_size:.2f}, {row.verdict}) for"
            f" {in_a_sentence(row.run)}"
            for row in largest.itertuples()
        )
        + "."
    )


def _effect_sizes_chart(data: pd.DataFrame) -> alt.Chart:
    chart = intervals(
        data,
        "effect_size",
        alt.Y("characteristic:N", title=None, sort=alt.SortField("effect_size", "descending")),
        alt.Color(
            "verdict:N",
            title="difference is",
            scale=theme.colour_scale(EFFECTS),
        ),
        title="effect size",
        scale=alt.Scale(domainMin=0, nice=True),
    )
    return fitted(choose(chart, data, "run", "Run"), 400)


def not_compared(effects: pd.DataFrame) -> Section:
    """The characteristics that were not tested, and why."""
    columns = ["run", "characteristic", "verdict"]
    return section(
        "What was not tested",
        "not_tested",
        effects.loc[~effects["verdict"].isin(EFFECTS), columns].reset_index(drop=True),
        "Every characteristic was tested.",
        lambda _: (
            "What made the tiers is not tested between them, for it would differ by construction,"
            " and neither is what has too few incidents."
        ),
    )


# --- Location quotients --------------------------------------------------------------------------


def location_quotients(marts: duckdb.DuckDBPyConnection) -> Section:
    """The mix of each tier beside that of all places of the run."""
    return section(
        "What is each tier's mix?",
        "location_quotients",
        _location_quotients_rows(marts),
        NO_RUN,
        _location_quotients_text,
        _location_quotients_chart,
        "Heat map of the location quotient of each category in each tier.",
    )


def _location_quotients_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            run,
            replace(characteristic, '_', ' ') as characteristic,
            replace(category, '_', ' ') as category,
            tier,
            n,
            round(share, 4) as share,
            round(location_quotient, 2) as location_quotient
        from runs inner join marts.cluster_profiles as profiles using (run_id)
        where not is_suppressed and location_quotient is not null
        order by
            run_order,
            characteristic != 'crime_group',
            characteristic,
            sum(n) over (partition by run, characteristic, category) desc,
            category,
            cluster_rank
        """,
    )


def _location_quotients_text(data: pd.DataFrame) -> str:
    groups = data[data["characteristic"] == "crime group"]
    most = groups.loc[groups.groupby("run", sort=False)["location_quotient"].idxmax()]
    return (
        "The location quotient is the tier's share of a category over that of all places of the"
        " run: 1 is the same mix, 2 twice the share. Counts are of closed years, rounded at"
        " random to tens. The highest for a crime group is "
        + listed(
            f"{row.location_quotient:.2f} ({row.category}, tier {row.tier}) for"
            f" {in_a_sentence(row.run)}"
            for row in most.itertuples()
        )
        + "."
    )


def _location_quotients_chart(data: pd.DataFrame) -> alt.Chart:
    drawn = data.assign(log_quotient=np.log2(data["location_quotient"]).round(3))
    chart = heat_map(
        drawn,
        alt.X("tier:N", title=None, sort=TIERS, axis=TIERS_ON_TOP),
        alt.Y("category:N", title=None, sort=categories(data), axis=alt.Axis(labelLimit=200)),
        alt.Color(
            "log_quotient:Q",
            title="location quotient",
            scale=alt.Scale(domain=[-1, 1], range=theme.DIVERGING, clamp=True),
            legend=alt.Legend(labelExpr="format(pow(2, datum.value), '.2~f')", values=[-1, 0, 1]),
        ),
        alt.Text("location_quotient:Q", format=".2f"),
        "abs(datum.log_quotient) > 0.7",
    )
    chart = choose(choose(chart, drawn, "run", "Run"), drawn, "characteristic", "Characteristic")
    return fitted(chart, 480)


def categories(data: pd.DataFrame) -> list[str]:
    """Days and bands in their own order, then ages, then the others, most incidents first."""
    found = data["category"].drop_duplicates().tolist()
    natural = [name for name in [*DAYS, *BANDS] if name in found]
    ages = sorted(name for name in found if name[:2].isdigit())
    return [*natural, *ages, *(name for name in found if name not in {*natural, *ages})]


# --- The typology --------------------------------------------------------------------------------


def typology_counts(marts: duckdb.DuckDBPyConnection) -> Section:
    """Places by volume tier and crime mix."""
    return section(
        "Types of place: how much, and of what?",
        "typology",
        _typology_counts_rows(marts),
        NO_MIX,
        _typology_counts_text,
        _typology_counts_chart,
        "Heat map of the number of places by crime mix and tier.",
    )


def _typology_counts_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select
            any_value(title) || ' (' || period_name || ')' as typology,
            mix_label as mix,
            tier,
            count(*) as places,
            count(*) / sum(count(*)) over (partition by scope, period_id, mix_label) as share
        from marts.place_typology
        inner join marts.dim_periods using (period_id)
        inner join marts.dim_scopes using (scope)
        group by scope, is_layer, period_id, period_name, start_date, end_date, mix_label, tier
        order by is_layer, scope, start_date, end_date desc, mix_label, places desc, tier
        """,
    )


def _typology_counts_text(data: pd.DataFrame) -> str:
    mixes = data.groupby("typology", sort=False)["mix"].nunique()
    return (
        "Each place by its tier of volume and by its cluster of crime mix alone, which is named"
        " after the one or two crime groups that most exceed their share elsewhere. "
        + listed(f"{typology}: {n} mixes" for typology, n in mixes.items())
        + "."
    )


def _typology_counts_chart(data: pd.DataFrame) -> alt.Chart:
    chart = heat_map(
        data,
        alt.X("tier:N", title=None, sort=TIERS, axis=TIERS_ON_TOP),
        alt.Y("mix:N", title="crime mix", axis=alt.Axis(labelExpr="split(datum.label, ', ')")),
        alt.Color("share:Q", title="share of the mix's places", scale=SHARES, legend=None),
        alt.Text("places:Q", format=","),
        "datum.share > 0.6",
    )
    return fitted(choose(chart, data, "typology", "Places"), 240)


def typology_map(marts: duckdb.DuckDBPyConnection) -> Section:
    """The places of the largest typology as points, by crime mix."""
    return section(
        "Where are the mixes?",
        "typology_map",
        _typology_map_rows(marts),
        NO_MIX,
        _typology_map_text,
        _typology_map_chart,
        "Map of places as dots, coloured by their crime mix.",
    )


def _typology_map_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        with largest as (
            select scope, period_id
            from marts.place_typology
            group by scope, period_id order by count(*) desc, scope, period_id limit 1
        )

        select
            place_name as place,
            period_name as period,
            mix_label as mix,
            tier,
            round(lat, 4) as lat,
            round(lon, 4) as lon
        from largest
        inner join marts.place_typology using (scope, period_id)
        inner join marts.dim_places using (scope, place_id)
        inner join marts.dim_periods using (period_id)
        where lat is not null
        order by place
        """,
    )


def _typology_map_text(data: pd.DataFrame) -> str:
    counts = data["mix"].value_counts()
    return (
        f"The {len(data):,} places of {data['period'].iloc[0]} that could be clustered by mix, each"
        " a dot at its middle: "
        + "; ".join(f"{n:,} with more {mix}" for mix, n in counts.items())
        + ". A mix says nothing of volume."
    )


def _typology_map_chart(data: pd.DataFrame) -> alt.Chart:
    chart = (
        alt.Chart(data)
        .mark_circle(size=30 if len(data) > 100 else 150, opacity=0.85)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            color=alt.Color(
                "mix:N",
                title="crime mix",
                scale=alt.Scale(
                    domain=data["mix"].value_counts().index.tolist(), range=theme.CATEGORICAL
                ),
                legend=alt.Legend(columns=1, labelLimit=320),
            ),
            tooltip=tooltips(data.drop(columns=["lat", "lon"])),
        )
        .project("mercator")
    )
    return fitted(chart, 520)


def typology_areas(marts: duckdb.DuckDBPyConnection) -> Section:
    """The type of each area."""
    return section(
        "Each area's type",
        "typology_areas",
        _typology_areas_rows(marts),
        NO_MIX,
        _typology_areas_text,
    )


def _typology_areas_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select
            period_name as period,
            place_name as area,
            tier,
            mix_label as mix,
            highest_location_quotients,
            round(mix_silhouette, 2) as mix_silhouette
        from marts.place_typology
        inner join marts.dim_places using (scope, place_id)
        inner join marts.dim_periods using (period_id)
        where scope = 'area'
        order by start_date, end_date desc, area
        """,
    )


def _typology_areas_text(data: pd.DataFrame) -> str:
    weak = int((data["mix_silhouette"] < 0.25).sum())
    return (
        f"Each area's tier, its mix, its three highest location quotients, and how well it fits its"
        f" mix: under 0.25, as in {weak} of {len(data)} rows, it lies between several."
    )
