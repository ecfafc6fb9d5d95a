"""Synthetic crimes, arrests and NIBRS offences in the city's file layouts, and their truth."""

from la_crime.demo.write import generate

__all__ = ["generate"]
