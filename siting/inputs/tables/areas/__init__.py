"""Layers of polygons → what they say of the sites and townships inside them."""
