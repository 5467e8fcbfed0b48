"""`RoadLayer` → one compact GeoPackage layer that `siting.read_roads` loads at once, and any GIS opens."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

from siting.inputs.roadlayers import COMPACT
from siting.outputs.files import write_file
from siting.types import RoadLayer

WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""GeoPackages record when they changed; a fixed moment keeps equal layers equal to the byte."""


def write_road_layer(layer: RoadLayer, path: Path) -> None:
    """Write a road layer, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_file(path, road_layer(layer))


def road_layer(layer: RoadLayer) -> bytes:
    """Return the layer as a GeoPackage: columns of `RoadLayer.edges`, ends by node id, node names."""
    import pyogrio

    frame = layer.to_frame()
    for end in ("tail", "head"):
        node = layer.nodes.iloc[frame[end].to_numpy()]
        frame[end] = node["id"].to_numpy()
        frame[f"{end}_name"] = node["name"].replace("", None).to_numpy()
    for column in frame.select_dtypes("category"):
        frame[column] = frame[column].astype(object)
    frame = frame.dropna(axis=1, how="all")
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    try:
        target = BytesIO()
        pyogrio.write_dataframe(
            frame,
            target,
            layer=COMPACT,
            driver="GPKG",
            layer_metadata={"counts": json.dumps(dict(layer.counts), sort_keys=True)},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return target.getvalue()
