"""Calls on networks. Takes and gives raw Engine API JSON; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerdecl.engine.answers import Json
from dockerdecl.engine.client import Engine, filter_parameter, segment
from dockerdecl.engine.errors import NOT_FOUND
from dockerdecl.errors import DockerdeclError

ALL = "/networks"
"""Where all of them are read."""


def list_networks(engine: Engine, *, filters: Mapping[str, Sequence[str]] | None = None) -> list[Json]:
    """The networks that `filters` let through, the engine's own among them."""
    return engine.request("GET", "/networks", params={"filters": filter_parameter(filters)}).json_list()


def inspect_network(engine: Engine, network: str) -> Json:
    """A network and the running containers on it. Raises `not-found`, `name-ambiguous`."""
    return engine.request("GET", f"/networks/{segment(network)}").json_object()


def create_network(engine: Engine, body: Json) -> tuple[str, tuple[str, ...]]:
    """Make a network; gives its id and the engine's warnings. Raises `name-in-use`, `pool-overlap`."""
    # Without CheckDuplicate, Docker 20.10 makes a second network of the same name.
    answer = engine.request("POST", "/networks/create", body={**body, "CheckDuplicate": True}).json_object()
    warning = answer.get("Warning")
    return str(answer["Id"]), (str(warning),) if warning else ()


def remove_network(engine: Engine, network: str, *, missing_ok: bool = False) -> None:
    """Remove a network. Raises `network-in-use`, and `not-found` unless `missing_ok`.

    Containers that don't run don't hold it, and can't start any more without it.
    """
    try:
        engine.request("DELETE", f"/networks/{segment(network)}")
    except DockerdeclError as error:
        if not (missing_ok and error.code == NOT_FOUND):
            raise


def connect(engine: Engine, network: str, container: str, endpoint: Json | None = None) -> None:
    """Put a container on a network, with these endpoint settings. Raises `already-connected` for a running one.

    For one that doesn't run, the settings replace those of an endpoint that is there.
    """
    body: Json = {"Container": container, "EndpointConfig": endpoint or {}}
    engine.request("POST", f"/networks/{segment(network)}/connect", body=body)


def disconnect(engine: Engine, network: str, container: str, *, force: bool = False, missing_ok: bool = False) -> None:
    """Take a container off a network; `force` also where the network is gone.

    Raises `not-connected` or `not-found` unless `missing_ok`.
    """
    body: Json = {"Container": container, "Force": force}
    try:
        engine.request("POST", f"/networks/{segment(network)}/disconnect", body=body)
    except DockerdeclError as error:
        if not (missing_ok and error.code in (NOT_FOUND, "not-connected")):
            raise
