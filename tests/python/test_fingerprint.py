"""Which changes of code a measure's fingerprint follows, and which it does not."""

import importlib
import sys

import duckdb
import pandas as pd
import pytest

from la_crime import fingerprint
from la_crime.warehouse import reuse

FILES = {
    "house/__init__.py": "",
    "house/measures/__init__.py": "from house.measures import others\n",
    "house/measures/others.py": "",
    "house/measures/sums.py": """
import numpy as np
from house.stats import adding

def measure(items):
    from .lazy import halved
    return halved(adding.summed(items))
""",
    "house/measures/lazy.py": "from ..stats.deep.est import halved, NOT_A_MODULE\n",
    "house/stats/__init__.py": "",
    "house/stats/adding.py": """
def summed(items):
    return items.groupby("run_id", as_index=False).sum()
""",
    "house/stats/unused.py": "",
    "house/stats/deep/__init__.py": "",
    "house/stats/deep/est.py": "NOT_A_MODULE = 2\ndef halved(items):\n    return items\n",
    "house/fetch.py": "import house.measures.sums\n",
}


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package of its own in a folder, which is returned."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "house"]:
        del sys.modules[name]


@pytest.fixture
def session():
    """A connection to DuckDB."""
    with duckdb.connect() as con:
        yield con


def of_now() -> str:
    """The fingerprint of the house's measure, as the next process would have it."""
    fingerprint.code_fingerprint.cache_clear()
    return fingerprint.code_fingerprint("house.measures.sums")


def test_every_module_that_is_imported_however_deep_and_no_other(house):
    sources, libraries = fingerprint.imported("house.measures.sums")
    assert libraries == {"numpy"}
    assert {path.relative_to(house).as_posix() for path in sources.values()} == set(FILES) - {
        "house/fetch.py",
        "house/stats/unused.py",
    }


@pytest.mark.parametrize("name", FILES)
def test_a_change_of_what_a_measure_imports_renews_it_and_of_nothing_else(house, session, name):
    items = pd.DataFrame({"run_id": ["a", "b"], "x": [1.0, 2.0]})
    sums = importlib.import_module("house.measures.sums")
    asked = []

    def built(kept):
        fingerprint.code_fingerprint.cache_clear()

        def measure(items):
            asked.append(len(items))
            return sums.measure(items)

        measure.__module__ = sums.__name__
        inputs = {"items": session.from_df(items)}
        return reuse.renewed(session, kept, measure, ["run_id"], inputs)

    built(None).create("first")
    with (house / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    built(session.table("main.first")).create("second")
    is_apart = name in ("house/fetch.py", "house/stats/unused.py")
    assert asked == [2, 0 if is_apart else 2]


@pytest.mark.usefixtures("house")
def test_another_version_of_a_library_is_a_change(monkeypatch):
    first = of_now()
    assert of_now() == first
    monkeypatch.setattr(fingerprint, "version", lambda library: f"another {library}")
    assert of_now() != first


def test_where_the_package_lies_does_not_matter(house, tmp_path):
    first = of_now()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (house / "house").rename(elsewhere / "house")
    sys.path.insert(0, str(elsewhere))
    try:
        importlib.invalidate_caches()
        assert of_now() == first
    finally:
        sys.path.remove(str(elsewhere))


def test_measures_do_not_hang_on_fetching():
    sources, libraries = fingerprint.imported("la_crime.measures.stability")
    assert "la_crime.stats.resampling" in sources
    assert {name.split(".")[1] for name in sources if "." in name} == {
        "frames",
        "measures",
        "stats",
    }
    assert {"numpy", "scipy", "scikit-learn"} <= libraries


def test_a_script_hangs_on_what_it_imports_however_far_down():
    """The script's own text is no part of it."""
    of = fingerprint.imports_fingerprint
    plain = of("from la_crime import files")
    assert of("from la_crime.files import quoted\n\nx = 1") == plain
    assert of("from la_crime.measures import clustering") != plain
    assert "scikit-learn" in of("from la_crime.measures import clustering")
    assert "altair" in of("import altair")
