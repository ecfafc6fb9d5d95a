"""The true counts that are looked for, with what the profiles say of each alone."""

import duckdb
import numpy as np
import pandas as pd

from la_crime.stats.arrays import Floats
from la_crime.warehouse.attack.reading import (
    CELL,
    FEW,
    GROUPS,
    OF_GROUP,
    TABLE,
    atoms,
    base_of,
    read_facts,
    read_profiles,
)

# How many years of districts are rounded as one: `district_block_years`.
BLOCK_YEARS = 5


class Unknowns:
    """The counts of every place by characteristic, category and block of years (`cells`)."""

    def __init__(self, con: duckdb.DuckDBPyConnection, groups_are_public: bool) -> None:
        self.con = con
        self.groups_are_public = groups_are_public
        self.profiles = read_profiles(con)
        self.base = base_of(self.profiles["n"])
        self.atoms = atoms(self.profiles)
        self.cells = self.make_cells()

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
        published = grid.merge(
            self.profiles[[*CELL, "period_id", "n", "is_suppressed"]],
            on=[*CELL, "period_id"],
            how="left",
        )
        few = self.profiles.loc[
            self.profiles["category"] == "(too few incidents)",
            ["scope", "place_id", "source", "characteristic", "period_id"],
        ].assign(is_few=True)
        published = published.merge(few, on=few.columns[:-1].tolist(), how="left")
        published["is_few"] = published["is_few"].eq(True)
        published = published.merge(
            self.atoms, on=["scope", "source", "characteristic", "period_id"]
        )
        self.published = published
        cells = published[
            [*CELL, "atom", "years_in_atom", "first_year", "last_year"]
        ].drop_duplicates([*CELL, "atom"], ignore_index=True)
        alone = published[published["n_atoms"] == 1].drop_duplicates([*CELL, "atom"])
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
        shown = self.published.loc[self.published["n_atoms"] == 1, TABLE].drop_duplicates()
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
            blocks = np.where(cells["scope"] != "area", cells["n_blocks"], 1)
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
        whole = self.published[self.published["n_atoms"] > 1].drop_duplicates(
            [*CELL, "period_id", "atom"]
        )
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
        joined["family"] = joined["characteristic"].str.partition(OF_GROUP)[2]
        of_groups = joined.merge(facts, on=["scope", "place_id", "source", "year", "family"])
        summed = pd.concat(
            [
                summed[~summed["characteristic"].str.contains(OF_GROUP)],
                of_groups.assign(total=of_groups["n"]),
            ]
        )
        self.facts = facts
        blocks = years.assign(block=years["years_in_atom"] // BLOCK_YEARS)
        n_blocks = blocks.groupby("atom")["block"].nunique().rename("n_blocks").reset_index()
        return summed.groupby(TABLE, as_index=False)["total"].sum().merge(n_blocks, on="atom")

    def with_groups(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells with the group that the monthly facts count each under, and its count there."""
        families = self.con.sql(
            "select 'crime_group' as characteristic, crime_group as category,"
            " monthly_crime_group as family from dim_crime_groups union all"
            " select 'charge_group', charge_group, monthly_charge_group from dim_charge_groups"
        ).df()
        cells = cells.merge(families, on=["characteristic", "category"], how="left")
        is_folded = (cells["scope"] != "area") & cells["family"].notna()
        cells["family"] = cells["family"].where(~is_folded, cells["category"])
        sizes = (
            cells.dropna(subset="family")
            .groupby(["scope", "place_id", "source", "atom", "family"], as_index=False)["category"]
            .nunique()
            .rename(columns={"category": "n_family"})
        )
        years = cells[["atom", "years_in_atom"]].drop_duplicates("atom").explode("years_in_atom")
        years = years.rename(columns={"years_in_atom": "year"})
        # by DuckDB, for a year lies in many blocks
        for name, frame in (("sizes", sizes), ("years", years), ("facts", self.facts)):
            self.con.register(name, frame)
        known = self.con.sql(
            "select scope, place_id, source, atom, family, any_value(n_family) as n_family,"
            " coalesce(sum(n), 0)::double as known"
            " from sizes inner join years using (atom)"
            " left join facts using (scope, place_id, source, family, year) group by all"
        ).df()
        cells = cells.merge(known, on=["scope", "place_id", "source", "atom", "family"], how="left")
        if not self.groups_are_public:
            cells["known"] = np.nan
        return cells
