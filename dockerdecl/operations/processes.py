"""The processes in containers, as the host's `ps` shows them.

Takes an engine and containers, gives a document. Changes nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.sessions import saying_why
from dockerdecl.resources.masking import masked_text
from dockerdecl.resources.schemas import documented

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

FORMAT: Literal["dockerdecl/processes/v1"] = "dockerdecl/processes/v1"


@documented
class ContainerProcessesDocument(TypedDict):
    """The processes of one container."""

    address: str | None
    """Its address in its project; null where it belongs to none."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id on the engine."""
    titles: list[str]
    """What the columns are called."""
    processes: list[list[str]]
    """The processes, each as the texts of its columns."""


@documented
class ProcessesDocument(TypedDict):
    """The processes in containers. Their ids are the host's."""

    format: Literal["dockerdecl/processes/v1"]
    """The format of this document."""
    containers: list[ContainerProcessesDocument]
    """The containers."""


def processes_document(engine: Engine, chosen: Iterable[FoundContainer], arguments: Sequence[str]) -> ProcessesDocument:
    """What runs in the chosen containers; `arguments` are those of `ps`. Passwords in commands are masked.

    Raises DockerdeclError where one doesn't run, or where `ps` objects.
    """
    from dockerdecl.engine.calls.containers import processes

    shown = shlex.join(arguments) if arguments else None
    found: list[ContainerProcessesDocument] = []
    for container in chosen:
        with saying_why(engine, container):
            raw = processes(engine, container.id, shown)
        found.append(
            {
                "address": str(container.address) if container.address else None,
                "name": container.name,
                "id": container.id,
                "titles": [str(title) for title in raw.get("Titles") or ()],
                "processes": [[masked_text(str(text)) for text in process] for process in raw.get("Processes") or ()],
            }
        )
    return {"format": FORMAT, "containers": found}
