"""What a Python model keeps from its last build, and when it computes anew."""

import duckdb
import pandas as pd
import pytest

from la_crime.warehouse import reuse

ITEMS = pd.DataFrame({"run_id": ["b", "a", "b", "c"], "x": [1.5, 2.0, 3.0, None]})
WEIGHTS = pd.DataFrame({"weight": [10.0]})
asked = []


def measure(items: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The weighted sum of each run's items, in two rows, one of them with a missing word."""
    asked.append(sorted(items["run_id"].unique()))
    sums = items.groupby("run_id")["x"].sum() * weights["weight"].sum()
    words = pd.DataFrame({"word": ["sum", None]}, dtype="str")
    result = sums.rename("value").reset_index().merge(words, how="cross")
    return result.astype({"run_id": "str", "value": "float64"})


@pytest.fixture(autouse=True)
def session():
    """A connection whose table `kept` is what a model's own is."""
    with duckdb.connect() as con:
        yield con


@pytest.fixture
def renewed(session):
    """A renewal by run, as a frame, of the table `kept`, where a first one is put."""

    def renew(kept=True, measure=measure, by=("run_id",), items=ITEMS, **others):
        inputs = {"items": items} | (others or {"weights": WEIGHTS})
        relations = {name: session.from_df(frame) for name, frame in inputs.items()}
        asked.clear()
        table = session.table("main.kept") if kept else None
        found = reuse.renewed(session, table, measure, list(by), relations)
        session.execute("drop table if exists made")
        found.create("made")
        if not kept:
            session.execute("create or replace table kept as from made")
        return session.table("made").df()

    return renew


@pytest.fixture
def first(renewed):
    return renewed(kept=False)


def test_a_first_build_measures_every_group_in_order(first):
    assert asked == [["a", "b", "c"]]
    assert first["run_id"].tolist() == ["a", "a", "b", "b", "c", "c"]
    assert first["value"].tolist() == [20.0, 20.0, 45.0, 45.0, 0.0, 0.0]
    assert first["word"].isna().tolist() == [False, True] * 3
    assert first.groupby("run_id")["inputs_hash"].nunique().tolist() == [1, 1, 1]
    assert first["inputs_hash"].nunique() == 3


def test_the_same_inputs_in_any_order_keep_every_row(first, renewed):
    pd.testing.assert_frame_equal(
        renewed(items=pd.concat([ITEMS[2:], ITEMS[:2]], ignore_index=True)), first
    )
    assert asked == [[]]


@pytest.mark.usefixtures("first")
def test_only_the_group_that_changed_is_measured(renewed):
    changed = ITEMS.assign(x=[1.5, 2.0, 4.0, None])
    again = renewed(items=changed)
    assert asked == [["b"]]
    assert again["value"].tolist() == [20.0, 20.0, 55.0, 55.0, 0.0, 0.0]
    pd.testing.assert_frame_equal(again, renewed(kept=False, items=changed))


@pytest.mark.usefixtures("first")
def test_a_row_more_or_less_is_a_change(renewed):
    renewed(items=pd.concat([ITEMS, ITEMS[1:2]], ignore_index=True))
    assert asked == [["a"]]
    renewed(items=ITEMS[1:])
    assert asked == [["b"]]


@pytest.mark.usefixtures("first")
def test_a_group_that_is_gone_has_no_rows(renewed):
    again = renewed(items=ITEMS[ITEMS["run_id"] != "a"])
    assert asked == [[]]
    assert again["run_id"].tolist() == ["b", "b", "c", "c"]


@pytest.mark.usefixtures("first")
def test_what_goes_to_every_group_renews_them_all(renewed):
    renewed(weights=WEIGHTS * 2)
    assert asked == [["a", "b", "c"]]


@pytest.mark.usefixtures("first")
def test_other_code_renews_all(renewed, monkeypatch):
    monkeypatch.setattr(reuse, "code_fingerprint", lambda module: f"another {module}")
    renewed()
    assert asked == [["a", "b", "c"]]


def test_a_table_without_fingerprints_is_of_no_use(first, renewed, session):
    session.execute("alter table kept drop inputs_hash")
    pd.testing.assert_frame_equal(renewed(), first)
    assert asked == [["a", "b", "c"]]


def test_groups_of_two_columns_are_told_apart(renewed):
    def paired(items, whole):
        assert len(whole) == 1
        return items.groupby(["left", "right"], as_index=False)["x"].sum()

    pairs = pd.DataFrame({"left": ["a", "a", "b"], "right": ["y", "z", "y"], "x": [1, 2, 3]})
    named = {"measure": paired, "by": ["left", "right"], "whole": WEIGHTS}
    first = renewed(kept=False, items=pairs, **named)
    again = renewed(items=pairs.assign(x=[1, 5, 3]), **named)
    assert again["x"].tolist() == [1, 5, 3]
    assert (again["inputs_hash"] == first["inputs_hash"]).tolist() == [True, False, True]


def test_inputs_that_have_no_groups_are_an_error(renewed):
    with pytest.raises(ValueError, match=r"no input has the columns \['run_id'\]"):
        renewed(kept=False, items=WEIGHTS)


def test_groups_that_the_inputs_do_not_have_are_an_error(renewed):
    def renamed(items, weights):
        return measure(items, weights).assign(run_id="z")

    with pytest.raises(ValueError, match=r"renamed.* 'z' .*run_id"):
        renewed(kept=False, measure=renamed)
