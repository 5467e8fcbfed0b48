"""Chunks of draws → the same chunks evaluated: here, in other processes, or by whatever has a ``map``."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from siting.common.garbage import collect_rarely
from siting.common.threads import THREADS
from siting.study.draws.frozen import Frozen, evaluate_draws
from siting.study.draws.unknowns import Unknowns
from siting.types import Json

Evaluated = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Values and net present values of some draws."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Executor(Protocol):
    """Whatever maps a function over things in their order: `concurrent.futures`, Dask."""

    def map(self, function: Callable[[_In], _Out], things: Iterable[_In], /) -> Iterable[_Out]:
        """Apply the function to each."""


def evaluate_all(frozen: Frozen, unknowns: Unknowns, *, executor: Executor | None = None) -> Evaluated:
    """Evaluate draws; the result is the same to the last bit however it is divided.

    Parameters
    ----------
    frozen, unknowns : the study, and what was drawn
    executor : what evaluates chunks of draws; None: this process
    """
    size = frozen.chunk
    chunks = [unknowns.part(first, first + size) for first in range(0, len(unknowns), size)]
    evaluate = partial(evaluate_draws, frozen)
    done = list(map(evaluate, chunks) if executor is None else executor.map(evaluate, chunks))
    return np.concatenate([values for values, _ in done]), np.concatenate([npv for _, npv in done])


@contextmanager
def started(jobs: int, executor: Executor | None = None) -> Iterator[Executor | None]:
    """Give what evaluates the draws of a run: the executor that goes before `jobs`, processes, or nothing.

    The processes start at once, so that they load their libraries while the run prepares its study.
    """
    if executor is not None or jobs == 1:
        yield executor
        return
    # Started anew, as Windows does: nothing of this process's threads is inherited.
    with (
        TemporaryDirectory() as folder,
        ProcessPoolExecutor(jobs, get_context("spawn"), collect_rarely) as pool,
    ):
        with _one_thread(dict.fromkeys(THREADS, "1")):
            for _ in range(jobs):
                pool.submit(_load)
        yield _Processes(pool, Path(folder))


class _Processes:
    """Processes that share one function at a time, which reaches each of them by a file."""

    def __init__(self, pool: ProcessPoolExecutor, folder: Path) -> None:
        self._pool, self._folder, self._numbers = pool, folder, count()

    def map(self, function: Callable[[_In], _Out], things: Iterable[_In], /) -> Iterable[_Out]:
        """Apply the function to each; it may hold a whole study, so it is not sent with every thing."""
        file = self._folder / f"{next(self._numbers)}.pickle"
        file.write_bytes(pickle.dumps(function, pickle.HIGHEST_PROTOCOL))
        return self._pool.map(partial(_apply, str(file)), things)


def _load() -> None:
    """Do nothing: what a process needs is loaded by looking this up."""


@lru_cache(maxsize=1)
def _function(file: str) -> Json:
    return pickle.loads(Path(file).read_bytes())


def _apply(file: str, thing: Json) -> Json:
    return _function(file)(thing)


@contextmanager
def _one_thread(setting: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in setting}
    os.environ.update(setting)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
