"""Narrows what the unknown counts can be, by their equations."""

import time

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from la_crime.stats.arrays import Floats, Ints
from la_crime.warehouse.attack.equations import Equations
from la_crime.warehouse.attack.reading import COLUMNS, FEW

# A cell is worked out when no possible count is further than this from the middle of its bounds.
WITHIN = 3
# Larger systems of equations are left to the bounds.
LARGEST_SYSTEM = 2500


class System:
    """The unknown counts as bounded whole numbers, and their equations as a sparse matrix."""

    def __init__(self, equations: Equations) -> None:
        self.cells, self.base = equations.cells, equations.base
        self.left_out = equations.left_out
        self.lo = self.cells["lo"].to_numpy(float, copy=True)
        self.hi = self.cells["hi"].to_numpy(float, copy=True)
        self.how = np.full(len(self.cells), "bounds", dtype=object)
        entries = pd.concat(equations.rows, ignore_index=True)
        self.row, self.col = entries["row"].to_numpy(), entries["col"].to_numpy()
        self.coef = entries["coef"].to_numpy()
        self.n_rows = equations.n_rows
        self.row_low, self.row_high = equations.row_low, equations.row_high

    def solve(self, deadline: float, programs: int | None) -> None:
        """Narrow the bounds, solve what has one solution, and bound what is left narrow."""
        self.narrow(deadline)
        while time.monotonic() < deadline and self.solve_blocks(deadline):
            self.narrow(deadline)
        self.bound_by_programming(deadline, programs)

    def narrow(self, deadline: float) -> None:
        """Interval propagation: each equation bounds each of its counts by all the others."""
        row, col, coef = self.row, self.col, self.coef
        while time.monotonic() < deadline:
            one, other = coef * self.lo[col], coef * self.hi[col]
            least, most = np.minimum(one, other), np.maximum(one, other)
            row_least = np.bincount(row, least, self.n_rows)
            row_most = np.bincount(row, most, self.n_rows)
            up = self.row_high[row] - (row_least[row] - least)
            down = self.row_low[row] - (row_most[row] - most)
            lo, hi = self.lo.copy(), self.hi.copy()
            np.maximum.at(lo, col, np.ceil(np.where(coef > 0, down, -up) - 1e-6))
            np.minimum.at(hi, col, np.floor(np.where(coef > 0, up, -down) + 1e-6))
            if (lo > hi).any():
                self.left_out.append("equations that contradict each other: bounds stop there")
                return
            if (lo == self.lo).all() and (hi == self.hi).all():
                return
            self.lo, self.hi = lo, hi

    def blocks(self) -> list[Ints]:
        """Sets of unknown counts that are solved together: of areas, and of districts near by."""
        cells = self.cells.assign(open=self.hi > self.lo)
        cells = cells[cells["open"]]
        areas = cells[cells["scope"] == "area"]
        districts = cells[cells["scope"] == "district"]
        others = cells[~cells["scope"].isin(["area", "district"])]
        district_area = np.asarray(districts["place_id"].astype(int) // 100)
        return [
            part.index.to_numpy()
            for frame, keys in (
                (areas, ["source", "characteristic"]),
                (areas, ["source", "characteristic", "category"]),
                (areas, ["source", "characteristic", "atom"]),
                (districts, ["source", "characteristic", "category", "atom"]),
                (others, ["scope", "source", "characteristic", "place_id"]),
                (districts.assign(near=district_area), ["source", "characteristic", "near"]),
            )
            for _, part in frame.groupby(keys)
        ]

    def solve_blocks(self, deadline: float) -> int:
        """Solve the equations of each block; return how many counts that gave."""
        is_exact = self.row_low == self.row_high
        is_open = self.hi > self.lo
        found, too_large = 0, 0
        shape = (self.n_rows, len(self.lo))
        matrix = sparse.csr_matrix((self.coef, (self.row, self.col)), shape)
        by_column = matrix.tocsc()
        n_open = np.bincount(self.row, is_open[self.col], self.n_rows)
        rest = self.row_low - matrix @ np.where(is_open, 0.0, self.lo)
        for unknown in self.blocks():
            if time.monotonic() > deadline:
                self.left_out.append("some systems of equations, no time left")
                break
            touching, times = np.unique(by_column[:, unknown].indices, return_counts=True)
            rows = touching[is_exact[touching] & (times == n_open[touching])]
            if not len(rows):
                continue
            a, b = by_column[:, unknown][rows].toarray(), rest[rows]
            a, first = np.unique(a, axis=0, return_index=True)
            if min(a.shape) > LARGEST_SYSTEM:
                too_large += 1
                continue
            at, values = determined(a, b[first])
            self.lo[unknown[at]] = self.hi[unknown[at]] = values
            self.how[unknown[at]] = "linear algebra"
            found += len(at)
        if too_large:
            self.left_out.append(f"{too_large} systems of over {LARGEST_SYSTEM} equations")
        return found

    def bound_by_programming(self, deadline: float, programs: int | None) -> None:
        """The least and greatest value of the narrowest secret cells, by linear programming."""
        width = self.hi - self.lo
        open_secret = (width > 0) & self.cells["is_secret"].to_numpy()
        asked = np.flatnonzero(open_secret & (width > 2 * WITHIN) & (width < 2 * FEW))
        # the narrowest first, and among equals some of everything
        asked = asked[np.lexsort((asked * 7919 % 104729, width[asked]))]
        matrix = sparse.csr_matrix((self.coef, (self.row, self.col)), (self.n_rows, len(self.lo)))
        by_column = matrix.tocsc()
        for i, cell in enumerate(asked):
            is_late = time.monotonic() > deadline
            if is_late or i == programs:
                self.left_out.append(
                    f"linear programs of {len(asked) - i:,} of {len(asked):,} cells, "
                    + ("no time left" if is_late else "not asked for")
                )
                return
            near = neighbourhood(matrix, by_column, cell)
            self.lo[cell], self.hi[cell], moved = self.program(matrix, near, cell)
            if moved:
                self.how[cell] = "linear programming"

    def program(
        self, matrix: sparse.csr_matrix, rows: Ints, cell: int
    ) -> tuple[float, float, bool]:
        """The bounds of one cell by the equations `rows`, and whether they got narrower."""
        cols = np.unique(matrix[rows].nonzero()[1])
        a = matrix[rows][:, cols]
        stacked = sparse.vstack([a, -a])
        limits = np.concatenate([self.row_high[rows], -self.row_low[rows]])
        goal = (cols == cell).astype(float)
        box = np.column_stack([self.lo[cols], self.hi[cols]])
        ends = []
        for sign in (1, -1):
            solved = linprog(sign * goal, A_ub=stacked, b_ub=limits, bounds=box, method="highs")
            if solved.status != 0:
                return self.lo[cell], self.hi[cell], False
            ends.append(sign * solved.fun)
        low, high = np.ceil(ends[0] - 1e-6), np.floor(ends[1] + 1e-6)
        return low, high, bool(low > self.lo[cell] or high < self.hi[cell])

    def recovered(self) -> pd.DataFrame:
        """The secret cells known exactly or within `WITHIN`, unless the facts alone say it."""
        width = self.hi - self.lo
        facts = self.cells["facts"].to_numpy(float)
        known = np.where(width == 0, facts > 0, (width <= 2 * WITHIN) & (facts > 2 * WITHIN))
        cells = self.cells[known & self.cells["is_secret"].to_numpy()]
        at = cells.index.to_numpy()
        shown = cells["n"].notna().to_numpy() & (self.base == 1)
        return cells.assign(
            years=[
                f"{first}" if first == last else f"{first}-{last}"
                for first, last in zip(cells["first_year"], cells["last_year"], strict=True)
            ],
            how=np.where(width[at] == 0, "exactly", f"within {WITHIN}"),
            by=np.where(shown, "shown", self.how[at]),
            value=(self.lo[at] + self.hi[at]) / 2,
        )[COLUMNS]


def neighbourhood(matrix: sparse.csr_matrix, by_column: sparse.csc_matrix, cell: int) -> Ints:
    """The equations of a cell, and the smaller ones of the cells in these."""
    own = by_column[:, [cell]].nonzero()[0]
    small = own[np.diff(matrix.indptr)[own] <= 100]
    others = np.unique(matrix[small].nonzero()[1])
    near = np.unique(by_column[:, others].nonzero()[0])
    near = near[np.diff(matrix.indptr)[near] <= 100]
    return np.union1d(small, near[:2000])


def determined(a: Floats, b: Floats) -> tuple[Ints, Floats]:
    """Which unknowns of a x = b, a (m, n), have one value whatever the others are, and those.

    x_j is determined where the unit vector j lies in the row space of a.
    """
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    rank = int((s > 1e-8 * max(s.max(initial=0), 1)).sum())
    u, s, vt = u[:, :rank], s[:rank], vt[:rank]
    at = np.flatnonzero((vt**2).sum(axis=0) > 1 - 1e-7)
    values = (vt.T @ ((u.T @ b) / s))[at]
    is_whole = np.abs(values - np.rint(values)) < 1e-3
    return at[is_whole], np.rint(values[is_whole])
