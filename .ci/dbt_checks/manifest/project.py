"""The project's own checks for dbt-bouncer, beside the built-in ones in `dbt-bouncer.yml`."""

import re
from collections import Counter
from pathlib import PurePosixPath

from dbt_bouncer.check_framework.decorator import check, fail

SHARED = 3  # places with one meaning from which on a column's description is a doc block
FEWEST = 2  # from which on it may be one, as of a mart and of the measure under it


def _described_columns(ctx):
    """Each described column of models and seeds: its name, its text, its doc blocks."""
    for node in [*ctx.models, *ctx.seeds]:
        for name, column in (node.columns or {}).items():
            yield name, column.description.strip(), list(getattr(column, "doc_blocks", None) or [])


@check
def check_repeated_column_descriptions_are_doc_blocks(ctx):
    """A text that stands at one column of three tables is written once, as a doc block."""
    texts = Counter((name, text) for name, text, blocks in _described_columns(ctx) if not blocks)
    repeated = sorted(f"{name} ({n} times)" for (name, _), n in texts.items() if n >= SHARED)
    if repeated:
        fail(f"Put into models/shared_columns.md what is said again and again of: {repeated}.")


@check
def check_doc_blocks_of_columns_are_shared(ctx):
    """A doc block of a column that one table uses belongs into its own file."""
    uses = Counter(block for _, _, blocks in _described_columns(ctx) for block in blocks)
    docs = ctx.manifest_obj.manifest.docs
    few = sorted(
        doc.name
        for key, doc in docs.items()
        if doc.original_file_path == "models/shared_columns.md" and uses[key] < FEWEST
    )
    if few:
        fail(f"models/shared_columns.md describes what fewer than {FEWEST} tables have: {few}.")


def _fail_unless_beside(node, folder=None):
    described = PurePosixPath(str(node.patch_path or "").partition("://")[2])
    expected = PurePosixPath(node.original_file_path).with_suffix(".yml")
    expected = PurePosixPath(folder) / expected.name if folder else expected
    if described != expected:
        fail(f"`{node.name}` is described in `{described}`, not beside it in `{expected}`.")


@check
def check_model_properties_file_is_beside_it(model):
    """A model's YAML file has its name and folder."""
    _fail_unless_beside(model)


@check
def check_seed_properties_file_is_beside_it(seed):
    """A seed's YAML file has its name, and lies in `seeds/`: cities share it."""
    _fail_unless_beside(seed, "seeds")


@check
def check_seed_columns_are_loaded_with_types(seed):
    """Seeds are loaded by `column_types`; dbt guesses the type of a column that is not there."""
    guessed = sorted(set(seed.columns) - set(dict(seed.config.column_types or {})))
    if guessed:
        fail(f"`{seed.name}` has no column_types for {guessed}.")


@check
def check_test_says_what_failing_means(test):
    """A test that fails is read by its description."""
    if not str(test.description or "").strip():
        fail(f"`{test.name}` has no description.")


@check
def check_unit_test_is_named_by_what_holds(unit_test):
    """A unit test's name is a short sentence, and its description says why it holds."""
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){2,}", unit_test.name):
        fail(f"`{unit_test.name}` is no sentence of what holds, such as times_are_hours.")
    if not str(unit_test.description or "").strip():
        fail(f"`{unit_test.name}` has no description.")
