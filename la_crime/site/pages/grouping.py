"""How places were put into tiers: the number of groups, the dendrograms, and a second algorithm."""

import json

import altair as alt
import duckdb
import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import dendrogram

from la_crime.site import theme
from la_crime.site.page import Page, Section, section
from la_crime.site.pages._charts import (
    HEADLINE_RUNS,
    NO_RUN,
    choose,
    cross_table,
    fitted,
    headline_runs_beside,
    in_a_sentence,
    listed,
    query,
    tier_heat_map,
    tooltips,
)
from la_crime.stats.bootstrap import STABLE_JACCARD

NO_DENDROGRAM = "No headline run has a dendrogram beside it."
BRANCHES = 30  # of a dendrogram that has more leaves than can be read


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The page on how places were grouped."""
    scores = k_scores(marts)
    return Page(
        slug="grouping",
        menu="Grouping",
        question="How were they grouped?",
        answer=answer(scores),
        sections=[
            votes(scores),
            elbow(scores),
            mean_silhouette(scores),
            gap(scores),
            stability(scores),
            *dendrograms(marts),
            silhouettes(marts),
            algorithms_cross(marts),
            algorithms_agreement(marts),
        ],
    )


# --- The number of groups ------------------------------------------------------------------------


def k_scores(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The scores of every k tried, for the headline runs, with the part that each k plays."""
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            runs.run,
            scores.*,
            case
                when k = k_used and k = recommended_k then 'used and recommended'
                when k = k_used then 'used'
                when k = recommended_k then 'recommended'
                else 'tried'
            end as part
        from runs inner join marts.cluster_k_selection as scores using (run_id)
        order by run_order, k
        """,
    )


def answer(scores: pd.DataFrame) -> str:
    """What was done, and whether the measures bear out the number of tiers."""
    if scores.empty:
        return "No clustering could be run on these files."
    runs = scores.drop_duplicates("run")
    borne_out = runs[runs["k_used"] == runs["recommended_k"]]
    verdict = f"the measures recommend that number in {len(borne_out)} of {len(runs)} headline runs"
    tail = "" if len(borne_out) == len(runs) else ", so it is a convention more than a discovery"
    return (
        f"K-means on the logarithm of each place's recorded crimes gave"
        f" {listed(sorted(runs['k_used'].unique()))} tiers; {verdict}{tail}."
    )


def votes(scores: pd.DataFrame) -> Section:
    """Used and recommended k of each run, and why."""
    columns = ["run", "k_used", "recommended_k", "reason"]
    return section(
        "Which number of groups?",
        "votes",
        scores[columns].drop_duplicates().reset_index(drop=True),
        NO_RUN,
        lambda _: (
            "Five measures each vote for a number of groups, k. The tiers keep their own k,"
            " whatever is recommended; where the two differ, another cut is as defensible."
        ),
    )


def elbow(scores: pd.DataFrame) -> Section:
    """Inertia by k."""
    return section(
        "Elbow: how tight are the groups?",
        "elbow",
        scores.loc[scores["inertia"].notna(), ["run", "k", "inertia", "part"]],
        NO_RUN,
        _elbow_text,
        lambda data: by_k(data, "inertia", "inertia (log volume squared)"),
        "Line of inertia against the number of groups.",
    )


def _elbow_text(data: pd.DataFrame) -> str:
    falls = data.assign(fall=1 - data["inertia"] / data.groupby("run")["inertia"].shift())
    falls = falls[(falls["run"] == falls["run"].iloc[0]) & falls["fall"].notna()]
    return (
        "Inertia, the squared distance of places to their group's mean, always falls with k; a"
        " clear bend would mark the number of groups. For"
        f" {in_a_sentence(data['run'].iloc[0])}, one group more takes off "
        + listed(f"{fall:.0%} (to {k})" for k, fall in zip(falls["k"], falls["fall"], strict=True))
        + "."
    )


def mean_silhouette(scores: pd.DataFrame) -> Section:
    """Mean silhouette by k."""
    return section(
        "Silhouette: how well are the groups apart?",
        "silhouette_by_k",
        scores.loc[scores["silhouette"].notna(), ["run", "k", "silhouette", "part"]],
        NO_RUN,
        _mean_silhouette_text,
        lambda data: by_k(data, "silhouette", "mean silhouette"),
        "Line of the mean silhouette against the number of groups.",
    )


def _mean_silhouette_text(data: pd.DataFrame) -> str:
    best = data.loc[data.groupby("run", sort=False)["silhouette"].idxmax()]
    return (
        "1 means well apart, 0 that places lie between groups. The highest is at "
        + listed(
            f"k = {k} ({value:.2f}) for {in_a_sentence(run)}"
            for run, k, value in best[["run", "k", "silhouette"]].itertuples(index=False)
        )
        + "."
    )


def gap(scores: pd.DataFrame) -> Section:
    """Gap statistic by k, with one standard error to either side."""
    return section(
        "Gap: is it tighter than no groups at all?",
        "gap",
        _gap_rows(scores),
        NO_RUN,
        _gap_text,
        lambda data: by_k(data, "gap", "gap statistic", low="low", high="high"),
        "Line of the gap statistic, with standard errors, against the number of groups.",
    )


def _gap_rows(scores: pd.DataFrame) -> pd.DataFrame:
    data = scores.loc[scores["gap"].notna(), ["run", "k", "gap", "gap_se", "part"]]
    return data.assign(low=data["gap"] - data["gap_se"], high=data["gap"] + data["gap_se"])


def _gap_text(data: pd.DataFrame) -> str:
    highest = data.loc[data.groupby("run")["gap"].idxmax()]
    none = int((highest["k"] == 1).sum())
    return (
        "The gap statistic compares the groups with those of places spread evenly; lines span one"
        " standard error, and the smallest k within one of the next gets the vote. In"
        f" {none} of {len(highest)} headline runs the gap is highest at k = 1, which speaks for"
        " a continuum without groups."
    )


def stability(scores: pd.DataFrame) -> Section:
    """Bootstrap Jaccard similarity of the least stable group, by k."""
    return section(
        "Bootstrap: do the groups come back?",
        "bootstrap_stability",
        _stability_rows(scores),
        NO_RUN,
        _stability_text,
        _stability_chart,
        "Line of the least stable group's Jaccard similarity against the number of groups.",
    )


def _stability_rows(scores: pd.DataFrame) -> pd.DataFrame:
    columns = ["run", "k", "jaccard_min", "jaccard_mean", "part"]
    return scores.loc[(scores["k"] > 1) & scores["jaccard_min"].notna(), columns]


def _stability_text(data: pd.DataFrame) -> str:
    used = data[data["part"].str.startswith("used")]
    stable = int((used["jaccard_min"] >= STABLE_JACCARD).sum())
    return (
        "Places are drawn again and again with replacement and clustered anew. The dot is the"
        " least stable group's mean Jaccard similarity, and the line reaches up to the mean of all"
        f" groups; {STABLE_JACCARD} or more (dashed) counts as stable. At the k used, every group"
        f" is stable in {stable} of {len(used)} headline runs."
    )


def _stability_chart(data: pd.DataFrame) -> alt.Chart:
    return by_k(
        data,
        "jaccard_min",
        "Jaccard similarity",
        low="jaccard_min",
        high="jaccard_mean",
        bound=STABLE_JACCARD,
    )


def by_k(
    data: pd.DataFrame,
    value: str,
    title: str,
    low: str | None = None,
    high: str | None = None,
    bound: float | None = None,
) -> alt.Chart:
    """A score by k for a chosen run: the k used and the k recommended stand out."""
    colours = {
        "used and recommended": theme.CATEGORICAL[2],
        "used": theme.CATEGORICAL[0],
        "recommended": theme.HIGHLIGHT,
        "tried": theme.MUTED,
    }
    base = alt.Chart(data).encode(x=alt.X("k:O", title="number of groups, k"))
    y = alt.Y(f"{value}:Q", title=title, scale=alt.Scale(zero=False))
    layers = [base.mark_line(color=theme.MUTED).encode(y=y)]
    if low:
        layers.append(base.mark_rule(color=theme.MUTED).encode(y=alt.Y(f"{low}:Q"), y2=f"{high}:Q"))
    if bound is not None:
        rule = alt.Chart(data).mark_rule(strokeDash=[4, 4])
        layers.append(rule.encode(y=alt.datum(bound)))
    dots = base.mark_point(size=110, opacity=1, filled=True).encode(
        y=y,
        color=alt.Color(
            "part:N",
            title="this k was",
            scale=theme.colour_scale(colours),
        ),
        tooltip=tooltips(data),
    )
    return fitted(choose(alt.layer(*layers, dots), data, "run", "Run"))


# --- The dendrograms -----------------------------------------------------------------------------


def dendrograms(marts: duckdb.DuckDBPyConnection) -> list[Section]:
    """A dendrogram by Ward's linkage beside each headline run."""
    runs = query(marts, f"{headline_runs_beside('algorithm')} order by run_order", "ward")
    sections = [
        dendrogram_section(marts, run_id, run)
        for run_id, run in runs[["other_id", "run"]].itertuples(index=False)
    ]
    drawn = [section for section in sections if section is not None]
    nothing = Section("Dendrogram", NO_RUN, pd.DataFrame(columns=["leaf", "tier"]), "dendrogram")
    return drawn or [nothing]


