"""`python -m dockerdecl`: the same as the command `dockerdecl`."""

import sys

from dockerdecl.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
