"""The project's own checks of dbt's manifest: each is seen to pass and to fail."""

import pytest
from dbt_bouncer.testing import check_fails, check_passes
from helpers import PROJECT

CHECKS = PROJECT / ".ci" / "dbt_checks"
SHARED_FILE = "models/shared_columns.md"


def tables(n, doc_blocks=()):
    """n models with one column, described alike."""
    column = {"name": "scope", "description": "Area or district.", "doc_blocks": list(doc_blocks)}
    return [{"name": f"m{i}", "columns": {"scope": column}} for i in range(n)]


def test_a_description_is_repeated_at_most_once():
    name = "check_repeated_column_descriptions_are_doc_blocks"
    check_passes(name, custom_checks_dir=CHECKS, ctx_models=tables(2), ctx_seeds=[])
    check_passes(name, custom_checks_dir=CHECKS, ctx_models=tables(3, ["doc.p.scope"]))
    said_again = r"said again and again of: \['scope \(3 times\)'\]"
    check_fails(name, custom_checks_dir=CHECKS, ctx_models=tables(3), match=said_again)
    seed = tables(1)
    check_fails(
        name, custom_checks_dir=CHECKS, ctx_models=tables(2), ctx_seeds=seed, match=said_again
    )


def test_a_doc_block_is_of_two_tables_or_more():
    docs = {"doc.p.scope": {"name": "scope", "original_file_path": SHARED_FILE}}
    overview = {"doc.p.o": {"name": "__overview__", "original_file_path": "docs/overview.md"}}
    kwargs = {"custom_checks_dir": CHECKS, "ctx_manifest_obj": {"docs": docs | overview}}
    name = "check_doc_blocks_of_columns_are_shared"
    check_passes(name, ctx_models=tables(2, docs), **kwargs)
    check_fails(name, ctx_models=tables(1, docs), match=r"fewer than 2 tables .*'scope'", **kwargs)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("model", "models/marts/m.sql"),
        ("model", "models/marts/m.py"),
        ("seed", "seeds/m.csv"),
        ("seed", "cities/gotham/m.csv"),
    ],
)
def test_a_yaml_file_is_beside_what_it_describes(kind, path):
    name = f"check_{kind}_properties_file_is_beside_it"
    # a city's seed is described once for all cities
    beside = f"p://{path.rpartition('.')[0]}.yml".replace("cities/gotham", "seeds")
    node = {"name": "m", "original_file_path": path}
    check_passes(name, custom_checks_dir=CHECKS, **{kind: node | {"patch_path": beside}})
    for elsewhere in (None, "p://models/m.yml", beside.replace("m.yml", "_all.yml")):
        check_fails(
            name,
            custom_checks_dir=CHECKS,
            match="`m` is described in .*, not beside it in .*/m.yml",
            **{kind: node | {"patch_path": elsewhere}},
        )


def test_a_seed_is_loaded_with_types():
    seed = {"name": "s", "columns": {"k": {}, "scope": {}}}
    typed = {"k": "integer", "scope": "varchar"}
    name = "check_seed_columns_are_loaded_with_types"
    check_passes(name, custom_checks_dir=CHECKS, seed=seed | {"config": {"column_types": typed}})
    del typed["scope"]
    check_fails(
        name,
        custom_checks_dir=CHECKS,
        seed=seed | {"config": {"column_types": typed}},
        match=r"`s` has no column_types for \['scope'\]",
    )


def test_a_test_says_what_its_failing_means():
    name = "check_test_says_what_failing_means"
    check_passes(name, custom_checks_dir=CHECKS, test={"description": "A place counts once."})
    check_fails(
        name, custom_checks_dir=CHECKS, test={"name": "t", "description": " "}, match="`t` has no"
    )


def test_a_unit_test_is_named_by_what_holds():
    name = "check_unit_test_is_named_by_what_holds"
    good = {"name": "times_are_hours", "description": "A day has 24."}
    check_passes(name, custom_checks_dir=CHECKS, unit_test=good)
    for unit_test, match in (
        (good | {"name": "test_1"}, "`test_1` is no sentence"),
        (good | {"description": ""}, "`times_are_hours` has no description"),
    ):
        check_fails(name, custom_checks_dir=CHECKS, unit_test=unit_test, match=match)
