"""Columns of tables ↔ short bytes, for what of a compact road layer no GIS shows."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray

ARRAYS = "gpkg_siting_arrays"
"""Table of packed columns; GDAL lists no table whose name begins so among the layers."""
MOST_BYTES = 512 * 2**20
"""Bytes that one column may unpack to."""

Packed = tuple[str, bytes]
"""How a column is packed, and its bytes."""


class DamagedError(ValueError):
    """Packed columns that hold together no longer."""


def pack_array(values: NDArray[np.generic]) -> Packed:
    """Pack numbers: whole ones by their differences, the bytes of one weight side by side."""
    kind = values.dtype.str.replace(">", "<").replace("=", "<")
    if values.dtype.kind in "iu":
        values = np.diff(values, prepend=values.dtype.type(0))
    octets = np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(len(values), values.itemsize)
    return kind, zlib.compress(np.ascontiguousarray(octets.T).tobytes(), 6)


def unpack_array(packed: Packed) -> NDArray[np.generic]:
    """Unpack numbers.

    Raises
    ------
    DamagedError
        The bytes are not those of such numbers.
    """
    kind, data = packed
    try:
        form = np.dtype(kind)
        octets = np.frombuffer(_inflated(data), np.uint8)
        if form.kind not in "biuf":
            raise DamagedError(kind)
        values = np.ascontiguousarray(octets.reshape(form.itemsize, -1).T).view(form).ravel()
    except (TypeError, ValueError) as error:
        raise DamagedError(str(error)) from None
    return np.cumsum(values, dtype=form) if form.kind in "iu" else values


def pack_frame(name: str, frame: pd.DataFrame) -> dict[str, Packed]:
    """Pack each column of a table, by its name behind that of the table."""
    packed: dict[str, Packed] = {}
    for column in frame.columns:
        values, key = frame[column], f"{name}.{column}"
        if values.dtype.kind in "biuf" and isinstance(values.dtype, np.dtype):
            packed[key] = pack_array(values.to_numpy())
        elif pd.api.types.is_numeric_dtype(values.dtype) and not isinstance(
            values.dtype, pd.CategoricalDtype
        ):
            packed[key] = pack_array(values.to_numpy(np.float64, na_value=np.nan))
            packed[f"{key} type"] = (str(values.dtype), b"")
        else:
            codes, words = pd.factorize(values.astype(object))
            packed[key] = pack_array(codes.astype(np.int32))
            text = json.dumps([_plain(word) for word in words], ensure_ascii=False)
            packed[f"{key} words"] = ("json", zlib.compress(text.encode("utf-8"), 6))
    packed[f"{name} columns"] = (json.dumps(list(frame.columns)), b"")
    return packed


def unpack_frame(name: str, packed: Mapping[str, Packed]) -> pd.DataFrame | None:
    """Unpack a table; None where there is none of this name.

    Raises
    ------
    DamagedError
        Its columns are damaged.
    """
    if f"{name} columns" not in packed:
        return None
    columns: dict[str, object] = {}
    try:
        for column in json.loads(packed[f"{name} columns"][0]):
            key = f"{name}.{column}"
            values = unpack_array(packed[key])
            if f"{key} words" in packed:
                words = np.array([*json.loads(_inflated(packed[f"{key} words"][1])), None], object)
                columns[column] = words[values.astype(np.int64)]
            elif f"{key} type" in packed:
                kind = pandas_dtype(packed[f"{key} type"][0])
                columns[column] = pd.Series(values.astype(np.float64)).astype(kind)
            else:
                columns[column] = values
        return pd.DataFrame(columns)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise DamagedError(str(error)) from None


def _plain(word: object) -> object:
    return word.item() if isinstance(word, np.generic) else word


def _inflated(data: bytes) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(data, MOST_BYTES)
    except (zlib.error, TypeError) as error:
        raise DamagedError(str(error)) from None
    if not unpacker.eof:
        raise DamagedError("too long")
    return found
