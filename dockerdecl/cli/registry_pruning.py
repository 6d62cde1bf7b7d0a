"""The way of `prune --registry`: show what the registries would lose, ask, take it away, report.

Takes a request and consent, gives an exit code.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl.cli.confirmation import agreed
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json, tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError, ExitCode

if TYPE_CHECKING:
    from dockerdecl.reconcile import Request


def prune_registries(
    terminal: Terminal, request: Request, output_format: DocumentFormat, *, authority: Path | None, yes: bool
) -> int:
    """Take away what the `keep` rules of the manifest let go. Raises DockerdeclError with all that could not go."""
    from dockerdecl.manifest.lock_file import locked_digests
    from dockerdecl.operations.registry_keeping import FORMAT, expired, remove
    from dockerdecl.reach import reach

    # What only some profile declares is declared.
    with reach(replace(request, profiles=("*",)), project_needed=True) as reached:
        manifest = reached.manifest()
        locked = locked_digests(manifest, request.working_directory)
        desired = manifest.desired("")
        found = expired(reached.engine, desired, request.environ, locked=locked, authority=authority)
        lines = [f"- {one.reference}  {one.digest}" for one in found]
        if output_format is DocumentFormat.TEXT:
            terminal.show_text("\n".join(lines) or "Nothing to clear away in registries.")
        elif not yes and lines:
            tell_text(terminal, "\n".join(lines))
        if not found:
            if output_format is DocumentFormat.JSON:
                show_json(terminal, {"format": FORMAT, "removed": []})
            return ExitCode.DONE
        if not yes and not agreed("Remove these from their registries? [y/N] ", terminal):
            tell_text(terminal, "Nothing was changed.")
            return ExitCode.FAILED
        document, problems = remove(reached.engine, found, request.environ, authority)
    if output_format is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        count = len(document["removed"])
        terminal.show_text(
            f"Removed {count} tag{'' if count == 1 else 's'}. Their layers go at the registry's own collection."
        )
    if problems:
        raise DockerdeclError(*problems)
    return ExitCode.DONE
