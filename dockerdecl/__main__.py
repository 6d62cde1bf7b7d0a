"""`python -m dockerdecl`: the same as the command `dockerdecl`."""

import sys

from dockerdecl.cli.app import run

if __name__ == "__main__":
    sys.exit(run())
