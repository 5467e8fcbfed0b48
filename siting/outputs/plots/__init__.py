"""Plots of results as matplotlib axes: to look at in a notebook, to alter, to put into a report."""
