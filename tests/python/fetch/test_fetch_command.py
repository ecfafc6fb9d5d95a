"""The command `fetch` as a person runs it."""

import contextlib
import os
import re
import termios

import pytest
from fetching import CRIMES, NIBRS, TOKEN, command

from la_crime.__main__ import parser
from la_crime.portal import fetch


def test_the_command_and_its_exit_codes(small, tmp_path):
    words = ("--dataset", CRIMES, "--dataset", NIBRS)
    assert command(tmp_path, small.url, "--check", *words).returncode == fetch.SOMETHING_NEW == 3
    ran = command(tmp_path, small.url, *words, "--page-rows", "50", "--pages-per-file", "2")
    assert ran.returncode == 0
    assert ran.stderr == ""  # no progress bar without a terminal
    assert ran.stdout.startswith(f"{CRIMES}      250 rows fetched; 250 rows in 3 files; ")
    assert command(tmp_path, small.url, "--check", *words).returncode == 0
    ran = command(tmp_path, small.url)
    assert ran.returncode == 1
    assert ran.stderr.count("status 404") == 7
    assert TOKEN not in ran.stdout + ran.stderr


def test_a_terminal_sees_how_far_it_is(small, tmp_path):
    small.delay = 0.05
    mine, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    command(tmp_path, small.url, "--dataset", CRIMES, "--page-rows", "20", stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # which is how a terminal ends
        while True:
            shown += os.read(mine, 10_000)
    os.close(mine)
    assert re.search(rf"{CRIMES}: +\d+%.*/250 .*rows/s", shown.decode())


def test_defaults_of_the_command_are_those_of_the_function():
    args = parser().parse_args(["fetch"])
    assert (args.page_rows, args.pages_per_file) == (fetch.PAGE_ROWS, fetch.PAGES_PER_FILE)
    with pytest.raises(SystemExit):
        parser().parse_args(["fetch", "--page-rows", "0"])
