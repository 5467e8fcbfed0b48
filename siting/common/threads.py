"""Threads of linear algebra: one, since small matrices cost more to share out than to multiply.

On one thread sums are also added in one order, whatever number of cores a computer has.
"""

from __future__ import annotations

from collections.abc import MutableMapping

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables that numpy's libraries read as they are loaded."""


def keep_to_one_thread(environment: MutableMapping[str, str]) -> None:
    """Ask for one thread where nothing else is asked for; before numpy is loaded.

    >>> environment = {"OMP_NUM_THREADS": "4"}
    >>> keep_to_one_thread(environment)
    >>> environment["OMP_NUM_THREADS"], environment["OPENBLAS_NUM_THREADS"]
    ('4', '1')
    """
    for name in THREADS:
        environment.setdefault(name, "1")
