"""Headings as found → columns of the data dictionary, their units, systems and axes."""
