"""`RoadLayer` → one compact GeoPackage layer that `siting.read_roads` loads at once, and any GIS opens."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

from siting.inputs.roads.components import PARTS
from siting.inputs.roads.road_layers import ACCOUNT, COMPACT
from siting.outputs.write_files import write_file
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
    """Return the layer as a GeoPackage: columns of `RoadLayer.edges`, ends by node id, node names.

    The account of the file that it was read from goes along: what is set aside, and every issue.
    """
    import pyogrio

    frame = layer.to_frame()
    for end in ("tail", "head"):
        node = layer.nodes.iloc[frame[end].to_numpy()]
        frame[end] = node["id"].to_numpy()
        frame[f"{end}_name"] = node["name"].replace("", None).to_numpy()
        if "signal" in node:
            frame[f"{end}_signal"] = node["signal"].to_numpy(bool)
    for column in frame.select_dtypes("category"):
        frame[column] = frame[column].astype(object)
    frame = frame.dropna(axis=1, how="all")
    # What depends on the part that is loaded is found anew.
    issues = [asdict(issue) for issue in layer.issues if issue.code not in PARTS]
    aside = layer.set_aside.astype(object).where(layer.set_aside.notna(), None)
    account = {"counts": dict(layer.counts), "issues": issues, "set_aside": aside.to_dict("list")}
    if len(layer.restrictions):
        account["restrictions"] = layer.restrictions.to_dict("list")
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    try:
        target = BytesIO()
        pyogrio.write_dataframe(
            frame,
            target,
            layer=COMPACT,
            driver="GPKG",
            layer_metadata={ACCOUNT: json.dumps(account, sort_keys=True, ensure_ascii=False)},
            # Halves the file; a layer is loaded as a whole.
            layer_options={"SPATIAL_INDEX": "NO"},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return target.getvalue()
