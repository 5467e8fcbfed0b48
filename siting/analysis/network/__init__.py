"""Roads → graph, snapped points, travel times, routes, isochrones."""
