"""Method and responsible use, from the project's own documents."""

import re
from pathlib import Path

import duckdb
import pandas as pd
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from la_crime.site.page import Page, Section

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENTS = {"responsible-use": "Responsible use", "method": "Method"}
OTHER_PAGES = {"trust.md": "trust.html"}
# a wide table scrolls by itself, by keyboard too
TABLE = '<div class="table" role="group" tabindex="0" aria-label="Table">'


def page(_: duckdb.DuckDBPyConnection) -> Page:
    """The documents as sections of text alone."""
    return Page(
        slug="method",
        menu="Method",
        question="How was this made, and how may it be used?",
        answer="What the data is and is not, what the project does about it, and every rule of "
        "cleaning, classifying and clustering with its reason.",
        sections=[
            Section(
                title=title,
                text=html((DOCS / f"{name}.md").read_text(encoding="utf-8"), name),
                data=pd.DataFrame(),
                name=name,
            )
            for name, title in DOCUMENTS.items()
        ],
    )


def html(text: str, document: str) -> Markup:
    """A document as HTML: headings one level down with ids, links turned to the site's pages.

    HTML in it is text, comments are left out.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("table_open", lambda *_: TABLE + "<table>")
    markdown.add_render_rule("table_close", lambda *_: "</table></div>")
    tokens = markdown.parse(re.sub(r"^({%.*%}|<!--.*-->)$", "", text, flags=re.MULTILINE))
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
        if token.type == "heading_open":
            token.attrSet("id", f"{document}-{slug(following.content)}")
        # a class for the style attribute, which the pages' policy refuses
        if token.attrs.pop("style", "") == "text-align:right":
            token.attrSet("class", "number")
        is_dead = False
        for part in token.children or []:
            if part.type == "link_open":
                is_dead = not turn_link(part, document)
            if part.type.startswith("link_") and is_dead:
                part.tag = "span"
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704  it escapes


def slug(heading: str) -> str:
    """A heading as the end of a link, as GitHub writes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def turn_link(link: Token, document: str) -> bool:
    """Turn a link between documents into one between pages; tell whether the site has its goal."""
    path, _, anchor = str(link.attrs.pop("href")).partition("#")
    name = Path(path).stem if path else document
    if name in DOCUMENTS:
        link.attrSet("href", f"#{name}-{anchor}" if anchor else f"#{name}")
    elif path in OTHER_PAGES:
        link.attrSet("href", OTHER_PAGES[path])
    return "href" in link.attrs