def dendrogram_section(marts: duckdb.DuckDBPyConnection, run_id: str, run: str) -> Section | None:
    """The dendrogram of a run, its last branches alone if it has many; None if there is none."""
    linkage = query(
        marts,
        "select left_id, right_id, height, size from marts.cluster_linkage"
        " where run_id = ? order by step",
        run_id,
    ).to_numpy(dtype=float)
    leaves = query(
        marts,
        """
        select place_name as place, tier, volume
        from marts.cluster_assignments
        inner join marts.dim_places using (scope, place_id)
        where run_id = ? order by leaf_id
        """,
        run_id,
    )
    if not len(linkage):
        return None
    lines, ends = drawing(linkage, leaves, BRANCHES)
    k = leaves["tier"].nunique()
    cut = cut_height(linkage, k)
    some = "" if len(ends) == len(leaves) else f" The last {len(ends) - 1} merges are shown."
    text = (
        "Ward's linkage joins the two most similar branches again and again; the further left two"
        f" meet, the more they differ in volume.{some} The dashed line cuts it into {k} tiers, of "
        + listed(leaves.groupby("tier").size().reindex(leaves_order(leaves)))
        + " places from high to low."
    )
    return Section(
        f"Dendrogram: {run}",
        text,
        ends,
        f"dendrogram_{run_id}",
        dendrogram_chart(lines, ends, cut),
        f"Dendrogram of {run}, with its cut into {k} tiers.",
    )


