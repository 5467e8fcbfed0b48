"""A checked table → the report that `siting check` prints."""
