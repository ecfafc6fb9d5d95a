"""The settings, from the environment, with their defaults."""

import os
from pathlib import Path

from la_crime import cities


def default_data_folder() -> Path:
    """The folder for demo data: `data/demo`, with the city's name if that is another."""
    return Path("data") / f"demo{_of_city('_')}"


def data_folder() -> Path:
    """Where the files are: `LA_CRIME_DATA_DIR`."""
    return Path(os.environ.get("LA_CRIME_DATA_DIR") or default_data_folder())


def chosen_data_folder() -> Path | None:
    """The data folder, if `LA_CRIME_DATA_DIR` names one."""
    return data_folder() if os.environ.get("LA_CRIME_DATA_DIR") else None


def fetched_folder() -> Path:
    """Where fetched files go: the data folder, unless that is for demo data."""
    folder = data_folder()
    return Path("data") / f"raw{_of_city('_')}" if folder == default_data_folder() else folder


def warehouse() -> Path:
    """Where the warehouse is built: `LA_CRIME_DB`."""
    built = Path("warehouse", _of_city(), "la_crime.duckdb")
    return Path(os.environ.get("LA_CRIME_DB") or built)


def handed_over() -> Path | None:
    """The folder of the left half's tables, if another engine made them: `LA_CRIME_HANDED_OVER`."""
    folder = os.environ.get("LA_CRIME_HANDED_OVER")
    return Path(folder) if folder else None


def keep_versions() -> int:
    """How many published versions are kept: `LA_CRIME_KEEP_VERSIONS`; ValueError below 1."""
    text = os.environ.get("LA_CRIME_KEEP_VERSIONS") or "3"
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(
            f"LA_CRIME_KEEP_VERSIONS is {text}; it must be a whole number of at least 1."
        )
    return int(text)


def _of_city(joined_by: str = "") -> str:
    """What the names of a city's own files have in them; nothing for Los Angeles, the first."""
    return "" if cities.chosen() == cities.DEFAULT else joined_by + cities.chosen()
