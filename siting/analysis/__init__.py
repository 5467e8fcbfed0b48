"""Pure functions on frames and arrays: no file, clock or log."""
