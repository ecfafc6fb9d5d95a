"""Fetches the city's files into a data folder, and keeps them up to date.

Every dataset of the portal is landed as Parquet files of a fixed number of rows, in the order of
the portal's row ids. They grow in the hidden folder `.incoming`, complete file by complete file,
and are moved in together once their rows are as many as the portal's. What is about to be moved is
written down first (`swap.json`), so that a fetch which is killed between two moves is completed by
the next. `manifest.json` says what the folder holds.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm import tqdm

from la_crime import __version__
from la_crime.files import quoted, sha256, sync
from la_crime.inputs.inspection import SYNTHETIC_PREFIX
from la_crime.portal.client import ID, Boundaries, Portal, PortalError, UnreachableError
from la_crime.portal.datasets import LAYERS, NAMES, TABLES, Columns, Layer, Table, choose_columns

MANIFEST = "manifest.json"
INCOMING = ".incoming"
PLAN = "plan.json"
SWAP = "swap.json"
LOCK = "lock"
PAGE_ROWS = 50_000
PAGES_PER_FILE = 10
PASSES = 4  # over one dataset in one run, should the portal change meanwhile
SOMETHING_NEW = 3  # exit code of --check


class FetchError(OSError):
    """Why a dataset was not fetched, in a sentence."""


@dataclass(frozen=True)
class Plan:
    """A pass over a dataset: all rows, or those that changed after `after`.

    rows_updated_at, newest_update and rows_expected are the portal's when the pass began, and stay
    so if it is resumed: what changed since then is for the next pass.
    """

    columns: dict[str, str]
    new_columns: list[str]
    withheld_columns: list[str]
    since: str | None
    after: str | None
    first_file: int
    page_rows: int
    file_rows: int
    rows_updated_at: int
    newest_update: str | None
    rows_expected: int

    def is_same_question(self, other: "Plan") -> bool:
        """Whether pages of one pass can be followed by pages of the other."""
        then = ("rows_updated_at", "newest_update", "rows_expected")
        return replace(self, **{name: getattr(other, name) for name in then}) == other


class DataFolder:
    """A data folder, its manifest, and where files grow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.incoming = path / INCOMING

    def manifest(self) -> dict:
        """Read the manifest; a new one if there is none."""
        path = self.path / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if not all(isinstance(entry["files"], dict) for entry in manifest["datasets"].values()):
                raise TypeError
        except FileNotFoundError:
            return {"datasets": {}}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(
                f"{path} is not the manifest of a fetch. Remove it to fetch everything anew."
            ) from None
        return manifest

    def held(self, name: str) -> dict | None:
        """What the manifest says of a dataset, if its files are as they were."""
        entry = self.manifest()["datasets"].get(name)
        if entry and all(
            (self.path / path).is_file() and sha256(self.path / path) == file["sha256"]
            for path, file in entry["files"].items()
        ):
            return entry
        return None

    def record(self, name: str, entry: dict) -> None:
        """Put an entry into the manifest."""
        datasets = self.manifest()["datasets"] | {name: entry}
        write_json(self.path / MANIFEST, {"datasets": dict(sorted(datasets.items()))})

    def refuse_demo_data(self) -> None:
        """Raise ValueError if synthetic files are here, which real ones must not be mixed with."""
        for path in sorted(self.path.glob(f"*/{SYNTHETIC_PREFIX}*")):
            raise ValueError(
                f"{self.path} holds demo data ({path.name}), and real rows would be mixed with "
                "synthetic ones. Choose another folder for --out."
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other fetches out of the folder; the lock goes with the process."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        with (self.incoming / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FetchError(
                    f"Another fetch is at work in {self.path}. Wait for it, or choose another "
                    "folder with --out."
                ) from None
            yield


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
    unknown = sorted(set(names or ()) - set(NAMES))
    if unknown:
        raise ValueError(f"There is no dataset {unknown[0]}. There are: {', '.join(NAMES)}.")
    return [dataset for dataset in (*TABLES, *LAYERS) if not names or dataset.name in names]


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


def layer_news(boundaries: Boundaries, layer: Layer, held: dict | None) -> str | None:
    """What the server of boundaries has that a folder has not; None if nothing.

    It does not say when a layer changed, so that the shapes are read and compared.
    """
    content, rows = read_layer(boundaries, layer)
    if not held:
        return f"not fetched yet: {rows:,} shapes"
    is_same = held["files"][layer.path]["sha256"] == hashlib.sha256(content).hexdigest()
    return None if is_same else f"changed: {rows:,} shapes, {held['rows']:,} held"


def changed_since(after: str | None, since: str | None) -> str:
    """The condition for rows changed after a moment, or else from a day on."""
    if after:
        return f":updated_at > '{after}'"
    return f":updated_at >= '{since}T00:00:00.000Z'" if since else ""


