"""``python -m siting``."""

from siting.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
