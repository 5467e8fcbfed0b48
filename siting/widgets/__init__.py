"""Widgets of notebooks: sliders that score anew, and the form by which a list is ranked without code."""
