"""What every command does before it begins."""

import gc
import io
import os
import sys

import pytest

from siting.commands.console import ready_console


@pytest.fixture
def untouched(monkeypatch):
    before = gc.get_threshold()
    monkeypatch.setattr(os, "environ", {})
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("untouched")
def test_a_command_is_stopped_by_no_console_and_slowed_by_no_idle_work(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    kept = gc.get_threshold()[1:]
    ready_console()
    print("蓟县", end="")
    narrow.flush()
    assert narrow.buffer.getvalue() == rb"\u84df\u53bf"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert gc.get_threshold()[0] >= 10_000
    assert gc.get_threshold()[1:] == kept
