"""Evaluation → the decision page, one HTML file without requests."""
