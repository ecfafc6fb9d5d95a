"""A pass over a dataset: its pages are read into files, complete file by complete file.

A pass that was interrupted is resumed from the files that it left, if the question is the same.
"""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm import tqdm

from la_crime.files import quoted
from la_crime.portal.client import ID, Portal, PortalError
from la_crime.portal.datasets import Columns, Table
from la_crime.portal.folder import (
    durable,
    file_number,
    ids,
    parquet_writer,
    row_count,
    write_json,
)

PLAN = "plan.json"


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


class Staging:
    """Where the rows of one dataset are read to, before they are moved in."""

    def __init__(self, path: Path, portal: Portal, table: Table) -> None:
        self.path = path
        self.portal = portal
        self.table = table

    def begin(self, plan: Plan) -> Plan:
        """Start a pass; or resume the one begun, if it asks the same: its plan then."""
        try:
            begun = Plan(**json.loads((self.path / PLAN).read_text(encoding="utf-8")))
            if begun.is_same_question(plan):
                return begun
        except (FileNotFoundError, TypeError):  # none, or one of another version
            pass
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        write_json(self.path / PLAN, asdict(plan))
        return plan

    def read(self, plan: Plan) -> int:
        """Read the pages of a pass into files, after those that are complete; return their rows."""
        files = self.files(plan)
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
                path = self.path / self.table.file_name(plan.first_file + len(files))
                last_id = self.read_file(plan, path, last_id, bar.update)
                if not path.exists():
                    break
                files.append(path)
        return sum(map(row_count, files))

    def read_file(
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

    def files(self, plan: Plan) -> list[Path]:
        """The complete files of a pass, in order."""
        paths = sorted(self.path.glob("*.parquet"))
        return [path for path in paths if file_number(path.name) >= plan.first_file]

    def drop_replaced(self, plan: Plan, folder: Path, held: dict) -> tuple[dict, list[str]]:
        """Stage anew the held files that have rows which were staged again, without those rows.

        Returns the files that stay as they are, and the paths of those that are left without rows.
        """
        changed = self.ids(plan).combine_chunks()
        kept, removed = {}, []
        for path, file in held.items():
            source = folder / path
            stays = pc.invert(pc.is_in(ids(source), changed))
            rows = pc.sum(stays).as_py()
            if rows == file["rows"]:
                kept[path] = file
            elif rows:
                table = pq.read_table(source).filter(stays)
                with (
                    durable(self.path / source.name) as target,
                    parquet_writer(target, table.schema) as writer,
                ):
                    writer.write_table(table.combine_chunks(), row_group_size=plan.page_rows)
            else:
                removed.append(path)
        return kept, removed

    def check_ids(self, plan: Plan) -> None:
        """Raise PortalError if the pages of a pass have a row twice."""
        every = self.ids(plan)
        if pc.count_distinct(every).as_py() != len(every):
            shutil.rmtree(self.path)
            raise PortalError(f"{self.portal.host} gave the same row on two pages. Run again.")

    def ids(self, plan: Plan) -> pa.ChunkedArray:
        """The ids of the rows that a pass has read."""
        return pa.chunked_array([ids(path) for path in self.files(plan)], pa.string())

    def interrupted(self, error: BaseException, plan: Plan) -> BaseException:
        """The same error, with what was kept."""
        planned = -(-plan.rows_expected // plan.file_rows)
        kept = f"{len(self.files(plan))} of {planned} files are kept; run again to go on."
        if isinstance(error, PortalError):
            return type(error)(f"{error} {kept}")
        if isinstance(error, OSError):
            where = f" ({error.filename})" if error.filename else ""
            return OSError(f"{self.table.name}: {error.strerror or error}{where}. {kept}")
        tqdm.write(f"{self.table.name}: {kept}", file=sys.stderr)
        return error


def changed_since(after: str | None, since: str | None) -> str:
    """The condition for rows changed after a moment, or else from a day on."""
    if after:
        return f":updated_at > '{after}'"
    return f":updated_at >= '{since}T00:00:00.000Z'" if since else ""