def leaves_order(leaves: pd.DataFrame) -> list[str]:
    """The tiers by falling mean volume."""
    return leaves.groupby("tier")["volume"].mean().sort_values(ascending=False).index.tolist()


def cut_height(linkage: np.ndarray, k: int) -> float:
    """Half way between the last merge that is kept and the first that is undone for k clusters."""
    heights = np.concatenate([[0.0], linkage[:, 2]])
    return float(heights[-k:][:2].mean()) if k > 1 else float(heights[-1])


def drawing(
    linkage: np.ndarray, leaves: pd.DataFrame, branches: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines and ends of a dendrogram's last `branches` branches, busiest place first.

    `linkage` is SciPy's (n - 1) x 4, `leaves` has place, tier and volume of the n leaves. Lines:
    merge, corner (0 to 3), position and height; ends: position, leaf, tier, places and volumes.
    """
    members = [[leaf] for leaf in range(len(leaves))]
    volumes = leaves["volume"].to_numpy()
    ordered = linkage.copy()
    for step, (left, right) in enumerate(linkage[:, :2].astype(int)):
        if volumes[members[left]].mean() < volumes[members[right]].mean():
            ordered[step, :2] = right, left
        members.append(members[left] + members[right])
    tree = dendrogram(ordered, p=branches, truncate_mode="lastp", no_plot=True)
    lines = pd.DataFrame(
        [
            {"merge": merge, "corner": corner, "position": position, "height": height}
            for merge, corners in enumerate(zip(tree["icoord"], tree["dcoord"], strict=True))
            for corner, (position, height) in enumerate(zip(*corners, strict=True))
        ]
    )
    ends = pd.DataFrame(
        [
            {"position": 5 + 10 * end, **branch(leaves.iloc[members[node]])}
            for end, node in enumerate(tree["leaves"])
        ]
    )
    return lines, ends


def branch(places: pd.DataFrame) -> dict:
    """What the end of a branch stands for; a branch that is cut through has several tiers."""
    low, high = places["volume"].min(), places["volume"].max()
    volumes = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    one = places["place"].iloc[0]
    return {
        "leaf": one if len(places) == 1 else f"{len(places)} places of {volumes}",
        "tier": listed(places["tier"].unique()),
        "places": len(places),
        "lowest_volume": low,
        "highest_volume": high,
    }


def dendrogram_chart(lines: pd.DataFrame, ends: pd.DataFrame, cut: float) -> alt.Chart:
    """The dendrogram on its side: the root to the left, the names of the ends to the right."""
    names = json.dumps(ends["leaf"].tolist())  # Vega's expressions write text as JSON does
    y = alt.Y(
        "position:Q",
        title=None,
        scale=alt.Scale(domain=[0, 10 * len(ends)], reverse=True, nice=False),
        axis=alt.Axis(
            values=ends["position"].tolist(),
            labelExpr=f"{names}[(datum.value - 5) / 10]",
            orient="right",
            grid=False,
            ticks=False,
            domain=False,
            labelLimit=220,
            labelPadding=8,
        ),
    )
    x = alt.X(
        "height:Q",
        title="height (square-root scale)",
        scale=alt.Scale(type="sqrt", reverse=True, nice=False),
        axis=alt.Axis(grid=False, tickCount=4),
    )
    branches = (
        alt.Chart(lines)
        .mark_line(color=theme.MUTED, strokeWidth=1.5)
        .encode(x=x, y=y, detail="merge:N", order="corner:O")
    )
    dots = (
        alt.Chart(ends)
        .mark_point(filled=True, size=70, opacity=1, stroke=theme.INK, strokeWidth=0.7)
        .encode(
            x=alt.datum(0),
            y=y,
            color=alt.Color("tier:N", title="tier", scale=theme.tier_scale()),
            tooltip=tooltips(ends.drop(columns="position")),
        )
    )
    rule = (
        alt.Chart()
        .mark_rule(color=theme.HIGHLIGHT, strokeDash=[6, 4], strokeWidth=2)
        .encode(x=alt.datum(cut))
    )
    return fitted(alt.layer(branches, rule, dots), 20 * len(ends))


# --- The groups themselves -----------------------------------------------------------------------


def silhouettes(marts: duckdb.DuckDBPyConnection) -> Section:
    """The silhouette of every place in the headline runs, sorted within its tier."""
    return section(
        "Silhouette of every place",
        "silhouettes",
        _silhouettes_rows(marts),
        NO_RUN,
        _silhouettes_text,
        _silhouettes_chart,
        "Bars of every place's silhouette, sorted within its tier.",
    )


def _silhouettes_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            run,
            place_name as place,
            tier,
            round(silhouette, 3) as silhouette,
            row_number() over (
                partition by run_order order by cluster_rank, silhouette desc, assigned.place_id
            ) as line
        from runs
        inner join marts.cluster_assignments as assigned using (run_id)
        inner join marts.dim_places as places
            on assigned.scope = places.scope and assigned.place_id = places.place_id
        order by run_order, line
        """,
    )


