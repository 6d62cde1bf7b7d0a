"""A project on an engine that is reached through a proxy: brought to where it was before, changed with a fault, and
judged by what the engine then has.

Takes an engine and a case; gives runs and their verdicts. What must hold after every fault stands here: the plan tells
what the next apply does, that apply ends in the declared state, and nothing is left over or lost.
"""

from __future__ import annotations

import io
import itertools
import re
import shlex
import tarfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.faults.cases import PROJECT, Case
from tests.support.engine_api import EngineRefusedError, Json
from tests.support.engine_proxy import EngineProxy, Fault, Kind, changing
from tests.support.engine_state import ADDRESS, ANONYMOUS, EngineState, read_state
from tests.support.engines import PrivateEngine
from tests.support.images import import_busybox
from tests.support.program import Run
from tests.support.started import started

RECORD = re.compile(rf"dockerdecl\.{PROJECT}\.r\d+")
KEPT = "kept"
OPTIONS = ("--yes",)
SAME = frozenset({"none", "update", "start", "stop", "adopt"})


@dataclass(slots=True)
class Bench:
    """One case on one engine. Every judgement raises AssertionError."""

    engine: PrivateEngine
    proxy: EngineProxy
    folder: Path
    case: Case
    parallelism: int = 1
    foreign: EngineState = field(init=False)

    def __post_init__(self) -> None:
        with suppress(EngineRefusedError):
            import_busybox(self.engine, "busybox:1")
        self.foreign = read_state(self.engine)
        for name, text in {**self.case.files, **self.case.manifests()}.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    # Runs

    def run(self, *arguments: str, manifest: str = "after.yaml", through: str | None = None) -> Run:
        """Run the program, straight to the engine unless said otherwise."""
        limits = {} if arguments[0] == "plan" else {"DOCKERDECL_PARALLELISM": str(self.parallelism)}
        options = () if arguments[0] in ("plan", "status") else OPTIONS
        environment = {"DOCKERDECL_SETTLE": "0s", **limits}
        command = (*arguments, *options, "-f", manifest)
        with started(command, host=through or self.engine.host, folder=self.folder, environment=environment) as going:
            return going.ended()

    def change(self, fault: Fault | None) -> Run:
        """Make the change of the case with a fault."""
        self.proxy.lay(fault)
        done = self.run(*self.case.command, through=self.proxy.host)
        self.proxy.lay(None)
        return done

    def plan(self, manifest: str = "after.yaml") -> dict[str, str]:
        """The action for every address that changes."""
        done = self.run("plan", "--detailed-exitcode", "--format", "json", manifest=manifest)
        assert done.exit in (0, 2), f"planning failed:\n{done}"
        actions = {c["address"]: c["action"] for c in done.json()["changes"] if c["action"] != "none"}
        assert done.exit == (2 if actions else 0), f"exit {done.exit} with the changes {actions}"
        return actions

    def at_every_call(self, kind: Kind, judge: Callable[[Fault], None], *, stride: int = 1) -> None:
        """Let `judge` make the change with a fault at the first call that changes something, and so on to the last.

        Ends with a change without a fault. What fails is told in the end, with the call that it failed at.
        """
        failed: list[str] = []
        for nth in itertools.count(1, stride):
            self.reset()
            fault = Fault(kind, changing(), nth)
            try:
                judge(fault)
            except AssertionError as error:
                failed.append(f"{nth}. {fault.hit[0] if fault.hit else 'no fault'}: {error}")
                self.clear()
            if not fault.hit:
                break
        assert not failed, "\n\n".join(failed)

    # Where it begins

    def reset(self) -> EngineState:
        """Bring the engine to where the case begins, whatever is there."""
        if self.case.by_hand:
            self.clear()
            for command in self.case.by_hand:
                self.engine.docker(*shlex.split(command)[1:])
        elif not self._declared("before.yaml"):
            self._must("destroy", "--volumes", manifest="after.yaml")
        else:
            if self.case.goes_back:
                self._must("apply", manifest="after.yaml")
            self._must("apply", manifest="before.yaml")
        self._fill()
        return self.state()

    def clear(self) -> None:
        """Remove by force all that is not there from the beginning."""
        now = self.state()
        for kind, came, query in (
            ("containers", now.containers.keys() - self.foreign.containers.keys(), {"force": 1, "v": 1}),
            ("networks", now.networks.keys() - self.foreign.networks.keys(), {}),
            ("volumes", now.volumes.keys() - self.foreign.volumes.keys(), {"force": 1}),
            ("images", now.images.keys() - self.foreign.images.keys(), {"force": 1}),
        ):
            for one in came:
                with suppress(EngineRefusedError):
                    self.engine.api("DELETE", f"/{kind}/{one}", query=query)

    def state(self) -> EngineState:
        """All that is on the engine now."""
        return read_state(self.engine)

    def _must(self, *arguments: str, manifest: str) -> None:
        done = self.run(*arguments, manifest=manifest)
        assert done.exit == 0, f"failed:\n{done}"

    # What must hold

    def finish(self, manifest: str = "after.yaml", command: tuple[str, ...] | None = None) -> None:
        """The next run does what a plan before it says, and ends in the declared state with nothing left over."""
        # another rollback would go back to what was before the first, where that was written down already
        command = command or (("apply", "--settle", "0s") if self.case.goes_back else self.case.command)
        planned = None if command[0] == "adopt" or self.case.takes_down else self.plan(manifest)
        before = self.state()
        self._must(*command, manifest=manifest)
        after = self.state()
        if planned is not None:
            self._assert_told(planned, before, after)
        self.assert_done(manifest, after)

    def assert_done(self, manifest: str = "after.yaml", state: EngineState | None = None) -> None:
        """The declared state, whole, and nothing beside it."""
        after = state or self.state()
        assert not after.temporary_names(), f"temporary names are left: {after.temporary_names()}"
        declared = set() if self.case.takes_down else self._declared(manifest)
        found = sorted(_address(c) for c in after.containers.values() if _address(c))
        if not self.case.by_hand:
            assert found == sorted(declared), f"containers {found}, declared {sorted(declared)}"
        self._assert_nothing_left(after)
        self._assert_kept(after)
        if not self.case.takes_down:
            again = self.plan(manifest)
            assert again == {}, f"the plan after it is not empty: {again}"

    def _assert_told(self, planned: Mapping[str, str], before: EngineState, after: EngineState) -> None:
        for address in {*_by_address(before), *_by_address(after), *(a for a in planned if a.startswith("container."))}:
            was, now = _by_address(before).get(address, {}), _by_address(after).get(address, {})
            action = planned.get(address, "none")
            what = f"{address}: planned {action}, was {[*was]}, is {[*now]}"
            match action:
                case "create":
                    assert not was and len(now) == 1, what
                case "replace":
                    assert was and len(now) == 1 and not now.keys() & was.keys(), what
                case "remove":
                    assert was and not now, what
                case _:
                    assert len(now) == 1 and now.keys() <= was.keys(), what
            if action == "none":
                (one,) = now
                assert len(was) == 1 and was[one] == now[one], f"{what}: touched, though nothing was planned"

    def _assert_nothing_left(self, after: EngineState) -> None:
        mounted = {m.get("Name") for c in after.containers.values() for m in c["Mounts"]}
        ids = {i[:16] for i in after.containers}
        declared = set() if self.case.takes_down else {f"{PROJECT}_{key}" for key in self._keys("volumes")}
        for name in after.volumes.keys() - self.foreign.volumes.keys():
            noted = name.startswith(f"dockerdecl.{PROJECT}.hooked.") and name.rpartition(".")[2] in ids
            adopted = bool(self.case.by_hand) and name.startswith(f"dockerdecl.{PROJECT}.adopted.")
            own = name in declared or (ANONYMOUS.fullmatch(name) and name in mounted) or RECORD.fullmatch(name)
            assert own or noted or adopted, f"the volume {name} is left over"
        networks = {n["Name"] for i, n in after.networks.items() if i not in self.foreign.networks}
        wanted = set() if self.case.takes_down else {f"{PROJECT}_{key}" for key in self._keys("networks")}
        assert networks <= {*wanted, f"{PROJECT}_default"}, f"networks {networks}, declared {wanted}"
        strays = [
            c["Name"] for i, c in after.containers.items() if i not in self.foreign.containers and not _address(c)
        ]
        assert not strays or self.case.by_hand, f"containers {strays} belong to nobody"

    def _assert_kept(self, after: EngineState) -> None:
        for container in after.containers.values():
            for target in self._filled_before(container):
                path = f"{target}/{KEPT}"
                try:
                    self.engine.api("GET", f"/containers/{container['Id']}/archive", query={"path": path})
                except EngineRefusedError as error:
                    raise AssertionError(f"{path} of {container['Name']} was lost: {error}") from error

    def _filled_before(self, container: Json) -> list[str]:
        """The volumes of a container that its predecessor had, too."""
        spec = (yaml.safe_load(self._text("before.yaml")).get("containers") or {}).get(_key(container))
        held = [v.split(":")[1] if ":" in v else v for v in (spec or {}).get("volumes", ())]
        return [m["Destination"] for m in container["Mounts"] if m["Type"] == "volume" and m["Destination"] in held]

    def _fill(self) -> None:
        for container in self.state().containers.values():
            for mount in container["Mounts"] if container["Id"] not in self.foreign.containers else ():
                if mount["Type"] == "volume" and mount["RW"]:
                    archive, query = _file(KEPT), {"path": mount["Destination"]}
                    self.engine.api("PUT", f"/containers/{container['Id']}/archive", query=query, body=archive)

    # What is declared

    def _text(self, manifest: str) -> str:
        return (self.folder / manifest).read_text()

    def _keys(self, kind: str) -> set[str]:
        texts = [self._text(name) for name in self.case.manifests()]
        return {key for text in texts for key in yaml.safe_load(text).get(kind) or ()}

    def _declared(self, manifest: str) -> set[str]:
        declared: Mapping[str, Any] = yaml.safe_load(self._text(manifest)).get("containers") or {}
        found = set[str]()
        for key, spec in declared.items():
            count = spec.get("replicas")
            found |= {f"container.{key}[{n}]" for n in range(1, count + 1)} if count else {f"container.{key}"}
        return found


