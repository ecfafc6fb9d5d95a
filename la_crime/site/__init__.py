"""The static site, written from a finished warehouse: pages that need no server and no network."""

import importlib
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import vl_convert

from la_crime import build as dbt
from la_crime.site import data, render
from la_crime.site.page import Page

# in the order of the menu
PAGES = [
    "map",
    "place",
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


def build(database: Path, out: Path, data_folder: Path, lineage: bool) -> list[Page]:
    """Write the site from the schema `marts` of a DuckDB file into a folder; return its pages.

    `data_folder` is looked in for boundaries. With `lineage`, dbt's documentation is made too.
    Raises FileNotFoundError without the file, ValueError if it has no finished marts.
    """
    if not database.exists():
        raise FileNotFoundError(f"{database} is not there yet: run `make build` first.")
    for folder in (out / ASSETS / "places", out / "csv"):
        folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database), read_only=True) as marts:
        if not marts.sql("from duckdb_tables() where schema_name = 'marts'"):
            raise ValueError(f"{database} has no schema marts: run `make build` first.")
        facts = about(marts)
        pages = [module(name).page(marts) for name in PAGES]
        write_assets(marts, data_folder, out / ASSETS)
    if lineage:
        dbt.docs(out / "lineage" / "index.html")
    context = {
        "about": facts,
        "pages": pages,
        "has_lineage": (out / "lineage" / "index.html").exists(),
    }
    templates = render.environment()
    for page in pages:
        render.write_page(templates, page, out, context)
    return pages


def module(name: str) -> ModuleType:
    """The module of a page."""
    return importlib.import_module(f"la_crime.site.pages.{name}")


def about(marts: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What every page says of its data: where from, how new, whether made up."""
    kind, attribution, built_at = marts.sql(
        "select dataset_kind, attribution, built_at from marts.build_info"
    ).fetchall()[0]
    crimes, arrests = (
        marts.sql(f"select max(month) from marts.fct_{source}_monthly").fetchall()[0][0]
        for source in ("crimes", "arrests")
    )
    return {
        "is_synthetic": "synthetic" in kind,
        "kind": kind,
        "attribution": attribution,
        "built_at": f"{built_at:%-d %B %Y, %H:%M} UTC",
        "crimes_through": f"{crimes:%B %Y}" if crimes else "no month",
        "arrests_through": f"{arrests:%B %Y}" if arrests else "no month",
    }


def write_assets(marts: duckdb.DuckDBPyConnection, data_folder: Path, out: Path) -> None:
    """Write scripts, styles and the data of the map and the places, as scripts too.

    A page opened from a file may not fetch data, but may run a script.
    """
    for file in sorted((render.HERE / "static").iterdir()):
        shutil.copyfile(file, out / file.name)
    bundle = vl_convert.javascript_bundle()
    (out / "vega.js").write_text(f"(() => {{{bundle}\n}})();\n", encoding="utf-8")
    write_script(out / "map-data.js", "laCrimeMap", data.map_data(marts, data_folder))
    for area, places in data.place_data(marts, data_folder).items():
        write_script(out / "places" / f"area-{area}.js", f"laCrimeArea{area}", places)


def write_script(path: Path, name: str, value: Any) -> None:
    """Write a value as a script that gives it to the global `name`."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    path.write_text(f"window.{name} = {text};\n", encoding="utf-8")
