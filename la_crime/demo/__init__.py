"""Synthetic crimes and arrests in the city's own file layouts, and the truth planted in them."""

from la_crime.demo.write import generate

__all__ = ["generate"]
