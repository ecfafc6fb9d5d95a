"""The static site, written from a finished warehouse."""
