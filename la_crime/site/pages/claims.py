"""What the original study claimed, and what this data says of each claim."""

import duckdb
from markupsafe import Markup

from la_crime.site.page import Page, Section
from la_crime.site.pages._charts import scope_titles

# the page that shows what a claim is judged by
EVIDENCE = {
    "algorithms_agree": "grouping",
    "alike_in_arrestees": "differences",
    "alike_in_crime_types": "differences",
    "alike_in_victims": "differences",
    "crimes_unlike_arrests": "arrests",
    "four_tiers": "grouping",
    "peak_2017_of_all": "stability",
    "peak_2017_of_decade": "stability",
    "places_differ_most": "stability",
    "stable_pooled": "stability",
    "stable_tiers": "stability",
}


def page(marts: duckdb.DuckDBPyConnection) -> Page:
    """The claims with their verdicts, each with a link to its evidence."""
    claims = marts.sql("select * from marts.study_claims order by claim_id, scope").df()
    claims["places"] = claims["scope"].map(scope_titles(marts)).fillna("The city")
    claims["evidence"] = claims["claim_id"].map(EVIDENCE)
    if claims["evidence"].isna().any():
        unknown = claims.loc[claims["evidence"].isna(), "claim_id"].unique()
        raise ValueError(f"claims without a page of evidence: {', '.join(unknown)}")
    counts = claims["verdict"].value_counts()
    verdicts = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    return Page(
        slug="claims",
        menu="Claims",
        question="What did the study claim, and does this data bear it out?",
        answer=f"Of {len(claims)} claims, each judged by a measure and a threshold set "
        f"beforehand: {verdicts}.",
        sections=[
            Section(
                title="The claims, judged",
                text=Markup(
                    "A claim is <em>inconclusive</em> if the interval of its measure holds the "
                    "threshold, or if the data in hand cannot answer it. In brackets stands the "
                    "interval, or the band that noise alone would give."
                ),
                data=claims,
                name="claims",
            )
        ],
    )
