"""Keeps what was computed: a Python model computes only what its last build did not.

A measure is a function of frames, with a result for each of its groups (a run, a pair of periods).
Beside every row of the result stands the fingerprint of all that went into its group: the frames'
rows, and this package's code with the libraries under it. The next build takes the groups whose
fingerprint it meets again from the model's own table. What a group's rows are thus depends on
their inputs alone, never on which builds came before; `dbt build --full-refresh` computes all.
"""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from dbt.flags import get_flags

from la_crime.files import sha256_of_all

FINGERPRINT = "inputs_hash"
LIBRARIES = ("kmeans1d", "numpy", "pandas", "scikit-learn", "scipy")

Measure = Callable[..., pd.DataFrame]


def reusing(
    dbt: Any, session: Any, measure: Measure, by: Sequence[str], **frames: pd.DataFrame
) -> pd.DataFrame:
    """`measure(**frames)` for a Python model of dbt, less the work that its last build did.

    See `renewed`, to which it gives the model's own table as `kept`, if it is there.
    """
    kept = pd.DataFrame()
    is_there = session.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
        [dbt.this.schema, dbt.this.identifier],
    ).fetchone()
    if is_there and not get_flags().FULL_REFRESH:
        kept = session.sql(f"from {dbt.this}").df()
    return renewed(kept, measure, by, frames)


def renewed(
    kept: pd.DataFrame, measure: Measure, by: Sequence[str], frames: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """`measure(**frames)` ordered by group, with the group's fingerprint in `inputs_hash`.

    `by` names the columns of text that tell groups apart, in the result and in each frame that is
    taken apart; a frame without them goes to every group whole.
    `measure` must treat each group by itself, whatever the order of a frame's rows, and must take
    frames without rows. `kept` is an earlier result; a frame without `inputs_hash` is of no use.
    Raises ValueError where no frame can be taken apart, or a result's group is not of the frames.
    """
    wanted = fingerprints(measure, by, frames)
    known = kept[kept[FINGERPRINT].isin(wanted)] if FINGERPRINT in kept else kept[:0]
    is_asked = ~wanted.isin(known.get(FINGERPRINT, ()))
    asked = {
        name: frame[_group(frame, by).map(is_asked).astype(bool)]
        if _is_taken_apart(frame, by)
        else frame
        for name, frame in frames.items()
    }
    fresh = measure(**asked)
    group = _group(fresh, by)
    if not group.isin(wanted.index).all():
        stray = group[~group.isin(wanted.index)].iloc[0]
        raise ValueError(
            f"{measure.__qualname__}: group {stray!r} of {list(by)} is not in its frames"
        )
    fresh[FINGERPRINT] = group.map(wanted).astype("str")
    result = pd.concat([fresh, known]).astype(fresh.dtypes)
    return result.sort_values(list(by), kind="stable", ignore_index=True)


def fingerprints(measure: Measure, by: Sequence[str], frames: dict[str, pd.DataFrame]) -> pd.Series:
    """The fingerprint of each group's inputs, by group, whatever the order of a frame's rows."""
    common = sha256(f"{code_fingerprint()} {measure.__module__}.{measure.__qualname__}".encode())
    taken_apart = []
    for name, frame in sorted(frames.items()):
        common.update(f"{name} {list(frame.columns)}".encode())
        rows = pd.util.hash_pandas_object(frame, index=False).sort_values()
        if _is_taken_apart(frame, by):
            taken_apart.append(dict(iter(rows.groupby(_group(frame, by)))))
        else:
            common.update(rows.to_numpy().tobytes())
    if not taken_apart:
        raise ValueError(f"no frame has the columns {list(by)} that tell groups apart")
    found = {}
    for group in sorted(set().union(*taken_apart)):
        digest = common.copy()
        for rows_of in taken_apart:
            rows = rows_of.get(group, pd.Series(dtype="uint64")).to_numpy()
            digest.update(len(rows).to_bytes(8) + rows.tobytes())
        found[group] = digest.hexdigest()[:32]
    return pd.Series(found, dtype="str")


@cache
def code_fingerprint() -> str:
    """The hash of this package's own modules, and the versions of the libraries under them."""
    modules = sha256_of_all(Path(__file__).parent.glob("*.py"))
    return " ".join([modules, *map(version, LIBRARIES)])


def _is_taken_apart(frame: pd.DataFrame, by: Sequence[str]) -> bool:
    return set(by) <= set(frame.columns)


def _group(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """The group of each row, as text: its values of `by`, joined."""
    first, *others = (frame[name] for name in by)
    return first.str.cat(others, sep="|") if others else first
