"""Packages that open something in the browser → a refusal where one is missing."""

from __future__ import annotations

import importlib.util

from siting.messages import refusal
from siting.types import InstallationError


def need(code: str, *packages: str) -> None:
    """Refuse, by the code of a message, where one of some packages is not installed.

    >>> need("E908", "json")

    Raises
    ------
    InstallationError
    """
    if any(importlib.util.find_spec(name) is None for name in packages):
        raise refusal("", code, kind=InstallationError)
