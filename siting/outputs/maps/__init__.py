"""Maps: a `folium.Map` that opens offline and shows names as text, results as layers, a GeoPackage."""
