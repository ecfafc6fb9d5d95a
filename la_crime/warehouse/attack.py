"""What plain arithmetic can work out from published files about a handful of people.

The attacker is a reader who has one published file, or two versions of it, and nothing else. What
is known exactly becomes equations, what is known within bounds becomes inequalities, over the true
counts of every profile cell:

- the cells of `place_profiles`: a number, or hidden; a table in which every number is a multiple of
  some base above one is taken as rounded at random to it, so that a number n stands for anything
  less than a base away;
- the categories of a characteristic add up to the incidents of the place, which the monthly facts
  have; so do a sensitive group and the group that it is folded into;
- the districts of an area add up to the area, years to a longer period, places to their tier in
  every run, and all places to the city, whose count follows from a share and its location quotient.

Bounds are narrowed until nothing moves, the equations are solved where they have one solution, and
what is still narrow is bounded by linear programming. Figures that follow from the rounded counts
(tiers, shares, quotients, chi-squares) are recomputed: one that does not come out tells something
more, and is reported itself.
"""

import time
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from la_crime.files import quoted
from la_crime.stats.arrays import Floats, Ints
from la_crime.stats.effects import cramers_v

# A cell is worked out when no possible count is further than this from the middle of its bounds.
WITHIN = 3
# Cells that must not be shown as they are; a change in fewer records than this singles them out.
FEW = 10
# How many years of districts are rounded as one: `district_block_years`.
BLOCK_YEARS = 5
# Larger systems of equations are left to the bounds.
LARGEST_SYSTEM = 2500
GROUPS = ("crime_group", "charge_group")
CELL = ["scope", "place_id", "source", "characteristic", "category"]
TABLE = ["scope", "place_id", "source", "characteristic", "atom"]
INTERVALS = [f"{name}_{end}" for name in ("share", "location_quotient") for end in ("low", "high")]
# Marts that say something of small cells in ways that are not linear, and are not in the system.
NOT_LINEAR = (
    "place_typology.highest_location_quotients (quotients again, with two decimals)",
    "place_profiles: how wide intervals are (a function of the rounded counts and count_noise)",
    "tier_effects: effect_size, low, high and p_value (functions of the tiers' counts)",
    "all that is made of monthly counts alone (clusters, divergence, patterns, concentration, "
    "trajectories, spatial statistics)",
)


class Attack(NamedTuple):
    """What was worked out, a row a cell, and what the attack did not look at."""

    recovered: pd.DataFrame
    n_cells: int
    left_out: list[str]


COLUMNS = [*CELL, "years", "how", "by", "value"]


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
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(file)} as published (read_only)")
        con.execute("use published.marts")
        system = System(con, groups_are_public)
        derived = [*system.unexplained, *unexplained_statistics(con, system.base)]
        system.solve(deadline, programs)
    recovered = pd.concat([system.recovered(), *derived], ignore_index=True)
    return Attack(recovered, int(system.cells["is_secret"].sum()), system.left_out)


def base_of(numbers: pd.Series) -> int:
    """The base that every one of the numbers is a multiple of; 1 if there are none."""
    found = numbers.dropna().astype("int64").to_numpy()
    return int(np.gcd.reduce(found)) if len(found) else 1


