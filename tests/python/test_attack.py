"""Nobody can be found in what is published: the attack, and that it sees what it is to see."""

import re
import shutil
from pathlib import Path

import duckdb
import helpers
import numpy as np
import pytest

from la_crime import __main__
from la_crime.warehouse import attack

# The build that two versions are made of: what says anything of persons, and what it stands on.
TOLD = (
    "+place_profiles",
    "+crime_group_profiles",
    "+cluster_profiles",
    "+cluster_runs",
    "+cleaning_counts",
    "+fct_crimes_monthly",
    "+fct_arrests_monthly",
)
# what the attack on areas alone does not need, and takes most of its time
WITHOUT_DISTRICTS = "; delete from marts.place_profiles where scope = 'district'"
REPORTED = {
    "crimes": ("date_rptd", "Date Rptd", "Date Reported"),
    "arrests": ("arst_date", "Arrest Date"),
    "nibrs_offenses": ("date_rptd",),
}
# what was published before years had to be closed: each day's reports at once
EVERY_DAY = "closed_years: {reported_within_months: 1200, settled_after_months: -1200}"


@pytest.fixture
def broken(demo_copy):
    """A function that runs a statement on a copy of the demo's marts, and returns the copy."""

    def make(statement: str) -> Path:
        with duckdb.connect(str(demo_copy.db)) as con:
            con.execute(statement)
        return demo_copy.db

    return make


def run(*words: str) -> int:
    """Run the command as typed; return its exit code."""
    args = __main__.parser().parse_args(["attack", *words])
    return args.run(args)


def true_counts(scope: str, place: str) -> str:
    """The true counts of areas or districts by period, as a query for cells of profiles."""
    groups = "('district_group', 'incidents')" if scope == "area" else "('incidents')"
    return (
        f"select '{scope}' as scope, {place}::varchar as place_id, blocks.period_id, source,"
        " characteristic, category, sum(n)::bigint as n"
        " from intermediate.int_closed_counts"
        f" inner join (from intermediate.int_profile_blocks where scope = '{scope}') as blocks"
        " using (source, year)"
        f" where characteristic not in {groups} group by all"
    )


def test_nothing_is_worked_out_of_the_demo(demo_warehouse, capsys):
    assert run(str(demo_warehouse.db), "--programs", "200") == 0
    told = capsys.readouterr().out
    assert "Nothing was worked out." in told
    assert "left out: " in told


def test_counts_that_are_not_rounded_are_found(broken, capsys):
    file = broken(
        "update marts.place_profiles as told set n = counts.n, is_suppressed = false"
        f" from ({true_counts('area', 'area_id')}) as counts"
        " where told.scope = counts.scope and told.place_id = counts.place_id"
        " and told.period_id = counts.period_id and told.source = counts.source"
        " and told.characteristic = counts.characteristic and told.category = counts.category"
        + WITHOUT_DISTRICTS
    )
    assert run(str(file), "--programs", "0") == 1
    told = capsys.readouterr().out
    assert "were worked out" in told
    shown = re.findall(r"^ *area +\w+ +\w+ +shown +(\d+)$", told, re.MULTILINE)
    assert sum(map(int, shown)) > 100


def test_a_layer_that_coincides_with_districts_is_found(broken):
    """The small counts of a district are hidden; a ward has the same reports, and shows them."""
    of_all = true_counts("district", "small_area")
    file = broken(
        "delete from marts.place_profiles where scope != 'district' or period_id != 'all'"
        " or place_id not in (select small_area::varchar from marts.fct_crimes_monthly"
        "   group by 1 order by sum(crimes) desc limit 8);"
        " update marts.place_profiles as told set n = counts.n, is_suppressed = false"
        f" from ({of_all}) as counts where told.place_id = counts.place_id"
        " and told.period_id = counts.period_id and told.source = counts.source"
        " and told.characteristic = counts.characteristic and told.category = counts.category;"
        " insert into marts.place_profiles"
        " select * replace ('ward' as scope) from marts.place_profiles where n is not null;"
        " update marts.place_profiles set n = null, is_suppressed = true"
        " where scope = 'district' and n < 10;"
        " insert into marts.fct_layers_monthly"
        " select 'ward', small_area::varchar, 'crimes', month, crime_group, record_system,"
        "   sum(crimes), null from marts.fct_crimes_monthly group by all union all"
        " select 'ward', small_area::varchar, 'arrests', month, charge_group, null,"
        "   sum(arrests), null from marts.fct_arrests_monthly group by all"
    )
    with duckdb.connect(str(file), read_only=True) as con:
        truth = con.sql(
            "select district.place_id, source, characteristic, category, ward.n as value"
            " from marts.place_profiles as district inner join marts.place_profiles as ward"
            " using (place_id, period_id, source, characteristic, category)"
            " where district.scope = 'district' and ward.scope = 'ward' and district.n is null"
            " and characteristic not in ('crime_group', 'charge_group')"
        ).df()
    found = attack.attack(file, seconds=60, programs=0).recovered
    found = found[found["scope"] == "district"]
    right = truth.merge(found, on=["place_id", "source", "characteristic", "category", "value"])
    assert len(right) > len(truth) / 2 > 10


