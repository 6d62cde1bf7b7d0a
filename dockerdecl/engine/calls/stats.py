"""What containers use, and what the engine's host has. Takes and gives raw Engine API JSON; decides nothing."""

from __future__ import annotations

from dockerdecl.engine.answers import Answer, Json
from dockerdecl.engine.client import Engine, segment


def stats_stream(engine: Engine, container: str) -> Answer:
    """Readings of what a container uses, a line of JSON a second; the first comes at once.

    Of one that doesn't run, every reading is empty and says that it was `read` in the year 1. Raises `not-found`.
    Measured on 20.10 and 26.1: one reading that is asked for alone takes the engine one second, or two.
    """
    path = f"/containers/{segment(container)}/stats"
    return engine.request("GET", path, params={"stream": True}, stream=True, timeout=None)


def host_info(engine: Engine) -> Json:
    """What the engine says of itself and its host: `NCPU`, `MemTotal` and much more."""
    return engine.request("GET", "/info").json_object()


def disk_usage(engine: Engine) -> Json:
    """What images, containers, volumes and the build cache hold on disk. The engine adds it all up for this."""
    return engine.request("GET", "/system/df", timeout=None).json_object()
