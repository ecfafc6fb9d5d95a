"""Whether tiers hold: from year to year, for one place, and under other defensible choices."""

import altair as alt
import duckdb
import pandas as pd

from la_crime.site import theme
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import (
    HEADLINE_RUNS,
    PERCENT,
    SHARES,
    choose,
    fitted,
    in_a_sentence,
    intervals,
    listed,
    query,
    row_heights,
    smallest_places,
    tier_heat_map,
    tooltips,
    with_scope_names,
)

NO_YEARS = "No two complete periods had enough places to be compared."
NO_CHANGE = "no change shown"
VERDICTS = {
    NO_CHANGE: theme.CATEGORICAL[0],
    "change shown": theme.CATEGORICAL[4],
    "large change shown": theme.CATEGORICAL[1],
}
TRAJECTORIES = {
    "rising": theme.CATEGORICAL[1],
    "falling": theme.CATEGORICAL[0],
    "fluctuating": theme.CATEGORICAL[3],
}
LEAST_SURE = 30  # districts listed a run


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page on how stable the tiers are."""
    pairs = period_pairs(marts)
    return Page(
        slug="stability",
        menu="Stability",
        question="Is it stable?",
        answer=answer(pairs),
        sections=[
            agreement(pairs),
            beside_noise(pairs),
            noise(marts),
            tiers_by_year(marts),
            transitions(marts),
            trajectory_counts(marts),
            area_trends(marts),
            district_trends(marts),
            confidence(marts),
            borderline(marts),
            choices(marts),
        ],
    )


# --- Periods -------------------------------------------------------------------------------------


def period_pairs(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every two complete periods, years in their order and longer periods last."""
    return with_scope_names(
        marts,
        query(
            marts,
            """
            with years_of as (
                -- a period is paired with itself too
                select distinct left_id as period_id, left_years as years
                from marts.tier_agreement
                where compared = 'period'
            ),

            periods as (
                select
                    *,
                    if(is_comparable, period_name, years || ' of ' || period_name) as label,
                    row_number() over (
                        order by is_single_year desc, start_date, end_date
                    ) as period_order
                from marts.dim_periods inner join years_of using (period_id)
            )

            select
                scope,
                earlier.label as earlier,
                later.label as later,
                earlier.is_single_year and later.is_single_year
                and year(later.start_date) = year(earlier.start_date) + 1 as is_next_year,
                n_places as places,
                round(ari, 3) as adjusted_rand_index,
                round(weighted_kappa, 3) as weighted_kappa,
                round(noise_ari_median, 3) as noise_median,
                round(noise_ari_p05, 3) as noise_5th_percentile,
                verdict
            from marts.tier_agreement
            inner join periods as earlier on earlier.period_id in (left_id, right_id)
            inner join periods as later on later.period_id in (left_id, right_id)
            where compared = 'period' and earlier.period_order < later.period_order
            order by scope, earlier.period_order, later.period_order
            """,
        ),
    )


def answer(pairs: pd.DataFrame) -> str:
    """In how many pairs of consecutive years the tiers show a change beyond counting noise."""
    years = pairs[pairs["is_next_year"]]
    if years.empty:
        return "These files do not have two complete years in a row, so stability cannot be judged."
    changed = years.assign(changed=years["verdict"] != NO_CHANGE).groupby("scope")["changed"]
    parts = [
        f"of {scope.lower()} in {group.sum()} of {len(group)} pairs of consecutive years"
        for scope, group in changed
    ]
    return f"Tiers show a change beyond counting noise {listed(parts)}."


def agreement(pairs: pd.DataFrame) -> Section:
    """Agreement of every two periods."""
    return section(
        "Agreement of every two periods",
        "agreement",
        _agreement_rows(pairs),
        NO_YEARS,
        lambda _: _agreement_text(pairs),
        _agreement_chart,
        "Heat map of the agreement of tiers between every two periods.",
    )


def _agreement_rows(pairs: pd.DataFrame) -> pd.DataFrame:
    measures = {"adjusted_rand_index": "adjusted Rand index", "weighted_kappa": "weighted kappa"}
    return pairs.melt(
        id_vars=["scope", "earlier", "later", "places", "verdict"],
        value_vars=list(measures),
        var_name="measure",
        value_name="agreement",
    ).replace({"measure": measures})


