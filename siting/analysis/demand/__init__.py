"""Register and catalogue → tests and trips a year, by option."""
