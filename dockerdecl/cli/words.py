"""Words of a command line that are another program's: what stands behind `--`.

Takes the words of a command, gives those before `--` to its options and arguments, and keeps the rest.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

AFTER_DASHES = "dockerdecl.after-dashes"
"""Where the context of a command keeps them, a tuple of texts; there is none where no `--` was written."""


class WithWordsAfterDashes(TyperCommand):
    """A command whose words behind `--` are told from its arguments."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses what stands before `--`."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[AFTER_DASHES] = tuple(args[at + 1 :])
            args = args[:at]
        return list(super().parse_args(ctx, args))
