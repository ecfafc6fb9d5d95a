"""What plain arithmetic can work out from published files about a handful of people.

The attacker is a reader who has one published file, or two versions of it, and nothing else. What
is known exactly becomes equations, what is known within bounds becomes inequalities, over the true
counts of every profile cell:

- the cells of `place_profiles` and `crime_group_profiles`: a number, or hidden; a table in which
  every number is a multiple of some base above one is taken as rounded at random to it, so that a
  number n stands for anything less than a base away;
- the categories of a characteristic add up to the incidents of the place, which the monthly facts
  have; so do a sensitive group and the group that it is folded into;
- what is told of each crime group adds up, over the groups, to what is told of all crimes;
- places of two scopes whose monthly facts differ by few reports have counts that differ by no more;
- the districts of an area add up to the area, years to a longer period, places to their tier in
  every run, and all places to the city, whose count follows from a share and its location quotient.

Bounds are narrowed until nothing moves, the equations are solved where they have one solution, and
what is still narrow is bounded by linear programming. Figures that follow from the rounded counts
(tiers, shares, quotients, chi-squares) are recomputed: one that does not come out tells something
more, and is reported itself.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from la_crime.files import quoted
from la_crime.warehouse.attack.equations import Equations
from la_crime.warehouse.attack.figures import unexplained_figures
from la_crime.warehouse.attack.reading import read_profiles
from la_crime.warehouse.attack.solving import System, determined
from la_crime.warehouse.attack.unknowns import Unknowns
from la_crime.warehouse.attack.versions import compare

__all__ = ["Attack", "attack", "compare", "determined", "report", "unexplained"]


class Attack(NamedTuple):
    """What was worked out, a row a cell, and what the attack did not look at."""

    recovered: pd.DataFrame
    n_cells: int
    left_out: list[str]


def attack(
    file: Path,
    seconds: float = 300,
    programs: int | None = None,
    groups_are_public: bool = True,
) -> Attack:
    """Work out what one published file gives away, in about `seconds`.

    programs: the most cells to bound by linear programming, for an answer that does not hang on the
    machine's speed; groups_are_public: counts by group that the monthly facts show are no secret,
    and known.
    """
    deadline = time.monotonic() + seconds
    with published(file) as con:
        equations = Equations(con, Unknowns(con, groups_are_public))
        derived = unexplained_figures(con, equations.profiles)
        system = System(equations)
        system.solve(deadline, programs)
    recovered = pd.concat([system.recovered(), *derived], ignore_index=True)
    return Attack(recovered, int(system.cells["is_secret"].sum()), system.left_out)


def unexplained(file: Path) -> pd.DataFrame:
    """That part of the attack which recomputes figures: those that do not follow from counts."""
    with published(file) as con:
        return pd.concat(unexplained_figures(con, read_profiles(con)), ignore_index=True)


@contextmanager
def published(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the marts of one file, and nothing else."""
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(file)} as published (read_only)")
        con.execute("use published.marts")
        yield con


def report(file: Path, older: Path | None, seconds: float, programs: int | None) -> int:
    """Attack a published file, beside an older version if there is one; 1 if anything was found."""
    made = attack(file, seconds, programs)
    found = made.recovered if older is None else pd.concat([made.recovered, compare(file, older)])
    print(f"{file}: {made.n_cells:,} counts that nobody is to know")
    for text in made.left_out:
        print(f"  left out: {text}")
    if found.empty:
        print("Nothing was worked out.")
        return 0
    by = ["scope", "source", "how", "by"]
    print(f"{len(found):,} were worked out:")
    print(
        found.groupby(by, dropna=False).size().rename("cells").reset_index().to_string(index=False)
    )
    print("Among them:")
    print(found.head(10).to_string(index=False))
    return 1
