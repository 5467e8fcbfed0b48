"""Rows of text → checked tables of the data dictionary."""
