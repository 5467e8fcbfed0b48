"""Travel times that a user brings, beside those that the roads give."""