class System:
    """The counts behind a published file as bounded whole numbers, and what ties them together."""

    def __init__(self, con: duckdb.DuckDBPyConnection, groups_are_public: bool) -> None:
        self.con = con
        self.groups_are_public = groups_are_public
        self.left_out = list(NOT_LINEAR)
        self.unexplained: list[pd.DataFrame] = []
        self.rows: list[pd.DataFrame] = []
        self.n_rows = 0
        self.profiles = read_profiles(con)
        self.base = base_of(self.profiles["n"])
        self.atoms = atoms(self.profiles)
        self.cells = self.make_cells()
        self.lo = self.cells["lo"].to_numpy(float, copy=True)
        self.hi = self.cells["hi"].to_numpy(float, copy=True)
        self.how = np.full(len(self.cells), "bounds", dtype=object)
        self.add_totals()
        self.add_periods()
        self.add_areas()
        self.add_tiers()
        if self.base == 1:
            self.add_city()
        else:
            self.unexplained.append(unexplained_shares(self.profiles))

    # --- unknowns --------------------------------------------------------------------------------

    def make_cells(self) -> pd.DataFrame:
        """The counts of each place by block of years, with what the profiles say of each alone."""
        names = self.profiles.loc[
            self.profiles["category"] != "(too few incidents)",
            ["scope", "source", "characteristic", "period_id", "category"],
        ].drop_duplicates()
        tables = self.profiles[
            ["scope", "place_id", "source", "characteristic", "period_id"]
        ].drop_duplicates()
        # which categories there are in the city, for every place that has a profile
        grid = tables.merge(names, on=["scope", "source", "characteristic", "period_id"])
        told = grid.merge(
            self.profiles[[*CELL, "period_id", "n", "is_suppressed"]],
            on=[*CELL, "period_id"],
            how="left",
        )
        few = self.profiles.loc[
            self.profiles["category"] == "(too few incidents)",
            ["scope", "place_id", "source", "characteristic", "period_id"],
        ].assign(is_few=True)
        told = told.merge(few, on=few.columns[:-1].tolist(), how="left")
        told["is_few"] = told["is_few"].eq(True)
        told = told.merge(self.atoms, on=["scope", "source", "characteristic", "period_id"])
        self.told = told
        cells = told[[*CELL, "atom", "years_in_atom", "first_year", "last_year"]].drop_duplicates(
            [*CELL, "atom"], ignore_index=True
        )
        alone = told[told["n_atoms"] == 1].drop_duplicates([*CELL, "atom"])
        cells = cells.merge(
            alone[[*CELL, "atom", "n", "is_suppressed", "is_few"]], on=[*CELL, "atom"], how="left"
        )
        cells = cells.merge(self.known_totals(cells), on=TABLE, how="left")
        cells = cells.fillna({"total": 0, "n_blocks": 1})
        cells = self.with_groups(cells)
        cells["facts"] = cells["total"].where(cells["known"].isna(), cells["known"])
        self.rest = self.atom_rest(cells)
        return self.with_bounds(cells)

    def atom_rest(self, cells: pd.DataFrame) -> pd.Series:
        """Which cells no profile shows alone, but only as part of a longer period."""
        shown = self.told.loc[self.told["n_atoms"] == 1, TABLE].drop_duplicates()
        is_shown = cells.merge(shown.assign(is_shown=True), on=TABLE, how="left")["is_shown"]
        return is_shown.isna() & (cells["facts"] > 0).to_numpy()

    def with_bounds(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells with `lo` and `hi`, and whether each is secret."""
        n, facts = cells["n"], cells["facts"]
        rest = self.rest.to_numpy()
        hidden = cells["is_suppressed"].eq(True).to_numpy() | cells["is_few"].eq(True).to_numpy()
        absent = n.isna().to_numpy() & ~hidden & ~rest
        if self.base == 1:
            cells["lo"] = np.where(n.notna(), n, np.where(cells["is_suppressed"].eq(True), 1, 0))
            cells["hi"] = np.where(n.notna(), n, np.where(absent, 0, facts))
            cells["is_secret"] = hidden | (n < FEW).to_numpy()
            cells["shown"], cells["slack"] = 0.0, 0.0
        else:
            shown = self.rounded_parts(cells)
            blocks = np.where(cells["scope"] == "district", cells["n_blocks"], 1)
            slack = (self.base - 1) * blocks
            cells["lo"] = np.maximum(0, shown - slack)
            cells["hi"] = np.minimum(np.maximum(facts, 0), shown + slack)
            cells["is_secret"] = True
            # groups of an area are several tables, each with a total of its own
            is_split = (cells["scope"] == "area") & cells["characteristic"].isin(GROUPS)
            cells["shown"], cells["slack"] = shown, np.where(is_split, np.inf, slack)
        is_public = cells["known"].notna() & (cells["n_family"] == 1)
        if self.groups_are_public:
            cells.loc[is_public, ["lo", "hi"]] = cells.loc[is_public, ["known", "known"]].to_numpy()
            cells["is_secret"] &= ~is_public
        return cells

    def rounded_parts(self, cells: pd.DataFrame) -> Floats:
        """The rounded count of each cell: as shown, or a longer period less its parts."""
        shown = cells["n"].fillna(0).to_numpy(float)
        whole = self.told[self.told["n_atoms"] > 1].drop_duplicates([*CELL, "period_id", "atom"])
        if whole.empty or not self.rest.any():
            return shown
        indexed = cells.assign(shown=np.where(self.rest, 0.0, shown), rest=self.rest)
        joined = whole.drop(columns=["n_atoms"]).merge(
            indexed[[*CELL, "atom", "shown", "rest"]], on=[*CELL, "atom"]
        )
        parts = joined.groupby([*CELL, "period_id"], as_index=False).agg(
            n=("n", "first"), shown=("shown", "sum"), n_rest=("rest", "sum")
        )
        parts["left"] = parts["n"].fillna(0) - parts["shown"]
        of_rest = joined[joined["rest"]].merge(
            parts.loc[parts["n_rest"] == 1, [*CELL, "period_id", "left"]], on=[*CELL, "period_id"]
        )
        left = cells.merge(
            of_rest.drop_duplicates([*CELL, "atom"])[[*CELL, "atom", "left"]],
            on=[*CELL, "atom"],
            how="left",
        )["left"]
        return np.where(self.rest, left.fillna(0), shown)

    def known_totals(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The incidents of each table of cells by the monthly facts."""
        tables = cells[[*TABLE, "years_in_atom"]].drop_duplicates(TABLE)
        years = tables[["atom", "years_in_atom"]].drop_duplicates("atom").explode("years_in_atom")
        facts = read_facts(self.con)
        joined = tables[TABLE].merge(years.rename(columns={"years_in_atom": "year"}), on="atom")
        joined["of_victims"] = joined["characteristic"].str.startswith("victim_")
        summed = joined.merge(
            facts.groupby(["scope", "place_id", "source", "year"], as_index=False)[
                ["n", "n_legacy"]
            ].sum(),
            on=["scope", "place_id", "source", "year"],
        )
        summed["total"] = summed["n_legacy"].where(summed["of_victims"], summed["n"])
        self.facts = facts
        blocks = years.assign(block=years["years_in_atom"] // BLOCK_YEARS)
        n_blocks = blocks.groupby("atom")["block"].nunique().rename("n_blocks").reset_index()
        return summed.groupby(TABLE, as_index=False)["total"].sum().merge(n_blocks, on="atom")

    def with_groups(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells with the group that the monthly facts count each under, and its count there."""
        families = self.con.sql(
            "select 'crime_group' as characteristic, crime_group as category,"
            " district_group as family from dim_crime_groups union all"
            " select 'charge_group', charge_group, district_group from dim_charge_groups"
        ).df()
        cells = cells.merge(families, on=["characteristic", "category"], how="left")
        is_folded = (cells["scope"] == "district") & cells["family"].notna()
        cells["family"] = cells["family"].where(~is_folded, cells["category"])
        sizes = (
            cells.dropna(subset="family")
            .groupby(["scope", "place_id", "source", "atom", "family"], as_index=False)["category"]
            .nunique()
            .rename(columns={"category": "n_family"})
        )
        years = cells[["atom", "years_in_atom"]].drop_duplicates("atom").explode("years_in_atom")
        by_group = (
            self.facts.merge(years.rename(columns={"years_in_atom": "year"}), on="year")
            .groupby(["scope", "place_id", "source", "atom", "family"], as_index=False)["n"]
            .sum()
        )
        known = sizes.merge(
            by_group.rename(columns={"n": "known"}),
            on=["scope", "place_id", "source", "atom", "family"],
            how="left",
        ).fillna({"known": 0})
        cells = cells.merge(known, on=["scope", "place_id", "source", "atom", "family"], how="left")
        if not self.groups_are_public:
            cells["known"] = np.nan
        return cells

    # --- equations -------------------------------------------------------------------------------

    def add(self, entries: pd.DataFrame, bounds: pd.DataFrame) -> None:
        """Add equations: `entries` has row, col, coef; `bounds` has row, low, high; rows from 0."""
        self.rows.append(
            pd.DataFrame(
                {
                    "row": entries["row"].to_numpy() + self.n_rows,
                    "col": entries["col"].to_numpy(),
                    "coef": entries["coef"].to_numpy(float),
                }
            )
        )
        bounds = bounds.sort_values("row")
        self.row_low = np.concatenate([getattr(self, "row_low", np.empty(0)), bounds["low"]])
        self.row_high = np.concatenate([getattr(self, "row_high", np.empty(0)), bounds["high"]])
        self.n_rows += len(bounds)

    def add_sums(self, keys: list[str], cells: pd.DataFrame, total: str) -> None:
        """The cells of each group by `keys` add up to `total`, which all of a group have alike.

        Rounded counts of crimes leave out what was reported late, so that their total is at most
        that of the facts; their own total is no further than they from the true one.
        """
        if cells.empty:
            return
        cells = cells.assign(row=cells.groupby(keys, sort=False).ngroup(), coef=1.0)
        cells["col"] = cells.index
        sums = cells.groupby("row", as_index=False).agg(
            source=("source", "first"),
            total=(total, "first"),
            shown=("shown", "sum"),
            slack=("slack", "max"),
        )
        is_exact = (sums["slack"] == 0) | (sums["source"] == "arrests")
        least = np.maximum(0, sums["shown"] - sums["slack"])
        sums["low"] = sums["total"].where(is_exact, np.minimum(least, sums["total"]))
        sums["high"] = sums["total"]
        self.add(cells, sums)

    def add_totals(self) -> None:
        """Categories add up to the place's incidents; folded groups to what the facts show."""
        self.add_sums(TABLE, self.cells, "total")
        folded = self.cells[self.cells["known"].notna() & (self.cells["n_family"] > 1)]
        if self.base > 1:
            folded = folded.assign(slack=(self.base - 1) * folded["n_blocks"])
        self.add_sums([*TABLE, "family"], folded, "known")

    def in_periods(self) -> pd.DataFrame:
        """Which cells each cell of a published period consists of: CELL, period_id and col."""
        whole = self.told[[*CELL, "period_id", "atom", "n", "n_atoms"]].drop_duplicates()
        cols = self.cells.reset_index(names="col")[[*CELL, "atom", "col"]]
        return whole.merge(cols, on=[*CELL, "atom"])

    def add_periods(self) -> None:
        """Blocks of years add up to a longer period that is shown."""
        parts = self.in_periods()
        self.parts = parts
        if self.base > 1:
            return
        longer = parts[(parts["n_atoms"] > 1) & parts["n"].notna()]
        if len(longer):
            longer = longer.assign(
                row=longer.groupby([*CELL, "period_id"], sort=False).ngroup(), coef=1.0
            )
            sums = longer.groupby("row", as_index=False)["n"].first()
            self.add(longer, sums.assign(low=sums["n"], high=sums["n"]))

    def add_areas(self) -> None:
        """The districts of an area add up to it, where every record of each lies in that area."""
        pairs = read_pairs(self.con)
        in_one = pairs.groupby("place_id")["area_id"].transform("nunique") == 1
        pure = pairs.groupby("area_id")["place_id"].agg(set)[
            pairs.assign(in_one=in_one).groupby("area_id")["in_one"].all()
        ]
        if len(pure) < pairs["area_id"].nunique():
            self.left_out.append(
                f"{pairs['area_id'].nunique() - len(pure)} areas as sums of their districts, which "
                "records of other areas share"
            )
        area_of = {place: area for area, places in pure.items() for place in places}
        parts = self.parts.merge(
            self.cells[["family"]].reset_index(names="col"), on="col", how="left"
        )
        parts = parts.merge(
            self.atoms.groupby(["scope", "source", "characteristic", "period_id"], as_index=False)[
                "period_years"
            ].first(),
            on=["scope", "source", "characteristic", "period_id"],
        )
        parts["area_id"] = np.where(
            parts["scope"] == "area", parts["place_id"], parts["place_id"].map(area_of)
        )
        parts["of"] = parts["family"].fillna(parts["category"])
        keys = ["area_id", "source", "characteristic", "of", "period_id", "period_years"]
        parts = parts[parts["area_id"].isin([str(area) for area in pure.index])]
        both = parts.groupby(keys)["scope"].transform("nunique") == 2
        # what the facts have is known already, late reports and all
        secret = parts.assign(secret=self.cells["is_secret"].to_numpy()[parts["col"]])
        parts = parts[both & secret.groupby(keys)["secret"].transform("any")]
        if parts.empty:
            return
        parts = parts.assign(
            row=parts.groupby(keys, sort=False).ngroup(),
            coef=np.where(parts["scope"] == "area", -1.0, 1.0),
        )
        rows = pd.DataFrame({"row": np.unique(parts["row"])})
        self.add(parts, rows.assign(low=0.0, high=0.0))

    def add_tiers(self) -> None:
        """Places add up to their tier in every run; or the tier is a sum of rounded counts."""
        tiers = self.con.sql(
            "select run_id, scope, period_id, cluster_rank, profiles.source, characteristic,"
            " category, n from cluster_profiles as profiles"
            " inner join (select run_id, scope, period_id from cluster_runs) using (run_id)"
        ).df()
        members = self.con.sql(
            "select run_id, cluster_rank, place_id from cluster_assignments"
        ).df()
        keys = ["run_id", "cluster_rank", "source", "characteristic", "category"]
        self.tier_base = base_of(tiers["n"])
        if self.base > 1 and self.tier_base > 1:
            self.unexplained.append(self.unexplained_tiers(tiers, members, keys))
            return
        tiers = tiers[tiers["n"].notna()]
        asked = tiers["period_id"].isin(self.parts["period_id"].unique())
        if (~asked).any():
            self.left_out.append(
                f"{int((~asked).sum()):,} cells of tiers over periods without profiles of places"
            )
        joined = (
            tiers[asked]
            .merge(members, on=["run_id", "cluster_rank"])
            .merge(
                self.parts.drop(columns="n"),
                on=["scope", "place_id", "period_id", "source", "characteristic", "category"],
            )
        )
        if joined.empty:
            return
        joined = joined.assign(row=joined.groupby(keys, sort=False).ngroup(), coef=1.0)
        sums = joined.groupby("row", as_index=False)["n"].first()
        self.add(joined, sums.assign(low=sums["n"], high=sums["n"]))

    def unexplained_tiers(
        self, tiers: pd.DataFrame, members: pd.DataFrame, keys: list[str]
    ) -> pd.DataFrame:
        """Tier cells that are not the sum of their places' rounded counts."""
        shown = self.shown_by_period().rename(columns={"n": "place_n"})
        of_places = tiers.merge(members, on=["run_id", "cluster_rank"]).merge(
            shown, on=[*CELL, "period_id"], how="left"
        )
        sums = of_places.groupby(keys, as_index=False).agg(
            scope=("scope", "first"), n=("n", "first"), place_n=("place_n", "sum")
        )
        odd = sums[sums["n"].fillna(0) != sums["place_n"]]
        return as_recovered(odd.assign(place_id=odd["run_id"]), "a tier", "tells more than places")

    def shown_by_period(self) -> pd.DataFrame:
        """The counts that are shown, and for the other periods the sums of their years."""
        shown = self.profiles[self.profiles["n"].notna()]
        years = shown[shown["period_id"].str.fullmatch(r"\d{4}")]
        periods = self.con.sql(
            "select period_id, year(start_date) as start, year(end_date) as until from dim_periods"
        ).df()
        known = self.profiles[["scope", "period_id"]].drop_duplicates().assign(is_shown=True)
        sums = [shown[[*CELL, "period_id", "n"]]]
        for scope, of_scope in years.groupby("scope"):
            others = periods[
                ~periods["period_id"].isin(known.loc[known["scope"] == scope, "period_id"])
            ]
            for period in others.itertuples():
                inside = of_scope[of_scope["first_year"].between(period.start, period.until)]
                summed = inside.groupby(CELL, as_index=False)["n"].sum()
                sums.append(summed.assign(period_id=period.period_id))
        return pd.concat(sums, ignore_index=True)

    def add_city(self) -> None:
        """All places add up to the city's count, which shares and location quotients give."""
        shown = self.profiles[self.profiles["n"].notna() & (self.profiles["location_quotient"] > 0)]
        keys = ["scope", "period_id", "source", "characteristic", "category"]
        bounds = shown.assign(
            low=shown["share"] / (shown["location_quotient"] + 5.1e-5),
            high=shown["share"] / np.maximum(shown["location_quotient"] - 5.1e-5, 1e-9),
        )
        bounds = bounds.groupby(keys, as_index=False).agg(low=("low", "max"), high=("high", "min"))
        cells = self.parts[[*keys, "col"]].merge(
            self.cells[["total", "place_id", "atom"]].reset_index(names="col"), on="col"
        )
        tables = cells.drop_duplicates(
            ["scope", "period_id", "source", "characteristic", "place_id", "atom"]
        )
        city = tables.groupby(["scope", "period_id", "source", "characteristic"], as_index=False)[
            "total"
        ].sum()
        bounds = bounds.merge(city, on=["scope", "period_id", "source", "characteristic"])
        bounds["low"] = np.ceil(bounds["low"] * bounds["total"] - 1e-3 * bounds["total"] * 1e-2)
        bounds["high"] = np.floor(bounds["high"] * bounds["total"] + 1e-3 * bounds["total"] * 1e-2)
        bounds = bounds[bounds["low"] <= bounds["high"]].reset_index(drop=True)
        entries = cells.merge(bounds.reset_index(names="row")[[*keys, "row"]], on=keys)
        self.add(entries.assign(coef=1.0), bounds.reset_index(names="row"))

    # --- solving ---------------------------------------------------------------------------------

    def solve(self, deadline: float, programs: int | None) -> None:
        """Narrow the bounds, solve what has one solution, and bound what is left narrow."""
        entries = pd.concat(self.rows, ignore_index=True)
        self.row, self.col = entries["row"].to_numpy(), entries["col"].to_numpy()
        self.coef = entries["coef"].to_numpy()
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
        district_area = np.asarray(districts["place_id"].astype(int) // 100)
        return [
            part.index.to_numpy()
            for frame, keys in (
                (areas, ["source", "characteristic"]),
                (areas, ["source", "characteristic", "category"]),
                (areas, ["source", "characteristic", "atom"]),
                (districts, ["source", "characteristic", "category", "atom"]),
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


# --- Reading a published file --------------------------------------------------------------------


def read_profiles(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The rows of place_profiles with the years that each counts, as a tuple `period_years`."""
    columns = [name for name, *_ in con.sql("describe place_profiles").fetchall()]
    profiles = con.sql("from place_profiles").df()
    spans = con.sql(
        "select period_id, year(start_date) as first_year, year(end_date) as last_year"
        " from dim_periods"
    ).df()
    profiles = profiles.merge(spans, on="period_id")
    if "years" in columns:
        ends = profiles["years"].str.split("-")
        profiles["first_year"] = np.maximum(profiles["first_year"], ends.str[0].astype(int))
        profiles["last_year"] = np.minimum(profiles["last_year"], ends.str[-1].astype(int))
    return profiles


def atoms(profiles: pd.DataFrame) -> pd.DataFrame:
    """The blocks of years that the published periods part each other into.

    One row per scope, source, characteristic, period and block (`atom`): years that the same
    periods have. n_atoms is how many blocks the period has.
    """
    keys = ["scope", "source", "characteristic"]
    periods = profiles[[*keys, "period_id", "first_year", "last_year"]].drop_duplicates()
    years = periods.assign(
        year=[
            list(range(first, last + 1))
            for first, last in zip(periods["first_year"], periods["last_year"], strict=True)
        ]
    ).explode("year")
    named = years.sort_values("period_id").groupby([*keys, "year"], as_index=False)["period_id"]
    sets = named.agg(" ".join).rename(columns={"period_id": "of"})
    sets["atom"] = sets[[*keys, "of"]].agg("|".join, axis=1)
    of_atom = sets.groupby("atom")["year"].agg(tuple)
    joined = years[[*keys, "period_id", "year"]].merge(sets, on=[*keys, "year"])
    joined = joined.drop_duplicates([*keys, "period_id", "atom"]).drop(columns=["year", "of"])
    joined["years_in_atom"] = joined["atom"].map(of_atom)
    joined["first_year"] = joined["years_in_atom"].str[0]
    joined["last_year"] = joined["years_in_atom"].str[-1]
    joined["n_atoms"] = joined.groupby([*keys, "period_id"])["atom"].transform("size")
    joined["period_years"] = joined.groupby([*keys, "period_id"])["years_in_atom"].transform(
        lambda parts: str(sorted(year for part in parts for year in part))
    )
    return joined


def read_facts(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Incidents by scope, place, source, year and group (`family`): n, and n_legacy of crimes."""
    found = []
    for scope, place in (("area", "area_id"), ("district", "reporting_district")):
        for source, group, count in (
            ("crimes", "crime_group", "crimes"),
            ("arrests", "charge_group", "arrests"),
        ):
            legacy = "if(record_system = 'legacy', crimes, 0)" if source == "crimes" else "0"
            found.append(
                con.sql(
                    f"select '{scope}' as scope, {place}::varchar as place_id,"
                    f" '{source}' as source, year(month) as year, {group} as family,"
                    f" sum({count})::double as n,"
                    f" sum({legacy})::double as n_legacy from fct_{source}_monthly group by all"
                ).df()
            )
    return pd.concat(found, ignore_index=True)


def read_pairs(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Which districts have records in which areas."""
    return con.sql(
        "select distinct reporting_district::varchar as place_id, area_id::varchar as area_id"
        " from (select reporting_district, area_id from fct_crimes_monthly"
        " union all select reporting_district, area_id from fct_arrests_monthly)"
    ).df()


# --- Figures that must follow from others --------------------------------------------------------


def as_recovered(frame: pd.DataFrame, how: str, by: str) -> pd.DataFrame:
    """Rows of a frame as what was worked out, with what the frame lacks left empty."""
    return frame.assign(how=how, by=by).reindex(columns=COLUMNS)


def unexplained_shares(profiles: pd.DataFrame) -> pd.DataFrame:
    """Cells whose share, location quotient or interval does not follow from the counts shown.

    Of the intervals: hidden cells have none, those of shares and of quotients are one, and cells of
    a category with the same count in tables of the same total have the same.
    """
    table = ["scope", "place_id", "period_id", "source", "characteristic"]
    city = ["scope", "period_id", "source", "characteristic"]
    counted = profiles[profiles["n"].notna()]
    share = counted["n"] / counted.groupby(table)["n"].transform("sum")
    city_share = counted.groupby([*city, "category"])["n"].transform("sum") / counted.groupby(city)[
        "n"
    ].transform("sum")
    odd = ((share - counted["share"]).abs() > 1.1e-6) | (
        (share / city_share - counted["location_quotient"]).abs() > 1.1e-4
    )
    ends = [name for name in INTERVALS if name in profiles]
    if ends:
        for end in ("low", "high"):
            apart = counted[f"share_{end}"] / city_share - counted[f"location_quotient_{end}"]
            # the share's sixth decimal and the quotient's fourth
            odd |= apart.abs() > 5.1e-7 / city_share + 5.1e-5
        alike = [*city, "category", "n", "total"]
        totals = counted.assign(total=counted.groupby(table)["n"].transform("sum"))
        odd |= totals.groupby(alike)[ends].transform("nunique").gt(1).any(axis=1)
    figures = ["share", "location_quotient", *ends]
    shown = profiles["n"].isna() & profiles[figures].notna().any(axis=1)
    found = pd.concat([counted[odd], profiles[shown]])
    return as_recovered(found, "a share", "does not follow from counts")


def unexplained_statistics(con: duckdb.DuckDBPyConnection, base: int) -> list[pd.DataFrame]:
    """Chi-squares of tiers that do not follow from the rounded counts of the tiers."""
    if base == 1:
        return []
    effects = con.sql(
        "select run_id, scope, characteristic, statistic from tier_effects"
        " inner join (select run_id, scope from cluster_runs) using (run_id)"
        " where statistic is not null and test = 'chi-square'"
        f" and characteristic not in {GROUPS}"
    ).df()
    tiers = con.sql(
        "select run_id, cluster_rank, characteristic, category, coalesce(n, 0) as n"
        " from cluster_profiles where category not in ('unknown', 'unclassified')"
    ).df()
    tables = dict(list(tiers.groupby(["run_id", "characteristic"])))
    odd = [
        row
        for row in effects.itertuples()
        if not follows(tables.get((row.run_id, row.characteristic)), row.statistic)
    ]
    frame = pd.DataFrame(odd, columns=["Index", *effects.columns]).rename(
        columns={"run_id": "place_id", "statistic": "value"}
    )
    return [as_recovered(frame, "a statistic", "does not follow from counts")]


def follows(tier_counts: pd.DataFrame | None, statistic: float) -> bool:
    """Whether a chi-square is that of the tiers' counts, to what six decimals can show."""
    if tier_counts is None:
        return False
    table = tier_counts.pivot_table(index="cluster_rank", columns="category", values="n").to_numpy(
        float
    )
    return bool(np.isclose(cramers_v(table).statistic, statistic, rtol=1e-9, atol=1.1e-6))


# --- Two versions --------------------------------------------------------------------------------


def compare(newer: Path, older: Path) -> pd.DataFrame:
    """What changed between two versions while fewer than `FEW` records did: `COLUMNS`.

    How many records changed is what the monthly facts of the place, or of a tier's places, show for
    the years of the cell. A count that moved with so few of them says what these records are.
    """
    with duckdb.connect() as con:
        for name, file in (("newer", newer), ("older", older)):
            con.execute(f"attach {quoted(file)} as {name} (read_only)")
        con.execute("use newer.marts")
        records = changed_records(con)
        spans = con.sql(
            "select period_id, year(start_date) as first_year, year(end_date) as last_year"
            " from dim_periods"
        ).df()
        places = changed_cells(con, "place_profiles", ["scope", "place_id", "period_id"])
        tiers = changed_cells(con, "cluster_profiles", ["run_id", "cluster_rank"])
        # a tier that has other places than before differs by them, which are compared anyway
        members = con.sql(
            " intersect ".join(
                "select run_id, cluster_rank, scope, list(place_id order by place_id) as places"
                f" from {version}.marts.cluster_assignments group by all"
                for version in ("newer", "older")
            )
        ).df()
        periods = con.sql("select run_id, period_id from cluster_runs").df()
        rules = con.sql(
            "select source_name as source, rule as category, newer.rows as value"
            " from cleaning_counts as newer"
            " inner join older.marts.cleaning_counts as older using (source_name, rule)"
            " where newer.rows != older.rows and regexp_matches(rule, '^(victim|arrestee) ')"
        ).df()
    members = members.merge(periods, on="run_id").explode("places")
    members = members.rename(columns={"places": "place_id"})
    of_tiers = tiers.merge(members, on=["run_id", "cluster_rank"])
    of_city = rules.assign(
        records=rules["source"].map(
            records[records["scope"] == "area"].groupby("source")["n"].sum()
        )
    )
    found = [
        moved_with_few(
            places.merge(spans, on="period_id"), records, ["scope", "place_id", "period_id"]
        ),
        moved_with_few(of_tiers.merge(spans, on="period_id"), records, ["run_id", "cluster_rank"]),
        of_city[~(of_city["records"] >= FEW)],
    ]
    return as_recovered(pd.concat(found, ignore_index=True), "a change", "two versions")


def changed_cells(con: duckdb.DuckDBPyConnection, table: str, keys: list[str]) -> pd.DataFrame:
    """The cells of a table whose number differs between the versions, hidden being one of them.

    A longer period that has gained a year is another cell.
    """
    both = [
        {name for name, *_ in con.sql(f"describe {version}.marts.{table}").fetchall()}
        for version in ("newer", "older")
    ]
    keys = [*keys, *(["years"] if all("years" in columns for columns in both) else [])]
    cell = ", ".join([*keys, "source", "characteristic", "category"])
    return con.sql(
        f"select {cell}, newer.n as value"
        f" from newer.marts.{table} as newer full join older.marts.{table} as older using ({cell})"
        " where newer.n is distinct from older.n and category != '(too few incidents)'"
    ).df()


def changed_records(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """By scope, place, source and year: how many records of the facts came, went or moved (`n`)."""
    parts = []
    for scope, place in (("area", "area_id"), ("district", "reporting_district")):
        for source, group in (("crimes", "crime_group"), ("arrests", "charge_group")):
            both = " union all ".join(
                f"select {place}, month, {group}, {sign} * {source} as n"
                f" from {name}.marts.fct_{source}_monthly"
                for name, sign in (("newer", 1), ("older", -1))
            )
            parts.append(
                f"select '{scope}' as scope, {place}::varchar as place_id, '{source}' as source,"
                f" year(month) as year, abs(sum(n)) as n from ({both})"
                f" group by {place}, month, {group}"
            )
    return con.sql(
        "select scope, place_id, source, year, sum(n)::double as n"
        f" from ({' union all '.join(parts)}) group by all having sum(n) > 0"
    ).df()


def moved_with_few(cells: pd.DataFrame, records: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The changed cells whose places had fewer than `FEW` changed records in the cell's years.

    `cells` has a row for each place of a cell, with first_year and last_year.
    """
    if cells.empty:
        return cells
    if "years" in cells:
        ends = cells["years"].str.split("-")
        cells = cells.assign(
            first_year=np.maximum(cells["first_year"], ends.str[0].astype(int)),
            last_year=np.minimum(cells["last_year"], ends.str[-1].astype(int)),
        )
    keys = [*keys, "source", "characteristic", "category"]
    joined = cells.merge(records, on=["scope", "place_id", "source"], how="left")
    counts = joined["year"].between(joined["first_year"], joined["last_year"])
    joined["records"] = joined["n"].where(counts, 0).fillna(0)
    summed = joined.groupby(keys, as_index=False).agg(
        {name: "first" for name in cells.columns if name not in keys} | {"records": "sum"}
    )
    return summed[summed["records"] < FEW]


# --- The command ---------------------------------------------------------------------------------


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
