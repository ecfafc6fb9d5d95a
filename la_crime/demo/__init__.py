"""Synthetic crimes and arrests in the city's own file layouts, with the planted truth beside them."""

from la_crime.demo.generate import generate

__all__ = ["generate"]
