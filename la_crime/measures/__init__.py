"""What Python models call: frames in, frames out, the statistics from `la_crime.stats`."""
