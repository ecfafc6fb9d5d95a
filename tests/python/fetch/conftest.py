"""Fake portals, whole and small."""

import portal as city
import pytest
from fetching import CRIMES, NIBRS, TOKEN

from la_crime.portal import client


@pytest.fixture(scope="session")
def tables(tmp_path_factory) -> dict:
    """Fields and rows of every dataset."""
    return city.city_tables(tmp_path_factory.mktemp("city"))


@pytest.fixture
def settings(monkeypatch):
    """Point the project at a fake portal, which answers at once."""
    monkeypatch.setattr(client, "WAIT_SECONDS", 0.001)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("LA_CRIME_APP_TOKEN", TOKEN)

    def point(url: str) -> None:
        monkeypatch.setenv("LA_CRIME_PORTAL_URL", url)
        monkeypatch.setenv("LA_CRIME_BOUNDARIES_URL", url)

    return point


@pytest.fixture
def whole(tables, settings):
    """A portal with every dataset."""
    with city.FakePortal(tables, city.city_shapes()) as fake:
        settings(fake.url)
        yield fake


@pytest.fixture
def small(tables, settings):
    """A portal with 250 crimes and 130 offences."""
    few = {
        name: (tables[name][0], tables[name][1][:n]) for name, n in ((CRIMES, 250), (NIBRS, 130))
    }
    with city.FakePortal(few, {}) as fake:
        settings(fake.url)
        yield fake
