"""Wrong settings and folders, no network, and servers that are not to be asked."""

import io
import socket
import time

import pytest
import requests
from fetching import CRIMES, TOKEN, assert_same_as_portal, command, fetch_small

from la_crime.portal import client, fetch
from la_crime.portal.folder import DataFolder


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("http://127.0.0.1", "the connection is refused"),
        ("https://portal.invalid", "its name is not known here"),
    ],
)
def test_without_a_network_it_says_so_within_seconds(tmp_path, server, reason):
    url = f"{server}:{free_port()}"
    start = time.monotonic()
    ran = command(tmp_path, url)
    assert time.monotonic() - start < 10
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert ran.stderr.endswith(
        f"cannot be reached ({reason}). Check the network, set LA_CRIME_PORTAL_URL to a mirror, or "
        "make demo data with: python -m la_crime demo\n"
    )


@pytest.mark.parametrize("url", ["data.lacity.org", "ftp://x", "https://user:word@x", "https://"])
def test_a_base_url_that_is_none(url, monkeypatch, tmp_path):
    monkeypatch.setenv("LA_CRIME_PORTAL_URL", url)
    with pytest.raises(ValueError, match="LA_CRIME_PORTAL_URL must be a URL such as"):
        fetch.fetch(tmp_path)


@pytest.mark.parametrize(
    "url", ["http://data.lacity.org", "HTTP://10.0.0.1", "http://localhost.example.org"]
)
@pytest.mark.parametrize("setting", ["LA_CRIME_PORTAL_URL", "LA_CRIME_BOUNDARIES_URL"])
def test_nothing_is_sent_in_clear_to_another_machine(small, setting, url, monkeypatch, tmp_path):
    monkeypatch.setenv(setting, url)
    with pytest.raises(ValueError, match=rf"{setting} begins with http://, which anyone on the w"):
        fetch.fetch(tmp_path)
    assert not small.requests


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.8.0.1:1", "http://[::1]:1"])
def test_this_machine_may_be_asked_in_clear(url):
    assert client.Server(url, "LA_CRIME_PORTAL_URL", TOKEN).base_url == url


def test_a_redirect_to_plain_http_is_refused(settings, tmp_path, monkeypatch):
    asked = []

    def redirect(_, url, **__):
        asked.append(url)
        answer = requests.Response()
        answer.status_code, answer.url = 302, url
        answer.headers["Location"] = "http://data.lacity.org/api"
        answer.raw = io.BytesIO()
        return answer

    settings("https://data.lacity.org")
    monkeypatch.setattr(requests.Session, "get", redirect)
    with pytest.raises(OSError, match=r"redirects to data\.lacity\.org over plain http://"):
        fetch_small(tmp_path)
    assert len(asked) == 1


def test_a_server_without_a_trusted_certificate_is_refused(settings, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise requests.exceptions.SSLError("self-signed certificate")

    settings("https://127.0.0.1:1")
    monkeypatch.setattr(requests.Session, "get", refuse)
    with pytest.raises(OSError, match=r"certificate of 127.0.0.1:1 cannot be verified \(self-"):
        fetch_small(tmp_path)


@pytest.mark.usefixtures("small")
def test_an_unknown_dataset(tmp_path):
    with pytest.raises(ValueError, match=r"There is no dataset crimes. There are: crimes_2010"):
        fetch.fetch(tmp_path, ["crimes"])


@pytest.mark.usefixtures("small")
def test_demo_data_is_not_mixed_with_real(tmp_path):
    (tmp_path / "crimes").mkdir()
    (tmp_path / "crimes" / "synthetic_x.csv").write_text("a")
    with pytest.raises(ValueError, match=r"holds demo data \(synthetic_x.csv\)"):
        fetch_small(tmp_path)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "text", ["{", "[]", '{"x": 1}', '{"datasets": []}', '{"datasets": {"a": 1}}']
)
def test_a_broken_manifest(text, tmp_path):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(
        OSError,
        match=r"manifest.json is not the manifest of a fetch. Remove it",
    ):
        fetch_small(tmp_path)


def test_files_of_others_stay(small, tmp_path):
    (tmp_path / "crimes").mkdir()
    (tmp_path / "crimes" / "kaggle.csv").write_text("mine")
    (tmp_path / "crimes" / f"{CRIMES}-00009.parquet").write_text("left by an earlier fetch")
    fetch_small(tmp_path)
    assert (tmp_path / "crimes" / "kaggle.csv").read_text() == "mine"
    assert_same_as_portal(small, tmp_path, CRIMES)


@pytest.mark.usefixtures("small")
def test_two_fetches_at_once(tmp_path):
    with (
        DataFolder(tmp_path).locked(),
        pytest.raises(OSError, match=f"Another fetch is at work in {tmp_path}"),
    ):
        fetch_small(tmp_path)
