"""Statistics: arrays in, arrays out; no frames, no files."""
