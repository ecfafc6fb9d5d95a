"""The published totals of the 21 areas, as crimes, through the build.

An independent look at the totals (exact one-dimensional 4-means of log1p counts) gave the figures
below. Here the same totals become a file of crimes, a row each, and all that is compared is read
from the marts that dbt builds of it.
"""

import duckdb
import helpers
import pytest

# Every crime of an area and year is in one district of the area, which keeps the district runs as
# small as those of areas, on one of the year's last 365 days in turn.
CRIMES = """
    select
        row_number() over () as dr_no,
        make_date(totals.year, 12, 31) - cast(crime % 365 as int) as date_occ,
        date_occ as date_rptd,
        930 as time_occ,
        totals.area_id as area,
        districts.small_area as rpt_dist_no,
        510 as crm_cd,
        {other_columns}
    from read_csv('{seeds.city}/crimes_by_area_year.csv') as totals
    inner join (
        select area_id, min(small_area) as small_area
        from read_csv('{seeds.city}/small_areas.csv') group by area_id
    ) as districts on totals.area_id = districts.area_id
    cross join lateral (select unnest(range(totals.crimes)) as crime)
"""
GIVEN = {"dr_no", "date_rptd", "date_occ", "time_occ", "area", "rpt_dist_no", "crm_cd"}


@pytest.fixture(scope="module")
def ask(tmp_path_factory, run_dbt):
    """Ask the warehouse that is built of the area totals."""
    folder = tmp_path_factory.mktemp("area_totals")
    (folder / "data" / "crimes").mkdir(parents=True)
    others = ", ".join(f"null as {name}" for name in helpers.CRIMES_API if name not in GIVEN)
    crimes = CRIMES.format(other_columns=others, seeds=helpers.SEEDS)
    file = folder / "data" / "crimes" / "synthetic_area_totals.parquet"
    with duckdb.connect(config={"memory_limit": "1GB"}) as con:
        con.execute(f"copy ({crimes}) to '{file}' (format parquet)")
    ran = run_dbt(
        ["build", "--select", "+tier_agreement", "+cluster_k_selection", *helpers.WITHOUT_TESTS],
        data_dir=folder / "data",
        db=folder / helpers.WAREHOUSE,
    )
    assert ran.returncode == 0, ran.stdout
    with duckdb.connect(str(folder / helpers.WAREHOUSE), read_only=True) as con:
        yield lambda query: con.sql(query).fetchall()


def pair(ask, left: str, right: str) -> dict[str, float]:
    """What `tier_agreement` says of two periods, by area."""
    names = ("ari", "weighted_kappa", "noise_ari_median", "noise_ari_p05")
    rows = ask(
        f"select {', '.join(names)} from marts.tier_agreement where scope = 'area'"
        f" and compared = 'period' and left_id = '{left}' and right_id = '{right}'"
    )
    assert len(rows) == 1
    return dict(zip(names, rows[0], strict=True))


def test_the_build_has_the_published_totals(ask):
    expected = ask(
        "select area_id::varchar, year, crimes"
        f" from read_csv('{helpers.SEEDS.city}/crimes_by_area_year.csv') order by all"
    )
    assert len(expected) == 21 * 14
    found = ask(
        "select place_id, year(start_date), n from intermediate.int_place_counts"
        " inner join intermediate.int_periods using (period_id)"
        " where scope = 'area' and characteristic = 'incidents' and is_single_year order by all"
    )
    assert found == expected


def test_consecutive_years_agree_as_the_independent_look_found(ask):
    aris = [pair(ask, str(year), str(year + 1))["ari"] for year in range(2010, 2023)]
    assert (round(min(aris), 2), round(max(aris), 2)) == (0.30, 0.84)


@pytest.mark.parametrize(
    ("period", "ari", "kappa"),
    [("2010", 0.30, 0.67), ("2010-2019", 0.76, 0.95), ("2010-2023", 0.36, 0.82)],
)
def test_periods_agree_with_2017_as_the_independent_look_found(ask, period, ari, kappa):
    found = pair(ask, period, "2017")
    assert (round(found["ari"], 2), round(found["weighted_kappa"], 2)) == (ari, kappa)


def test_2017_agrees_with_its_own_noise_as_the_independent_look_found(ask):
    found = pair(ask, "2017", "2017")
    # Half of recounts leave all tiers as they are, half make the ARI 0.86 or less.
    assert 0.85 <= found["noise_ari_median"] <= 1
    assert found["noise_ari_p05"] == pytest.approx(0.35, abs=0.05)


def test_silhouettes_of_2017_are_those_of_the_independent_look(ask):
    # k = 6 and 7 (.69, .63) are beyond the `k_max` of areas.
    found = ask(
        "select k, silhouette from marts.cluster_k_selection"
        " where run_id = 'area__2017__crimes__volume__kmeans' and k > 1 order by k"
    )
    assert [k for k, _ in found] == [2, 3, 4, 5]
    expected = [0.48, 0.63, 0.62, 0.66]
    assert [value for _, value in found] == pytest.approx(expected, abs=0.0051)