def _agreement_text(pairs: pd.DataFrame) -> str:
    counts = pairs.groupby(["scope", "verdict"]).size()
    return (
        "1 means the same tiers, 0 no more agreement than chance. The adjusted Rand index counts"
        " every move, the weighted kappa forgives moves to the next tier. A dot marks a pair that"
        " shows a change beyond counting noise: "
        + listed(
            f"{(pairs['scope'] == scope).sum() - counts.get((scope, NO_CHANGE), 0)} of"
            f" {(pairs['scope'] == scope).sum()} pairs of {scope.lower()}"
            for scope in pairs["scope"].unique()
        )
        + "."
    )


def _agreement_chart(data: pd.DataFrame) -> alt.Chart:
    order = [*data["earlier"].unique(), *data["later"].tail(1)]
    base = alt.Chart(data).encode(
        x=alt.X("later:N", title=None, sort=order, axis=alt.Axis(labelAngle=-90)),
        y=alt.Y("earlier:N", title=None, sort=order),
        tooltip=tooltips(data),
    )
    cells = base.mark_rect().encode(color=alt.Color("agreement:Q", title="agreement", scale=SHARES))
    dots = base.mark_point(color=theme.HIGHLIGHT, filled=True, size=25, opacity=1).transform_filter(
        alt.datum.verdict != NO_CHANGE
    )
    chart = choose(choose(cells + dots, data, "scope", "Places"), data, "measure", "Measure")
    return fitted(chart, 420)


def beside_noise(pairs: pd.DataFrame) -> Section:
    """Agreement of consecutive years beside that of recounts."""
    return section(
        "From one year to the next, beside noise",
        "beside_noise",
        pairs[pairs["is_next_year"]].drop(columns="is_next_year"),
        NO_YEARS,
        _beside_noise_text,
        _beside_noise_chart,
        "Agreement of each year's tiers with the year before, beside that of recounts.",
    )


def _beside_noise_text(years: pd.DataFrame) -> str:
    counts = years.groupby(["scope", "verdict"]).size()
    return (
        "Grey is what counting noise alone gives when no place changes its share of the city: from"
        " the median of recounts down to their 5th percentile. The verdict judges this index and"
        " the weighted kappa, each by the 2.5th percentile of its own noise: "
        + listed(
            f"{scope.lower()}: {verdict} {n} {'time' if n == 1 else 'times'}"
            for (scope, verdict), n in counts.items()
            if verdict != NO_CHANGE
        )
        + "."
    )


def _beside_noise_chart(years: pd.DataFrame) -> alt.Chart:
    base = alt.Chart(years).encode(x=alt.X("later:O", title="year, against the year before"))
    band = base.mark_bar(color=theme.NOT_SHOWN, size=14).encode(
        y=alt.Y("noise_5th_percentile:Q", title="adjusted Rand index"), y2="noise_median:Q"
    )
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(
        y="adjusted_rand_index:Q",
        color=alt.Color("verdict:N", title="verdict", scale=theme.colour_scale(VERDICTS)),
        tooltip=tooltips(years),
    )
    return fitted(choose(band + dots, years, "scope", "Places"))


def tiers_by_year(marts: duckdb.DuckDBPyConnection) -> Section:
    """The tier of each area in each complete year."""
    return section(
        "Areas by tier, year by year",
        "tiers_by_year",
        _tiers_by_year_rows(marts),
        "No complete year had areas in tiers.",
        _tiers_by_year_text,
        _tiers_by_year_chart,
        "Heat map of the tier of each area in each year.",
    )


def _tiers_by_year_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        """
        select place_name as area, runs.period_id as year, tier, volume as crimes
        from marts.cluster_assignments
        inner join marts.cluster_runs as runs using (run_id, scope)
        inner join marts.dim_periods using (period_id)
        inner join marts.dim_places using (scope, place_id)
        where
            scope = 'area'
            and is_single_year
            and is_comparable
            and source = 'crimes'
            and feature_set = 'volume'
            and algorithm = 'kmeans'
        order by sum(volume) over (partition by place_id) desc, place_name, year
        """,
    )


def _tiers_by_year_text(data: pd.DataFrame) -> str:
    tiers, years = data.groupby("area")["tier"].nunique(), data["year"].nunique()
    return "Areas by falling volume over the complete years. " + (
        f"{(tiers == 1).sum()} of {len(tiers)} kept one tier in all {years} years; a place beside"
        " a cut changes tier without changing much."
        if years > 1
        else "There is only one, so nothing can be said of changes."
    )


