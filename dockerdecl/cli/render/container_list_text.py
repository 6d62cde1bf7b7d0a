"""A list of containers as a table: what runs since when, with what ports, and whose it is.

Takes a `dockerdecl/containers/v1` document and the time it is, gives styled lines. Knows no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.sizes import NOTHING
from dockerdecl.cli.render.status_text import age
from dockerdecl.cli.render.tables import Cell, Column, Row, table_lines

Document = Mapping[str, Any]

_COLUMNS = (
    Column("ADDRESS", shrinks=True),
    Column("NAME", shrinks=True),
    Column("IMAGE", shrinks=True),
    Column("STATE"),
    Column("SINCE"),
    Column("PORTS", shrinks=True),
    Column("OWNER", shrinks=True),
)
_STYLES = {"healthy": "green", "unhealthy": "bold red", "starting": "yellow", "restarting": "yellow", "paused": "cyan"}
_ANYWHERE = frozenset({"0.0.0.0", "::", "[::]"})


def container_list_lines(
    document: Document, *, width: int | None, glyphs: Glyphs, now: datetime, when_empty: str
) -> Iterator[Text]:
    """The table; `when_empty` where there is no container to list."""
    if not document["containers"]:
        yield Text(when_empty)
        return
    yield from table_lines(_COLUMNS, (_row(c, now) for c in document["containers"]), width=width, glyphs=glyphs)


def _row(container: Document, now: datetime) -> Row:
    return (
        container["address"] or NOTHING,
        container["name"],
        container["image"],
        state_cell(container),
        age(container["since"], now) if container["since"] else NOTHING,
        ports_words(container["ports"]) or NOTHING,
        owner_words(container),
    )


def state_cell(container: Document) -> Cell:
    """The state with its health or its exit code: `running, healthy`, `exited (1)`."""
    state, health, code = container["state"], container["health"], container["exit_code"]
    if health:
        return Cell(f"{state}, {health}", _STYLES.get(health, ""))
    if code is not None:
        return Cell(f"{state} ({code})", "red" if code else "")
    return Cell(state, _STYLES.get(state, ""))


def owner_words(container: Document) -> str:
    """Whose a container is: a project, a Compose project, a `debug` that goes on, or nobody's."""
    if container["project"]:
        return str(container["project"])
    if container["temporary"]:
        return "debug"
    return f"compose:{container['compose_project']}" if container["compose_project"] else NOTHING


def ports_words(ports: Sequence[Document]) -> str:
    """The ports as the docker CLI writes them, each once: `127.0.0.1:8080->80/tcp, 443/tcp`."""
    return ", ".join(dict.fromkeys(_port_words(port) for port in ports))


def _port_words(port: Document) -> str:
    inside = f"{port['port']}/{port['protocol']}"
    if port["host_port"] is None:
        return inside
    return f"{host_words(port['host_ip'], port['host_port'])}->{inside}"


def host_words(host_ip: str | None, host_port: int) -> str:
    """Where a port is published; one on every address is told by its number alone."""
    if not host_ip or host_ip in _ANYWHERE:
        return str(host_port)
    return f"[{host_ip}]:{host_port}" if ":" in host_ip else f"{host_ip}:{host_port}"
