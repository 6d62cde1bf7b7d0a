"""A person, or a pipe, at a process in a container: a command run in it, or its own main process.

Takes an engine, what to talk with and a `Person`; carries bytes and sizes both ways until the process ends, and gives
its exit code. Draws nothing and knows no terminal: how the person's is read and written is the person's affair.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.operations.detach_keys import DETACH_KEYS, DetachKeys
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.calls.streams import Command, Conversation
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.found import FoundContainer

_BLOCK_BYTES = 1 << 16
_ENOUGH_BYTES = 1 << 20
"""How much is read ahead of a process that doesn't."""
_PATIENCE_SECONDS = 60.0
_SIZE_TRIES = 10
_INTERRUPTS = 2
"""How many times Ctrl-C goes to a container that doesn't heed it, before it ends the attachment."""


class Person(Protocol):
    """Who sits at the other end. `keyboard` is a descriptor to read from, `wakes` one that a signal makes readable."""

    keyboard: int | None
    wakes: int

    def show(self, stream: int, data: bytes) -> None:
        """Write what came of `STDOUT` or `STDERR`."""

    def signals(self) -> Iterator[int]:
        """The signals since it was asked last."""

    def size(self) -> tuple[int, int] | None:
        """Columns and lines of the terminal; None where there is none."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: with the exit code of the process, or None where the person left and the process goes on."""

    exit_code: int | None


def converse(
    conversation: Conversation, person: Person, on_signal: Callable[[int], None], keys: DetachKeys | None = None
) -> None:
    """Carry bytes both ways until the process has written its last. Raises `connection-lost`."""
    keyboard = person.keyboard
    while True:
        for stream, data in conversation.receive():
            if not (keys and keys.typed):  # nothing but the engine's remark on it
                person.show(stream, data)
        if conversation.over:
            return
        ready = _ready(conversation, person.wakes, keyboard)
        for number in person.signals():
            on_signal(number)
        if keyboard is not None and keyboard in ready:
            typed = _typed(keyboard)
            if typed:
                conversation.send(typed)
            else:
                conversation.end()
                keyboard = None
            if keys:
                keys.watch(typed)
        if conversation.unsent:
            conversation.flush()


def _ready(conversation: Conversation, wakes: int, keyboard: int | None) -> frozenset[int]:
    "the descriptors on which something happens, once it does; who reads nothing isn't sent for without end"
    poll = select.poll()
    poll.register(conversation.fileno(), select.POLLIN | (select.POLLOUT if conversation.unsent else 0))
    poll.register(wakes, select.POLLIN)
    if keyboard is not None and conversation.unsent < _ENOUGH_BYTES:
        poll.register(keyboard, select.POLLIN)
    return frozenset(descriptor for descriptor, _ in poll.poll())


def _typed(keyboard: int) -> bytes:
    try:
        return os.read(keyboard, _BLOCK_BYTES)
    except OSError:  # the terminal went away
        return b""


def run_command(engine: Engine, container: FoundContainer, command: Command, person: Person) -> Ended:
    """Run a command in a container to its end. Raises where the container doesn't run, or lacks the user."""
    from dockerdecl.engine.calls import streams

    keys = DetachKeys(command.detach_keys or DETACH_KEYS) if command.tty and command.stdin else None
    with saying_why(engine, container):
        identity = streams.create_exec(engine, container.id, command)

    def resize() -> None:
        if size := person.size():
            streams.resize_exec(engine, identity, *size)

    with streams.start_exec(engine, identity, command) as conversation:
        if command.tty:
            patiently(resize)
        converse(conversation, person, _resizing(resize), keys)
    if keys and keys.typed:
        return Ended(None)
    return Ended(_exit_code(engine, identity))


def run_detached(engine: Engine, container: FoundContainer, command: Command) -> None:
    """Run a command in a container and leave it to itself; what it writes is lost."""
    from dockerdecl.engine.calls import streams

    with saying_why(engine, container):
        identity = streams.create_exec(engine, container.id, command, attached=False)
    streams.start_exec_detached(engine, identity, command)


@contextmanager
def saying_why(engine: Engine, container: FoundContainer) -> Iterator[None]:
    """Tells what the engine refuses of a container that doesn't run with its state, and with what to do about it."""
    from dockerdecl.engine.calls.containers import inspect_container

    try:
        yield
    except DockerdeclError as error:
        if error.code in ("not-running", "paused"):
            require_running(container, inspect_container(engine, container.id))
        raise error.at(container.label) from error