def _tiers_by_year_chart(data: pd.DataFrame) -> alt.Chart:
    chart = (
        alt.Chart(data)
        .mark_rect(stroke="white")
        .encode(
            x=alt.X("year:O", title=None),
            y=alt.Y("area:N", title=None, sort=data["area"].drop_duplicates().tolist()),
            color=alt.Color("tier:N", title="tier", scale=theme.tier_scale()),
            tooltip=tooltips(data),
        )
    )
    return fitted(chart, row_heights(data["area"]))


def transitions(marts: duckdb.DuckDBPyConnection) -> Section:
    """How often places keep or leave their tier."""
    return section(
        "Moves from one year to the next",
        "transitions",
        _transitions_rows(marts),
        NO_YEARS,
        _transitions_text,
        _transitions_chart,
        "Heat map of the share of places that move from each tier to each other tier.",
    )


def _transitions_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return with_scope_names(
        marts,
        query(
            marts,
            """
            select
                scope,
                from_tier as left_tier,
                to_tier as right_tier,
                n as moves,
                probability as share
            from marts.tier_transitions
            where probability is not null
            order by scope, from_rank, to_rank
            """,
        ),
    )


def _transitions_text(data: pd.DataFrame) -> str:
    stays = data[data["left_tier"] == data["right_tier"]]
    return (
        "Of the places that had the tier of the row, the share that had that of the column a year"
        " later, noise included. Those that kept their tier: "
        + "; ".join(
            f"{scope.lower()} "
            + listed(
                f"{share:.0%} ({tier})"
                for tier, share in zip(group["left_tier"], group["share"], strict=True)
            )
            for scope, group in stays.groupby("scope")
        )
        + "."
    )


def _transitions_chart(data: pd.DataFrame) -> alt.Chart:
    chart = tier_heat_map(
        data, "tier in a year", "tier in the next year", alt.Text("share:Q", format=".0%")
    )
    return fitted(choose(chart, data, "scope", "Places"), 240)


# --- Trajectories --------------------------------------------------------------------------------


def trajectory_counts(marts: duckdb.DuckDBPyConnection) -> Section:
    """How many places took which course."""
    return section(
        "Which places rose, which fell?",
        "trajectories",
        _trajectory_counts_rows(marts),
        "No place has a trajectory.",
        _trajectory_counts_text,
        _trajectory_counts_chart,
        "Bars of the number of places on each trajectory.",
    )


def _trajectory_counts_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return with_scope_names(
        marts,
        query(
            marts,
            """
            select scope, trajectory, count(*) as places
            from marts.place_trajectories
            group by scope, trajectory order by scope, places desc, trajectory
            """,
        ),
    )


def _trajectory_counts_text(data: pd.DataFrame) -> str:
    moved = data[data["trajectory"].isin(TRAJECTORIES)].groupby("scope")["places"].sum()
    return (
        "A place rises or falls if it does so beside the place in the middle, beyond counting noise"
        " and drift, and by enough to matter. Rising, falling or fluctuating are "
        + listed(
            f"{moved.get(scope, 0):,} of {n:,} {scope.lower()}"
            for scope, n in data.groupby("scope")["places"].sum().items()
        )
        + "."
    )


