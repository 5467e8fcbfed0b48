"""Spatial layers → raw tables."""
