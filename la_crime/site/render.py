"""Pages as HTML: Jinja templates, tables, chart specifications and CSV files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from la_crime.files import plain_cell
from la_crime.site import theme
from la_crime.site.page import Page, Section

TABLE_ROWS = 200
PROPER = {"nibrs": "NIBRS", "rand": "Rand", "km2": "km²"}

# a page loads its own folder's scripts and styles, and nothing else from anywhere: text that slips
# through as HTML can run no script, send nothing and ask for nothing
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)

HERE = Path(__file__).parent


def environment() -> jinja2.Environment:
    """The templates, with what they call."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals |= {"cell": cell, "label": label, "spec": spec, "TABLE_ROWS": TABLE_ROWS}
    made.globals |= {"csv_name": csv_name, "records": records, "is_numeric": is_numeric}
    made.globals["all_decimals"] = all_decimals
    made.globals["CONTENT_SECURITY_POLICY"] = CONTENT_SECURITY_POLICY
    return made


def csv_name(page: Page, section: Section) -> str:
    """The path of a section's CSV file in the site."""
    return f"csv/{page.slug}-{section.name}.csv"


def write_page(
    templates: jinja2.Environment, page: Page, out: Path, context: dict[str, Any]
) -> None:
    """Write a page, by a template of its own if there is one, and its sections as CSV files."""
    check(page)
    template = templates.select_template([f"{page.slug}.html", "page.html"])
    html = template.render(page=page, **context)
    (out / f"{page.slug}.html").write_text(html, encoding="utf-8")
    for section in page.sections:
        if len(section.data.columns):
            write_csv(section.data, out / csv_name(page, section))


def write_csv(data: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that a spreadsheet may open: no cell of text is a formula."""
    texts = data.select_dtypes(["object", "string", "category"]).columns
    plain = data.assign(**{name: data[name].astype(object).map(plain_cell) for name in texts})
    plain.rename(columns=plain_cell).to_csv(path, index=False, lineterminator="\n")


def check(page: Page) -> None:
    """Raise ValueError for a chart that nobody can hear, or two sections of one name."""
    names = [section.name for section in page.sections]
    for section in page.sections:
        if section.chart is not None and not section.alt_text:
            raise ValueError(f"page {page.slug}: the chart {section.name} has no alt_text")
        if names.count(section.name) > 1:
            raise ValueError(f"page {page.slug}: two sections are called {section.name}")


def spec(chart: alt.Chart) -> Markup:
    """A chart as Vega-Lite JSON in the site's style, fit for a script element.

    Single and layered charts fill their column unless they have a width.
    """
    with alt.theme.enable("none"):
        made = chart.to_dict()
    own = made.get("config", {})
    made["config"] = {"aria": False} | theme.config()
    for part, settings in own.items():
        shared = made["config"].get(part)
        made["config"][part] = shared | settings if isinstance(shared, dict) else settings
    if "mark" in made or "layer" in made:
        made.setdefault("width", "container")
    return script_json(made)


def script_json(value: Any) -> Markup:
    """A value as compact JSON that cannot end the script element it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  no < is left in it


def records(data: pd.DataFrame) -> Iterator[tuple]:
    """The first rows of a table."""
    return data.head(TABLE_ROWS).itertuples(index=False, name=None)


def is_numeric(column: pd.Series) -> bool:
    """Whether a table's column stands right: numbers, and not yes or no."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def label(column: str) -> str:
    """A column's name as words."""
    words = " ".join(PROPER.get(word, word) for word in str(column).split("_"))
    return words[:1].upper() + words[1:]


def decimals(column: pd.Series) -> int:
    """How many decimals the numbers of a column need, three at most."""
    if not pd.api.types.is_float_dtype(column):
        return 0
    return max((len(f"{n:.3f}".rstrip("0").partition(".")[2]) for n in column.dropna()), default=0)


def all_decimals(data: pd.DataFrame) -> list[int]:
    """The `decimals` of each column."""
    return [decimals(data[name]) for name in data.columns]


def cell(value: Any, column: str, places: int = 0) -> str:
    """A value as a person reads it: — for none, thousands apart, three decimals at most.

    Numbers that are not whole in a column have as many decimals as all of it, `places`.
    """
    if pd.isna(value):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and 0 < abs(value) < 0.001:
        return np.format_float_positional(value, precision=1, fractional=False, trim="-")
    if places:
        return f"{value:,.{places}f}"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, int | float):
        is_name = "year" in str(column).lower() or str(column).endswith("id")
        return f"{value:.0f}" if is_name else f"{value:,.0f}"
    return str(value)
