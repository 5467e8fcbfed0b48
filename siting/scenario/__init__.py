"""One TOML file → frozen settings, each value with the place it comes from."""
