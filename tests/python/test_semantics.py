"""The semantic layer: MetricFlow's answers beside plain SQL over the marts."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from helpers import PROJECT

OF_PROJECT = (
    "dbt_project.yml",
    "profiles.yml",
    "la_crime",
    "macros",
    "models",
    "seeds",
    "cities",
    "docs",
)
# the areas' mix of crimes over the whole series
MIX = {"scope": "area", "source": "crimes", "period_id": "all", "characteristic": "crime_group"}


@pytest.fixture(scope="module")
def ask(demo_warehouse, tmp_path_factory) -> Callable[..., pd.DataFrame]:
    """A function that asks MetricFlow, which reads what dbt parsed into the folder it is run in."""
    folder = tmp_path_factory.mktemp("project")
    for name in OF_PROJECT:
        (folder / name).symlink_to(PROJECT / name)
    # it opens the warehouse for writing, which others are reading
    db = shutil.copy(demo_warehouse.db, folder)
    settings = {"LA_CRIME_DATA_DIR": str(demo_warehouse.data), "LA_CRIME_DB": str(db)}
    programs = Path(sys.executable).parent

    def run(*words: str) -> None:
        ran = subprocess.run(
            [programs / words[0], *words[1:]],
            cwd=folder,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def asked(*words: str) -> pd.DataFrame:
        run("mf", "query", *words, "--csv", "answer.csv")
        return pd.read_csv(folder / "answer.csv")

    run("dbt", "parse")
    return asked


@pytest.fixture
def marts(demo_warehouse):
    """The marts that are asked."""
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        yield con


def test_crimes_and_arrests_by_year_and_bureau(ask, marts):
    answer = ask(
        *("--metrics", "crimes,arrests", "--group-by", "metric_time__year,area__bureau"),
        *("--order", "metric_time__year,area__bureau"),
    )
    expected = marts.sql("""
        select
            cast(date_trunc('year', month) as timestamp) as metric_time__year,
            bureau as area__bureau,
            sum(crimes) as crimes,
            sum(arrests) as arrests
        from (
            select month, area_id, crimes, null as arrests from marts.fct_crimes_monthly
            union all
            select month, area_id, null, arrests from marts.fct_arrests_monthly
        )
        inner join marts.dim_areas using (area_id)
        group by all
        order by all
    """).df()
    assert len(expected) > 60
    year = {"metric_time__year": "datetime64[us]"}
    pd.testing.assert_frame_equal(answer.astype(year), expected.astype(year), check_dtype=False)


def of_the_mix(*place: str) -> list[str]:
    """The words that ask for shares and quotients by place and crime group, over the series."""
    where = " and ".join(
        f"{{{{ Dimension('profile__{name}') }}}} = '{value}'" for name, value in MIX.items()
    )
    by = ",".join([*place, "profile__category"])
    return ["--metrics", "share,location_quotient", "--group-by", by, "--where", where]


def test_shares_and_quotients_of_places_are_the_marts_and_hidden_where_it_hides_them(ask, marts):
    answer = ask(*of_the_mix("place__place_name"))
    expected = marts.execute(
        "select category as profile__category, place_name as place__place_name, share,"
        " location_quotient from marts.place_profiles"
        " inner join marts.dim_places using (scope, place_id)"
        " where scope = $scope and source = $source and period_id = $period_id"
        " and characteristic = $characteristic",
        MIX,
    ).df()
    assert expected["share"].isna().any()
    cell = ["profile__category", "place__place_name"]
    pd.testing.assert_frame_equal(
        answer.set_index(cell).sort_index(), expected.set_index(cell).sort_index()
    )


def test_shares_and_quotients_of_bureaus_are_those_of_their_crimes(ask, marts):
    answer = ask(*of_the_mix("place__bureau")).set_index(["place__bureau", "profile__category"])
    crimes = marts.sql(
        "select bureau, crime_group, sum(crimes)::double as n from marts.fct_crimes_monthly"
        " inner join marts.dim_areas using (area_id)"
        " where year(month) <= (select max(right(years, 4)::int) from marts.place_profiles"
        "   where scope = 'area' and source = 'crimes' and characteristic = 'crime_group')"
        " group by all"
    ).df()
    crimes = crimes.pivot_table(index="crime_group", columns="bureau", values="n")
    shares = crimes / crimes.sum()
    quotients = shares.div(crimes.sum(axis=1) / crimes.sum().sum(), axis=0)
    # profiles leave late reports out (some 1 %), and each area's counts are rounded (up to 1 %)
    for bureau in crimes:
        for group in ("burglary", "robbery", "vehicle_theft"):  # which no area hides
            found = answer.loc[bureau, group]
            assert found["share"] == pytest.approx(shares.loc[group, bureau], rel=0.03)
            quotient = quotients.loc[group, bureau]
            assert found["location_quotient"] == pytest.approx(quotient, rel=0.03)


def test_ratios_and_names_are_those_of_the_marts(ask, marts):
    answer = ask(
        *("--metrics", "arrests_per_100_crimes,crimes_per_km2", "--group-by", "metric_time__year"),
        *("--order", "metric_time__year"),
    )
    expected = marts.sql(
        "select sum(crimes) / sum(km2) as crimes_per_km2,"
        " 100 * sum(arrests) / sum(crimes) as arrests_per_100_crimes"
        " from marts.place_years where scope = 'area' group by year order by year"
    ).df()
    assert len(expected) > 10
    pd.testing.assert_frame_equal(answer[expected.columns], expected, check_dtype=False)

    answer = ask(
        *("--metrics", "crimes", "--group-by", "crime_kind__broad_category"),
        *("--order", "crime_kind__broad_category"),
    )
    expected = marts.sql(
        "select broad_category, sum(crimes) from marts.fct_crimes_monthly"
        " natural join marts.dim_crime_groups group by all order by all"
    ).fetchall()
    assert list(answer.itertuples(index=False, name=None)) == expected


def test_profiles_are_not_summed_all_at_once(ask):
    answer = ask("--metrics", "shown_incidents,share", "--group-by", "profile__category")
    several = answer["profile__category"].isin(["burglary", "Monday", "female"])
    assert several.sum() == 3
    assert answer.loc[several, ["shown_incidents", "share"]].isna().all(axis=None)
