"""People and pipes at processes in containers: exec, attach, debug."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.engines import PrivateEngine
from tests.support.eventually import eventually
from tests.support.images import BUSYBOX, import_busybox
from tests.support.own_process import at_terminal, piped

pytestmark = pytest.mark.newest

PROMPT = "/ # "
BIG = os.urandom(1 << 20) * 3


@pytest.fixture(scope="module")
def started(engine: PrivateEngine) -> Iterator[dict[str, str]]:
    """Containers to talk with, and the environment that leads to them."""
    import_busybox(engine, BUSYBOX)
    ends = "trap 'echo bye; exit 3' INT; while :; do echo tick; sleep 0.1; done"
    bodies: dict[str, dict[str, object]] = {
        "plain": {"Cmd": ["sh", "-c", "echo MARK > /marker; exec sleep 9999"], "HostConfig": {"IpcMode": "shareable"}},
        "shell": {"Cmd": ["sh"], "Tty": True, "OpenStdin": True},
        "ends": {"Cmd": ["sh", "-c", ends]},
        "reads": {"Cmd": ["cat"], "OpenStdin": True, "StdinOnce": True},
        "made": {"Cmd": ["sh"]},
    }
    for name, body in bodies.items():
        engine.api("POST", "/containers/create", query={"name": name}, body={"Image": BUSYBOX, **body})
        if name != "made":
            engine.api("POST", f"/containers/{name}/start")
    yield {"DOCKER_HOST": engine.host}
    for container in engine.api("GET", "/containers/json", query={"all": 1}):
        engine.api("DELETE", f"/containers/{container['Id']}", query={"force": 1})


def test_a_command_has_a_terminal_of_the_right_size(started: dict[str, str]) -> None:
    with at_terminal(["exec", "plain", "sh"], started) as run:
        run.expect(PROMPT)
        run.type("stty size; until stty size | grep 41; do sleep 0.1; done\n")
        run.expect("30 90")
        run.resize(101, 41)
        run.expect("41 101")
        run.type('sh -c \'trap "echo caught; exit" INT; echo u""p; while :; do sleep 0.1; done\'\n')
        run.expect("up\r\n")
        run.type("\x03")
        run.expect("caught\r\n")
        run.type("exit 5\n")
        assert run.exit() == 5
        assert run.is_as_it_was()


def test_a_terminal_is_as_it_was_whatever_ends_it(started: dict[str, str]) -> None:
    with at_terminal(["exec", "plain", "sh"], started) as run:
        run.expect(PROMPT)
        assert not run.is_as_it_was()
        run.signal(signal.SIGTERM)
        assert run.exit() == 130
        assert run.is_as_it_was()
    with at_terminal(["exec", "--detach-keys", "ctrl-x,y", "plain", "sh"], started) as run:
        run.expect(PROMPT)
        run.type("\x18y")
        run.expect("Left: the command runs on in plain.")
        assert (run.exit(), run.is_as_it_was()) == (0, True)


def test_a_command_in_a_pipe_keeps_bytes_streams_and_codes(started: dict[str, str]) -> None:
    assert piped(["exec", "-i", "plain", "--", "cat"], started, BIG).output == BIG
    digest = hashlib.sha256(BIG).hexdigest()
    assert piped(["exec", "plain", "-i", "--", "sha256sum"], started, BIG).output.decode() == f"{digest}  -\n"
    done = piped(
        ["exec", "-u", "65534", "-w", "/tmp", "-e", "A=x y", "plain", "sh", "-c", "id -u; pwd; echo $A; ls -x; exit 7"],
        {**started, "B": "z"},
        b"unread",
    )
    assert (done.code, done.output.decode()) == (7, "65534\n/tmp\nx y\n")
    assert piped(["exec", "plain", "cat"], started, b"unread").output == b""
    assert piped(["exec", "plain", "nonesuch"], started).code in (126, 127)
    assert piped(["exec", "-d", "plain", "touch", "/detached"], started).code == 0
    eventually(lambda: _has(started, "/detached"))


def _has(started: dict[str, str], path: str) -> None:
    assert piped(["exec", "plain", "test", "-e", path], started).code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("exec", "made", "ls"), 1, "not running"),
        (("exec", "plian", "ls"), 1, "did you mean plain?"),
        (("exec", "plain"), 64, "COMMAND"),
        (("exec", "--detach-keys", "ctrl-", "-t", "-i", "plain", "sh"), 64, "no keys"),
        (("attach", "made"), 1, "created, not running"),
        (("debug", "made"), 1, "created, not running"),
        (("debug", "--image", "none:1", "plain"), 1, "Pulling none:1"),
        (("debug", "plain", "nonesuch"), 1, "nonesuch"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], code: int, told: str, started: dict[str, str]) -> None:
    done = piped(words, started)
    assert (done.code, told in done.errors) == (code, True), done
    assert "Traceback" not in done.errors


def test_who_attaches_shares_the_screen_and_can_leave(started: dict[str, str]) -> None:
    with at_terminal(["attach", "shell"], started) as run, at_terminal(["attach", "shell"], started) as other:
        for each in (run, other):
            each.expect("share one screen")
            each.expect(PROMPT)
        run.type("echo a$((1+1))\n")
        for each in (run, other):
            each.expect("a2")
        run.type("\x10\x11")
        run.expect("Left: shell runs on.")
        assert (run.exit(), run.is_as_it_was()) == (0, True)
        other.type("exit 9\n")
        assert (other.exit(), other.is_as_it_was()) == (9, True)


def test_a_signal_goes_to_the_container_and_its_end_is_passed_on(started: dict[str, str]) -> None:
    with at_terminal(["attach", "--no-signals", "ends"], started) as run:
        run.expect("tick")
        run.type("\x03")
        assert run.exit() == 130
    with at_terminal(["attach", "ends"], started) as run:
        run.expect("tick")
        run.type("\x03")
        run.expect("bye")
        assert run.exit() == 3
    done = piped(["attach", "reads"], started, BIG)
    assert (done.code, done.output == BIG) == (0, True)


def test_a_toolbox_sees_what_its_container_does_and_goes_away(started: dict[str, str], engine: PrivateEngine) -> None:
    done = piped(
        ["debug", "plain", "--", "sh", "-c", "cat /proc/1/root/marker; readlink /proc/1/ns/ipc; exit 4"], started
    )
    own = piped(["debug", "plain", "readlink", "/proc/self/ns/ipc"], started).output
    assert (done.code, done.output) == (4, b"MARK\n" + own)
    assert "in the pid, network, ipc namespaces of plain: its files are at /proc/1/root." in done.errors
    with at_terminal(["debug", "plain"], started) as run:
        run.expect(PROMPT)
        run.signal(signal.SIGTERM)
        assert (run.exit(), run.is_as_it_was()) == (130, True)
    assert piped(["debug", "plain", "sleep", "99"], started, interrupt=1.5).code == 130
    names = [c["Names"][0] for c in engine.api("GET", "/containers/json", query={"all": 1})]
    assert not [name for name in names if "debug" in name]
