"""What a Python model keeps from its last build, and when it computes anew."""

import duckdb
import pandas as pd
import pytest

from la_crime import reuse

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


def renewed(kept: pd.DataFrame, items=ITEMS, weights=WEIGHTS) -> pd.DataFrame:
    """A renewal by run, whose `kept` went through DuckDB as a model's table does."""
    if len(kept):
        with duckdb.connect() as con:
            kept = con.sql("from kept").df()
    asked.clear()
    return reuse.renewed(kept, measure, ["run_id"], {"items": items, "weights": weights})


@pytest.fixture
def first() -> pd.DataFrame:
    return renewed(pd.DataFrame())


def test_a_first_build_measures_every_group_in_order(first):
    assert asked == [["a", "b", "c"]]
    assert first["run_id"].tolist() == ["a", "a", "b", "b", "c", "c"]
    assert first["value"].tolist() == [20.0, 20.0, 45.0, 45.0, 0.0, 0.0]
    assert first["word"].isna().tolist() == [False, True] * 3
    assert first.groupby("run_id")["inputs_hash"].nunique().tolist() == [1, 1, 1]
    assert first["inputs_hash"].nunique() == 3


def test_the_same_inputs_in_any_order_keep_every_row(first):
    pd.testing.assert_frame_equal(renewed(first, items=ITEMS[::-1]), first)
    assert asked == [[]]


def test_only_the_group_that_changed_is_measured(first):
    changed = ITEMS.assign(x=[1.5, 2.0, 4.0, None])
    again = renewed(first, items=changed)
    assert asked == [["b"]]
    pd.testing.assert_frame_equal(again, renewed(pd.DataFrame(), items=changed))
    assert again["value"].tolist() == [20.0, 20.0, 55.0, 55.0, 0.0, 0.0]


def test_a_row_more_or_less_is_a_change(first):
    renewed(first, items=pd.concat([ITEMS, ITEMS[1:2]], ignore_index=True))
    assert asked == [["a"]]
    renewed(first, items=ITEMS[1:])
    assert asked == [["b"]]


def test_a_group_that_is_gone_has_no_rows(first):
    again = renewed(first, items=ITEMS[ITEMS["run_id"] != "a"])
    assert asked == [[]]
    assert again["run_id"].tolist() == ["b", "b", "c", "c"]


def test_what_goes_to_every_group_renews_them_all(first):
    renewed(first, weights=WEIGHTS * 2)
    assert asked == [["a", "b", "c"]]


def test_other_code_renews_all(first, monkeypatch):
    monkeypatch.setattr(reuse, "code_fingerprint", lambda: "of another version")
    renewed(first)
    assert asked == [["a", "b", "c"]]


def test_the_code_is_that_of_the_modules_and_of_the_libraries(monkeypatch):
    before = reuse.code_fingerprint()
    reuse.code_fingerprint.cache_clear()
    assert reuse.code_fingerprint() == before
    reuse.code_fingerprint.cache_clear()
    monkeypatch.setattr(reuse, "version", lambda library: f"another {library}")
    assert reuse.code_fingerprint() != before
    reuse.code_fingerprint.cache_clear()


def test_groups_of_two_columns_are_told_apart():
    def paired(pairs):
        return pairs.groupby(["left", "right"], as_index=False)["x"].sum()

    pairs = pd.DataFrame({"left": ["a", "a", "b"], "right": ["y", "z", "y"], "x": [1, 2, 3]})
    first = reuse.renewed(pd.DataFrame(), paired, ["left", "right"], {"pairs": pairs})
    changed = pairs.assign(x=[1, 5, 3])
    again = reuse.renewed(first, paired, ["left", "right"], {"pairs": changed})
    assert again["x"].tolist() == [1, 5, 3]
    assert (again["inputs_hash"] == first["inputs_hash"]).tolist() == [True, False, True]


def test_frames_that_have_no_groups_are_an_error():
    with pytest.raises(ValueError, match=r"no frame has the columns \['run_id'\]"):
        reuse.renewed(pd.DataFrame(), measure, ["run_id"], {"weights": WEIGHTS})


def test_groups_that_the_inputs_do_not_have_are_an_error():
    def renamed(items, weights):
        return measure(items, weights).assign(run_id="z")

    with pytest.raises(ValueError, match=r"renamed.* 'z' .*run_id"):
        reuse.renewed(pd.DataFrame(), renamed, ["run_id"], {"items": ITEMS, "weights": WEIGHTS})