def patiently(resize: Callable[[], None]) -> None:
    """Set the first size: between its start and its first breath a process can't be told."""
    for _ in range(_SIZE_TRIES):
        try:
            resize()
        except DockerdeclError:
            time.sleep(0.02)
        else:
            return


def _resizing(resize: Callable[[], None]) -> Callable[[int], None]:
    def on_signal(number: int) -> None:
        if number == signal.SIGWINCH:
            with suppress(DockerdeclError):  # it has just ended
                resize()

    return on_signal


def _exit_code(engine: Engine, identity: str) -> int:
    "its last words are heard a moment before its end is"
    from dockerdecl.engine.calls.streams import exec_state

    until = time.monotonic() + _PATIENCE_SECONDS
    pause = 0.01
    while True:
        running, code = exec_state(engine, identity)
        if not running and code is not None:
            return code
        if time.monotonic() > until:
            raise fail("exec-unended", "the command closed its output, but doesn't end", hint="it may run on")
        time.sleep(pause)
        pause = min(pause * 2, 0.5)


def attach_to(engine: Engine, container: FoundContainer, person: Person, manner: Manner) -> Ended:
    """Share the main process of a container until it ends, or the person leaves. Raises where it doesn't run."""
    from dockerdecl.engine.calls import containers, streams

    keys = DetachKeys(manner.detach_keys)
    patience = iter(range(_INTERRUPTS))

    def on_signal(number: int) -> None:
        if number == signal.SIGINT and next(patience, None) is None:
            raise KeyboardInterrupt
        if number == signal.SIGWINCH:
            if manner.tty and (size := person.size()):
                with suppress(DockerdeclError):  # it has just ended
                    streams.resize(engine, container.id, *size)
        else:
            with suppress(DockerdeclError):  # it has just ended
                containers.kill(engine, container.id, signal.Signals(number).name)

    waiting = streams.Waiting(engine, container.id, "next-exit")
    with streams.attach(
        engine, container.id, tty=manner.tty, stdin=manner.stdin, detach_keys=manner.detach_keys
    ) as conversation:
        _redraw(engine, container.id, person.size() if manner.tty else None)
        converse(conversation, person, on_signal, keys if manner.tty and manner.stdin else None)
    return Ended(None if keys.typed else waiting.exit_code())


@dataclass(frozen=True, slots=True)
class Manner:
    """How to share a process: whether it has a terminal and reads, and what lets go of it."""

    tty: bool
    stdin: bool
    detach_keys: str = DETACH_KEYS


def manner_of(engine: Engine, container: FoundContainer, *, stdin: bool, detach_keys: str) -> Manner:
    """How a container can be attached to. Raises where it doesn't run."""
    from dockerdecl.engine.calls.containers import inspect_container

    raw = inspect_container(engine, container.id)
    require_running(container, raw)
    config = raw.get("Config") or {}
    DetachKeys(detach_keys)
    return Manner(bool(config.get("Tty")), stdin and bool(config.get("OpenStdin")), detach_keys)


def require_running(container: FoundContainer, raw: Mapping[str, Any]) -> None:
    """Raises `not-running` or `paused` for one whose process can't be talked with."""
    state = raw.get("State") or {}
    status = state.get("Status") or container.state
    if status == "paused":
        hint = f"let it go on first: `dockerdecl unpause {container.name}`"
        raise fail("paused", "the container is paused", address=container.label, hint=hint)
    if status == "restarting":
        hint = f"its last lines say why: `dockerdecl logs {container.name}`"
        raise fail("not-running", "the container restarts again and again", address=container.label, hint=hint)
    if status != "running":
        ended = f", it ended with {state.get('ExitCode')}" if status == "exited" else ""
        hint = f"start it first, or look at its last lines: `dockerdecl logs {container.name}`"
        raise fail("not-running", f"the container is {status}, not running{ended}", address=container.label, hint=hint)


def _redraw(engine: Engine, container: str, size: tuple[int, int] | None) -> None:
    "a program draws anew when its size changes, so it is changed, and back"
    from dockerdecl.engine.calls.streams import resize

    if size is None:
        return
    columns, lines = size
    with suppress(DockerdeclError):  # it has just ended
        resize(engine, container, columns, lines + 1)
        resize(engine, container, columns, lines)
