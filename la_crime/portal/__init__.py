"""Fetching: what the city publishes, asked for over the network and kept up to date."""
