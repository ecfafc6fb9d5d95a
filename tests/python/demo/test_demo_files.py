"""The demo's files: deterministic, in the city's layouts, and in nobody's way."""

import gzip
import json
from pathlib import Path

import duckdb
import helpers as h
import pandas as pd
import pytest
from demo_files import (
    ARRESTS_17,
    ARRESTS_25,
    ARRESTS_API,
    CRIMES_26,
    CRIMES_28,
    CRIMES_API,
    FILES,
    NIBRS,
    SCALE,
    TRACTS,
)

from la_crime.demo import generate, write
from la_crime.spatial import layers

HEADERS = {
    CRIMES_26: ",".join(h.CRIMES_26),
    CRIMES_28: "\ufeff" + ",".join([*h.CRIMES_28_SPACE, "year", "weeknum"]),
    ARRESTS_17: ",".join(h.ARRESTS_17),
    ARRESTS_25: ",".join(h.ARRESTS_25),
    ARRESTS_API: ",".join(h.ARRESTS_API),
}
API_HEADERS = {CRIMES_API: h.CRIMES_API, NIBRS: h.NIBRS_API}


def first_line(path: Path) -> str:
    """The header of a CSV file, byte-order mark and all."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return text[: text.index(b"\n")].decode()


def test_files_and_summary(small_demo: Path, tmp_path: Path) -> None:
    """Exactly the promised files, none hidden or partial, as the summary says."""
    summary = generate(tmp_path / "again", scale=SCALE, progress=False)
    found = {p.relative_to(small_demo).as_posix() for p in small_demo.rglob("*") if p.is_file()}
    assert found == FILES == set(summary["files"])
    for path in FILES:
        assert summary["files"][path]["bytes"] == (small_demo / path).stat().st_size
        again = (tmp_path / "again" / path).read_bytes()
        assert (small_demo / path).read_bytes() == again, f"{path} differs between runs"


def test_another_seed_gives_other_rows(small_demo: Path, tmp_path: Path) -> None:
    """The seed matters."""
    generate(tmp_path, scale=SCALE, seed=1, progress=False)
    assert (small_demo / ARRESTS_17).read_bytes() != (tmp_path / ARRESTS_17).read_bytes()


@pytest.mark.parametrize("path", HEADERS)
def test_header(small_demo: Path, path: str) -> None:
    """Names and their order, trailing spaces and byte-order mark included."""
    assert first_line(small_demo / path) == HEADERS[path]


def test_byte_order_mark(small_demo: Path) -> None:
    """The 28-column file alone begins with one."""
    assert (small_demo / CRIMES_28).read_bytes().startswith(b"\xef\xbb\xbfDR_NO")
    assert (small_demo / ARRESTS_17).read_bytes().startswith(b"Report ID")


@pytest.mark.parametrize("path", API_HEADERS)
def test_parquet_is_text(small_demo: Path, path: str) -> None:
    """The API files have the API's names, and every value as text."""
    columns = duckdb.sql(f"describe from '{small_demo / path}'").fetchall()
    assert [name for name, *_ in columns] == API_HEADERS[path]
    assert {kind for _, kind, *_ in columns} == {"VARCHAR"}


@pytest.mark.parametrize("scale", [0, -0.1, 2.5])
def test_scale_out_of_range(tmp_path: Path, scale: float) -> None:
    """Scales beyond the bounds are refused before anything is written."""
    with pytest.raises(ValueError, match="it must be above 0 and at most 2"):
        generate(tmp_path / "new", scale=scale, progress=False)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "stranger", ["crimes/mine.csv", "arrests/mine.csv", "nibrs_offenses/mine.csv", "notes.txt"]
)
def test_foreign_folder_is_refused(tmp_path: Path, stranger: str) -> None:
    """A folder with files that the demo did not make stays as it is."""
    (tmp_path / stranger).parent.mkdir(exist_ok=True)
    (tmp_path / stranger).write_text("mine")
    with pytest.raises(FileExistsError, match=rf"did not make \({stranger}\)"):
        generate(tmp_path, scale=0.001, progress=False)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [Path(stranger).name]


def test_file_as_folder_is_refused(tmp_path: Path) -> None:
    """A file where the folder should be is an error with advice."""
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(FileExistsError, match=r"is a file, not a folder\. Choose another"):
        generate(tmp_path / "demo", scale=0.001, progress=False)


def test_earlier_run_is_replaced(tmp_path: Path) -> None:
    """Our own folder is overwritten, other sub-folders in it stay, and no old file is left."""
    generate(tmp_path, scale=0.001, progress=False)
    (tmp_path / "crimes" / "synthetic_of_old.csv").write_text("old")
    (tmp_path / "boundaries" / "mine.geojson").write_text("{}")
    generate(tmp_path, scale=0.002, progress=False)
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == FILES | {"boundaries/mine.geojson"}


def test_neighbourhoods_share_the_city_out_and_cut_across_districts(small_demo: Path) -> None:
    """Every point lies in one of them, but for a handful at the rim, and districts in several."""
    (places,) = layers.read(small_demo)
    rows = pd.read_parquet(small_demo / CRIMES_API)[["rpt_dist_no", "lat", "lon"]].astype(float)
    rows = rows[rows["lat"] != 0]
    found = layers.point_rows(rows.drop_duplicates(["lat", "lon"]), [places])
    assert len(places.place_ids) == 40
    assert (found["found"] == "inside").mean() > 0.995
    per_district = rows.merge(found, on=["lat", "lon"]).groupby("rpt_dist_no")["place_id"].nunique()
    assert (per_district > 1).sum() > 50


def test_tracts_have_residents_and_jobs(small_demo: Path) -> None:
    """As many as were planted; in some there is work, and hardly anybody lives."""
    tracts = json.loads((small_demo / TRACTS).read_text())["features"]
    counts = pd.DataFrame([tract["properties"] for tract in tracts])
    assert counts["residents"].sum() == pytest.approx(3_800_000, rel=1e-4)
    assert counts["jobs"].sum() == pytest.approx(1_900_000, rel=1e-4)
    assert (counts["residents"] < 100).sum() == 10


def test_a_failure_leaves_the_earlier_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-written shows, and nothing that was complete is lost."""
    generate(tmp_path, scale=0.001, progress=False)
    before = (tmp_path / CRIMES_28).read_bytes()

    def fail(*_: object) -> None:
        raise RuntimeError("no space left")

    monkeypatch.setattr(write, "district_truth", fail)
    with pytest.raises(RuntimeError, match="no space left"):
        generate(tmp_path, scale=0.002, progress=False)
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == FILES
    assert (tmp_path / CRIMES_28).read_bytes() == before


def test_progress_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """The bar names what was done, on stderr only."""
    generate(tmp_path, scale=0.001, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "wrote synthetic_crimes_28col_2014_2019.csv" in captured.err
