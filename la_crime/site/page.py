"""What a page of the site is made of: a question, its answer, and charts with their data."""

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import pandas as pd
from markupsafe import Markup


@dataclass(frozen=True)
class Section:
    """One chart, or one table if there is no chart, with its data to download as CSV.

    `text` is one or two sentences of what the reader sees; it is escaped, unless it is `Markup`,
    which holds nothing from data. `name` is unique in the page and fit for file names. A chart must
    have `alt_text`.
    """

    title: str
    text: str | Markup
    data: pd.DataFrame
    name: str
    chart: alt.Chart | None = None
    alt_text: str = ""


def section(
    title: str,
    name: str,
    data: pd.DataFrame,
    nothing: str,
    text: Callable[[pd.DataFrame], str],
    chart: Callable[[pd.DataFrame], alt.Chart] | None = None,
    alt_text: str = "",
) -> Section:
    """The section of some rows, or `nothing` for its text and no chart if there are none.

    `text` and `chart` make what they are named after from the rows.
    """
    if data.empty:
        return Section(title, nothing, data, name)
    return Section(title, text(data), data, name, chart and chart(data), alt_text)


@dataclass(frozen=True)
class Page:
    """One page of the menu; `slug` is its file name without `.html`, `question` its heading.

    `answer` is one sentence, computed from the data where it states a result.
    """

    slug: str
    menu: str
    question: str
    answer: str
    sections: list[Section]
