"""``python -m siting``."""

if __name__ == "__main__":
    try:
        from siting.cli import main

        main()
    except KeyboardInterrupt:  # while the command line is still being loaded
        raise SystemExit(130) from None
