"""Coordinate systems, the county's outline and its townships."""
