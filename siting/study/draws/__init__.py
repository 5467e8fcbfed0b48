"""A study → thousands of versions of it, drawn first and evaluated on arrays, on one core or many."""
