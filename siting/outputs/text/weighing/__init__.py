"""Weights given by departments → the questions asked, and what records come to, in words."""
