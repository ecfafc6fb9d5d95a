"""Keeps what was computed: a Python model computes only what its last build did not.

A measure is a function of frames, with a result for each of its groups (a run, a pair of periods).
Beside every row of the result stands the fingerprint of all that went into its group: the frames'
rows, and the code of the measure's module and all that it imports. The next build takes the groups
whose fingerprint it meets again from the model's own table. What a group's rows are thus depends
on their inputs alone, never on which builds came before; `dbt build --full-refresh` computes all.

Fingerprints, and rows that are kept, stay in DuckDB; only what a measure is asked for leaves it.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import pandas as pd
from dbt.flags import get_flags
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from la_crime.files import quoted
from la_crime.fingerprint import code_fingerprint

FINGERPRINT = "inputs_hash"
# where a row stands in its table, for as long as rows of two tables are put together
POSITION = "position_in_table"

Measure = Callable[..., pd.DataFrame]


def reusing(
    dbt: Any,
    session: DuckDBPyConnection,
    measure: Measure,
    by: Sequence[str],
    **inputs: DuckDBPyRelation,
) -> DuckDBPyRelation:
    """`measure(**inputs)` for a Python model of dbt, less the work that its last build did.

    See `renewed`, to which it gives the model's own table as `kept`, if it is there.
    """
    kept = None
    is_there = session.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
        [dbt.this.schema, dbt.this.identifier],
    ).fetchone()
    if is_there and not get_flags().FULL_REFRESH:
        kept = session.table(str(dbt.this))
    return renewed(session, kept, measure, by, inputs)


def renewed(
    session: DuckDBPyConnection,
    kept: DuckDBPyRelation | None,
    measure: Measure,
    by: Sequence[str],
    inputs: dict[str, DuckDBPyRelation],
) -> DuckDBPyRelation:
    """`measure` of the inputs as frames, ordered by group, with the fingerprint in `inputs_hash`.

    `by` names the columns of text that tell groups apart, in the result and in each input that is
    taken apart; an input without them goes to every group whole.
    `measure` must treat each group by itself, whatever the order of a frame's rows, and must take
    frames without rows. `kept` is the table of an earlier result; one without `inputs_hash` is of
    no use. Raises ValueError where no input can be taken apart, or a result's group is not of them.
    """
    wanted = fingerprints(measure, by, inputs)
    known: set[str] = set()
    if kept is not None and FINGERPRINT in kept.columns:
        known = {row[0] for row in kept.project(FINGERPRINT).distinct().fetchall()} & {*wanted}
    asked = wanted.index[~wanted.isin(known)]
    fresh = measure(
        **{
            name: _rows_of(relation, _group_sql(by), asked).df()
            if _is_taken_apart(relation, by)
            else relation.df()
            for name, relation in inputs.items()
        }
    )
    first, *others = (fresh[name] for name in by)
    group = first.str.cat(others, sep="|") if others else first
    if not group.isin(wanted.index).all():
        stray = group[~group.isin(wanted.index)].iloc[0]
        raise ValueError(
            f"{measure.__qualname__}: group {stray!r} of {list(by)} is not in its inputs"
        )
    fresh[FINGERPRINT] = group.map(wanted).astype("str")
    rows = session.from_df(fresh.assign(**{POSITION: range(len(fresh))}))
    if known:
        placed = kept.project(f"*, rowid as {POSITION}")
        rows = rows.union(_rows_of(placed, FINGERPRINT, known))
    return rows.order(_names([*by, POSITION])).project(f"* exclude ({POSITION})")


def fingerprints(
    measure: Measure, by: Sequence[str], inputs: dict[str, DuckDBPyRelation]
) -> pd.Series:
    """The fingerprint of each group's inputs, by group, whatever the order of an input's rows."""
    code = f"{code_fingerprint(measure.__module__)} {measure.__module__}.{measure.__qualname__}"
    # DuckDB's own hash of rows may change with its version
    common = sha256(f"{code} duckdb {version('duckdb')}".encode())
    taken_apart = []
    for name, relation in sorted(inputs.items()):
        common.update(f"{name} {relation.columns}".encode())
        rows_hash = f"count(*) || ' ' || coalesce(sum(hash({_names(relation.columns)})), 0)"
        if _is_taken_apart(relation, by):
            group = _group_sql(by)
            taken_apart.append(dict(relation.aggregate(f"{group}, {rows_hash}", group).fetchall()))
        else:
            common.update(relation.aggregate(rows_hash).fetchone()[0].encode())
    if not taken_apart:
        raise ValueError(f"no input has the columns {list(by)} that tell groups apart")
    found = {}
    for group in sorted(set().union(*taken_apart)):
        digest = common.copy()
        digest.update(" ".join(hash_of.get(group, "none") for hash_of in taken_apart).encode())
        found[group] = digest.hexdigest()[:32]
    return pd.Series(found, dtype="str")


def _is_taken_apart(relation: DuckDBPyRelation, by: Sequence[str]) -> bool:
    return set(by) <= set(relation.columns)


def _group_sql(by: Sequence[str]) -> str:
    """The group of a row, as text: its values of `by`, joined."""
    return f"concat_ws('|', {_names(by)})"


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _rows_of(relation: DuckDBPyRelation, column: str, values: Any) -> DuckDBPyRelation:
    """The rows whose column has one of the values."""
    listed = ", ".join(quoted(value) for value in values)
    return relation.filter(f"list_contains([{listed}]::varchar[], {column})")
