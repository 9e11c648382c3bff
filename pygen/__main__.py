"""Entry point of `python -m pygen`."""

import sys

from pygen.cli import main

if __name__ == "__main__":
    sys.exit(main())
