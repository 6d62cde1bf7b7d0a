"""What a record says of a manifest, found out while the steps are taken: a run waits for the engine meanwhile.

Takes a manifest, gives its recorded form and its commit. Asks the engine nothing.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.manifest.manifest import Manifest
    from dockerdecl.resources.record import SourceDocument


@dataclass(frozen=True, slots=True)
class Origin:
    """The manifest as it is written down, where in it something is masked, and the commit that it comes from."""

    declared: dict[str, Any]
    hidden: list[list[str | int]]
    source: SourceDocument | None


class Beside:
    """Finds it out in a thread of its own, from now on."""

    def __init__(self, manifest: Manifest, *, from_file: bool) -> None:
        """`from_file` is whether the manifest is one, with a commit perhaps, or a revision's."""
        self._manifest = manifest
        self._from_file = from_file
        self._found: Origin | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._find, name="dockerdecl-origin", daemon=True)
        self._thread.start()

    def origin(self) -> Origin:
        """What was found, as soon as it is."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._found is not None, "it is found, or there is an error"
        return self._found

    def _find(self) -> None:
        # Loaded here, since loading them takes time too.
        from dockerdecl.manifest.recorded import record_tree
        from dockerdecl.revisions.source import source_of

        try:
            declared, hidden = record_tree(self._manifest)
            source = source_of(self._manifest.loaded.project_directory) if self._from_file else None
            self._found = Origin(declared, hidden, source)
        except Exception as error:
            self._error = error
