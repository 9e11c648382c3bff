"""Entry point of `python -m pygen`."""

import sys

try:
    from pygen.cli import main
except ModuleNotFoundError as error:
    sys.exit(f"pygen: {error.name} is not installed for {sys.executable}; `make setup` makes a .venv that has it")

if __name__ == "__main__":
    sys.exit(main())