class Landing:
    """Brings one dataset of the portal into a folder."""

    def __init__(
        self,
        folder: DataFolder,
        portal: Portal,
        table: Table,
        since: date | None,
        page_rows: int,
        pages_per_file: int,
    ) -> None:
        self.folder = folder
        self.portal = portal
        self.table = table
        self.since = since and since.isoformat()
        self.page_rows = page_rows
        self.file_rows = page_rows * pages_per_file
        self.staging = folder.incoming / table.name
        self.notes: list[str] = []

    def fetch(self) -> str:
        """Bring the folder up to date; return what was done, in a line."""
        self.finish_swap()
        held = self.folder.held(self.table.name)
        self.keep_since(held)
        fetched = 0
        is_anew = False
        for _ in range(PASSES):
            metadata = self.portal.metadata(self.table.id)
            columns = choose_columns(self.table, metadata["columns"])
            if held and columns.asked != held["columns"]:
                self.notes.append("columns changed, so that all was fetched anew")
                is_anew = True
            if held and metadata["rowsUpdatedAt"] == held["rowsUpdatedAt"] and not is_anew:
                break
            plan = self.begin(metadata, columns, None if is_anew else held)
            try:
                fetched += self.stage(plan)
                problem = self.land(plan, held)
            except (OSError, KeyboardInterrupt) as error:
                raise self.interrupted(error, plan) from None
            if not problem:
                held, is_anew = self.folder.held(self.table.name), False
                continue
            shutil.rmtree(self.staging)
            if plan.after:
                self.notes.append(
                    "the count differs, as when rows are deleted at the portal, so that all was "
                    "fetched anew"
                )
                is_anew = True
            elif self.portal.metadata(self.table.id)["rowsUpdatedAt"] == plan.rows_updated_at:
                raise FetchError(f"{problem} Nothing was changed in {self.folder.path}; run again.")
        else:
            raise FetchError("the portal changes faster than it can be read. Try again later.")
        shutil.rmtree(self.staging, ignore_errors=True)
        return self.summary(held, fetched)

    def keep_since(self, held: dict | None) -> None:
        """Stay with the first day that a folder began with; raise ValueError if asked for another.

        Notes, too, if the folder is not as the manifest says, that is if nothing is held.
        """
        entry = self.folder.manifest()["datasets"].get(self.table.name)
        if not entry:
            return
        if self.since and self.since != entry["since"]:
            raise ValueError(
                f"{self.folder.path} already holds rows from {entry['since'] or 'the beginning'} "
                "on; --since is for a new folder."
            )
        self.since = entry["since"]
        if not held:
            self.notes.append("files were missing or altered, so that all was fetched anew")

    def begin(self, metadata: dict, columns: Columns, held: dict | None) -> Plan:
        """Plan a pass: of the changes to what is held, or of all rows; or resume one begun."""
        after = held["newest_update"] if held else None
        newest_update = self.portal.newest_update(self.table.id)
        plan = Plan(
            columns.asked,
            columns.new,
            columns.withheld,
            self.since,
            after,
            first_file=max(map(file_number, held["files"]), default=0) + 1 if after else 1,
            page_rows=self.page_rows,
            file_rows=self.file_rows,
            rows_updated_at=metadata["rowsUpdatedAt"],
            newest_update=newest_update,
            rows_expected=self.portal.count(self.table.id, changed_since(after, self.since)),
        )
        try:
            begun = Plan(**json.loads((self.staging / PLAN).read_text(encoding="utf-8")))
            if begun.is_same_question(plan):
                return begun
        except (FileNotFoundError, TypeError):  # none, or one of another version
            pass
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(parents=True)
        write_json(self.staging / PLAN, asdict(plan))
        return plan

    def stage(self, plan: Plan) -> int:
        """Read the pages of a pass into files, after those that are complete; return their rows."""
        files = self.staged(plan)
        rows = sum(map(row_count, files))
        last_id = ids(files[-1])[-1].as_py() if files else None
        with tqdm(
            total=plan.rows_expected,
            initial=rows,
            desc=self.table.name,
            unit=" rows",
            unit_scale=True,
            disable=None,
        ) as bar:
            # the last file is short, unless the rows fill it
            while not files or row_count(files[-1]) == plan.file_rows:
                path = self.staging / self.file_name(plan.first_file + len(files))
                last_id = self.stage_file(plan, path, last_id, bar.update)
                if not path.exists():
                    break
                files.append(path)
        return sum(map(row_count, files))

    def interrupted(self, error: BaseException, plan: Plan) -> BaseException:
        """The same error, with what was kept."""
        planned = -(-plan.rows_expected // plan.file_rows)
        kept = f"{len(self.staged(plan))} of {planned} files are kept; run again to go on."
        if isinstance(error, PortalError):
            return type(error)(f"{error} {kept}")
        if isinstance(error, OSError):
            where = f" ({error.filename})" if error.filename else ""
            return OSError(f"{self.table.name}: {error.strerror or error}{where}. {kept}")
        tqdm.write(f"{self.table.name}: {kept}", file=sys.stderr)
        return error

    def stage_file(
        self, plan: Plan, path: Path, last_id: str | None, progress: Callable[[int], object]
    ) -> str | None:
        """Read pages until a file is full or there are no more; no file if there are none at all.

        Only an empty page is taken for the end, so that a page cut short costs no row.
        """
        first = self.page(plan, last_id, plan.page_rows)
        if not len(first):
            return last_id
        with durable(path) as file, parquet_writer(file, first.schema) as writer:
            page, rows = first, 0
            while len(page):
                writer.write_table(page)
                rows += len(page)
                progress(len(page))
                last_id = page[ID][-1].as_py()
                if rows == plan.file_rows:
                    break
                page = self.page(plan, last_id, min(plan.page_rows, plan.file_rows - rows))
        return last_id

    def page(self, plan: Plan, last_id: str | None, limit: int) -> pa.Table:
        """Read the rows after one; raise PortalError if that one is among them."""
        where = changed_since(plan.after, plan.since)
        if last_id is not None:
            where = " AND ".join(filter(None, (where, f":id > {quoted(last_id)}")))
        columns = Columns(plan.columns, plan.new_columns, plan.withheld_columns)
        page = self.portal.page(self.table.id, columns, where, limit)
        if len(page) > limit or (last_id and pc.any(pc.equal(page[ID], last_id)).as_py()):
            raise PortalError(f"{self.portal.host} gives other rows than the page asked for.")
        return page

    def land(self, plan: Plan, held: dict | None) -> str | None:
        """Move in what was staged if the rows add up; else return what does not."""
        staged = self.staged(plan)
        kept, removed = {}, []
        if plan.after:
            kept, removed = self.drop_replaced(staged, held["files"])
        else:
            ours = (self.folder.path / self.table.folder).glob(f"{self.table.name}-*.parquet")
            removed = [f"{self.table.folder}/{p.name}" for p in sorted(ours)]
        arriving = {
            f"{self.table.folder}/{p.name}": {"rows": row_count(p), "sha256": sha256(p)}
            for p in sorted(self.staging.glob("*.parquet"))
        }
        files = dict(sorted((kept | arriving).items()))
        rows = sum(file["rows"] for file in files.values())
        count = self.portal.count(self.table.id, changed_since(None, plan.since))
        if rows != count:
            return f"{rows:,} rows were had, but the portal says that it has {count:,}."
        self.check_ids(staged)
        entry = {
            "id": self.table.id,
            "url": f"{self.portal.base_url}/resource/{self.table.id}.csv",
            "rows": rows,
            "columns": plan.columns,
            "new_columns": plan.new_columns,
            "withheld_columns": plan.withheld_columns,
            "since": plan.since,
            "files": files,
            "rowsUpdatedAt": plan.rows_updated_at,
            "newest_update": plan.newest_update,
            "fetched_at": now(),
            "tool_version": __version__,
        }
        swap = {"remove": sorted(set(removed) - set(files)), "entry": entry}
        write_json(self.staging / SWAP, swap)
        self.finish_swap()
        return None

    def drop_replaced(self, staged: list[Path], held: dict) -> tuple[dict, list[str]]:
        """Stage anew the held files that have rows which were staged again, without those rows.

        Returns the files that stay as they are, and the paths of those that are left without rows.
        """
        changed = pa.chunked_array([ids(path) for path in staged] or [pa.array([], pa.string())])
        kept, removed = {}, []
        for path, file in held.items():
            source = self.folder.path / path
            stays = pc.invert(pc.is_in(ids(source), changed.combine_chunks()))
            rows = pc.sum(stays).as_py()
            if rows == file["rows"]:
                kept[path] = file
            elif rows:
                table = pq.read_table(source).filter(stays)
                with (
                    durable(self.staging / source.name) as target,
                    parquet_writer(target, table.schema) as writer,
                ):
                    writer.write_table(table.combine_chunks(), row_group_size=self.page_rows)
            else:
                removed.append(path)
        return kept, removed

    def check_ids(self, staged: list[Path]) -> None:
        """Raise PortalError if the pages of a pass have a row twice."""
        every = pa.chunked_array([ids(path) for path in staged] or [pa.array([], pa.string())])
        if pc.count_distinct(every).as_py() != len(every):
            shutil.rmtree(self.staging)
            raise PortalError(f"{self.portal.host} gave the same row on two pages. Run again.")

    def finish_swap(self) -> None:
        """Move in what a complete pass has staged; again, if the last time was interrupted."""
        try:
            swap = json.loads((self.staging / SWAP).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        target = self.folder.path / self.table.folder
        target.mkdir(exist_ok=True)
        for path in sorted(self.staging.glob("*.parquet")):
            path.replace(target / path.name)
        for path in swap["remove"]:
            (self.folder.path / path).unlink(missing_ok=True)
        sync(target)
        self.folder.record(self.table.name, swap["entry"])
        (self.staging / PLAN).unlink(missing_ok=True)
        shutil.rmtree(self.staging)

    def staged(self, plan: Plan) -> list[Path]:
        """The complete files of a pass, in order."""
        paths = sorted(self.staging.glob("*.parquet"))
        return [path for path in paths if file_number(path.name) >= plan.first_file]

    def file_name(self, number: int) -> str:
        """Name of the dataset's file of a number."""
        return f"{self.table.name}-{number:05d}.parquet"

    def summary(self, held: dict, fetched: int) -> str:
        """One line on what was done."""
        done = f"{fetched:,} rows fetched" if fetched else "up to date"
        number = len(held["files"])
        files = f"{number} file" if number == 1 else f"{number} files"
        said = [f"{done}; {held['rows']:,} rows in {files}", *self.notes]
        if held["since"]:
            said.append(f"partial: only rows changed since {held['since']}")
        if held["new_columns"]:
            said.append(f"new columns, landed: {', '.join(held['new_columns'])}")
        if held["withheld_columns"]:
            said.append(f"{len(held['withheld_columns'])} columns never asked for")
        return "; ".join(said)


def fetch_layer(folder: DataFolder, boundaries: Boundaries, layer: Layer) -> str:
    """Fetch a layer of boundaries whole, for it is small; return what was done, in a line."""
    content, rows = read_layer(boundaries, layer)
    held = folder.held(layer.name)
    digest = hashlib.sha256(content).hexdigest()
    if held and held["files"][layer.path]["sha256"] == digest:
        return f"up to date; {rows:,} shapes"
    path = folder.path / layer.path
    path.parent.mkdir(exist_ok=True)
    with durable(path, folder.incoming) as file:
        file.write(content)
    folder.record(
        layer.name,
        {
            "url": f"{boundaries.base_url}{layer.service}",
            "rows": rows,
            "columns": list(layer.properties),
            "files": {layer.path: {"rows": rows, "sha256": digest}},
            "fetched_at": now(),
            "tool_version": __version__,
        },
    )
    return f"{rows:,} shapes fetched"


def read_layer(boundaries: Boundaries, layer: Layer) -> tuple[bytes, int]:
    """Read every shape of a layer; return a GeoJSON file, a shape a line, and their number."""
    count = boundaries.count(layer.service)
    shapes = []
    while len(shapes) < count and (page := boundaries.page(layer.service, len(shapes))):
        shapes += page
    lines = {}
    for shape in shapes:
        known = {name.lower(): value for name, value in (shape.get("properties") or {}).items()}
        missing = [name for name in layer.properties if name.lower() not in known]
        if missing:
            raise FetchError(f"a shape has no property {', '.join(sorted(missing))} any more.")
        properties = {name: known[name.lower()] for name in layer.properties}
        feature = {"type": "Feature", "properties": properties, "geometry": shape["geometry"]}
        lines[json.dumps(feature)] = str(properties[layer.properties[0]]).zfill(9)
    if len(lines) != count or not count:
        raise FetchError(f"{len(lines)} shapes were had, but the server says it has {count}.")
    ordered = sorted(lines, key=lambda line: (lines[line], line))
    head = f'{{"type": "FeatureCollection", "name": "{layer.name}", "features": [\n'
    return (head + ",\n".join(ordered) + "\n]}\n").encode(), count


def parquet_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Write Parquet so that the same rows give the same bytes."""
    return pq.ParquetWriter(file, schema, compression="zstd")


def ids(path: Path) -> pa.Array:
    """The row ids of a landed file."""
    return pq.read_table(path, columns=[ID])[ID].combine_chunks()


def row_count(path: Path) -> int:
    """Rows of a Parquet file."""
    return pq.read_metadata(path).num_rows


def file_number(name: str) -> int:
    """The number in the name of a landed file."""
    return int(re.search(r"-(\d+)\.parquet$", name)[1])


def now() -> str:
    """This moment, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def durable(path: Path, hidden_in: Path | None = None) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when it is whole and on the disk."""
    partial = (hidden_in or path.parent) / f".{path.name}.partial"
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync(path.parent)


def write_json(path: Path, content: dict) -> None:
    """Write JSON durably."""
    with durable(path) as file:
        file.write(json.dumps(content, indent=2).encode() + b"\n")
