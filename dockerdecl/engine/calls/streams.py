"""Talking with what runs in a container: its streams, and those of commands run in it. Decides nothing.

The engine's answer is a connection of which both directions stay open: a `Conversation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from dockerdecl.engine.answers import Answer, Json
from dockerdecl.engine.client import Engine, segment
from dockerdecl.engine.frames import Chunk, Frames
from dockerdecl.engine.upgrading import Upgraded
from dockerdecl.values import dataclass


class Conversation:
    """An open connection to a process: what it writes, and what it is to read. One thread's, and closed when done."""

    def __init__(self, upgraded: Upgraded, *, tty: bool) -> None:
        self._wire = upgraded.wire
        self._explain = upgraded.explain
        self._frames = Frames(tty=tty)
        self._first = upgraded.first
        self.over = False

    def fileno(self) -> int:
        """What to wait for."""
        return self._wire.fileno()

    @property
    def unsent(self) -> int:
        """How many bytes are still to be sent: as long as there are some, wait for room too, and call `flush`."""
        return self._wire.unsent

    def send(self, data: bytes) -> None:
        """Give the process something to read. Raises `connection-lost`."""
        try:
            self._wire.send(data)
        except (BrokenPipeError, ConnectionResetError):
            return  # it reads no more; what it wrote may still be on its way
        except OSError as error:
            raise self._explain(error) from error

    def flush(self) -> None:
        """Send more of what is unsent. Raises `connection-lost`."""
        self.send(b"")

    def end(self) -> None:
        """Let the process read to the end. What it writes still comes."""
        try:
            self._wire.end()
        except OSError:
            return  # it is gone already

    def receive(self) -> list[Chunk]:
        """What the process has written by now, perhaps nothing, and whether it is `over`. Raises `connection-lost`."""
        found: list[Chunk] = []
        more = True
        while more and not self.over:
            received = self._received()
            self.over = received == b""
            found += self._frames.feed(received or b"")
            more = received is not None and self._wire.pending
        return found

    def _received(self) -> bytes | None:
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return self._wire.receive()
        except ConnectionResetError:
            return b""
        except OSError as error:
            raise self._explain(error) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Command:
    """A command to be run in a container. `stdin` keeps its input open, `tty` gives it a terminal of that `size`, in
    columns and lines.
    """

    words: Sequence[str]
    user: str = ""
    working_dir: str = ""
    environment: Sequence[str] = ()
    privileged: bool = False
    stdin: bool = False
    tty: bool = False
    detach_keys: str | None = None
    size: tuple[int, int] | None = None


def create_exec(engine: Engine, container: str, command: Command, *, attached: bool = True) -> str:
    """Prepare a command and give its id. Raises `not-found`, and `not-running` or `paused`."""
    body = {
        "AttachStdin": command.stdin and attached,
        "AttachStdout": attached,
        "AttachStderr": attached,
        "Tty": command.tty,
        "Cmd": list(command.words),
        "User": command.user,
        "WorkingDir": command.working_dir,
        "Privileged": command.privileged,
        "Env": list(command.environment),
        **({"DetachKeys": command.detach_keys} if command.detach_keys else {}),
        **_console(command),
    }
    answer = engine.request("POST", f"/containers/{segment(container)}/exec", body=body)
    return str(answer.json_object()["Id"])


def start_exec(engine: Engine, identity: str, command: Command) -> Conversation:
    """Run a prepared command, and talk with it."""
    path = f"/exec/{segment(identity)}/start"
    return Conversation(engine.upgrade(path, body=_start(command, detach=False)), tty=command.tty)


def start_exec_detached(engine: Engine, identity: str, command: Command) -> None:
    """Run a prepared command, and leave it to itself."""
    engine.request("POST", f"/exec/{segment(identity)}/start", body=_start(command, detach=True))


def _start(command: Command, *, detach: bool) -> Json:
    return {"Detach": detach, "Tty": command.tty, **_console(command)}


def _console(command: Command) -> Json:
    "engines before API 1.42 skip it"
    return {"ConsoleSize": [*reversed(command.size)]} if command.size else {}


def exec_state(engine: Engine, command: str) -> tuple[bool, int | None]:
    """Whether a command runs, and its exit code once it doesn't."""
    state = engine.request("GET", f"/exec/{segment(command)}/json").json_object()
    code = state.get("ExitCode")
    return bool(state.get("Running")), None if code is None else int(code)


def resize_exec(engine: Engine, command: str, columns: int, lines: int) -> None:
    """Tell a command how large its terminal is. Raises where it has none yet, or runs no more."""
    engine.request("POST", f"/exec/{segment(command)}/resize", params={"w": columns, "h": lines})


def attach(engine: Engine, container: str, *, tty: bool, stdin: bool, detach_keys: str | None = None) -> Conversation:
    """Share the streams of a container's main process. Raises `not-found`, and `paused` or the like."""
    wanted: Mapping[str, str | bool | None] = {
        "stream": True,
        "stdin": stdin,
        "stdout": True,
        "stderr": True,
        "detachKeys": detach_keys,
    }
    return Conversation(engine.upgrade(f"/containers/{segment(container)}/attach", params=wanted), tty=tty)


def resize(engine: Engine, container: str, columns: int, lines: int) -> None:
    """Tell a container's main process how large its terminal is. Raises where it has none, or doesn't run."""
    engine.request("POST", f"/containers/{segment(container)}/resize", params={"w": columns, "h": lines})


class Waiting:
    """The engine's promise to tell when a container ends; it holds from the moment that this is made."""

    def __init__(self, engine: Engine, container: str, condition: str) -> None:
        """`condition` is `not-running`, `next-exit` or `removed`. Raises `not-found`."""
        path = f"/containers/{segment(container)}/wait"
        self._answer: Answer = engine.request("POST", path, params={"condition": condition}, stream=True, timeout=None)

    def exit_code(self) -> int:
        """The exit code, once it has ended, however long that takes. Raises `connection-lost`."""
        return int(self._answer.json_object().get("StatusCode") or 0)

    def close(self) -> None:
        """Wait no more; whoever waits is woken with `connection-lost`. Safe from any thread."""
        self._answer.interrupt()