def test_tiers_that_are_not_rounded_are_found(broken):
    file = broken(
        "update marts.cluster_profiles as told set n = counts.n from ("
        " select run_id, cluster_rank, source, characteristic, category, sum(n) as n"
        " from marts.cluster_assignments"
        " inner join (select run_id, period_id from marts.cluster_runs) using (run_id)"
        f" inner join ({true_counts('area', 'area_id')}) using (scope, place_id, period_id)"
        " group by all) as counts"
        " where told.run_id = counts.run_id and told.cluster_rank = counts.cluster_rank"
        " and told.source = counts.source and told.characteristic = counts.characteristic"
        " and told.category = counts.category and counts.n > 0"
        + WITHOUT_DISTRICTS
        + "; delete from marts.place_profiles where characteristic != 'victim_sex'"
        "; delete from marts.cluster_profiles where characteristic != 'victim_sex'"
        "; delete from marts.crime_group_profiles; delete from marts.tier_effects"
    )
    found = attack.attack(file, seconds=40, programs=0).recovered
    assert (found.loc[found["scope"] == "area", "how"] == "exactly").sum() > 10


ODD_FIGURES = [
    (
        "update marts.cluster_profiles set n = n + 10 where run_id like 'area__2017__crimes%'"
        " and characteristic = 'victim_sex' and cluster_rank = 1",
        "a tier",
    ),
    (
        "update marts.place_profiles set share = share + 0.01 where scope = 'area'"
        " and period_id = '2017' and characteristic = 'victim_sex' and n > 0",
        "a share",
    ),
    (
        "update marts.place_profiles set location_quotient = 1.5 where place_id = '1'"
        " and category = (select min(category) from marts.place_profiles where is_suppressed"
        " and place_id = '1' and scope = 'area')",
        "a share",
    ),
    (
        "update marts.place_profiles set share_low = 0.001 where place_id = '1'"
        " and category = (select min(category) from marts.place_profiles where is_suppressed"
        " and place_id = '1' and scope = 'area')",
        "a share",
    ),
    (
        # an end that hangs on more than the count: a place's, of the many with the same
        "update marts.place_profiles set share_low = share_low * 0.9,"
        " location_quotient_low = round(share_low * 0.9 / share * location_quotient, 4)"
        " where scope = 'district' and period_id = 'all' and characteristic = 'victim_sex'"
        " and n = 10 and place_id = (select min(place_id) from marts.place_profiles"
        " where scope = 'district' and period_id = 'all' and characteristic = 'victim_sex'"
        " and n = 10)",
        "a share",
    ),
    (
        "update marts.place_profiles set location_quotient_high = location_quotient_high + 0.01"
        " where scope = 'area' and period_id = '2017' and characteristic = 'victim_sex'",
        "a share",
    ),
    (
        "update marts.tier_effects set statistic = statistic + 0.5"
        " where characteristic = 'victim_sex'",
        "a statistic",
    ),
]


@pytest.mark.parametrize(("statement", "how"), ODD_FIGURES)
def test_a_figure_that_does_not_follow_from_the_counts_is_found(broken, statement, how):
    assert how in set(attack.unexplained(broken(statement))["how"])