def _silhouettes_text(data: pd.DataFrame) -> str:
    below = data.assign(below=data["silhouette"] < 0.25).groupby("run", sort=False)["below"].mean()
    return (
        "A long bar is a place deep inside its tier; one near 0 lies between two tiers. Under 0.25"
        " are " + listed(f"{share:.0%} of {in_a_sentence(run)}" for run, share in below.items())
        + "."
    )  # fmt: skip


def _silhouettes_chart(data: pd.DataFrame) -> alt.Chart:
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("silhouette:Q", title="silhouette"),
            y=alt.Y("line:O", axis=None, scale=alt.Scale(padding=0)),
            color=alt.Color("tier:N", title="tier", scale=theme.tier_scale()),
            tooltip=tooltips(data.drop(columns="line")),
        )
    )
    return fitted(choose(chart, data, "run", "Run"), 420)


def algorithms_cross(marts: duckdb.DuckDBPyConnection) -> Section:
    """Tiers by K-means against tiers by Ward."""
    return section(
        "K-means against Ward",
        "kmeans_against_ward",
        cross_table(marts, "algorithm", "ward"),
        NO_DENDROGRAM,
        _algorithms_cross_text,
        _algorithms_cross_chart,
        "Heat map of tiers by K-means against tiers by Ward's dendrogram.",
    )