def _trajectory_counts_chart(data: pd.DataFrame) -> alt.Chart:
    bars = alt.Chart(data).encode(
        x=alt.X("places:Q", title="places", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("trajectory:N", title=None, sort=None),
        tooltip=tooltips(data),
    )
    labels = bars.mark_text(align="left", dx=4).encode(text="places:Q")
    return fitted(choose(bars.mark_bar() + labels, data, "scope", "Places"), 260)


def trends(marts: duckdb.DuckDBPyConnection, scope: str) -> pd.DataFrame:
    """The fitted yearly change of each place's share with its interval, steepest rise first."""
    return query(
        marts,
        """
        select
            place_name as place,
            trajectory,
            round(exp(slope_per_year) - 1, 4) as change_per_year,
            round(exp(ci_low) - 1, 4) as low,
            round(exp(ci_high) - 1, 4) as high,
            round(fitted_ratio, 2) as last_over_first_share,
            cast(n as bigint) as crimes,
            n_years as years
        from marts.place_trajectories
        inner join marts.dim_places using (scope, place_id)
        where scope = ? and slope_per_year is not null
        order by slope_per_year desc, place
        """,
        scope,
    )


def area_trends(marts: duckdb.DuckDBPyConnection) -> Section:
    """The yearly change of each area's share of the city."""
    return section(
        "Each area's share of the city",
        "area_trends",
        _area_trends_rows(marts),
        "There are too few complete years for a trend.",
        _area_trends_text,
        _area_trends_chart,
        "Dots with intervals: the yearly change of each area's share of the city.",
    )


def _area_trends_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    data = trends(marts, "area")
    moved = data["trajectory"].isin(TRAJECTORIES)
    return data.assign(course=data["trajectory"].where(moved, "steady"))


def _area_trends_text(data: pd.DataFrame) -> str:
    return (
        "The fitted change a year of each area's share of the city's recorded crime, with its 95 %"
        f" interval; a description of those years and no forecast. Rising: {named(data, 'rising')}."
        f" Falling: {named(data, 'falling')}."
    )


def _area_trends_chart(data: pd.DataFrame) -> alt.Chart:
    chart = intervals(
        data,
        "change_per_year",
        alt.Y("place:N", title=None, sort=data["place"].tolist()),
        alt.Color(
            "course:N",
            title="trajectory",
            scale=theme.colour_scale({**TRAJECTORIES, "steady": theme.MUTED}),
        ),
        title="change a year",
        axis=alt.Axis(format="+.0%", tickMinStep=0.01),
    )
    return fitted(chart, row_heights(data["place"]))


def named(data: pd.DataFrame, trajectory: str) -> str:
    """The places on a trajectory, in a sentence."""
    return listed(data.loc[data["trajectory"] == trajectory, "place"])


def district_trends(marts: duckdb.DuckDBPyConnection) -> Section:
    """The districts that rose, fell or fluctuated."""
    fitted_trends = trends(marts, "district")
    places = smallest_places(marts)
    moved = fitted_trends["trajectory"].isin(TRAJECTORIES)
    return section(
        f"{places.capitalize()} that rose, fell or fluctuated",
        "district_trends",
        fitted_trends[moved].reset_index(drop=True),
        f"Of no share of the {places} can it be said that it rose, fell or fluctuated.",
        lambda data: (
            f"The {len(data)} of {len(fitted_trends):,} {places} with a trend whose share of the"
            " city rose, fell or fluctuated, with the change a year, its 95 % interval, and the"
            " fitted last share over the first."
        ),
    )


# --- Noise ---------------------------------------------------------------------------------------


def noise(marts: duckdb.DuckDBPyConnection) -> Section:
    """How much counts vary by themselves, and how much places drift."""
    return section(
        "How much do counts vary by themselves?",
        "noise",
        _noise_rows(marts),
        "There are no months to measure it from.",
        _noise_text,
    )


def _noise_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return with_scope_names(
        marts,
        query(
            marts,
            """
            select
                scope,
                source,
                if(record_system = 'any', '', record_system) as record_system,
                round(dispersion_year, 2) as times_poisson,
                round(dispersion_year_low, 2) as low,
                round(dispersion_year_high, 2) as high,
                round(drift, 3) as drift_a_year,
                n_months as months,
                sentence
            from marts.count_noise
            where category = 'all'
            order by scope, source, record_system
            """,
        ),
    )


def _noise_text(_: pd.DataFrame) -> str:
    return (
        "Had the same year been counted once more, each place would have had a few crimes more or"
        " less, in bursts and batches: so many times as much as if each came by itself (Poisson)."
        " And places change: their shares of the city drift from year to year. Every statement of"
        " trust on this page allows for the first, and says where it allows for the second."
    )


# --- One place, and other choices ----------------------------------------------------------------


def confidence(marts: duckdb.DuckDBPyConnection) -> Section:
    """How sure places' tiers are."""
    return section(
        "How sure is a place's tier?",
        "confidence",
        _confidence_rows(marts),
        "No headline run had places to recount.",
        _confidence_text,
        _confidence_chart,
        "Histogram of how often places keep their tier in another year.",
    )


def _confidence_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            run,
            least(floor(p_tier * 20), 19) / 20 as from_share,
            least(floor(p_tier * 20), 19) / 20 + 0.05 as to_share,
            is_borderline,
            count(*) as places,
            if(is_borderline, 'borderline', 'sure') as certainty
        from runs inner join marts.place_tier_confidence using (run_id)
        group by all
        order by min(run_order), from_share, is_borderline
        """,
    )


def _confidence_text(data: pd.DataFrame) -> str:
    total = data.groupby("run", sort=False)["places"].sum()
    unsure = data[data["is_borderline"]].groupby("run")["places"].sum()
    return (
        "The share of 500 simulated other years, with counting noise and a year's drift, in which a"
        " place keeps its tier: a tier is read as a word about the place, not about its year. Under"
        " 80 % it is borderline, and to call it by its tier alone would be careless. Borderline"
        " are "
        + listed(
            f"{unsure.get(run, 0):,} of {n:,} {in_a_sentence(run)}" for run, n in total.items()
        )
        + "."
    )


def _confidence_chart(data: pd.DataFrame) -> alt.Chart:
    chart = (
        alt.Chart(data.drop(columns="is_borderline"))
        .mark_bar(stroke="white")
        .encode(
            x=alt.X(
                "from_share:Q",
                bin="binned",
                title="share of other years that keep the tier",
                axis=PERCENT,
            ),
            x2="to_share:Q",
            y=alt.Y("places:Q", title="places", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "certainty:N",
                title="tier is",
                scale=theme.colour_scale(
                    {"sure": theme.CATEGORICAL[0], "borderline": theme.HIGHLIGHT}
                ),
            ),
            tooltip=tooltips(data.drop(columns="is_borderline")),
        )
    )
    return fitted(choose(chart, data, "run", "Run"))


def borderline(marts: duckdb.DuckDBPyConnection) -> Section:
    """The borderline areas, and the least sure districts."""
    return section(
        "Borderline places",
        "borderline",
        _borderline_rows(marts),
        "No place of a headline run is borderline.",
        lambda _: (
            "Places whose tier another year might well change, least sure first; at most"
            f" {LEAST_SURE} of each run."
        ),
    )


def _borderline_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            run,
            place_name as place,
            tier,
            volume as crimes,
            round(p_other_year, 3) as keeps_tier_in_another_year,
            round(p_recount, 3) as keeps_tier_if_recounted,
            volume_rank as rank,
            rank_low || ' to ' || rank_high as rank_between
        from runs
        inner join marts.place_tier_confidence as sure using (run_id)
        inner join marts.dim_places as places
            on sure.scope = places.scope and sure.place_id = places.place_id
        where is_borderline
        qualify row_number() over (partition by run order by p_tier, place) <= ?
        order by run_order, p_tier, place
        """,
        LEAST_SURE,
    )


