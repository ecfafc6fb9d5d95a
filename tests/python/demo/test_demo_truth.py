"""What was planted in the demo data comes out of the build."""

import duckdb
from sklearn.metrics import adjusted_rand_score


def read(warehouse, query: str) -> list[tuple]:
    """Ask a built warehouse beside the truth that its data was made from."""
    with duckdb.connect(str(warehouse.db), read_only=True) as con:
        con.execute(f"create temp view truth as select * from '{warehouse.data / 'truth.parquet'}'")
        return con.sql(query).fetchall()


def test_every_file_reconciles_with_what_was_planted(demo_warehouse):
    planted = read(
        demo_warehouse,
        "select subject_id,"
        " max(case when attribute = 'rows' then value::int end),"
        " max(case when attribute = 'rows_duplicate' then value::int end),"
        " sum(case when attribute like 'rejected: %' then value::int end)"
        " from truth where subject = 'file' group by all order by 1",
    )
    found = read(
        demo_warehouse,
        "select file_name, rows_read, rows_duplicate, rows_rejected"
        " from marts.row_reconciliation order by 1",
    )
    assert found == planted


def test_every_reject_has_its_planted_reason(demo_warehouse):
    planted = read(
        demo_warehouse,
        "select subject_id, replace(attribute, 'rejected: ', ''), value::int from truth"
        " where attribute like 'rejected: %' and value::int > 0 order by all",
    )
    found = read(
        demo_warehouse, "select file_name, reason, rows from marts.reject_reasons order by all"
    )
    assert found == planted


def test_planted_archetypes_are_recovered_by_the_mix_runs(demo_warehouse):
    for algorithm in ("kmeans", "ward"):
        pairs = read(
            demo_warehouse,
            "select value, cluster_rank from marts.cluster_assignments inner join truth"
            " on subject = 'district' and attribute = 'archetype' and subject_id = place_id"
            f" where run_id = 'district__all__crimes__mix__{algorithm}'",
        )
        assert len(pairs) > 1000
        planted, found = zip(*pairs, strict=True)
        assert adjusted_rand_score(planted, found) >= 0.8, algorithm


def test_planted_high_volume_districts_are_in_the_high_tier(demo_warehouse):
    tiers = read(
        demo_warehouse,
        "select tier, count(*) from marts.cluster_assignments inner join truth"
        " on subject = 'district' and attribute = 'planted_tier' and value = 'high'"
        " and subject_id = place_id"
        " where run_id = 'district__all__crimes__volume__kmeans' group by tier",
    )
    assert [tier for tier, _ in tiers] == ["high"]
    assert tiers[0][1] >= 40


def test_the_build_says_that_the_data_is_synthetic(demo_warehouse):
    assert read(demo_warehouse, "select dataset_kind from marts.build_info") == [
        ("synthetic demo",)
    ]
