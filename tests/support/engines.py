"""Private engines. Takes a folder of engine binaries, gives a running engine of one's own that nothing outlives.

Each engine runs in a box: its own network, mount, PID and UTS namespaces. So any number stand side by side, iptables
rules and bridges are the box's own, and ending one process ends all that is in it. The box is tied to its owner by a
parent-death signal: it ends even where the owner is killed with SIGKILL.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.support.engine_api import NO_HEADERS, EngineApi, EngineRefusedError, Headers, Json, Query
from tests.support.events import Recording, recorded
from tests.support.eventually import eventually

EXPECTED = ("20.10", "26.1")  # what CI must test on
GIVEN = "given"  # instead of a version: the engine that DOCKERDECL_TEST_HOST names
FOLDERS = "pe-"  # /tmp/pe-*: short, since a Unix socket's path has at most 107 bytes
INSTALLED = Path("/usr/sbin")
GROUPS = Path("/sys/fs/cgroup")
NOTHING: Mapping[str, object] = {}
NO_FILES: Mapping[str, str] = {}

_BOX = ("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL")
_THAWED = {"freezer.state": "THAWED", "cgroup.freeze": "0"}
_IN_BOX = """
ip link set lo up; hostname "$0"
for file in "$1"/etc/*; do [ ! -e "$file" ] || mount --bind "$file" "/etc/${file##*/}"; done
[ -z "$DISK" ] || { mkdir -p "$1/data"; mount -t tmpfs -o "size=$DISK" none "$1/data"; }
shift
"""
_ENDS = 'exec "$@"'
_GOES_ON = 'while "$@"; do :; done'  # a first process of the box's own, so that what outlives the engine lives on
_GET = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
connection.request("GET", sys.argv[2])
answer = connection.getresponse()
sys.stdout.buffer.write(b"%d\\n" % answer.status + answer.read())
"""


def cache_folder() -> Path:
    """Where `scripts/test` keeps unpacked engines, one folder a version."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dockerdecl" / "engines"


@functools.cache
def available_engines() -> Mapping[str, Path]:
    """The engines that can be started here: version ("26.1") to the folder of its binaries.

    From ENGINE_BINS (folders separated by colons) where it is set, else the installed one and all that were unpacked.
    """
    named = os.environ.get("ENGINE_BINS")
    folders = [Path(f) for f in named.split(":")] if named else [INSTALLED, *sorted(cache_folder().glob("*/bin"))]
    return {_version(folder): folder for folder in folders if (folder / "dockerd").exists()}


def _version(folder: Path) -> str:
    said = subprocess.run([folder / "dockerd", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"version (\d+\.\d+)", said)
    assert found, f"{folder}/dockerd tells no version: {said!r}"
    return found[1]


def wanted_engines() -> tuple[str, ...]:
    """The versions to test on: those of ENGINE_BINS, or what is there and what CI expects; or one engine that runs."""
    if os.environ.get("DOCKERDECL_TEST_HOST"):
        return (GIVEN,)
    found = available_engines()
    return tuple(found) if os.environ.get("ENGINE_BINS") else tuple(dict.fromkeys((*EXPECTED, *found)))


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a published port answered."""

    status: int
    text: str


