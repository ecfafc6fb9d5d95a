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


@cache
def code_fingerprint(module: str) -> str:
    """The hash of a module and what it imports of its package, and the versions of libraries."""
    sources, libraries = imported(module)
    hashes = " ".join(f"{name} {files.sha256(path)}" for name, path in sorted(sources.items()))
    versions = (f"{library} {version(library)}" for library in sorted(libraries))
    return " ".join([sha256(hashes.encode()).hexdigest(), *versions])


def imported(module: str) -> tuple[dict[str, Path], set[str]]:
    """The modules of its package that a module imports, however far down, itself among them.

    Returns their files by name, and the distributions that they import besides. The packages that
    a module lies in count, for they are run before it.
    """
    package = module.partition(".")[0]
    origin = Path(find_spec(package).origin)
    root = origin.parent.parent if origin.name == "__init__.py" else origin.parent
    sources: dict[str, Path] = {}
    others: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _file_of(root, name)
        if path is None or name in sources:
            continue
        sources[name] = path
        for found in _imports(name, path):
            if found.partition(".")[0] == package:
                parts = found.split(".")
                waiting += [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
            else:
                others.add(found.partition(".")[0])
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return sources, _distributions(others - sys.stdlib_module_names)


def _file_of(root: Path, name: str) -> Path | None:
    """The file of a module; None where there is none, as for a name that a module defines."""
    path = root.joinpath(*name.split("."))
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def _imports(name: str, path: Path) -> Iterator[str]:
    """Every name that a module's statements import, whole, whether it is a module or not."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
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
