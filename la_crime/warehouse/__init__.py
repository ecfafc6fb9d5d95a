"""Around dbt: its plugin, what it keeps, builds, what is published, and what is said of it."""
