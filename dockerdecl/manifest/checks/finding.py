"""What a check takes and gives.

Takes nothing. The checks are pure: they see a document and give findings, each bound to a path in it; where that path
was written is known outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.document import Document
from dockerdecl.resources.resolve import Names
from dockerdecl.values import dataclass

Path = tuple[str | int, ...]

RUNNING_STATES = frozenset(("running", "paused"))
STARTED_STATES = RUNNING_STATES | {"completed"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: `path` leads to the value that makes it one, or to its key where `at_key`."""

    code: str
    path: Path
    message: str
    hint: str
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A document under check.

    `declared` has every key of a section, also of resources that are too wrong to be in the document; `incomplete`
    those (by section and key) that lack something the user gave them; `inactive` the containers that are declared for
    profiles of which none is active, and not in the document.
    """

    document: Document
    declared: Mapping[str, frozenset[str]]
    incomplete: frozenset[tuple[str, str]] = frozenset()
    inactive: frozenset[str] = frozenset()

    @property
    def names(self) -> Names:
        """The engine names of what is declared."""
        return Names(self.document)

    def whole(self, section: str, key: str) -> bool:
        """Whether all that was written of a resource is known."""
        return (section, key) not in self.incomplete

    def whole_containers(self) -> Iterator[tuple[str, Container]]:
        """The containers of which all is known and that are not declared absent."""
        for key, container in self.document.containers.items():
            if container.state != "absent" and self.whole("containers", key):
                yield key, container
