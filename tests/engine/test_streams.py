"""What comes of containers over time: logs, events, waiting; and copying in and out. Seen by the program's user."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dockerdecl.engine.calls import containers as calls
from dockerdecl.engine.calls.exec import run_in
from dockerdecl.engine.client import Engine
from dockerdecl.operations.awaiting import Until, wait_for
from dockerdecl.operations.following import Following, follow_logs
from dockerdecl.operations.found import FoundContainer, find_containers
from dockerdecl.operations.logs import Line, Wanted, read_logs
from tests.support.engines import PrivateEngine
from tests.support.eventually import eventually
from tests.support.own_process import piped

pytestmark = pytest.mark.newest

COUNTS = (
    "n=$(cat /n || echo 0); for i in 1 2 3 4 5; do n=$((n+1)); echo $0$n; echo $0$n >&2; done; echo $n > /n; sleep 0.1"
)
LABELS = {"dockerdecl.project": "shop", "dockerdecl.address": "container.web", "dockerdecl.format": "1"}


@pytest.fixture
def run(engine: PrivateEngine, connected: Engine, busybox: str) -> Iterator[dict[str, str]]:
    """The environment that leads to the engine."""
    yield {"DOCKER_HOST": engine.host}


def make(engine: Engine, name: str, command: str, *words: str, **more: object) -> FoundContainer:
    body = {"Image": "busybox:1", "Cmd": ["sh", "-c", command, *words], **more}
    identity, _ = calls.create_container(engine, name, body)
    calls.start(engine, identity)
    return next(each for each in find_containers(engine) if each.id == identity)


def ended(engine: Engine, *containers: FoundContainer) -> None:
    wait_for(engine, containers, Until.EXITED, 30)


def test_a_followed_log_goes_on_through_restarts_and_replacement(connected: Engine, run: dict[str, str]) -> None:
    """No line is lost, and none comes twice, in each of the two streams."""
    policy = {"RestartPolicy": {"Name": "always"}}
    first = make(connected, "web", COUNTS, "a", Labels=LABELS, HostConfig=policy)
    following = follow_logs(connected, lambda: (first,), Wanted())
    seen: list[Line] = []
    threading.Thread(target=_collect, args=(following, seen), daemon=True).start()
    with closing(following):
        eventually(lambda: _holds(any(x.line.text == b"a12" for x in seen)))
        second = make(connected, "web.dockerdecl-new", COUNTS, "b", Labels=LABELS, HostConfig=policy)
        calls.remove(connected, first.id, force=True)
        eventually(lambda: _holds(any(x.line.text == b"b12" for x in seen)))
        calls.stop(connected, second.id, 0)
        there = [x.line for x in read_logs(connected, (second,), Wanted()).lines()]
        eventually(lambda: _holds(len([x for x in seen if x.container.id == second.id]) >= len(there)))
    for stream in (1, 2):
        for letter in "ab":
            texts = [
                x.line.text.decode() for x in seen if x.line.stream == stream and x.line.text[:1] == letter.encode()
            ]
            assert texts == [f"{letter}{number}" for number in range(1, len(texts) + 1)]
    assert [x.line for x in seen if x.container.id == second.id] == there


def _collect(following: Following, seen: list[Line]) -> None:
    for portion in following:
        seen += [each for each in portion if isinstance(each, Line)]


def _holds(condition: bool) -> None:
    assert condition


def test_logs_are_shown_as_asked_for(connected: Engine, run: dict[str, str]) -> None:
    one = make(connected, "one", "for i in 1 2 3; do echo o$i; sleep 0.2; done")
    two = make(connected, "two", "sleep 0.1; for i in 1 2 3; do echo t$i >&2; sleep 0.2; done")
    make(connected, "mute", "echo no", HostConfig={"LogConfig": {"Type": "none"}})
    ended(connected, one, two)
    shown = piped(["logs", "one", "two"], run).output.decode().splitlines()
    assert sorted(shown) == ["one | o1", "one | o2", "one | o3", "two | t1", "two | t2", "two | t3"]
    merged = [json.loads(line) for line in piped(["logs", "one", "two", "--format", "json"], run).output.splitlines()]
    assert [each["time"] for each in merged] == sorted(each["time"] for each in merged)
    assert (merged[-1]["name"], merged[-1]["stream"], merged[-1]["format"]) == (
        "two",
        "stderr",
        "dockerdecl/log-line/v1",
    )
    assert piped(["logs", "one", "-n", "1"], run).output == b"o3\n"
    assert piped(["logs", "one", "two", "--stream", "stderr", "-n", "1", "--no-prefix"], run).output == b"t3\n"
    since = merged[-1]["time"]
    assert piped(["logs", "one", "two", "--since", since], run).output == b"two | t3\n"
    assert piped(["logs", "two", "--until", merged[0]["time"]], run).output == b""
    partly = piped(["logs", "one", "mute", "-n", "1"], run)
    assert (partly.code, partly.output, "logs-unreadable" in partly.errors) == (1, b"one  | o3\n", True)
    for words, code in ((["mute"], 1), (["none"], 1), (["one", "--since", "soon"], 64), ([], 3)):
        assert piped(["logs", *words], run).code == code
    followed = piped(["logs", "-F", "one", "-n", "1"], run, interrupt=1.5)
    assert (followed.code, followed.output) == (130, b"o3\n")
    assert "one ended with 0" in followed.errors


def test_waiting_ends_as_it_was_asked(connected: Engine, run: dict[str, str]) -> None:
    make(connected, "three", "sleep 0.3; exit 3")
    make(connected, "long", "exec sleep 99")
    done = piped(["wait", "three"], run)
    assert (done.code, done.output) == (3, b"three exited 3\n")
    assert piped(["wait", "long", "--until", "running"], run).code == 0
    late = piped(["wait", "three", "long", "--timeout", "300ms", "--format", "json"], run)
    assert late.code == 124
    assert [each["outcome"] for each in json.loads(late.output)["containers"]] == ["reached", "timed-out"]
    for words, told in ((["three"], "ended with 3"), (["long"], "no health check")):
        never = piped(["wait", *words, "--until", "healthy"], run)
        assert (never.code, told in never.errors) == (1, True)
    threading.Timer(1, calls.remove, (connected, "long"), {"force": True}).start()
    assert piped(["wait", "long", "--until", "removed"], run).code == 0


def test_events_say_what_happened_to_whose(connected: Engine, run: dict[str, str]) -> None:
    web = make(connected, "web", "exit 2", Labels={**LABELS, "secret": "hidden"})
    other = make(connected, "other", "exec sleep 99")
    run_in(connected, other.id, ["true", "secret"])
    ended(connected, web)
    until = str(connected.clock() + 1)
    found = piped(["events", "-p", "shop", "--since", "1m", "--until", until, "--format", "json"], run).output
    documents = [json.loads(line) for line in found.splitlines()]
    own = [each for each in documents if each["id"] == web.id]
    assert [each["action"] for each in own] == ["create", "start", "die"]
    assert {each["address"] for each in own} == {"container.web"}
    assert own[-1]["details"]["exitCode"] == "2"
    assert not [each for each in documents if each["id"] == other.id]
    everything = piped(["events", "other", "-a", "--since", "1m", "--until", until], run).output.decode()
    assert "container other  exec_create  " in everything
    assert "secret" not in everything + found.decode()
    assert "exec" not in piped(["events", "other", "--since", "1m", "--until", until], run).output.decode()


def test_files_are_copied_both_ways(connected: Engine, run: dict[str, str], tmp_path: Path) -> None:
    prepare = (
        "mkdir -p /d/sub; echo one > /d/a; ln -s /etc/passwd /d/abs; ln -s /d /link; mkfifo /d/pipe; exec sleep 99"
    )
    make(connected, "box", prepare)
    here = tmp_path / "here"
    done = piped(["cp", "box:/d", str(here)], run)
    assert (done.code, "Left out: d/pipe" in done.errors) == (0, True), done
    assert ((here / "a").read_text(), str((here / "abs").readlink())) == ("one\n", "/etc/passwd")
    assert "Copied" not in piped(["cp", "-q", "-L", "box:/link", str(tmp_path / "followed")], run).errors
    assert (tmp_path / "followed/a").read_text() == "one\n"
    (here / "sub/big").write_bytes(bytes(3_000_000))
    for source, target in (
        ("here", "box:/new"),
        ("here", "box:/d"),
        ("here/.", "box:/link"),
        ("here/a", "box:/d/sub/"),
    ):
        assert piped(["cp", f"{tmp_path}/{source}", target], run).code == 0
    look = "find /new /d -name big -size +2000k -user 0 | sort; cat /d/sub/a"
    listed = piped(["exec", "box", "sh", "-c", look], run)
    assert listed.output.decode().split() == ["/d/here/sub/big", "/d/sub/big", "/new/sub/big", "one"]
    with tarfile.open(fileobj=io.BytesIO(piped(["cp", "box:/d/a", "-"], run).output)) as archive:
        assert archive.getnames() == ["a"]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(here / "a", "from-tar")
    assert piped(["cp", "-", "box:/d"], run, buffer.getvalue()).code == 0
    assert calls.stat_archive(connected, "box", "/d/from-tar")
    for words, code in (
        (["box:/none", "x"], 1),
        (["box:/d/a", f"{tmp_path}/none/"], 1),
        ([f"{here}/a", "box:/none/x"], 1),
        ([f"{here}/a", "box:/d/a/"], 1),
        ([str(here), "box:/d/a"], 1),
        ([f"{here}/a", "bax:/d"], 1),
        (["a", "b"], 64),
        (["box:/d", "box:/e"], 64),
    ):
        assert piped(["cp", *words], run).code == code, words
