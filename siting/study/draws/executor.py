"""Chunks of draws → the same chunks evaluated: here, in other processes, or by whatever has a ``map``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from siting.study.draws.frozen import Frozen, evaluate_draws
from siting.study.draws.unknowns import Unknowns
from siting.threads import THREADS

Evaluated = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Values and net present values of some draws."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Executor(Protocol):
    """Whatever maps a function over things in their order: `concurrent.futures`, Dask."""

    def map(self, function: Callable[[_In], _Out], things: Iterable[_In], /) -> Iterable[_Out]:
        """Apply the function to each."""


def evaluate_all(
    frozen: Frozen, unknowns: Unknowns, *, jobs: int = 1, executor: Executor | None = None
) -> Evaluated:
    """Evaluate draws; the result is the same to the last bit however it is divided.

    Parameters
    ----------
    frozen, unknowns : the study, and what was drawn
    jobs : processes; 1: this one alone
    executor : goes before `jobs`
    """
    size = frozen.chunk
    chunks = [unknowns.part(first, first + size) for first in range(0, len(unknowns), size)]
    evaluate = partial(evaluate_draws, frozen)
    if executor is not None:
        done = list(executor.map(evaluate, chunks))
    elif min(jobs, len(chunks)) > 1:
        with _processes(frozen, min(jobs, len(chunks))) as processes:
            done = list(processes.map(_evaluate_here, chunks))
    else:
        done = [evaluate(chunk) for chunk in chunks]
    return np.concatenate([values for values, _ in done]), np.concatenate([npv for _, npv in done])


_SENT: dict[str, Frozen] = {}
"""What this process evaluates draws of, if it was started to do so."""


def _receive(frozen: Frozen) -> None:
    _SENT["study"] = frozen


def _evaluate_here(unknowns: Unknowns) -> Evaluated:
    return evaluate_draws(_SENT["study"], unknowns)


@contextmanager
def _processes(frozen: Frozen, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes that hold the study, each with one thread for linear algebra."""
    with _one_thread(dict.fromkeys(THREADS, "1")):
        # Started anew, as Windows does: nothing of this process's threads is inherited.
        context = get_context("spawn")
        with ProcessPoolExecutor(jobs, context, initializer=_receive, initargs=(frozen,)) as processes:
            yield processes


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
