"""Files → checked tables: the only readers."""
