"""Opens the published file with DuckDB of every version that a BI tool may carry.

    python tests/clients/duckdb_versions.py [--only 1.0,lock,2.0] [FILE]

Each version (the newest of its minor version; `lock` is the project's own) is installed once under
target/clients. With it, a process of its own opens the file read-only and compares the rows and
comments of every table with manifest.json and data_dictionary.csv. Exit code 1 if any differs.
"""

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PUBLISHED = PROJECT / "warehouse" / "published" / "la_crime.duckdb"
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "lock", "2.0")
PROBE = """
import json, sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
tables = con.execute(
    "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
).fetchall()
columns = con.execute(
    "select table_name, column_name, data_type, comment from duckdb_columns()"
    " where schema_name = 'marts'"
).fetchall()
rows = {t: con.execute(f'select count(*) from marts."{t}"').fetchall()[0][0] for t, _ in tables}
dictionary = [[t, "", "table", comment] for t, comment in tables] + [list(c) for c in columns]
print(json.dumps({"duckdb": duckdb.__version__, "rows": rows, "dictionary": dictionary}))
"""


def requirement(version: str) -> str:
    """Name what pip is to install: the newest of a minor version, or what the lock file says."""
    if version != "lock":
        return f"duckdb=={version}.*"
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    return re.search(r"^duckdb==[\w.]+", lock, re.MULTILINE)[0]


def install(version: str) -> Path:
    """Install a version once; return its folder. CalledProcessError if it is not to be had."""
    folder = PROJECT / "target" / "clients" / requirement(version).replace("==", "-").rstrip(".*")
    if not folder.exists():
        partial = folder.with_name(f".{folder.name}.{os.getpid()}")
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--only-binary", ":all:", "--target", partial, requirement(version)),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        shutil.move(partial, folder)
    return folder


def open_with(version: str, database: Path) -> dict:
    """Read a published file with a version: its number, the rows of tables, the dictionary."""
    ran = subprocess.run(
        [sys.executable, "-S", "-c", PROBE, database],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(install(version))},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


def faults(found: dict, database: Path) -> list[str]:
    """Say where what a version read differs from what was published beside the file."""
    expected = json.loads((database.parent / "manifest.json").read_text(encoding="utf-8"))["rows"]
    with (database.parent / "data_dictionary.csv").open(newline="", encoding="utf-8") as file:
        dictionary = [list(row.values()) for row in csv.DictReader(file)]
    return ["rows"] * (found["rows"] != expected) + ["comments"] * (
        sorted(found["dictionary"]) != sorted(dictionary)
    )


def main() -> int:
    """Print a line a version; return 1 if any failed."""
    parser = argparse.ArgumentParser(description="Open the published file with many DuckDBs.")
    parser.add_argument("file", type=Path, nargs="?", default=PUBLISHED)
    parser.add_argument("--only", default=",".join(VERSIONS), help="versions, with commas between")
    args = parser.parse_args()
    failed = False
    print(f"{'asked for':<11}{'DuckDB':<10}{'tables':>8}{'rows':>12}{'described':>11}  result")
    for version in args.only.split(","):
        try:
            found = open_with(version, args.file)
        except subprocess.CalledProcessError as error:
            failed = True
            reason = (error.stderr.strip() or "no reason given").splitlines()[-1]
            print(f"{version:<11}{'-':<10}{'-':>8}{'-':>12}{'-':>11}  FAILED: {reason}")
            continue
        wrong = faults(found, args.file)
        failed = failed or bool(wrong)
        described = sum(bool(row[3]) for row in found["dictionary"])
        result = f"FAILED: other {' and '.join(wrong)} than published" if wrong else "ok"
        print(
            f"{version:<11}{found['duckdb']:<10}{len(found['rows']):>8}"
            f"{sum(found['rows'].values()):>12,}{described:>11}  {result}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
