"""Fetching is exact in the end, whatever the machine does meanwhile."""

import contextlib
import errno
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from fetching import CRIMES, assert_same_as_portal, fetch_small, files, stop_at_page

from la_crime.portal import client, staging


class FullDisk:
    """A file on a disk that takes so many bytes and no more."""

    left = 0

    def __init__(self, file) -> None:
        self.file = file

    def write(self, content) -> int:
        FullDisk.left -= len(content)
        if FullDisk.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)

    def __getattr__(self, name: str):
        return getattr(self.file, name)


def test_a_full_disk_is_one_error_and_the_next_run_goes_on(small, tmp_path, monkeypatch):
    real = staging.parquet_writer
    monkeypatch.setattr(
        staging, "parquet_writer", lambda file, schema: real(FullDisk(file), schema)
    )
    FullDisk.left = 40_000
    with pytest.raises(OSError, match=r"2019: No space left on device. [1-4] of 5 files are kept"):
        fetch_small(tmp_path)
    assert files(tmp_path) == {}
    assert not list(tmp_path.rglob("*.partial"))
    FullDisk.left = 10**9
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


def test_ctrl_c_says_what_is_kept(small, tmp_path, capsys, monkeypatch):
    stop_at_page(monkeypatch, 8)
    with pytest.raises(KeyboardInterrupt):
        fetch_small(tmp_path)
    assert f"{CRIMES}: 2 of 5 files are kept; run again to go on." in capsys.readouterr().err
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.parametrize("kind", ["full", "changes"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_the_portal_changes_between_two_halves(small, tmp_path, monkeypatch, kind, is_deleted):
    """Rows that were already read change, and others come and go, before the fetch goes on."""
    if kind == "changes":
        fetch_small(tmp_path)
        small.change(CRIMES, every=1, status="BB")
    stop_at_page(monkeypatch, 8)
    with pytest.raises(KeyboardInterrupt):
        fetch_small(tmp_path)
    small.change(CRIMES, every=7, status="CC")
    small.gain(CRIMES, [{"dr_no": str(n)} for n in range(15)])
    if is_deleted:
        small.delete(CRIMES, every=50)
    fetch_small(tmp_path)
    assert_same_as_portal(small, tmp_path, CRIMES)


def fetch_until(out: Path, url: str, moment: int, counted: Path) -> None:
    """Fetch, and die by SIGKILL at a moment: a page asked for, or a touch of the folder.

    Moment 0 never comes; how many there were is written to a file.
    """
    os.environ |= {
        "LA_CRIME_PORTAL_URL": url, "LA_CRIME_BOUNDARIES_URL": url, "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    moments = 0

    def pass_by(event: str, words: tuple) -> None:
        nonlocal moments
        is_touch = event in ("open", "os.rename", "os.remove", "os.rmdir")
        if event == "page" or (is_touch and str(words[0]).startswith(str(out))):
            moments += 1
            if moments == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    real = client.Portal.page

    def page(*words):
        pass_by("page", words)
        return real(*words)

    client.Portal.page = page
    sys.addaudithook(pass_by)
    with contextlib.redirect_stdout(None):
        fetch_small(out)
    counted.write_text(str(moments))


@pytest.fixture(scope="module")
def fetch_in_fork(forked):
    """Run `fetch_until` in a process of its own; return its exit code."""

    def run(*words) -> int:
        process = forked.Process(target=fetch_until, args=words)
        process.start()
        process.join(60)
        return process.exitcode

    return run


@pytest.mark.parametrize(("what", "kills"), [("full", 20), ("changes", 6), ("anew", 6)])
def test_kill_at_any_moment(small, tmp_path, fetch_in_fork, what, kills):
    """Every visible file is whole and of the old state or the new; the next run ends the same."""
    start, undisturbed, counted = tmp_path / "start", tmp_path / "undisturbed", tmp_path / "moments"
    start.mkdir()
    if what != "full":
        fetch_small(start)
        small.change(CRIMES, every=70, status="XX")
        small.gain(CRIMES, [{"dr_no": str(n)} for n in range(75)])
    if what == "anew":
        small.delete(CRIMES, every=60)
    shutil.copytree(start, undisturbed)
    assert fetch_in_fork(undisturbed, small.url, 0, counted) == 0
    before, after = files(start), files(undisturbed)
    assert before != after
    rng = np.random.default_rng(2010)
    every = np.arange(1, int(counted.read_text()) + 1)
    # the last fifth of the moments, when files are moved in, has half of the kills
    weights = np.where(every > 0.8 * len(every), 4, 1)
    moments = rng.choice(every, kills, replace=False, p=weights / weights.sum())
    for moment in sorted(moments):
        out = tmp_path / "killed"
        shutil.copytree(start, out)
        assert fetch_in_fork(out, small.url, int(moment), counted) == -signal.SIGKILL
        for path, content in files(out).items():
            assert path == "manifest.json" or content in (before.get(path), after.get(path)), moment
        fetch_small(out)
        assert files(out) == after, moment
        shutil.rmtree(out)
    shutil.rmtree(undisturbed)
    fetch_small(start)
    assert_same_as_portal(small, start, CRIMES)
