"""What `clustering_runs.csv` may say, and the sentence that each bad row earns."""

import subprocess
import sys

import helpers as h
import pytest

from la_crime.inputs import asked_runs
from la_crime.spatial import boundaries

HEADER = "scope,period_id,source,feature_set,algorithm,k,is_headline"
GOOD = "area,all,crimes,volume,kmeans,4,true"
PERIODS = "period_id,start_date\nall,2010-01-01\n2017,2017-01-01\n"
FEATURE_SETS = "feature_set,transform\nvolume,log1p\nmix,clr\n"


@pytest.fixture
def seeds(tmp_path):
    """A folder with the seeds that runs refer to: two periods and two feature sets."""
    h.put(tmp_path / "periods.csv", PERIODS.encode())
    h.put(tmp_path / "feature_sets.csv", FEATURE_SETS.encode())
    return tmp_path


def problems(seeds, *lines):
    """The problems of a run plan with these lines; the path that begins each is taken off."""
    path = h.put(seeds / "clustering_runs.csv", "\n".join([*lines, ""]).encode())
    found = asked_runs.problems(seeds)
    assert all(sentence.startswith(f"{path} ") for sentence in found)
    return [sentence.removeprefix(f"{path} ") for sentence in found]


def test_the_projects_own_runs_are_sound():
    assert asked_runs.problems(h.SEEDS, boundaries.listed(h.PROJECT / "none")) == []


def test_a_plan_is_read_without_what_computes():
    """Reading a plan must not wait for the libraries of statistics."""
    code = "import sys, la_crime.inputs.asked_runs; print({'numpy', 'scipy'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_a_run_may_be_of_a_layer(seeds):
    h.put(seeds / "clustering_runs.csv", f"{HEADER}\nward{GOOD.removeprefix('area')}\n".encode())
    assert asked_runs.problems(seeds, ["ward"]) == []
    (problem,) = asked_runs.problems(seeds)
    assert "unknown scope 'ward' (known: area, district)" in problem


def test_good_rows_have_no_problem(seeds):
    others = ("district,2017,arrests,mix,complete,2,false", "area,all,crimes,volume,ward,12,false")
    assert problems(seeds, HEADER, GOOD, *others) == []


@pytest.mark.parametrize(
    ("row", "run", "fault"),
    [
        (
            "city,all,crimes,volume,kmeans,4,true",
            "city__all__crimes__volume__kmeans",
            "unknown scope 'city' (known: area, district)",
        ),
        (
            "area,1999,crimes,volume,kmeans,4,true",
            "area__1999__crimes__volume__kmeans",
            "unknown period_id '1999' (known: all, 2017)",
        ),
        (
            "area,all,victims,volume,kmeans,4,true",
            "area__all__victims__volume__kmeans",
            "unknown source 'victims' (known: crimes, arrests)",
        ),
        (
            "area,all,crimes,age,kmeans,4,true",
            "area__all__crimes__age__kmeans",
            "unknown feature_set 'age' (known: volume, mix)",
        ),
        (
            "area,all,crimes,volume,dbscan,4,true",
            "area__all__crimes__volume__dbscan",
            "unknown algorithm 'dbscan' (known: kmeans, ward, average, complete, ward_contiguous)",
        ),
        (
            "area,all,crimes,volume,kmeans,4,yes",
            "area__all__crimes__volume__kmeans",
            "unknown is_headline 'yes' (known: true, false)",
        ),
        (
            "area,all,crimes,volume,kmeans,4,",
            "area__all__crimes__volume__kmeans",
            "unknown is_headline '' (known: true, false)",
        ),
        (
            ",all,crimes,volume,kmeans,4,true",
            "__all__crimes__volume__kmeans",
            "unknown scope '' (known: area, district)",
        ),
        (
            " area,all,crimes,volume,kmeans,4,true",
            " area__all__crimes__volume__kmeans",
            "unknown scope ' area' (known: area, district)",
        ),
    ],
)
def test_an_unknown_value_is_named_beside_the_known_ones(row, run, fault, seeds):
    assert problems(seeds, HEADER, row) == [f"line 2, run {run}: {fault}."]


