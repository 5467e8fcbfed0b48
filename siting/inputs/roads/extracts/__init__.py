"""OpenStreetMap extracts, read by osmium in a process of its own."""
