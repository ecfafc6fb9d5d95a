"""Every recipe in the documents, run as it is written in a copy of the project.

A recipe is a block of shell or Python in the README or the other documents. All of it is real but
one thing: where the command `build` would have dbt build from the data folder, the folder is
inspected and the demo warehouse, which other tests build, is put in the warehouse's place; and
dbt's documentation is made the first time only. What cannot be run in a test is in `NOT_RUN`, with
the reason.
"""

import os
import re
import shutil
import subprocess

import portal as city
import pytest
from helpers import PROJECT

from la_crime import demo
from la_crime.warehouse import publish

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md")),
]
NOT_RUN = {
    "make test": "it is what runs this",
    "make build ENGINE=spark": "needs Spark and Java; test_spark.py runs its halves where they are",
    "PYTHONPATH=. spark-submit": "needs a cluster",
    "LA_CRIME_HANDED_OVER=": "needs what that cluster hands over; test_spark.py builds from one",
    "dbt build": "a whole build, as in the fixture demo_warehouse",
    ".venv/bin/dbt build --vars": "a whole build; test_reading.py sets as_of_date",
    "/usr/bin/time -v dbt build": "half a build, timed",
    'python -c "import pathlib, la_crime.bench': "needs the timed build",
    ".venv/bin/python tests/clients/duckdb_versions.py": "installs eight versions of DuckDB",
    "npm --prefix": "installs a package; test_clients.py runs the rest where it is there",
    "node tests/clients/node": "needs that package",
    ".venv/bin/mf query": "MetricFlow asks PyPI at each call; test_semantics.py asks the same",
}
# dbt's part of a build
STAND_IN = """

_dbt = run_dbt


def run_dbt(*words):
    if words[0] == "docs" and Path("target/catalog.json").exists():
        return True
    if words[0] != "build":
        return _dbt(*words)
    import shutil

    problems = inspection.inspect(settings.data_folder(), Seeds(Path()))["problems"]
    print(*problems, sep="\\n", file=sys.stderr)
    shutil.copy(os.environ["DEMO_WAREHOUSE"], settings.warehouse())
    return not problems
"""
DUCKDB = """#!{python}
import sys, duckdb
_, flag, database, query = sys.argv
assert flag == "-readonly"
duckdb.connect(database, read_only=True).sql(query).show()
"""


def blocks(text: str) -> list[tuple[int, str, str]]:
    """The line, language and text of each fenced block of shell or Python."""
    found = re.finditer(r"^```(sh|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text[: m.start()].count("\n") + 1, m[1], m[2]) for m in found]


RECIPES = {
    f"{name}:{line}": (language, code)
    for name in DOCUMENTS
    for line, language, code in blocks((PROJECT / name).read_text(encoding="utf-8"))
}


@pytest.fixture(scope="module")
def sandbox(demo_warehouse, tmp_path_factory):
    """A copy of the project with the demo warehouse built, someone's own data, and a portal."""
    folder = tmp_path_factory.mktemp("recipes") / "la-crime"
    made = {".venv", ".git", "data", "warehouse", "target", "logs", "site"}
    shutil.copytree(
        PROJECT,
        folder,
        ignore=lambda at, names: made & set(names) if at == str(PROJECT) else {"node_modules"},
    )
    # the environment is the one that the tests run in, and is never made anew
    (folder / ".venv").symlink_to(PROJECT / ".venv")
    for lock in folder.glob("requirements*.lock"):
        os.utime(lock, (0, 0))
    with (folder / "la_crime" / "warehouse" / "build.py").open("a", encoding="utf-8") as code:
        code.write(STAND_IN)
    (folder / "bin").mkdir()
    shim = folder / "bin" / "duckdb"
    shim.write_text(DUCKDB.format(python=PROJECT / ".venv" / "bin" / "python"), encoding="utf-8")
    shim.chmod(0o755)
    demo.generate(folder / "my-data", scale=0.002, progress=False)
    (folder / "warehouse").mkdir()
    shutil.copy(demo_warehouse.db, folder / "warehouse" / "la_crime.duckdb")
    publish.publish(folder / "warehouse" / "la_crime.duckdb")
    tables = city.city_tables(tmp_path_factory.mktemp("city"))
    with city.FakePortal(tables, city.city_shapes()) as portal:
        yield (
            folder,
            {
                "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
                "HOME": str(folder),
                "DEMO_WAREHOUSE": str(demo_warehouse.db),
                "LA_CRIME_PORTAL_URL": portal.url,
                "LA_CRIME_BOUNDARIES_URL": portal.url,
            },
        )


def run(sandbox, recipe: str) -> subprocess.CompletedProcess:
    """Run a recipe in the sandbox, less what is not run."""
    folder, environment = sandbox
    language, code = RECIPES[recipe]
    lines = [line for line in code.splitlines() if not line.startswith(tuple(NOT_RUN))]
    shell = (
        ["bash", "-e", "-o", "pipefail", "-c"] if language == "sh" else [".venv/bin/python", "-c"]
    )
    return subprocess.run(
        [*shell, "\n".join(lines)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


OWN_DATA = next(name for name, (_, code) in RECIPES.items() if "my-data" in code)


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name != OWN_DATA])
def test_a_recipe_runs_as_written(recipe, sandbox):
    ran = run(sandbox, recipe)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def test_ones_own_data_is_what_the_site_draws(sandbox):
    ran = run(sandbox, OWN_DATA)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Building warehouse/mine/la_crime.duckdb from my-data" in ran.stderr
    assert "Reading warehouse/mine/published/la_crime.duckdb" in ran.stderr
    assert "pages from warehouse/mine/published/la_crime.duckdb: open" in ran.stdout


def test_what_is_not_run_is_in_the_documents():
    lines = [line for _, code in RECIPES.values() for line in code.splitlines()]
    for start in NOT_RUN:
        assert any(line.startswith(start) for line in lines), start
