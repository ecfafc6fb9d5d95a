"""How concentrated recorded crime is over districts and land, and whether neighbours are alike."""

from functools import partial

import altair as alt
import duckdb
import numpy as np
import pandas as pd

from la_crime.site import theme
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import (
    PERCENT,
    choose,
    fitted,
    query,
    smallest_places,
    tooltips,
    with_scope_names,
)
from la_crime.stats.moran import SIGNIFICANCE

NO_YEAR = "No complete year had crimes in small areas to measure concentration by."
NEIGHBOURS = {
    "queen": "places whose borders touch",
    "touching": "places that touch",
    "6 nearest": "the six nearest places",
}
GRID = np.linspace(0, 1, 51)  # of districts, at which a Lorenz curve is drawn


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page on concentration."""
    years = concentration(marts)
    places = smallest_places(marts)
    return Page(
        slug="concentration",
        menu="Concentration",
        question="How concentrated is recorded crime?",
        answer=answer(years, places),
        sections=[
            lorenz(marts, places),
            gini(years, places),
            smallest_share(years, places),
            autocorrelation(marts),
        ],
    )


def concentration(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Concentration by complete year and crime group, all crimes first."""
    return query(
        marts,
        """
        select
            coalesce(crime_group_name, 'All crimes') as crime_group,
            period_id as year,
            concentration.* exclude (period_id, crime_group)
        from marts.crime_concentration as concentration
        inner join marts.dim_periods using (period_id)
        left join marts.dim_crime_groups using (crime_group)
        where is_single_year and is_comparable
        order by crime_group_order nulls first, year
        """,
    )


def answer(years: pd.DataFrame, places: str) -> str:
    """The share of the smallest places and of land that holds half of the newest year's crime."""
    every = years[years["crime_group"] == "All crimes"]
    if every.empty:
        return "No small areas are in these files, or no complete years, to judge concentration by."
    newest = every.iloc[-1]
    return (
        f"Half of the recorded crime of {newest['year']} lies in"
        f" {newest['district_share_for_50pct']:.0%} of the {places}, on"
        f" {newest['km2_share_for_50pct']:.0%} of the land."
    )


# --- The Lorenz curve ----------------------------------------------------------------------------


def lorenz(marts: duckdb.DuckDBPyConnection, places: str) -> Section:
    """The Lorenz curve of each complete year."""
    return section(
        "Lorenz curve of each year",
        "lorenz",
        _lorenz_rows(district_volumes(marts)),
        NO_YEAR,
        partial(_lorenz_text, places=places),
        partial(_lorenz_chart, places=places),
        f"Lorenz curves of crimes over {places}, one a year.",
    )


