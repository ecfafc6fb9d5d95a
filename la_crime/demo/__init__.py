"""Synthetic crimes, arrests and NIBRS offences in the city's file layouts, and their truth."""

from pathlib import Path

from la_crime import cities
from la_crime.demo import plain, write

__all__ = ["generate"]


def generate(
    out: Path,
    scale: float = 0.1,
    seed: int = 2010,
    progress: bool = True,
    history: str = "published",
) -> dict:
    """Write a data folder of synthetic data in the shape of the city's: see `write.generate`.

    Another city than Los Angeles has no history and no NIBRS offences: see `plain.generate`.
    """
    if cities.chosen() == cities.DEFAULT:
        return write.generate(Path(out), scale, seed, progress, history)
    return plain.generate(Path(out), cities.Seeds(), scale, seed)