def test_the_attack_tells_of_figures_that_do_not_follow(broken):
    file = broken("; ".join(statement for statement, _ in ODD_FIGURES))
    found = attack.attack(file, programs=0).recovered
    assert set(found["how"]) == {how for _, how in ODD_FIGURES}


def test_unknowns_with_one_solution_are_solved():
    """Of x + y = 5, x + y + z = 7 and u - v = 1 only z is known, as 2."""
    a = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, -1]], dtype=float)
    at, values = attack.determined(a, np.array([5.0, 7.0, 1.0]))
    assert at.tolist() == [2]
    assert values.tolist() == [2]


@pytest.fixture(scope="module")
def versions(tmp_path_factory, small_demo):
    """A function that builds the demo as of a day of the feeds, which the crimes outlive."""
    folder = tmp_path_factory.mktemp("versions")
    built: dict[tuple[str, str], Path] = {}

    def make(day: str, variables: str = "") -> Path:
        if (day, variables) not in built:
            data = folder / f"data {day}"
            if not data.exists():
                reported_by(small_demo, data, day)
            # what a version has in common with the one before need not be made again
            db = folder / helpers.WAREHOUSE
            args = ["build", "--select", *TOLD, *helpers.WITHOUT_TESTS]
            args += ["--vars", f"{{{variables}}}"] if variables else []
            ran = helpers.run_dbt(args, data_dir=data, db=db, work=folder)
            assert ran.returncode == 0, ran.stdout
            built[day, variables] = shutil.copyfile(db, folder / f"version {len(built)}.duckdb")
        return built[day, variables]

    return make


def reported_by(source: Path, target: Path, day: str) -> None:
    """Copy a data folder with the reports made by a day alone."""
    with duckdb.connect() as con:
        for file in sorted(source.glob("*/*")):
            if file.parent.name not in REPORTED:
                continue
            names = REPORTED[file.parent.name]
            parquet = file.suffix == ".parquet"
            read = "read_parquet(?)" if parquet else "read_csv(?, all_varchar = true)"
            rows = con.sql(f"from {read}", params=[str(file)])
            (name,) = [name for name in rows.columns if name in names]
            text = f'"{name}"::varchar'
            kept = rows.filter(
                f"coalesce(try_cast(left({text}, 10) as date),"
                f" try_strptime(split_part({text}, ' ', 1), '%m/%d/%Y')::date,"
                f" try_strptime(left({text}, 11), '%Y %b %d')::date) <= date '{day}'"
            )
            path = target / file.parent.name / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            if parquet:
                kept.write_parquet(str(path))
            else:
                kept.write_csv(str(path), compression="gzip" if file.suffix == ".gz" else None)


@pytest.mark.parametrize("day", ["2025-03-12", "2025-04-11"])
def test_a_later_version_tells_of_no_new_record(versions, day):
    """A day and a month later the facts have grown, and what says anything of persons has not."""
    older, newer = versions("2025-03-11"), versions(day)
    with duckdb.connect() as con:
        for name, file in (("older", older), ("newer", newer)):
            con.execute(f"attach '{file}' as {name} (read_only)")
        for source in ("crimes", "arrests"):
            sums = con.sql(
                f"select (select sum({source}) from newer.marts.fct_{source}_monthly)"
                f" - (select sum({source}) from older.marts.fct_{source}_monthly)"
            ).fetchall()
            assert sums[0][0] > 0
        for one, other in (("newer", "older"), ("older", "newer")):
            # intervals follow from the rounded counts and from count_noise, that of monthly facts
            told = "select columns(lambda name: not regexp_matches(name, '_(low|high)$'))"
            gone = con.sql(
                f"select count(*) from ({told} from {one}.marts.place_profiles"
                f" except {told} from {other}.marts.place_profiles)"
            ).fetchall()
            assert gone == [(0,)]
    assert attack.compare(newer, older).empty


def test_a_version_of_the_next_week_is_seen_through_without_closed_years(versions):
    found = attack.compare(versions("2025-03-18", EVERY_DAY), versions("2025-03-11", EVERY_DAY))
    of_persons = found["characteristic"].str.fullmatch("(victim|arrestee)_(sex|age_band|descent)")
    assert of_persons.any()
