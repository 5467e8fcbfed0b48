"""The library's log records → lines for a person, while a command runs."""

from __future__ import annotations

import logging
from collections.abc import Callable


def print_log(write: Callable[[str], None]) -> Callable[[], None]:
    """Write every log record as one line; return what ends it."""

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            write(f"{record.name}: {record.getMessage()}")  # no clock: same input, same lines

    logger, handler = logging.getLogger("siting"), Lines()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def end() -> None:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)

    return end
