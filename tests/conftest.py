"""What all tests share: the `--long` option, hypothesis profiles with fixed seeds, the browser."""

import pytest
from hypothesis import HealthCheck, settings

from go import find_browser

COMMON = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("ci", max_examples=100, **COMMON)
settings.register_profile("long", max_examples=2000, **COMMON)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="full counts of fuzzing, kills and mutations")


def pytest_configure(config):
    settings.load_profile("long" if config.getoption("--long") else "ci")


@pytest.fixture(scope="session")
def is_long(request) -> bool:
    """Whether the full counts are asked for."""
    return request.config.getoption("--long")


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Program file of Chromium, Chrome or Edge; its absence is an error, never a skip."""
    path = find_browser()
    if path is None:
        raise RuntimeError("no Chromium, Chrome or Edge: `python3 go.py test` installs one")
    return path


@pytest.fixture(scope="session")
def base_study():
    """The default study, read once; frozen, so that tests may share it."""
    import siting

    return siting.load()


@pytest.fixture(scope="session")
def base_result(base_study):
    """What the default study comes to."""
    return base_study.run()
