"""What several pages share: queries, choices from a list, and the forms of their charts."""

from collections.abc import Iterable

import altair as alt
import duckdb
import pandas as pd

from la_crime.site import theme

NO_RUN = "No headline run had enough places to be clustered."
TIERS = list(theme.TIER_COLOURS)
SHARES = alt.Scale(domain=[0, 1], range=theme.SEQUENTIAL, clamp=True)
PERCENT = alt.Axis(format=".0%")
# in two lines, so that they fit a phone
TIERS_ON_TOP = alt.Axis(
    orient="top",
    labelAngle=0,
    labelExpr="split(datum.label, '-')",
    labelFontSize=10,
    labelPadding=18,
)

# what tells runs apart
RUN_COLUMNS = ("scope", "period_id", "source", "feature_set", "algorithm")

# the headline runs that went, numbered with areas and long periods first
HEADLINE_RUNS = """
    select
        run_id,
        runs.scope,
        title || ' (' || period_name || ')' as run,
        row_number() over (order by is_layer, scope, start_date, end_date desc) as run_order
    from marts.cluster_runs as runs
    inner join marts.dim_scopes using (scope)
    inner join marts.dim_periods using (period_id)
    where is_headline and status = 'ok'
"""


def query(marts: duckdb.DuckDBPyConnection, sql: str, *values: object) -> pd.DataFrame:
    """The rows of a query, with `values` bound to its question marks."""
    return marts.execute(sql, values).df()


def scope_titles(marts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What many places of each scope are called, the department's scopes first."""
    found = marts.sql("select scope, title from marts.dim_scopes order by is_layer, scope")
    return dict(found.fetchall())


def smallest_places(marts: duckdb.DuckDBPyConnection) -> str:
    """What the city calls its smallest places, in small letters; 'places' where it has none."""
    return scope_titles(marts).get("district", "Places").lower()


def with_scope_names(marts: duckdb.DuckDBPyConnection, data: pd.DataFrame) -> pd.DataFrame:
    """The data with its scopes in words, those of the department first."""
    titles = scope_titles(marts)
    order = data["scope"].map({scope: i for i, scope in enumerate(titles)})
    ordered = data.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    return ordered.assign(scope=ordered["scope"].map(titles))


def headline_runs_beside(column: str) -> str:
    """A query of the headline runs, each with the run, `other_id`, that differs in one column.

    What that run has in the column is the query's one value.
    """
    same = [name for name in RUN_COLUMNS if name != column]
    return f"""
        select headlines.*, other.run_id as other_id
        from ({HEADLINE_RUNS}) as headlines
        inner join marts.cluster_runs as own using (run_id)
        inner join marts.cluster_runs as other on other.{column} = ?
        where {" and ".join(f"own.{name} = other.{name}" for name in same)}
    """


def cross_table(marts: duckdb.DuckDBPyConnection, column: str, other: str) -> pd.DataFrame:
    """Places by their tier in each headline run and in the run that has `other` in one column.

    Columns: run, left_tier, right_tier, places, share (of the left tier's places) and ari.
    """
    return query(
        marts,
        f"""
        with runs as ({headline_runs_beside(column)})

        select
            runs.run,
            l.tier as left_tier,
            r.tier as right_tier,
            count(*) as places,
            count(*) / sum(count(*)) over (partition by runs.run, l.tier) as share,
            any_value(ari) as ari
        from runs
        inner join marts.cluster_assignments as l using (run_id)
        inner join marts.cluster_assignments as r
            on r.run_id = runs.other_id and l.place_id = r.place_id
        left join marts.tier_agreement as agreement
            on agreement.left_id = l.run_id and agreement.right_id = r.run_id
        group by runs.run_order, runs.run, l.tier, l.cluster_rank, r.tier, r.cluster_rank
        order by runs.run_order, l.cluster_rank, r.cluster_rank
        """,
        other,
    )


def in_a_sentence(label: str) -> str:
    """A label inside a sentence."""
    return label[0].lower() + label[1:]


def listed(words: Iterable[object]) -> str:
    """The words as in a sentence: a, b and c."""
    *head, last = [str(word) for word in words] or ["none"]
    return f"{', '.join(head)} and {last}" if head else last


def fitted(chart: alt.Chart | alt.LayerChart, height: int = theme.CHART_HEIGHT) -> alt.Chart:
    """The chart as wide as its place in the page, and `height` pixels high."""
    return chart.properties(width="container", height=height)


def row_heights(places: pd.Series) -> int:
    """The height of a chart with a row for each place, in pixels: enough for their names."""
    return max(440, 14 * places.nunique())


def choose(chart: alt.Chart, data: pd.DataFrame, field: str, label: str) -> alt.Chart:
    """The chart with a list of the field's values to choose from, in the order of the data."""
    options = data[field].drop_duplicates().tolist()
    chosen = alt.param(
        name=f"chosen_{field}",
        value=options[0],
        bind=alt.binding_select(options=options, name=f"{label} "),
    )
    return chart.add_params(chosen).transform_filter(alt.datum[field] == chosen)


def heat_map(
    data: pd.DataFrame, x: alt.X, y: alt.Y, colour: alt.Color, text: alt.Text, dark: str
) -> alt.LayerChart:
    """Cells with their value written in them: white where the Vega expression `dark` holds."""
    base = alt.Chart(data).encode(x=x, y=y, tooltip=tooltips(data))
    ink = alt.condition(dark, alt.value("white"), alt.value(theme.INK))
    return base.mark_rect().encode(color=colour) + base.mark_text().encode(text=text, color=ink)


def tier_heat_map(data: pd.DataFrame, left: str, right: str, text: alt.Text) -> alt.LayerChart:
    """Tiers `left_tier` by `right_tier`, coloured by `share`; `left` and `right` are the titles."""
    return heat_map(
        data,
        alt.X("right_tier:N", title=right, sort=TIERS, axis=TIERS_ON_TOP),
        alt.Y("left_tier:N", title=left, sort=TIERS),
        alt.Color("share:Q", title="share of the row", scale=SHARES, legend=None),
        text,
        "datum.share > 0.6",
    )


def intervals(
    data: pd.DataFrame, value: str, y: alt.Y, colour: alt.Color, **x: object
) -> alt.LayerChart:
    """A dot for each value and a line from `low` to `high`; `x` says what the x axis is like."""
    base = alt.Chart(data).encode(y=y, color=colour, tooltip=tooltips(data))
    lines = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", **x), x2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(x=alt.X(f"{value}:Q", **x))
    return lines + dots


def tooltips(data: pd.DataFrame) -> list[alt.Tooltip]:
    """Every column, named in words, with numbers kept short."""
    return [
        alt.Tooltip(
            name,
            title=name.replace("_", " "),
            **({"format": ",.3~f"} if pd.api.types.is_float_dtype(dtype) else {}),
        )
        for name, dtype in data.dtypes.items()
    ]
