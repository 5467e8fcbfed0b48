"""Examples in docstrings: each says what it shows, and every pure public function has one."""

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import siting

MOST_LINES = 6
"""Lines of the examples of one docstring, prompts and answers."""

NO_LITERALS = {
    "Evaluation": "a record of a whole study",
    "InputError": "an error",
    "Location": "a record",
    "Result": "a study evaluated",
    "ScenarioError": "an error",
    "Study": "a scenario with its files",
    "Table": "a file read",
    "TravelTimeSettings": "settings",
    "compare": "takes studies",
    "evaluate": "takes a study",
    "form": "widgets to click",
    "load": "reads a study",
    "read_enterprises": "reads a file",
    "read_roads": "reads a file",
    "read_scenario": "reads a file",
    "slide": "takes a study",
    "slide_weights": "takes a study",
    "sweep": "takes a study",
}
"""Public names that no literal can show, and why."""

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(siting.__path__, "siting.")
    if found.name != "siting.__main__"
)
FINDER = doctest.DocTestFinder(exclude_empty=True)


def examples_of(module):
    return FINDER.find(importlib.import_module(module), module)


@pytest.mark.parametrize("name", MODULES)
def test_examples_show_what_comes_out(name):
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.REPORT_ONLY_FIRST_FAILURE)
    report = []
    with np.printoptions(legacy=False):
        for test in examples_of(name):
            runner.run(test, out=report.append)
            lines = sum(len((e.source + e.want).splitlines()) for e in test.examples)
            assert lines <= MOST_LINES, test.name
    assert runner.failures == 0, "".join(report)


def test_examples_are_found():
    assert sum(bool(test.examples) for name in MODULES for test in examples_of(name)) >= 30


def is_shown(thing):
    """Tell whether a function, or a method of a class, has an example."""
    own = [thing, *vars(thing).values()] if inspect.isclass(thing) else [thing]
    texts = [inspect.getdoc(getattr(each, "__func__", each)) for each in own if not isinstance(each, str)]
    return any(">>>" in (text or "") for text in texts)


def test_every_pure_public_function_has_an_example():
    assert {name for name in siting.__all__ if not is_shown(getattr(siting, name))} == set(NO_LITERALS)


def test_a_wrong_example_would_be_found():
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner(verbose=False).run(wrong, out=lambda _: None).failed == 1
