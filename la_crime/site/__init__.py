"""The static site, written from a finished warehouse: pages that need no server and no network."""

import importlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import vl_convert

from la_crime.site import data, recent, render
from la_crime.site.page import Page
from la_crime.spatial import boundaries
from la_crime.warehouse.opening import opened, require_crimes

# in the order of the menu
PAGES = [
    "map",
    "place",
    "lately",
    "grouping",
    "stability",
    "differences",
    "arrests",
    "concentration",
    "claims",
    "trust",
    "method",
]
ASSETS = Path("assets")


@dataclass(frozen=True)
class Site:
    """What was written: the pages, and a sentence on where the map's outlines are from."""

    pages: list[Page]
    outlines: str


def build(database: Path, out: Path, data_folder: Path, lineage: bool) -> Site:
    """Write the site from the schema `marts` of a DuckDB file into a folder.

    `data_folder` is looked in for boundaries. With `lineage`, dbt's documentation is made too.
    Raises FileNotFoundError without the file, ValueError if it has no finished marts, no crime, or
    if boundaries are broken.
    """
    with opened(database) as marts:
        require_crimes(marts, database)
        facts = about(marts)
        if broken := boundaries.problems(data_folder):
            raise ValueError(" ".join(broken))
        pages = [module(name).page(marts) for name in PAGES]
        for made in (out / ASSETS / "places", out / ASSETS / "recent", out / "csv"):
            made.mkdir(parents=True, exist_ok=True)
        outlines = write_assets(marts, data_folder, out / ASSETS)
    if lineage:
        from la_crime.warehouse import build as dbt  # takes seconds to import

        if dbt.docs(out / "lineage" / "index.html"):
            raise ValueError("dbt did not make its documentation; --no-lineage leaves it out.")
    context = {
        "about": facts,
        "pages": pages,
        "has_lineage": (out / "lineage" / "index.html").exists(),
    }
    templates = render.environment()
    for page in pages:
        render.write_page(templates, page, out, context)
    return Site(pages, outlines)


def module(name: str) -> ModuleType:
    """The module of a page."""
    return importlib.import_module(f"la_crime.site.pages.{name}")


def about(marts: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What every page says of its data: where from, how new, whether made up."""
    city, kind, attribution, built_at, crimes, arrests = marts.sql(
        "select city, dataset_kind, attribution, built_at, crimes_whole_through,"
        " arrests_whole_through from marts.build_info"
    ).fetchall()[0]
    return {
        "city": city,
        "is_synthetic": "synthetic" in kind,
        "kind": kind,
        "attribution": attribution,
        "built_at": f"{built_at:%-d %B %Y, %H:%M} UTC",
        "crimes_through": f"{crimes:%-d %B %Y}" if crimes else "no day",
        "arrests_through": f"{arrests:%-d %B %Y}" if arrests else "no day",
    }


def write_assets(marts: duckdb.DuckDBPyConnection, data_folder: Path, out: Path) -> str:
    """Write scripts, styles and the data of the map and the places, as scripts too.

    A page opened from a file may not fetch data, but may run a script. Returns where the outlines
    are from, in a sentence.
    """
    for file in sorted((render.HERE / "static").iterdir()):
        shutil.copyfile(file, out / file.name)
    bundle = vl_convert.javascript_bundle()
    (out / "vega.js").write_text(f"(() => {{{bundle}\n}})();\n", encoding="utf-8")
    map_data = data.map_data(marts, data_folder)
    write_script(out / "map-data.js", "laCrimeMap", map_data)
    write_scripts(out / "places", "laCrimePlaces", data.place_data(marts, data_folder))
    changes = recent.place_changes(marts)
    shared = recent.about(marts) | {"city": changes.get(recent.CITY, {})}
    write_script(out / "recent-data.js", "laCrimeRecent", shared)
    write_scripts(out / "recent", "laCrimeRecent", recent.by_file(changes, marts))
    if map_data["areBoundaries"]:
        return f"Outlines of places are from {data_folder / boundaries.FOLDER}."
    return (
        f"Outlines of places are cells around their centres: {data_folder / boundaries.FOLDER} "
        "has no layer of just these places."
    )


def write_scripts(folder: Path, prefix: str, by_file: dict[str, Any]) -> None:
    """Write each value as a script of its own; its global is `prefix` and the file's name."""
    for file, value in by_file.items():
        write_script(folder / f"{file}.js", f"{prefix}_{file.replace('-', '_')}", value)


def write_script(path: Path, name: str, value: Any) -> None:
    """Write a value as a script that gives it to the global `name`."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    path.write_text(f"window.{name} = {text};\n", encoding="utf-8")
