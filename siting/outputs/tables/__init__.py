"""Evaluation → workbook, CSV, GeoJSON and road layer."""