def district_volumes(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The crimes of each district in each complete year."""
    return query(
        marts,
        """
        with years as (
            select period_id, year(start_date) as crime_year
            from marts.dim_periods
            where is_single_year and is_comparable
        ),

        counts as (
            select cast(small_area as varchar) as place_id, year(month) as crime_year,
                sum(crimes) as crimes
            from marts.fct_crimes_monthly
            group by all
        )

        select period_id as year, cast(coalesce(crimes, 0) as bigint) as crimes
        from years
        cross join marts.dim_places as places
        left join counts using (place_id, crime_year)
        where scope = 'district' and is_on_boundary_layer
        order by year, crimes
        """,
    )


def _lorenz_rows(volumes: pd.DataFrame) -> pd.DataFrame:
    curves = [
        pd.DataFrame({"year": year, **lorenz_curve(of_year["crimes"].to_numpy())})
        for year, of_year in volumes.groupby("year")
        if of_year["crimes"].sum()
    ]
    nothing = pd.DataFrame(columns=["year", "share_of_places", "share_of_crimes"])
    return pd.concat(curves[::-1], ignore_index=True) if curves else nothing


def _lorenz_text(data: pd.DataFrame, places: str) -> str:
    newest = data["year"].iloc[0]
    others = " Grey are the other years." if (data["year"] != newest).any() else ""
    half = data[(data["year"] == newest) & np.isclose(data["share_of_places"], 0.5)]
    return (
        f"{places.capitalize()} from the fewest crimes to the most: the further the curve sags"
        " below the straight line of equal shares, the more concentrated crime is. In"
        f" {newest} the quieter half of the {places} held"
        f" {half['share_of_crimes'].iloc[0]:.0%} of it.{others}"
    )


def _lorenz_chart(data: pd.DataFrame, places: str) -> alt.Chart:
    base = alt.Chart(data).encode(
        x=alt.X("share_of_places:Q", title=f"share of {places}", axis=PERCENT),
        y=alt.Y("share_of_crimes:Q", title="share of crimes", axis=PERCENT),
    )
    equal = base.mark_line(strokeDash=[4, 4], color=theme.INK, strokeWidth=1).encode(
        y=alt.Y("share_of_places:Q", title="share of crimes")
    )
    others = base.mark_line(color=theme.NOT_SHOWN, strokeWidth=1).encode(detail="year:O")
    chosen = choose(
        base.mark_line(color=theme.CRIMES, strokeWidth=3).encode(tooltip=tooltips(data)),
        data,
        "year",
        "Year",
    )
    return fitted(alt.layer(equal, others, chosen), 400)


def lorenz_curve(crimes: np.ndarray) -> dict[str, np.ndarray]:
    """Cumulative shares of crimes, fewest first, at even shares of the districts."""
    held = np.concatenate([[0.0], np.sort(crimes).cumsum() / crimes.sum()])
    shares = np.linspace(0, 1, len(held))
    return {
        "share_of_places": GRID.round(4),
        "share_of_crimes": np.interp(GRID, shares, held).round(4),
    }


# --- Measures by year ----------------------------------------------------------------------------


def gini(years: pd.DataFrame, places: str) -> Section:
    """The Gini coefficient by year and group, with its interval."""
    return section(
        "Gini coefficient by year",
        "gini",
        _gini_rows(years),
        NO_YEAR,
        partial(_gini_text, places=places),
        _gini_chart,
        "Line of the Gini coefficient by year with its interval.",
    )


def _gini_rows(years: pd.DataFrame) -> pd.DataFrame:
    measures = {"gini": "Gini", "generalised_gini": "generalised Gini"}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "crime_group": years["crime_group"],
                    "measure": label,
                    "year": years["year"],
                    "gini": years[column].round(4),
                    "low": years[f"{column}_low"].round(4),
                    "high": years[f"{column}_high"].round(4),
                    "crimes": years["crimes"],
                }
            )
            for column, label in measures.items()
        ],
        ignore_index=True,
    ).dropna(subset="gini")


def _gini_text(data: pd.DataFrame, places: str) -> str:
    every = data[(data["crime_group"] == "All crimes") & (data["measure"] == "Gini")]
    first, last = every.iloc[0], every.iloc[-1]
    apart = first["high"] < last["low"] or last["high"] < first["low"]
    course = (
        f"it went from {first['gini']:.3f} in {first['year']} to {last['gini']:.3f} in"
        f" {last['year']}; the intervals {'do not ' if apart else ''}overlap."
        if len(every) > 1
        else f"it was {last['gini']:.3f} in {last['year']}."
    )
    return (
        f"0 if all {places} had the same number, near 1 if one had all; the band is the 95 %"
        f" interval. For all crimes {course}"
        " The generalised Gini takes off what is unavoidable where a group has fewer crimes than"
        f" there are {places}."
    )


def _gini_chart(data: pd.DataFrame) -> alt.Chart:
    base = alt.Chart(data).encode(x=alt.X("year:O", title=None))
    y = alt.Y("gini:Q", title="coefficient", scale=alt.Scale(zero=False))
    band = base.mark_area(opacity=0.25, color=theme.CRIMES).encode(
        y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q"
    )
    line = base.mark_line(point=alt.OverlayMarkDef(filled=True, size=60)).encode(
        y=y, tooltip=tooltips(data)
    )
    chart = choose(choose(band + line, data, "crime_group", "Group"), data, "measure", "Measure")
    return fitted(chart)


def smallest_share(years: pd.DataFrame, places: str) -> Section:
    """The smallest share of the places and of land that holds 25, 50 and 80 % of the crime."""
    return section(
        "How few places hold how much?",
        "smallest_share",
        _smallest_share_rows(years, places),
        NO_YEAR,
        partial(_smallest_share_text, places=places),
        _smallest_share_chart,
        f"Lines by year of the smallest share of {places} or land that holds so much crime.",
    )


def _smallest_share_rows(years: pd.DataFrame, places: str) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "crime_group": years["crime_group"],
                    "counted": counted,
                    "share_of_crimes": f"{percent} %",
                    "year": years["year"],
                    "smallest_share": years[f"{column}_for_{percent}pct"].round(4),
                }
            )
            for column, counted in [("district_share", places), ("km2_share", "land")]
            for percent in (25, 50, 80)
        ],
        ignore_index=True,
    ).dropna(subset="smallest_share")


def _smallest_share_text(data: pd.DataFrame, places: str) -> str:
    half = data[(data["crime_group"] == "All crimes") & (data["share_of_crimes"] == "50 %")]
    ranges = half.groupby("counted")["smallest_share"].agg(["min", "max"])
    return (
        f"The smallest share of the {places}, and of the land, that holds 25, 50 and 80 % of the"
        f" crime. Half of all crimes took {span(ranges.loc[places])} of the {places} and"
        f" {span(ranges.loc['land'])} of the land in every complete year."
    )


def _smallest_share_chart(data: pd.DataFrame) -> alt.Chart:
    chart = (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=50))
        .encode(
            x=alt.X("year:O", title=None),
            y=alt.Y("smallest_share:Q", title="smallest share", axis=PERCENT),
            color=alt.Color(
                "share_of_crimes:N",
                title="holding this share of crimes",
                scale=alt.Scale(range=theme.CATEGORICAL),
            ),
            tooltip=tooltips(data),
        )
    )
    chart = choose(choose(chart, data, "crime_group", "Group"), data, "counted", "Share of")
    return fitted(chart)


def span(ends: pd.Series) -> str:
    """The shares `min` and `max`, or one if they read alike."""
    low, high = f"{ends['min']:.0%}", f"{ends['max']:.0%}"
    return low if low == high else f"{low} to {high}"


def autocorrelation(marts: duckdb.DuckDBPyConnection) -> Section:
    """Moran's I by year."""
    return section(
        "Do busy places lie together?",
        "morans_i",
        _autocorrelation_rows(marts),
        "No complete year had enough places to compare neighbours.",
        _autocorrelation_text,
        _autocorrelation_chart,
        "Line of Moran's I by year, beside its expectation.",
    )


def _autocorrelation_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return with_scope_names(
        marts,
        query(
            marts,
            """
            select
                scope,
                coalesce(crime_group_name, 'All crimes') as crime_group,
                period_id as year,
                round(morans_i, 3) as morans_i,
                round(expected_i, 3) as expected,
                p_value,
                neighbours,
                n_places as places,
                if(p_value <= ?, 'beyond chance', 'within chance') as significance
            from marts.spatial_autocorrelation
            inner join marts.dim_periods using (period_id)
            left join marts.dim_crime_groups using (crime_group)
            where is_single_year and is_comparable and morans_i is not null
            order by scope, crime_group_order nulls first, year
            """,
            SIGNIFICANCE,
        ),
    )


def _autocorrelation_text(data: pd.DataFrame) -> str:
    every = data[data["crime_group"] == "All crimes"]
    counted = (every["significance"] == "beyond chance").groupby(every["scope"])
    neighbours = data["neighbours"].iloc[0]
    beyond = "; ".join(f"{scope.lower()} in {g.sum()} of {len(g)} years" for scope, g in counted)
    return (
        "Moran's I of recorded crimes per km² is above the dashed line, what shuffled places would"
        " give, where neighbours are alike. For all crimes they are so beyond chance:"
        f" {beyond}. Neighbours are {NEIGHBOURS.get(neighbours, neighbours)}."
    )


def _autocorrelation_chart(data: pd.DataFrame) -> alt.Chart:
    base = alt.Chart(data).encode(x=alt.X("year:O", title=None))
    lines = base.mark_line(color=theme.MUTED).encode(y=alt.Y("morans_i:Q", title="Moran's I"))
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(
        y="morans_i:Q",
        color=alt.Color(
            "significance:N",
            title="likeness of neighbours",
            scale=theme.colour_scale(
                {"beyond chance": theme.CATEGORICAL[0], "within chance": theme.MUTED}
            ),
        ),
        tooltip=tooltips(data),
    )
    expected = base.mark_line(strokeDash=[4, 4], color=theme.INK, strokeWidth=1).encode(
        y="expected:Q"
    )
    chart = choose(alt.layer(expected, lines, dots), data, "scope", "Places")
    return fitted(choose(chart, data, "crime_group", "Group"))
