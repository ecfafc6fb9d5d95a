"""Brings one dataset of the portal into a data folder, and keeps it up to date."""

import json
import shutil
from datetime import date

from la_crime import __version__
from la_crime.files import sha256, sync
from la_crime.portal.client import Portal
from la_crime.portal.datasets import Columns, Table, choose_columns
from la_crime.portal.folder import DataFolder, FetchError, file_number, now, row_count, write_json
from la_crime.portal.staging import PLAN, Plan, Staging, changed_since

SWAP = "swap.json"
PASSES = 4  # over one dataset in one run, should the portal change meanwhile


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
        self.staging = Staging(folder.incoming / table.name, portal, table)
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
                fetched += self.staging.read(plan)
                problem = self.land(plan, held)
            except (OSError, KeyboardInterrupt) as error:
                raise self.staging.interrupted(error, plan) from None
            if not problem:
                held, is_anew = self.folder.held(self.table.name), False
                continue
            shutil.rmtree(self.staging.path)
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
        shutil.rmtree(self.staging.path, ignore_errors=True)
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
        return self.staging.begin(plan)

    def land(self, plan: Plan, held: dict | None) -> str | None:
        """Move in what was staged if the rows add up; else return what does not."""
        kept, removed = {}, []
        if plan.after:
            kept, removed = self.staging.drop_replaced(plan, self.folder.path, held["files"])
        else:
            ours = (self.folder.path / self.table.folder).glob(f"{self.table.name}-*.parquet")
            removed = [f"{self.table.folder}/{p.name}" for p in sorted(ours)]
        arriving = {
            f"{self.table.folder}/{p.name}": {"rows": row_count(p), "sha256": sha256(p)}
            for p in sorted(self.staging.path.glob("*.parquet"))
        }
        files = dict(sorted((kept | arriving).items()))
        rows = sum(file["rows"] for file in files.values())
        count = self.portal.count(self.table.id, changed_since(None, plan.since))
        if rows != count:
            return f"{rows:,} rows were had, but the portal says that it has {count:,}."
        self.staging.check_ids(plan)
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
        write_json(self.staging.path / SWAP, swap)
        self.finish_swap()
        return None

    def finish_swap(self) -> None:
        """Move in what a complete pass has staged; again, if the last time was interrupted."""
        try:
            swap = json.loads((self.staging.path / SWAP).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        target = self.folder.path / self.table.folder
        target.mkdir(exist_ok=True)
        for path in sorted(self.staging.path.glob("*.parquet")):
            path.replace(target / path.name)
        for path in swap["remove"]:
            (self.folder.path / path).unlink(missing_ok=True)
        sync(target)
        self.folder.record(self.table.name, swap["entry"])
        (self.staging.path / PLAN).unlink(missing_ok=True)
        shutil.rmtree(self.staging.path)

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