def choices(marts: duckdb.DuckDBPyConnection) -> Section:
    """How far each other choice alone would move the tiers."""
    return section(
        "What if we had chosen otherwise?",
        "choices",
        _choices_rows(marts),
        "No other choices could be tried.",
        _choices_text,
        _choices_chart,
        "Bars of the share of places that each other choice would move.",
    )


def _choices_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return with_scope_names(
        marts,
        query(
            marts,
            """
            select
                scope,
                replace(dimension, 'period_id', 'period') || ': ' || choice as choice,
                share_moved_alone,
                round(ari_alone, 3) as adjusted_rand_index,
                n_specifications as specifications
            from marts.robustness_choices
            where share_moved_alone > 0
            order by scope, share_moved_alone desc, choice
            """,
        ),
    )


def _choices_text(data: pd.DataFrame) -> str:
    most = data.drop_duplicates("scope")
    return (
        "The share of places that another choice alone would move to another tier; choices that"
        " move none are left out. Most moves follow from "
        + listed(
            f"“{row.choice}” ({row.share_moved_alone:.0%} of {row.scope.lower()})"
            for row in most.itertuples()
        )
        + "."
    )


def _choices_chart(data: pd.DataFrame) -> alt.Chart:
    in_two_lines = alt.Axis(labelExpr="split(datum.label, ': ')", labelLimit=200)
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("share_moved_alone:Q", title="share of places moved", axis=PERCENT),
            y=alt.Y(
                "choice:N",
                title=None,
                sort="-x",
                axis=in_two_lines,
            ),
            tooltip=tooltips(data),
        )
    )
    return fitted(choose(chart, data, "scope", "Places"), 420)
