"""Search for garbage that refers to itself: rarely, since a run makes hardly any and holds many objects."""

from __future__ import annotations

import gc

_OBJECTS_BETWEEN = 50_000
"""New objects after which Python looks at the young ones again."""


def collect_rarely() -> None:
    """Let this process look for garbage less often than Python does by itself."""
    gc.set_threshold(_OBJECTS_BETWEEN, *gc.get_threshold()[1:])
