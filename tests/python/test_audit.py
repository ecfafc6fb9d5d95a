"""The audit of dependencies: what it makes of a database's answer, and of none."""

import importlib.util

import pytest
from helpers import PROJECT

spec = importlib.util.spec_from_file_location("audit", PROJECT / ".ci" / "audit.py")
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)

SOUND = {"name": "duckdb", "version": "1.5.0", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found on PyPI"}
FAULTS = [
    {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]},
    {"id": "CVE-1", "fix_versions": []},
]
FAULTY = {"name": "jinja2", "version": "2.10", "vulns": FAULTS}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([SOUND, SOUND], 0, "None of 2 dependencies has a known vulnerability."),
        (
            [SOUND, FAULTY, SKIPPED],
            1,
            "Known vulnerabilities:\njinja2 2.10: PYSEC-2019-217, mended in 2.10.1\n"
            "jinja2 2.10: CVE-1, mended in no version yet",
        ),
        (
            [SOUND, SKIPPED],
            3,
            "NOT AUDITED: no database of vulnerabilities that can be reached from here knows 1 of "
            "2 dependencies.",
        ),
        ([SKIPPED, SKIPPED], 3, "NOT AUDITED: no database of vulnerabilities that can be reached"),
        ([], 3, "NOT AUDITED: no database of vulnerabilities that can be reached from here knows"),
    ],
)
def test_what_is_not_known_is_not_called_sound(found, code, said):
    assert audit.verdict(found)[0] == code
    assert audit.verdict(found)[1].startswith(said)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"pypi": [SOUND], "osv": [FAULTY]}, 0),
        ({"pypi": [SKIPPED], "osv": [SOUND]}, 0),
        ({"pypi": [], "osv": [FAULTY]}, 1),
        ({"pypi": [SKIPPED], "osv": []}, 3),
    ],
)
def test_the_next_database_is_asked_where_one_is_silent(answers, code, monkeypatch, capsys):
    monkeypatch.setattr(audit, "look_up", answers.get)
    assert audit.main() == code
    assert capsys.readouterr().out


@pytest.mark.parametrize("printed", ["", "no network", "{}"])
def test_a_database_that_cannot_be_reached_answers_nothing(printed, monkeypatch):
    monkeypatch.setattr(audit, "PIP_AUDIT", ("sh", "-c", f"echo '{printed}'; exit 1"))
    assert audit.look_up("pypi") == []
