"""Road files → a layer of edges with car rules and speeds."""
