"""Looks up the locked dependencies among known vulnerabilities, and says so when it cannot.

Exit code 0: none has a known one. 1: some have. 3: no database could be reached, or not for all of
them, so that nothing is known of the others.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"
UV = Path(sys.executable).with_name("uv")
# run apart from the project's environment, of which it is no part
PIP_AUDIT = (str(UV), "tool", "run", "--quiet", "pip-audit@2.10.1")
DATABASES = ("pypi", "osv")
VULNERABLE, UNKNOWN = 1, 3


def look_up(database: str) -> list[dict]:
    """Ask a database of vulnerabilities; a dependency each, none if it cannot be reached."""
    ran = subprocess.run(
        [*PIP_AUDIT, "--requirement", LOCK, "--no-deps", "--disable-pip"]  # noqa: RUF005
        + ["--progress-spinner", "off", "--format", "json", "--vulnerability-service", database],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []


def verdict(found: list[dict]) -> tuple[int, str]:
    """The exit code and what to print of a database's answer."""
    known = [dependency for dependency in found if "skip_reason" not in dependency]
    lines = [
        f"{dependency['name']} {dependency['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for dependency in known
        for fault in dependency["vulns"]
    ]
    if lines:
        return VULNERABLE, "\n".join(["Known vulnerabilities:", *lines])
    if not known or len(known) < len(found):
        what = f"{len(found) - len(known)} of {len(found)}" if known else "the"
        return UNKNOWN, (
            "NOT AUDITED: no database of vulnerabilities that can be reached from here knows "
            f"{what} dependencies. Run `make audit` where the network is open."
        )
    return 0, f"None of {len(known)} dependencies has a known vulnerability."


def main() -> int:
    """Ask the databases in turn until one knows all dependencies, or one that is vulnerable."""
    for database in DATABASES:
        code, said = verdict(look_up(database))
        if code != UNKNOWN:
            break
    print(said)
    return code


if __name__ == "__main__":
    sys.exit(main())
