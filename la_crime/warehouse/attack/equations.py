"""What ties the unknown counts together: equations and inequalities between them."""

from itertools import combinations

import duckdb
import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from la_crime.warehouse.attack.reading import (
    CELL,
    FEW,
    OF_GROUP,
    TABLE,
    TIER_CELL,
    base_of,
    read_pairs,
    read_tiers,
)
from la_crime.warehouse.attack.unknowns import Unknowns

# Marts that say something of small cells in ways that are not linear, and are not in the system.
NOT_LINEAR = (
    "place_typology.highest_location_quotients (quotients again, with two decimals)",
    "place_profiles: how wide intervals are (a function of the rounded counts and count_noise)",
    "tier_effects: effect_size, low, high and p_value (functions of the tiers' counts)",
    "all that is made of monthly counts alone (clusters, divergence, patterns, concentration, "
    "trajectories, spatial statistics, the longer windows and months of recent change)",
    "recent_change: windows of 28 days (incidents of four whole weeks, by no characteristic)",
)


class Equations:
    """Rows over the cells of `unknowns`, each between a low and a high."""

    def __init__(self, con: duckdb.DuckDBPyConnection, unknowns: Unknowns) -> None:
        self.con = con
        self.unknowns = unknowns
        self.profiles, self.cells = unknowns.profiles, unknowns.cells
        self.atoms, self.base = unknowns.atoms, unknowns.base
        self.left_out = list(NOT_LINEAR)
        self.rows: list[pd.DataFrame] = []
        self.n_rows = 0
        self.row_low, self.row_high = np.empty(0), np.empty(0)
        self.add_totals()
        self.add_periods()
        self.add_groups()
        self.add_areas()
        self.add_coincident()
        self.add_tiers()
        if self.base == 1:
            self.add_city()

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
        self.row_low = np.concatenate([self.row_low, bounds["low"]])
        self.row_high = np.concatenate([self.row_high, bounds["high"]])
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
        whole = self.unknowns.published[
            [*CELL, "period_id", "atom", "n", "n_atoms"]
        ].drop_duplicates()
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

    def add_groups(self) -> None:
        """What the city tells of each crime group adds up to all crimes of its areas.

        A category of a year exceeds what the groups have in it by no more than the incidents of the
        groups whose table does not name it, and the other way round with areas. And the tables of a
        group, of hours as of weekdays, add up to the same.
        """
        cells = self.cells.reset_index(names="col")
        told = cells["characteristic"].str.partition(OF_GROUP)
        cells = cells.assign(characteristic=told[0], group=told[2])
        groups = cells[cells["group"] != ""].assign(coef=1.0)
        if groups.empty:
            return
        category = ["source", "characteristic", "category", "first_year"]
        areas = cells[
            (cells["scope"] == "area") & (cells["first_year"] == cells["last_year"])
        ].merge(groups[category].drop_duplicates(), on=category)
        both = pd.concat([groups, areas.assign(coef=-1.0)])
        both = both.assign(row=both.groupby(category, sort=False).ngroup())
        city = self.unknowns.facts.query("scope == 'city'").groupby(["source", "year"])["n"].sum()
        named = both.pivot_table(
            index="row", columns="scope", values="total", aggfunc="sum", fill_value=0.0
        ).reindex(columns=["city", "area"], fill_value=0.0)
        every = both.groupby("row")[["source", "first_year"]].first()
        total = city.reindex(pd.MultiIndex.from_frame(every)).to_numpy()
        rest = (total[:, None] - named.to_numpy()).clip(min=0)
        self.add(both, pd.DataFrame({"row": named.index, "low": -rest[:, 0], "high": rest[:, 1]}))

        table = ["first_year", "group"]
        is_first = groups["characteristic"] == groups.groupby(table)["characteristic"].transform(
            "min"
        )
        others = groups[~is_first].rename(columns={"characteristic": "way"})
        ways = others[[*table, "way"]].drop_duplicates()
        first = groups[is_first].assign(coef=-1.0).merge(ways, on=table)
        both = pd.concat([first, others])
        both = both.assign(row=both.groupby([*table, "way"], sort=False).ngroup())
        rows = pd.DataFrame({"row": np.unique(both["row"])})
        self.add(both, rows.assign(low=0.0, high=0.0))

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
        parts = self.parts[self.parts["scope"].isin(["area", "district"])].merge(
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

    def add_coincident(self) -> None:
        """Places of two scopes that differ by few reports have counts that differ by no more.

        How many they differ by is taken to be what the monthly facts of the two differ by.
        """
        places = self.cells[["scope", "place_id", "source"]].drop_duplicates()
        facts = self.unknowns.facts.merge(places, on=["scope", "place_id", "source"])
        pairs = []
        for source, rows in facts.groupby("source"):
            by_place = rows.pivot_table(
                "n", ["scope", "place_id"], ["year", "family"], aggfunc="sum", fill_value=0
            )
            by_place = by_place[by_place.sum(axis=1) >= FEW]
            of_scope = dict(list(by_place.groupby(level="scope")))
            for left, right in combinations(sorted(of_scope), 2):
                one, other = of_scope[left], of_scope[right]
                apart = cdist(one, other, "cityblock")
                i, j = np.nonzero(apart < FEW)
                sides = {"left": (left, one, i), "right": (right, other, j)}
                found = {"source": source, "apart": apart[i, j]}
                for side, (scope, part, at) in sides.items():
                    found[f"{side}_scope"] = scope
                    found[f"{side}_place"] = part.index.get_level_values("place_id")[at]
                pairs.append(pd.DataFrame(found))
        if not any(map(len, pairs)):
            return
        cells = self.cells.reset_index(names="col").assign(
            years=self.cells["years_in_atom"].map(str)
        )
        keys = ["source", "characteristic", "category", "years"]
        sides = [
            cells[[*keys, "scope", "place_id", "col"]].rename(
                columns={"scope": f"{side}_scope", "place_id": f"{side}_place", "col": side}
            )
            for side in ("left", "right")
        ]
        both = (
            pd.concat(pairs, ignore_index=True)
            .merge(sides[0], on=["source", "left_scope", "left_place"])
            .merge(sides[1], on=[*keys, "right_scope", "right_place"])
        )
        row = np.arange(len(both))
        entries = pd.concat(
            pd.DataFrame({"row": row, "col": both[side], "coef": coef})
            for side, coef in (("left", 1.0), ("right", -1.0))
        )
        self.add(entries, pd.DataFrame({"row": row, "low": -both["apart"], "high": both["apart"]}))

    def add_tiers(self) -> None:
        """Places add up to their tier in every run, unless it is a sum of rounded counts."""
        tiers, members = read_tiers(self.con)
        if self.base > 1 and base_of(tiers["n"]) > 1:
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
        joined = joined.assign(row=joined.groupby(TIER_CELL, sort=False).ngroup(), coef=1.0)
        sums = joined.groupby("row", as_index=False)["n"].first()
        self.add(joined, sums.assign(low=sums["n"], high=sums["n"]))

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
