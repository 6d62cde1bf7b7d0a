"""Calls on volumes. Takes and gives raw Engine API JSON; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerdecl.engine.answers import Json
from dockerdecl.engine.client import Engine, filter_parameter, segment
from dockerdecl.engine.errors import NOT_FOUND
from dockerdecl.errors import DockerdeclError

ALL = "/volumes"
"""Where all of them are read."""


def list_volumes(engine: Engine, *, filters: Mapping[str, Sequence[str]] | None = None) -> list[Json]:
    """The volumes that `filters` let through."""
    answer = engine.request("GET", "/volumes", params={"filters": filter_parameter(filters)}).json_object()
    return list(answer.get("Volumes") or ())


def inspect_volume(engine: Engine, volume: str) -> Json:
    """A volume. Raises `not-found`."""
    return engine.request("GET", f"/volumes/{segment(volume)}").json_object()


def create_volume(engine: Engine, body: Json) -> Json:
    """Make a volume and give it; where one of that name exists, give that one, unchanged and whatever it is."""
    return engine.request("POST", "/volumes/create", body=body).json_object()


def remove_volume(engine: Engine, volume: str, *, missing_ok: bool = False) -> None:
    """Remove a volume and what is in it. Raises `volume-in-use`, and `not-found` unless `missing_ok`."""
    try:
        engine.request("DELETE", f"/volumes/{segment(volume)}")
    except DockerdeclError as error:
        if not (missing_ok and error.code == NOT_FOUND):
            raise
