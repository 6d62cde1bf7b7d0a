"""Command lines that end in another program's words, whose options are not ours: `exec web ls -l`, `top web -- -o pid`.

Takes the words of a command, tells those that are its own from those that are not.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

AFTER_DASHES = "dockerdecl.after-dashes"
"""Where the context of a command keeps them, a tuple of texts; there is none where no `--` was written."""


class RunsAnother(TyperCommand):
    """A command whose first argument is a container, and whose others are what is run there.

    Options of our own stand before the container, or between it and `--`: `exec -u root web ls -l` and
    `exec web -u root -- ls -l` mean the same.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the words; what is to be run is left as it is."""
        ctx.allow_interspersed_args = False
        return super().parse_args(ctx, self._in_order(ctx, args))

    def _in_order(self, ctx: Any, args: list[str]) -> list[str]:
        container, *others = self._rest(ctx, args) or [""]
        options = args[: len(args) - len(others) - 1]
        if not others or not container:
            return args
        if others[0].startswith("-") and others[0] != "--":
            run = self._rest(ctx, others)
            options += others[: len(others) - len(run)]
        else:
            run = others[1:] if others[0] == "--" else others
        if options and options[-1] == "--":
            options.pop()
        return [*options, "--", container, *run]

    def _rest(self, ctx: Any, args: list[str]) -> list[str]:
        "what is behind the options: the parser has dealt it out to the arguments"
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        dealt = (
            given.get(parameter.name) for parameter in self.get_params(ctx) if parameter.param_type_name == "argument"
        )
        return [word for each in dealt for word in ([each] if isinstance(each, str) else list(each or ()))]


class WithWordsAfterDashes(TyperCommand):
    """A command whose words behind `--` are told from its arguments."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses what stands before `--`."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[AFTER_DASHES] = tuple(args[at + 1 :])
            args = args[:at]
        return list(super().parse_args(ctx, args))
