"""Tables joined by all their equal names: no count is multiplied, and of the facts none is lost."""

from collections import defaultdict
from itertools import combinations

import duckdb
import pytest

# Tables of a whole scope share `scope` alone with the places: it is a filter there, and no join.
OF_A_SCOPE = {
    "cluster_runs",
    "count_noise",
    "layer_assignment",
    "pattern_similarity",
    "robustness_choices",
    "spatial_autocorrelation",
    "study_claims",
    "tier_agreement",
    "tier_transitions",
}
# A count each, and the places and months of both: summed first, and joined then.
SUMMED_FIRST = {
    ("fct_arrests_monthly", "fct_crimes_monthly"),
    ("fct_arrests_monthly", "fct_layers_monthly"),
    ("fct_crimes_monthly", "fct_layers_monthly"),
}
COUNTS = {
    "fct_arrests_monthly": "arrests",
    "fct_crimes_monthly": "crimes",
    "fct_layers_monthly": "incidents",
}


@pytest.fixture
def marts(demo_warehouse):
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        con.execute("use marts")
        yield con


def columns(con) -> dict[str, dict[str, str]]:
    """The type of each column of each mart."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for table, column, kind in con.sql(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and database_name = current_database()"
    ).fetchall():
        found[table][column] = kind
    return found


def primary_keys(con) -> dict[str, set[str]]:
    """The columns of each mart's primary key."""
    rows = con.sql("select table_name, key_columns from table_keys where kind = 'primary'")
    return {table: set(key.split(", ")) for table, key in rows.fetchall()}


def is_dimension(table: str) -> bool:
    return table.startswith("dim_")


def unsafe_joins(con) -> set[tuple[str, str]]:
    """The pairs of a table and a dimension whose equal names are no key, or multiply rows."""
    found = set()
    tables, keys = columns(con), primary_keys(con)
    for one, other in combinations(sorted(tables), 2):
        sides = [(one, other), (other, one)]
        # many rows on the left may have one on the right, which is a dimension
        sides = [(many, single) for many, single in sides if is_dimension(single)]
        shared = tables[one].keys() & tables[other].keys()
        if not sides or not shared:
            continue
        keyed = [(many, single) for many, single in sides if keys[single] <= shared]
        if not keyed or any(multiplies(con, *pair) for pair in keyed):
            found.add((one, other) if is_dimension(other) else (other, one))
    return found


def multiplies(con, many: str, single: str) -> bool:
    joined, rows = con.sql(
        f"select (select count(*) from {many} natural join {single}), (select count(*) from {many})"
    ).fetchall()[0]
    return joined > rows


def test_no_join_by_equal_names_multiplies_rows(marts):
    assert unsafe_joins(marts) == {(table, "dim_places") for table in OF_A_SCOPE}
    tables = columns(marts)
    for table in OF_A_SCOPE:
        assert tables[table].keys() & tables["dim_places"].keys() == {"scope"}


@pytest.mark.parametrize("fact", COUNTS)
def test_joins_by_equal_names_keep_every_count_of_a_fact(marts, fact):
    tables = columns(marts)
    total = f"select sum({COUNTS[fact]}) from {fact}"
    expected = marts.sql(total).fetchall()
    dimensions = [
        name for name in tables if is_dimension(name) and tables[name].keys() & tables[fact].keys()
    ]
    assert {"dim_places", "dim_scopes", "dim_months"} <= set(dimensions)
    for dimension in dimensions:
        assert marts.sql(f"{total} natural join {dimension}").fetchall() == expected
    every = " natural join ".join(dimensions)
    assert marts.sql(f"{total} natural join {every}").fetchall() == expected


def test_facts_are_summed_before_they_are_joined(marts):
    tables = columns(marts)
    assert set(combinations(sorted(t for t in tables if t.startswith("fct_")), 2)) == SUMMED_FIRST
    by_month = " natural full join ".join(
        f"(select month, sum({count}) as {count} from {fact} group by month)"
        for fact, count in COUNTS.items()
    )
    for fact, count in COUNTS.items():
        expected = marts.sql(f"select sum({count}) from {fact}").fetchall()
        assert marts.sql(f"select sum({count}) from {by_month}").fetchall() == expected
    crimes = "select sum(crimes) from fct_crimes_monthly"
    joined = marts.sql(f"{crimes} inner join fct_arrests_monthly using (month)").fetchall()
    assert joined > marts.sql(crimes).fetchall()


def test_every_mart_has_a_primary_key_and_foreign_keys_lead_to_one(marts):
    tables, keys = columns(marts), primary_keys(marts)
    assert keys.keys() == tables.keys()
    foreign = marts.sql(
        "select table_name, key_columns, referenced_table, referenced_columns"
        " from table_keys where kind = 'foreign'"
    ).fetchall()
    assert len(foreign) > 30
    for table, key, referenced, referenced_key in foreign:
        assert set(referenced_key.split(", ")) == keys[referenced]
        for column, other in zip(key.split(", "), referenced_key.split(", "), strict=True):
            assert tables[table][column] == tables[referenced][other], (table, column)


def test_columns_of_dimensions_keys_have_one_type_everywhere(marts):
    tables, keys = columns(marts), primary_keys(marts)
    for name in set().union(*(key for table, key in keys.items() if is_dimension(table))):
        assert len({types[name] for types in tables.values() if name in types}) == 1, name


def test_a_name_that_is_no_key_is_found():
    """Districts with the number of their area: a crime of the area would count for each of them."""
    with duckdb.connect() as con:
        con.execute("create schema marts; use marts")
        con.execute("create table fct as select 1 as area_id, 101 as small_area, 5 as n")
        con.execute("create table dim_areas as select 1 as area_id, 'Central' as area_name")
        con.execute(
            "create table dim_districts as select * from (values (101, 1), (102, 1))"
            " as districts (small_area, area_id)"
        )
        con.execute(
            "create table table_keys as select * from (values"
            " ('fct', 'primary', 'area_id, small_area'),"
            " ('dim_areas', 'primary', 'area_id'),"
            " ('dim_districts', 'primary', 'small_area'))"
            " as keys (table_name, kind, key_columns)"
        )
        assert unsafe_joins(con) == set()
        con.execute("alter table fct drop small_area")
        assert unsafe_joins(con) == {("fct", "dim_districts")}
        con.execute("insert into dim_areas values (1, 'Central again')")
        assert unsafe_joins(con) >= {("fct", "dim_areas")}
