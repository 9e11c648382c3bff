"""Entry point of `python -m pygen`."""

import sys

try:
    from pygen.cli import main
except ModuleNotFoundError as error:
    missing = f"pygen: {error.name} is not installed for {sys.executable}"
    installs = f"'{sys.executable} -m pip install {error.name}' installs it"
    sys.exit(f"{missing}: {installs}; `make setup` makes a .venv that has it")

if __name__ == "__main__":
    sys.exit(main())
