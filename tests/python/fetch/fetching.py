"""What tests of fetching share: two small datasets, and what came of them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import helpers
import portal as city
import pyarrow.parquet as pq
import pytest

from la_crime.files import sha256
from la_crime.portal import client, fetch

TOKEN = "a-token-that-nobody-may-see"  # noqa: S105 (made up)

CRIMES = "crimes_2010_2019"
NIBRS = "nibrs_offenses"
CRIMES_CSV = f"/resource/{city.IDS[CRIMES]}.csv"


def fetch_small(out: Path, names: tuple[str, ...] = (CRIMES,), **options) -> None:
    """Fetch in pages of 20 rows and files of 60."""
    fetch.fetch(out, list(names), page_rows=20, pages_per_file=3, **options)


def landed(out: Path, name: str) -> list[dict]:
    """Rows of a dataset's visible files, by the portal's row numbers."""
    rows = [
        row
        for path in sorted(out.glob(f"*/{name}-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    return sorted(rows, key=lambda row: city.number_of(row["socrata_id"]))


def expected(fake: city.FakePortal, out: Path, name: str) -> list[dict]:
    """Rows of the portal in the columns of the manifest."""
    names = manifest(out)[name]["columns"] | {
        field: field for field in ("socrata_id", "socrata_updated_at")
    }
    return [{ours: row.get(its) for its, ours in names.items()} for row in fake.content(name)]


def manifest(out: Path) -> dict:
    """Entries of the manifest."""
    return json.loads((out / "manifest.json").read_text())["datasets"]


def files(out: Path) -> dict[str, bytes]:
    """What a user of the folder sees, but for the times in the manifest."""
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }
    if "manifest.json" in found:
        found["manifest.json"] = re.sub(rb'"fetched_at": "[^"]+"', b"", found["manifest.json"])
    return found


def assert_same_as_portal(fake: city.FakePortal, out: Path, name: str) -> None:
    """The files have the portal's rows, each once, and the manifest tells the truth of them."""
    rows = landed(out, name)
    assert rows == expected(fake, out, name)
    entry = manifest(out)[name]
    assert entry["rows"] == len(rows)
    seen = {f"{p.parent.name}/{p.name}": p for p in out.glob(f"*/{name}-*.parquet")}
    assert {
        path: {"rows": pq.read_metadata(p).num_rows, "sha256": sha256(p)}
        for path, p in seen.items()
    } == entry["files"]


def stop_at_page(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let Ctrl-C be pressed at a page."""
    real, pages = client.Portal.page, []

    def stop(*words):
        pages.append(words)
        if len(pages) == number:
            raise KeyboardInterrupt
        return real(*words)

    monkeypatch.setattr(client.Portal, "page", stop)


def command(
    out: Path, url: str, *words: str, stderr: int = subprocess.PIPE, city: str = ""
) -> subprocess.CompletedProcess:
    """Run `python -m la_crime fetch` as a person does, of a city by its name."""
    return subprocess.run(
        [sys.executable, "-m", "la_crime", "fetch", "--out", out, *words],
        cwd=helpers.PROJECT,
        env={
            "PATH": "/usr/bin:/bin", "NO_PROXY": "*", "LA_CRIME_APP_TOKEN": TOKEN,
            "LA_CRIME_PORTAL_URL": url, "LA_CRIME_BOUNDARIES_URL": url, "CITY": city,
        },
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=False,
    )  # fmt: skip