def running_old(before: EngineState, now: EngineState) -> dict[str, bool]:
    """For every container of before that ran: whether it, or another one of its address, runs now."""
    runs = {_address(c) for c in now.containers.values() if c["State"]["Running"]}
    return {_address(c): _address(c) in runs for c in before.containers.values() if c["State"]["Running"]}


def still_there(before: EngineState, now: EngineState) -> dict[str, str]:
    """The containers of before by address that nothing has taken the place of."""
    standing = {_address(c) for i, c in now.containers.items() if i not in before.containers and _stands(c)}
    kept = {i: c for i, c in before.containers.items() if i in now.containers and _address(c)}
    return {_address(c): i for i, c in kept.items() if _address(c) not in standing}


def _stands(container: Json) -> bool:
    return "dockerdecl-new" not in container["Name"] and container["State"]["Running"]


def _by_address(state: EngineState) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for i, container in state.containers.items():
        if _address(container):
            facts = (container["Name"], container["State"]["StartedAt"], container["State"]["Status"])
            found.setdefault(_address(container), {})[i] = facts
    return found


def _address(container: Json) -> str:
    return str((container["Config"]["Labels"] or {}).get(ADDRESS, ""))


def _key(container: Json) -> str:
    return _address(container).removeprefix("container.").partition("[")[0]


def _file(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"kept"))
    return buffer.getvalue()
