"""Road layers of other programs."""