@pytest.mark.parametrize("k", ["1", "0", "-4", "4.0", "four", "", " ", "²", "٤", "1e1"])
def test_k_is_a_whole_number_of_two_or_more(k, seeds):
    assert problems(seeds, HEADER, f"area,all,crimes,volume,kmeans,{k},true") == [
        "line 2, run area__all__crimes__volume__kmeans: "
        f"k is '{k}' and must be a whole number of 2 or more."
    ]


def test_a_run_may_be_there_once_whatever_its_k(seeds):
    again = "area,all,crimes,volume,kmeans,5,false"
    assert problems(seeds, HEADER, GOOD, again) == [
        "line 3, run area__all__crimes__volume__kmeans: this run is there twice."
    ]


def test_all_faults_of_a_row_are_one_sentence(seeds):
    assert problems(seeds, HEADER, "city,1999,crimes,volume,kmeans,1,true") == [
        "line 2, run city__1999__crimes__volume__kmeans: unknown scope 'city' (known: area, "
        "district); unknown period_id '1999' (known: all, 2017); "
        "k is '1' and must be a whole number of 2 or more."
    ]


def test_every_bad_row_has_its_sentence(seeds):
    bad = "area,all,crimes,volume,dbscan,4,true"
    assert [sentence[:6] for sentence in problems(seeds, HEADER, bad, GOOD, bad)] == [
        "line 2",
        "line 4",
    ]


def test_lines_are_counted_as_an_editor_counts_them(seeds):
    lines = [HEADER, "", "", GOOD, "", "area,all,crimes,volume,kmeans,1,true"]
    assert problems(seeds, *lines)[0].startswith("line 6, run area__all__crimes__volume__kmeans: ")


@pytest.mark.parametrize(
    ("row", "run", "cells"),
    [
        ("area,all,crimes,volume,kmeans,4", "area__all__crimes__volume__kmeans", 6),
        ("area,all", "area__all______", 2),
        ("area,all,crimes,volume,kmeans,4,true,x", "area__all__crimes__volume__kmeans", 8),
        ("area;all;crimes", "area;all;crimes________", 1),
    ],
)
def test_a_row_has_as_many_cells_as_the_header(row, run, cells, seeds):
    assert problems(seeds, HEADER, row) == [
        f"line 2, run {run}: it has {cells} cells and must have 7."
    ]


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (HEADER.removesuffix(",is_headline"), "is_headline"),
        (HEADER.replace("k,", "clusters,").replace("scope", "Scope"), "scope, k"),
        ("", "scope, period_id, source, feature_set, algorithm, k, is_headline"),
    ],
)
def test_a_missing_column_is_named(header, missing, seeds):
    assert problems(seeds, header, GOOD) == [f"lacks these columns in its first line: {missing}."]


def test_an_empty_plan_is_a_problem(seeds):
    message = ["lists no run; it needs a row for each clustering to make."]
    assert problems(seeds, HEADER) == message
    assert problems(seeds, HEADER, "", "") == message


def test_a_file_of_no_bytes_lacks_every_column(seeds):
    path = h.put(seeds / "clustering_runs.csv", b"")
    assert asked_runs.problems(seeds) == [
        f"{path} lacks these columns in its first line: "
        "scope, period_id, source, feature_set, algorithm, k, is_headline."
    ]


def test_columns_may_be_more_and_in_any_order(seeds):
    header = "note,is_headline,k,algorithm,feature_set,source,period_id,scope"
    assert problems(seeds, header, "ours,true,4,kmeans,volume,crimes,all,area") == []


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(seeds):
    text = f"\ufeff{HEADER}\r\n{GOOD}\r\n"
    h.put(seeds / "clustering_runs.csv", text.encode())
    assert asked_runs.problems(seeds) == []


def test_a_run_is_named_by_what_it_clusters_and_how():
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    assert asked_runs.run_id(row) == "area__all__crimes__volume__kmeans"
