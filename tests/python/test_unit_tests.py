"""The unit tests of the models, which a user's build leaves to `make test`."""

import shutil

import duckdb


def test_unit_tests_pass_and_a_build_leaves_them_out(demo_warehouse, tmp_path, run_dbt):
    db = shutil.copyfile(demo_warehouse.db, tmp_path / demo_warehouse.db.name)
    with duckdb.connect(str(db), read_only=True) as con:
        # a whole build by the default of selectors.yml
        assert con.sql("select shortfall from quality.build_outcome").fetchall() == [("",)]
    ran = run_dbt(["test", "--select", "test_type:unit"], data_dir=demo_warehouse.data, db=db)
    assert ran.returncode == 0, ran.stdout
    assert "PASS=1" in ran.stdout.replace("PASS=0", "")
    listed = run_dbt(
        ["list", "--resource-type", "unit_test", "--quiet"], data_dir=demo_warehouse.data, db=db
    )
    assert listed.stdout.strip() == ""
