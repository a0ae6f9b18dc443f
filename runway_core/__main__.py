"""``python -m runway_core``: the command line."""

from runway_core.cli import main

if __name__ == "__main__":
    main()