def _algorithms_cross_text(data: pd.DataFrame) -> str:
    same = data[data["left_tier"] == data["right_tier"]].groupby("run")["places"].sum()
    total = data.groupby("run", sort=False)["places"].sum()
    return (
        "Each row is a tier by K-means, and its cells say where Ward's dendrogram puts those"
        " places. The two give the same tier to "
        + listed(f"{same.get(run, 0):,} of {n:,} {in_a_sentence(run)}" for run, n in total.items())
        + "."
    )


def _algorithms_cross_chart(data: pd.DataFrame) -> alt.Chart:
    chart = tier_heat_map(data, "tier by K-means", "tier by Ward", alt.Text("places:Q", format=","))
    return fitted(choose(chart, data, "run", "Run"), 240)


def algorithms_agreement(marts: duckdb.DuckDBPyConnection) -> Section:
    """How far K-means agrees with each linkage, beside recounts of itself."""
    return section(
        "Agreement of the algorithms",
        "algorithms",
        _algorithms_agreement_rows(marts),
        NO_DENDROGRAM,
        _algorithms_agreement_text,
    )


def _algorithms_agreement_rows(marts: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return query(
        marts,
        f"""
        with runs as ({HEADLINE_RUNS})

        select
            run,
            other.algorithm as beside,
            agreement.n_places as places,
            round(ari, 2) as adjusted_rand_index,
            round(weighted_kappa, 2) as weighted_kappa,
            round(noise_ari_median, 2) as recounts_median,
            round(noise_ari_p05, 2) as recounts_5th_percentile,
            verdict
        from runs
        inner join marts.tier_agreement as agreement on runs.run_id = agreement.left_id
        inner join marts.cluster_runs as other on agreement.right_id = other.run_id
        where compared = 'algorithm'
        order by run_order, other.algorithm
        """,
    )


def _algorithms_agreement_text(data: pd.DataFrame) -> str:
    within = int((data["verdict"] == "no change shown").sum())
    return (
        "1 means the same groups, 0 no more agreement than chance. K-means agrees with another"
        f" algorithm as well as with recounts of its own places in {within} of {len(data)} pairs."
    )
