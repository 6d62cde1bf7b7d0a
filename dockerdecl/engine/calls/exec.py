"""Commands run in a container that runs. Takes and gives raw Engine API JSON; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerdecl.engine.calls.containers import demultiplex
from dockerdecl.engine.client import Engine, segment


def run_in(
    engine: Engine,
    container: str,
    command: Sequence[str],
    *,
    user: str | None = None,
    privileged: bool = False,
    working_dir: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run a command to its end, as long as that takes; gives its exit code and what it printed on both streams.

    Raises `not-found`, and `not-running` for a container that has no process, or a paused one.
    """
    body = {
        "AttachStdout": True,
        "AttachStderr": True,
        "Cmd": list(command),
        "User": user or "",
        "Privileged": privileged,
        "WorkingDir": working_dir or "",
        "Env": [f"{name}={text}" for name, text in (environment or {}).items()],
    }
    made = engine.request("POST", f"/containers/{segment(container)}/exec", body=body).json_object()
    path = f"/exec/{segment(str(made['Id']))}"
    answer = engine.request("POST", f"{path}/start", body={"Detach": False, "Tty": False}, timeout=None)
    printed = demultiplex(answer.content()).decode(errors="replace")
    ended = engine.request("GET", f"{path}/json").json_object()
    return int(ended.get("ExitCode") or 0), printed
