"""The lineage: dbt's documentation as a page of the site."""

import sys
import tempfile
from pathlib import Path

import browsing
from helpers import PROJECT

from la_crime.warehouse import lineage


def test_the_lineage_shows_the_graph_from_a_file(with_lineage, watched):
    page = watched.open(with_lineage, "lineage/index.html#!/model/model.la_crime.study_claims")
    page.wait_for_selector("h1:has-text('study_claims')")
    page.get_by_title("View Lineage Graph").click()
    browsing.wait_until(
        page,
        "[...document.querySelectorAll('canvas')].some(canvas => canvas.width && canvas"
        ".getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v))",
    )
    assert watched.faults == []


def test_no_path_of_the_machine_is_in_the_site(with_lineage, demo_warehouse):
    folders = {
        *(PROJECT, demo_warehouse.data.parent, with_lineage.parent, Path.home()),
        *(Path(sys.prefix), Path(sys.base_prefix), Path(tempfile.gettempdir())),
    }
    names = {f"{folder}/" for folder in folders} | {str(PROJECT), str(demo_warehouse.data)}
    for path in with_lineage.rglob("*"):
        text = path.read_text() if path.is_file() else ""
        assert {name for name in names if name in text} == set(), path.name
    lineage = (with_lineage / "lineage" / "index.html").read_text()
    assert lineage.count('"compiled_code"') > 100


def test_a_manifest_with_new_files_and_variables_says_nothing_of_the_machine():
    """Models of files that are new are compiled with the paths of the files."""
    code = {"a": "select * from read_csv(['/somewhere/a.csv'])", "b": "select 1"}
    made = lineage.without_folders(
        {
            "metadata": {"env": {"SECRET": "x"}, "user_id": "me", "dbt_version": "1"},
            "nodes": {
                name: {"name": name, "compiled_code": text, "root_path": "/somewhere"}
                for name, text in code.items()
            },
            "disabled": {"c": [{"name": "c", "build_path": "/somewhere/c"}]},
        }
    )
    assert made == {
        "metadata": {"env": {}, "user_id": None, "dbt_version": "1"},
        "nodes": {"a": {"name": "a"}, "b": {"name": "b", "compiled_code": "select 1"}},
        "disabled": {"c": [{"name": "c"}]},
    }
    assert lineage.as_script({"text": "</script>"}) == '{"text":"\\u003c/script>"}'


def test_the_lineage_leads_to_the_page_that_reads_the_marts(with_lineage, watched):
    page = watched.open(with_lineage, "lineage/index.html#!/exposure/exposure.la_crime.site_claims")
    link = page.get_by_role("link", name="View this exposure").get_attribute("href")
    goal = (with_lineage / "lineage" / link).resolve()
    assert goal == with_lineage / "claims.html"
    assert goal.exists()
    assert watched.faults == []