class PrivateEngine:
    """One engine from the binaries in `binaries`, with `settings` added to its daemon.json. A context manager.

    `etc` are files that stand in /etc inside the box, in place of those of the same name. `socket` is that of an engine
    which somebody else started, and ends: it has no box to look into, and a test that needs one is skipped. `disk` is
    how much its data may take, such as `64m`; without it, as much as the machine has.
    """

    def __init__(
        self,
        binaries: Path,
        settings: Mapping[str, object] = NOTHING,
        *,
        etc: Mapping[str, str] = NO_FILES,
        socket: Path | None = None,
        disk: str = "",
    ) -> None:
        self.disk = disk
        self.binaries = binaries
        self.settings = settings
        self.etc = etc
        self._given = socket
        self.folder = Path()
        self._box: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDERS, dir="/tmp"))
        self.folder.chmod(0o711)  # a remapped root passes through
        (self.folder / "owner").write_text(_identity(os.getpid()))
        (self.folder / "etc").mkdir()
        for name, content in self.etc.items():
            (self.folder / "etc" / name).write_text(content)
        if self._given is None:
            self._start()
        return self

    def _start(self) -> None:
        (self.folder / "daemon.json").write_text(json.dumps(self._daemon_json()))
        with (self.folder / "log").open("ab") as log:
            self._box = subprocess.Popen(
                tied_to_owner(*_BOX, "sh", "-c", _IN_BOX + self._first, "box", str(self.folder), *self._dockerd()),
                env={**os.environ, "PATH": f"{self.binaries}:{os.environ['PATH']}", "DISK": self.disk},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            eventually(self._answers, within=60)
        except BaseException:
            self.close()
            raise

    def restart(self, *, binaries: Path | None = None, settings: Mapping[str, object] | None = None) -> None:
        """Stop the engine as a service manager does, and start it on the same data: another version, other settings.

        One with live-restore comes back as it is, since its containers outlive it.
        """
        if self.settings.get("live-restore"):
            self._restart_inside()
            return
        self._end(signal.SIGTERM)
        self.binaries = binaries or self.binaries
        self.settings = self.settings if settings is None else settings
        self._start()

    def crash(self) -> None:
        """Kill the engine and all its containers at once, and start it again on the same data."""
        self._end(signal.SIGKILL)
        (self.folder / "pid").unlink(missing_ok=True)  # a reboot clears this too: an engine trusts process ids
        shutil.rmtree(self.folder / "exec", ignore_errors=True)
        self._start()

    def _end(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)
        assert self._box
        self._box.wait(timeout=60)
        for read in ("pid", "version"):
            self.__dict__.pop(read, None)

    def _restart_inside(self) -> None:
        former = (self.folder / "pid").read_text()
        subprocess.run(["nsenter", "-t", str(self.pid), "-p", "-m", "kill", "-TERM", former], check=True)

        def another_answers() -> None:
            note = self.folder / "pid"
            assert note.exists() and note.read_text() not in ("", former)
            self._answers()

        eventually(another_answers, within=60)

    @property
    def _first(self) -> str:
        return _GOES_ON if self.settings.get("live-restore") else _ENDS

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the engine with all its containers, and remove its folder."""
        if self._box:
            _thaw(self.folder)
            with suppress(OSError, IndexError):
                os.kill(self.pid, signal.SIGKILL)  # the end of a PID namespace's first process is the end of all in it,
                self._box.wait(timeout=30)  # and `unshare` ends only once that is through
            self._box.kill()
            self._box.wait()
        _remove(self.folder)

    @property
    def socket(self) -> Path:
        """The Unix socket, reached from outside the box as well."""
        return self._given or self.folder / "docker.sock"

    @property
    def host(self) -> str:
        """What DOCKER_HOST takes."""
        return f"unix://{self.socket}"

    @functools.cached_property
    def version(self) -> str:
        """The engine's own version, e.g. 26.1.5."""
        return str(self.api("GET", "/version")["Version"])

    @functools.cached_property
    def pid(self) -> int:
        """The process id, seen from outside, of the box's first process: dockerd, or with live-restore its keeper."""
        if self._box is None:
            pytest.skip("needs an engine in a box of its own")
        return int(Path(f"/proc/{self._box.pid}/task/{self._box.pid}/children").read_text().split()[0])

    def api(
        self, method: str, path: str, *, query: Query | None = None, body: object = None, headers: Headers = NO_HEADERS
    ) -> Json:
        """The engine's own answer to one call. Raises EngineRefusedError."""
        return EngineApi(self.socket).call(method, path, query=query, body=body, headers=headers)

    def events(self) -> AbstractContextManager[Recording]:
        """Records the engine's events inside a `with` block."""
        return recorded(EngineApi(self.socket))

    def docker(self, *arguments: str) -> str:
        """What the docker command line prints (both streams) when it is run against this engine.

        Raises AssertionError where it fails.
        """
        environment = {**os.environ, "PATH": f"{self.binaries}:{os.environ['PATH']}", "DOCKER_HOST": self.host}
        command = ["docker", "--config", str(self.folder / "cli"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
        assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr.strip()}"
        return done.stdout + done.stderr

    def inside(self, *command: str) -> list[str]:
        """The command line that runs `command` in the network of the box."""
        return ["nsenter", "-t", str(self.pid), "-n", *command]

    def http(self, port: int, path: str = "/") -> HttpAnswer:
        """GET on a published port, from the box's own loopback. Raises AssertionError where nothing answers."""
        command = self.inside(sys.executable, "-I", "-S", "-c", _GET, str(port), path)
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
        assert done.returncode == 0, f"port {port} gives no answer: {done.stderr.decode()[-200:].strip()}"
        status, _, text = done.stdout.partition(b"\n")
        return HttpAnswer(int(status), text.decode(errors="replace"))

    def log_tail(self, size: int = 2000) -> str:
        """The end of the engine's own log."""
        log = self.folder / "log"
        return log.read_text(errors="replace")[-size:] if log.exists() else ""

    def _dockerd(self) -> list[str]:
        d = self.folder
        command = [self.binaries / "dockerd", "--config-file", d / "daemon.json", "--data-root", d / "data"]
        command += ["--exec-root", d / "exec", "--pidfile", d / "pid", "-H", self.host]
        return [*map(str, command)]

    def _daemon_json(self) -> dict[str, object]:
        # a cgroup of its own, so that the empty folders which a killed engine leaves can be told and removed
        own = {"cgroup-parent": f"/{self.folder.name}", "exec-opts": ["native.cgroupdriver=cgroupfs"]}
        pools = [{"base": "10.202.0.0/16", "size": 24}]
        return {**own, "bip": "10.201.0.1/24", "default-address-pools": pools, **self.settings}

    def _answers(self) -> None:
        assert self._box
        if self._box.poll() is not None:
            raise RuntimeError(f"{self.binaries}/dockerd ended by itself:\n{self.log_tail()}")
        try:
            self.api("GET", "/_ping")
        except (OSError, http.client.HTTPException, EngineRefusedError) as error:
            raise AssertionError(f"the engine doesn't answer: {error}\n{self.log_tail()}") from error


def tied_to_owner(*command: str) -> list[str]:
    """`command`, made to end with the process that starts it."""
    return ["setpriv", "--pdeathsig", "KILL", *command]


class EnginePool:
    """Engines by version, each started when it is first asked for; `close` ends them all."""

    def __init__(self) -> None:
        self._engines: dict[str, PrivateEngine] = {}

    def __getitem__(self, version: str) -> PrivateEngine:
        if version not in self._engines:
            self._engines[version] = _engine(version).__enter__()
        return self._engines[version]

    def close(self) -> None:
        """End every engine that was started."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()


def _engine(version: str) -> PrivateEngine:
    if version == GIVEN:
        host = os.environ["DOCKERDECL_TEST_HOST"]
        assert host.startswith("unix://"), f"DOCKERDECL_TEST_HOST names a Unix socket, unix:///..., not {host!r}"
        return PrivateEngine([*available_engines().values()][-1], socket=Path(host.removeprefix("unix://")))
    return PrivateEngine(available_engines()[version], json.loads(os.environ.get("DOCKERDECL_TEST_SETTINGS", "{}")))


def why_not(version: str) -> str | None:
    """Why the engine can't be started here, or None where it can."""
    if version == GIVEN:
        return None if available_engines() else "no engine's `docker` command is here: run `scripts/test`"
    if os.geteuid():
        return "private engines need root"
    if version not in available_engines():
        return f"no engine {version} here: run `scripts/test`, or name folders in ENGINE_BINS"
    missing = [tool for tool in ("unshare", "nsenter", "setpriv", "ip", "iptables") if not shutil.which(tool)]
    return f"private engines need {', '.join(missing)}" if missing else None


def _identity(pid: int) -> str:
    """A process id with its start time, since ids are used again."""
    started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return f"{pid} {started}"


def _sweep() -> None:
    """Remove what engines of owners that were killed left on disk; the engines themselves ended with their owners."""
    for note in Path("/tmp").glob(f"{FOLDERS}*/owner"):
        with suppress(OSError):
            owner = note.read_text()
            if owner and not _lives(owner):
                _thaw(note.parent)
                _remove(note.parent)


def _lives(identity: str) -> bool:
    try:
        return _identity(int(identity.split(maxsplit=1)[0])) == identity
    except FileNotFoundError:
        return False


def _thaw(folder: Path) -> None:
    """Let the engine's paused containers go on: as long as they can't end, neither can the box."""
    for group in (GROUPS / "freezer" / folder.name, GROUPS / folder.name):  # cgroup v1 and v2
        for path, word in ((p, w) for f, w in _THAWED.items() for p in group.glob(f"*/{f}")):
            with suppress(OSError):
                path.write_text(word)


def _remove(folder: Path) -> None:
    for group in (GROUPS / folder.name, *GROUPS.glob(f"*/{folder.name}")):  # cgroup v2 and v1
        if group.is_dir():
            _remove_groups(group)
    shutil.rmtree(folder, ignore_errors=True)


def _remove_groups(group: Path) -> None:
    for path in [path for path in group.iterdir() if path.is_dir()]:
        _remove_groups(path)
    with suppress(OSError):
        group.rmdir()
