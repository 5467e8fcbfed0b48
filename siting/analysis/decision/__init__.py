"""Criteria, value functions, weights and scores."""
