"""Opens a warehouse, or what is published of one, for reading; says in a sentence why it cannot."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from la_crime.files import quoted

# the project's schemas, and names that DuckDB keeps for itself: as a database's they are ambiguous
RESERVED = {"clustering", "evidence", "features", "intermediate", "marts", "measures", "quality"}
RESERVED |= {"seeds", "semantics", "staging", "main", "system", "temp", "information_schema"}
RESERVED |= {"pg_catalog"}


@contextlib.contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to a database in memory that uses `database`, attached as `warehouse`, read-only.

    No build can start meanwhile. Raises FileNotFoundError without the file, ValueError if it cannot
    be read or has not the marts that are asked for.
    """
    if not database.exists():
        raise FileNotFoundError(
            f"{database} is not there yet: run `make build` first, or set LA_CRIME_DB to another."
        )
    with duckdb.connect() as con:
        try:
            con.execute(f"attach {quoted(database)} as warehouse (read_only)")
            con.execute("use warehouse")
        except duckdb.Error as error:
            holder = "for writing in another program, probably a build"
            raise ValueError(_fault(database, first_line(error), holder)) from error
        if not con.sql("from duckdb_tables() where schema_name = 'marts'"):
            raise ValueError(
                f"{database} has no schema marts: it is another program's, or no build of it has "
                "come that far. Run `make build`, or name another with LA_CRIME_DB."
            )
        try:
            yield con
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise ValueError(
                f"{database} lacks what is read from it ({first_line(error)}): its build was not "
                "a whole one, or by another version. Run `make build`."
            ) from error


def built_from(database: Path) -> Path | None:
    """The data folder that a warehouse was last built from; None where that is not known."""
    try:
        with opened(database) as con:
            rows = con.sql("select data_folder from quality.build_outcome").fetchall()
    except (ValueError, OSError):
        return None
    return Path(rows[0][0]) if rows else None


def require_buildable(database: Path) -> None:
    """Raise ValueError unless a warehouse can be built at a path, OSError without its folder."""
    name = database.stem
    if name.lower() in RESERVED or any(sign in name for sign in "'\":"):
        raise ValueError(
            f"{database} cannot be the warehouse's name, for SQL would take {name} for something "
            "else: set LA_CRIME_DB to a file of another name."
        )
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error as error:
        holder = "in another program, which builds or reads it"
        raise ValueError(_fault(database, first_line(error), holder)) from error


def _fault(database: Path, error: str, holder: str) -> str:
    """Say why DuckDB did not open a file."""
    if database.is_dir():
        return f"{database} is a folder; a warehouse is a file, which LA_CRIME_DB names."
    if "lock" in error:
        return f"{database} is open {holder}: try again when that is done."
    if "not a valid DuckDB" in error:
        return f"{database} is not a DuckDB file: name the warehouse with LA_CRIME_DB."
    return f"{database} cannot be opened: {error}"


def first_line(error: Exception) -> str:
    """What an error says before it shows SQL or advice."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def require_crimes(con: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Raise ValueError with the reasons if no crime was kept: there is nothing to show."""
    if con.sql("from marts.fct_crimes_monthly limit 1"):
        return
    read = con.sql(
        "select coalesce(sum(rows_read), 0) from marts.row_reconciliation"
        " where source_name != 'arrests'"
    ).fetchall()[0][0]
    reasons = con.sql(
        "select reason, sum(rows) from marts.reject_reasons"
        " where source_name != 'arrests' group by reason order by 2 desc, 1"
    ).fetchall()
    why = ", ".join(f"{reason}: {int(rows):,}" for reason, rows in reasons)
    raise ValueError(
        f"{database} has no crime that counts: {int(read):,} rows of crimes were read and none kept"
        f"{f' ({why})' if why else ''}. Mend the files and run `make build`."
    )
