"""The recipe: read, prepare, adapt, evaluate, vary, compare."""

import logging

# Here and not in `siting`, whose import would take twice as long with `logging`.
logging.getLogger("siting").addHandler(logging.NullHandler())
