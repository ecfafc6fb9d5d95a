"""What a result hangs on in code: a module, all that it imports of its own package, and libraries.

Imports are read from the source, wherever in it they stand, so that nothing is run and the answer
is the same on every machine. What a module takes in by `importlib` alone is not seen.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

from la_crime import files

PACKAGE = __name__.partition(".")[0]


@cache
def code_fingerprint(module: str) -> str:
    """The hash of a module and what it imports of its package, and the versions of libraries."""
    return _fingerprint(*imported(module))


@cache
def imports_fingerprint(script: str) -> str:
    """The same of all that a script imports, given as its text."""
    return _fingerprint(*imported(PACKAGE, *_imports(script, package="")))


def _fingerprint(sources: dict[str, Path], libraries: set[str]) -> str:
    hashes = " ".join(f"{name} {files.sha256(path)}" for name, path in sorted(sources.items()))
    versions = (f"{library} {version(library)}" for library in sorted(libraries))
    return " ".join([sha256(hashes.encode()).hexdigest(), *versions])


def imported(module: str, *names: str) -> tuple[dict[str, Path], set[str]]:
    """The modules of its package that a module imports, however far down, itself among them.

    Returns their files by name, and the distributions that they import besides. The packages that
    a module lies in count, for they are run before it. `names` are taken as what it imports, too.
    """
    package = module.partition(".")[0]
    origin = Path(find_spec(package).origin)
    root = origin.parent.parent if origin.name == "__init__.py" else origin.parent
    sources: dict[str, Path] = {}
    others: set[str] = set()
    waiting = [module, *names]
    while waiting:
        name = waiting.pop()
        if name.partition(".")[0] != package:
            others.add(name.partition(".")[0])
            continue
        waiting += [name.rpartition(".")[0]] if "." in name else []
        path = _file_of(root, name)
        if path is None or name in sources:
            continue
        sources[name] = path
        own_package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting += _imports(path.read_bytes(), own_package)
    return sources, _distributions(others - sys.stdlib_module_names)


def _file_of(root: Path, name: str) -> Path | None:
    """The file of a module; None where there is none, as for a name that a module defines."""
    path = root.joinpath(*name.split("."))
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def _imports(source: bytes | str, package: str) -> Iterator[str]:
    """Every name that code in a package imports, whole, whether it is a module or not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _distributions(names: set[str]) -> set[str]:
    """The distributions that importable names belong to."""
    known = _all_distributions()
    return {distribution for name in names for distribution in known.get(name, [])}


@cache
def _all_distributions() -> dict[str, list[str]]:
    return {name: sorted({*found}) for name, found in packages_distributions().items()}
