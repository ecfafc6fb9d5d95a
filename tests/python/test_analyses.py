"""The study's questions in analyses/: each is asked, described, compiled, and answered."""

import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from helpers import PROJECT, WAREHOUSE, run_dbt

from la_crime.warehouse import publish
from la_crime.warehouse.opening import RESERVED

ANALYSES = sorted((PROJECT / "analyses").glob("*.sql"))
SECTIONS = ("1", "2", "3", "4")


def header(path: Path) -> str:
    """The comment that an analysis begins with, on one line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("--"))
    return " ".join(line.removeprefix("--").strip() for line in lines[:end])


@pytest.fixture(scope="module")
def compiled(demo_warehouse, tmp_path_factory) -> Path:
    """The folder of the statements that dbt makes of the analyses."""
    own = tmp_path_factory.mktemp("analyses")
    # dbt opens a warehouse as if it were to write, which keeps other tests from reading it
    copy = Path(shutil.copy(demo_warehouse.db, own))
    ran = run_dbt(["compile", "--select", "path:analyses"], demo_warehouse.data, copy, own)
    assert ran.returncode == 0, ran.stdout
    return own / "target" / "compiled" / "la_crime" / "analyses"


def test_all_four_sections_of_the_study_are_there():
    assert {path.name[0] for path in ANALYSES} == set(SECTIONS)


def test_every_analysis_is_described_and_no_other():
    described = yaml.safe_load((PROJECT / "analyses" / "_analyses.yml").read_text())["analyses"]
    assert [a["name"] for a in described] == [path.stem for path in ANALYSES]
    assert all(a["description"].strip() for a in described)


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_an_analysis_asks_a_question_and_states_its_grain(path):
    assert "?" in header(path)
    assert "One row per " in header(path)


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_an_analysis_answers_from_the_marts_alone(path, compiled, demo_warehouse):
    statement = (compiled / path.name).read_text(encoding="utf-8")
    for schema in RESERVED - {"marts"}:
        assert f'"{schema}".' not in statement
    with duckdb.connect(str(demo_warehouse.db), read_only=True) as con:
        first, again = (con.sql(statement).fetchall() for _ in range(2))
    assert first, "no rows"
    assert first == again
    assert len(set(first)) == len(first)


def test_an_analysis_answers_alike_from_the_published_file(compiled, demo_copy):
    publish.publish(demo_copy.db)
    published = demo_copy.db.parent / "published" / WAREHOUSE
    with (
        duckdb.connect(str(published), read_only=True) as there,
        duckdb.connect(str(demo_copy.db), read_only=True) as here,
    ):
        for path in ANALYSES:
            statement = (compiled / path.name).read_text(encoding="utf-8")
            assert there.sql(statement).fetchall() == here.sql(statement).fetchall(), path.stem
