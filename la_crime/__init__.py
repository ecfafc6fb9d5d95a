"""Crime and arrest profiles of places, their clusters, and how far to trust those clusters."""

__version__ = "0.1.0"
