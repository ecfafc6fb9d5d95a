"""A project with other runs and periods: what the seeds say of them, and nothing else, is used."""

import csv
import shutil
from pathlib import Path

import duckdb
import pytest
from helpers import PROJECT, WAREHOUSE, run_dbt

OF_PROJECT = ("dbt_project.yml", "profiles.yml", "la_crime", "macros", "models", "docs", "tests")
# what the project calls the whole series, and its other headline period
RENAMED = {"all": "whole", "2017": "2016", "2016": "2017"}


def rewrite(path: Path, change) -> None:
    """Every row of a CSV file through `change`, which returns it or None."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    kept = [row for row in map(change, rows) if row]
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the project; what one test builds there and the next has in common is kept."""
    folder = tmp_path_factory.mktemp("project")
    for name in OF_PROJECT:
        (folder / name).symlink_to(PROJECT / name)
    return folder


def built(folder: Path, data: Path, k: dict[str, int]) -> duckdb.DuckDBPyConnection:
    """The project with these k and other periods, built and tested."""
    for name in ("cities", "seeds"):
        shutil.copytree(PROJECT / name, folder / name, dirs_exist_ok=True)

    def run(row):
        # the mix and the arrests are clustered as ever, and are many
        if row["feature_set"] != "volume" or row["scope"] not in k:
            return None
        return row | {
            "k": k[row["scope"]],
            "period_id": RENAMED.get(row["period_id"], row["period_id"]),
        }

    def period(row):
        profiled = {"whole": "true", "2016": "true"}
        name = "whole" if row["period_id"] == "all" else row["period_id"]
        return row | {"period_id": name, "is_profiled_by_district": profiled.get(name, "false")}

    rewrite(folder / "cities/los_angeles/clustering_runs.csv", run)
    rewrite(folder / "cities/los_angeles/periods.csv", period)
    db, words = folder / WAREHOUSE, ["build", "--exclude-resource-type", "unit_test"]
    ran = run_dbt(words, data, db, work=folder / "work", project=folder)
    assert ran.returncode == 0, ran.stdout
    return duckdb.connect(str(db), read_only=True)


@pytest.mark.parametrize("k", [{"area": 3, "district": 5}, {"area": 5, "district": 3}])
def test_other_k_and_periods_build(folder, small_demo, k):
    with built(folder, small_demo, k) as con:

        def rows(query: str) -> list[tuple]:
            return con.sql(query).fetchall()

        main = [(scope, f"{scope}__whole__crimes__volume__kmeans", k[scope]) for scope in k]
        assert (
            rows("select scope, run_id, k from marts.cluster_runs where is_main order by 1") == main
        )
        highest = sorted(k.items())
        for query in (
            "select scope, max(from_rank) from marts.tier_transitions group by 1 order by 1",
            "select scope, max(headline_rank) from marts.tier_robustness group by 1 order by 1",
            "select scope, max(cluster_rank) from marts.place_tier_confidence"
            " group by 1 order by 1",
        ):
            assert rows(query) == highest, query
        assert rows(
            "select scope, list(distinct choice order by choice) from"
            " marts.robustness_choices where dimension = 'k' group by 1 order by 1"
        ) == [(scope, [str(n - 1), str(n), str(n + 1)]) for scope, n in highest]
        assert rows(
            "select distinct choice from marts.robustness_choices"
            " where dimension = 'period_id' order by 1"
        ) == [("2016",), ("whole",)]
        described = rows(
            "select distinct period_id from marts.tier_effects"
            " inner join marts.cluster_runs using (run_id) order by 1"
        )
        assert described == [("2016",), ("whole",)]
        assert (
            rows(
                "select count(*) from marts.place_trajectories where trajectory not like 'too few%'"
            )[0][0]
            > 0
        )
        asked = rows(
            "select count(*) from marts.tier_agreement where 'whole' in (left_id, right_id)"
        )
        assert asked[0][0] > 0
