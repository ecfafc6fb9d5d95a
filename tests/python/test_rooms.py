"""The rooms of the package, as far as import-linter cannot hold them."""

import ast
import importlib.util
import subprocess
import sys

from helpers import PROJECT

# imports neither SciPy nor scikit-learn
WITHOUT_LIBRARIES = {"la_crime.settings", "la_crime.warehouse.reuse"}


def imports_of(path):
    """The names that a module's statements import from the package, whole."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("la_crime"):
            yield from ((node.module, alias.name) for alias in node.names)


def test_all_that_models_import_is_there_before_they_run():
    models = list((PROJECT / "models").rglob("*.py"))
    names = {f"{module}.{name}" for path in models for module, name in imports_of(path)}
    modules = {
        name if importlib.util.find_spec(name) else name.rpartition(".")[0]
        for name in names
        if not name.startswith("la_crime.warehouse.reuse.")
    }
    assert any(name.startswith("la_crime.measures.") for name in modules)
    script = "import sys, la_crime.warehouse.dbt_plugin; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert modules - WITHOUT_LIBRARIES <= {*ran.stdout.split()}


def test_private_names_stay_in_their_module():
    taken = [
        (path.relative_to(PROJECT).as_posix(), name)
        for path in (PROJECT / "la_crime").rglob("*.py")
        for _, name in imports_of(path)
        if name.startswith("_") and not name.startswith("__")
    ]
    assert taken == []
