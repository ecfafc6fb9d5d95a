"""The unit tests of the models, which a user's build leaves to `make test`."""

import duckdb


def test_unit_tests_pass_and_a_build_leaves_them_out(demo_copy, run_dbt):
    with duckdb.connect(str(demo_copy.db), read_only=True) as con:
        # a whole build by the default of selectors.yml
        assert con.sql("select shortfall from quality.build_outcome").fetchall() == [("",)]
    ran = run_dbt(["test", "--select", "test_type:unit"], demo_copy.data, demo_copy.db)
    assert ran.returncode == 0, ran.stdout
    assert "PASS=1" in ran.stdout.replace("PASS=0", "")
    words = ["list", "--resource-type", "unit_test", "--quiet"]
    listed = run_dbt(words, demo_copy.data, demo_copy.db)
    assert listed.stdout.strip() == ""
