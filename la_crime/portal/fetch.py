"""Fetches the city's files into a data folder, and keeps them up to date.

Every dataset of the portal is landed as Parquet files of a fixed number of rows, in the order of
the portal's row ids. They grow in the hidden folder `.incoming`, complete file by complete file,
and are moved in together once their rows are as many as the portal's. What is about to be moved is
written down first (`swap.json`), so that a fetch which is killed between two moves is completed by
the next. `manifest.json` says what the folder holds.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from la_crime.portal.client import Boundaries, Portal, PortalError, UnreachableError
from la_crime.portal.datasets import Layer, Table, choose_columns, published
from la_crime.portal.folder import DataFolder, FetchError
from la_crime.portal.landing import Landing
from la_crime.portal.layers import fetch_layer, layer_news
from la_crime.portal.staging import changed_since

PAGE_ROWS = 50_000
PAGES_PER_FILE = 10
SOMETHING_NEW = 3  # exit code of --check


def fetch(
    out: Path,
    names: list[str] | None = None,
    since: date | None = None,
    page_rows: int = PAGE_ROWS,
    pages_per_file: int = PAGES_PER_FILE,
) -> None:
    """Fetch datasets (all unless named) into a folder; print a line for each.

    since: only rows that the portal changed on that day or later; for a new folder. Raises OSError
    with a sentence for each dataset that could not be had, after trying the others.
    """
    folder, portal, boundaries = DataFolder(out), Portal(), Boundaries()
    datasets = chosen(names)
    folder.refuse_demo_data()

    def fetch_one(dataset: Table | Layer) -> str:
        if isinstance(dataset, Layer):
            return fetch_layer(folder, boundaries, dataset)
        return Landing(folder, portal, dataset, since, page_rows, pages_per_file).fetch()

    with folder.locked():
        say_of_each(datasets, fetch_one)


def check(out: Path, names: list[str] | None = None) -> bool:
    """Say for each dataset what is new, fetching nothing; return whether anything is."""
    folder, portal, boundaries = DataFolder(out), Portal(), Boundaries()
    found = []

    def compare(dataset: Table | Layer) -> str:
        held = folder.held(dataset.name)
        is_layer = isinstance(dataset, Layer)
        said = layer_news(boundaries, dataset, held) if is_layer else news(portal, dataset, held)
        found.append(said)
        return said or "up to date"

    say_of_each(chosen(names), compare)
    return any(found)


def say_of_each(datasets: list[Table | Layer], act: Callable[[Table | Layer], str]) -> None:
    """Do something with each dataset and print a line on it; raise FetchError for those it failed.

    A server that cannot be reached is the end: the other datasets would wait for it in vain.
    """
    failures = []
    for dataset in datasets:
        try:
            print(f"{dataset.name:<22}{act(dataset)}", flush=True)
        except (ValueError, PortalError, FetchError) as error:
            failures.append(f"{dataset.name}: {error}")
            if isinstance(error, UnreachableError):
                break
    if failures:
        raise FetchError("\n       ".join(failures))


def chosen(names: list[str] | None) -> list[Table | Layer]:
    """The datasets of these names, in the order of ours."""
    ours = published()
    unknown = sorted(set(names or ()) - set(ours.names))
    if unknown:
        raise ValueError(f"There is no dataset {unknown[0]}. There are: {', '.join(ours.names)}.")
    return [dataset for dataset in ours.datasets if not names or dataset.name in names]


def news(portal: Portal, table: Table, held: dict | None) -> str | None:
    """What the portal has that a folder has not; None if nothing."""
    metadata = portal.metadata(table.id)
    columns = choose_columns(table, metadata["columns"])
    if not held:
        return f"not fetched yet: {portal.count(table.id):,} rows"
    if columns.asked != held["columns"]:
        return "its columns changed: all rows are to be fetched anew"
    if metadata["rowsUpdatedAt"] == held["rowsUpdatedAt"]:
        return None
    changed = portal.count(table.id, changed_since(held["newest_update"], held["since"]))
    rows = portal.count(table.id, changed_since(None, held["since"]))
    return f"{changed:,} rows new or changed; {rows:,} in all, {held['rows']:,} held"
