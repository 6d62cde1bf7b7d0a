"""Scenarios: what the program must do, told as steps on a real engine that read as one page.

A scenario is a folder with a manifest, an engine, and a row of steps; each step runs the program and looks at the
engine. What must hold after every step is asserted here, so that no scenario can forget it: see `_assert_always`,
`_assert_settled` and `_assert_gone`. What is particular to one step is said by checks (`checks.py`).
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Protocol, Self

import yaml

from tests.support.engine_api import EngineRefusedError, Json
from tests.support.engine_state import EngineState, read_state, touched
from tests.support.engines import PrivateEngine
from tests.support.events import order_violations
from tests.support.images import BUSYBOX, WWW, import_busybox, import_http_server
from tests.support.program import PROGRAM, Run, run

MANIFEST = "dockerdecl.yaml"
FOLDERS = Path(__file__).parents[1] / "scenarios"
SHARED_OPTIONS = frozenset({"-f", "--file", "--target", "--env-file", "--parallelism"})  # plan takes them as apply does
SHARED_FLAGS = frozenset({"--locked"})
Check = Callable[["Scenario"], None]
Actions = Mapping[str, str]


class Scenario:
    """One project on one engine. Every step gives the scenario back, so that steps can be chained."""

    def __init__(self, engine: PrivateEngine, name: str, folder: Path, *, program: Sequence[str] = PROGRAM) -> None:
        _stock(engine)
        self.engine = engine
        self.folder = folder
        self.project = name
        self._program = program
        self.before = self.after = self._found = read_state(engine)
        self.runs: list[Run] = []
        self._last: Run | None = None
        self._environment: dict[str, str] = {}
        self._secrets: set[str] = set()
        self._own_images: frozenset[str] = frozenset()

    def start_from(self, manifest: str | Path) -> Self:
        """Take a manifest's text, or copy a folder that holds one; the project's name is put in where none stands."""
        if isinstance(manifest, Path):
            shutil.copytree(manifest, self.folder, dirs_exist_ok=True)
        else:
            self.write(MANIFEST, manifest)
        path = self.folder / MANIFEST
        text = path.read_text()
        if found := re.search(r"^project:\s*([\w.-]+)", text, re.MULTILINE):
            self.project = found[1]
        else:
            header = "" if re.search(r"^apiVersion:", text, re.MULTILINE) else "apiVersion: dockerdecl/v1\n"
            path.write_text(f"{header}project: {self.project}\n{text}")
        return self

    # What the user does

    def write(self, path: str, content: str | bytes) -> Self:
        """Write a file of the scenario's folder."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def edit(self, line: str | None = None, *, old: str = "", new: str = "", path: str = MANIFEST) -> Self:
        """Change one place: the one line that has the key of `line` ("mem_limit: 64m"), or the text `old` to `new`."""
        text = (self.folder / path).read_text()
        if line is None:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}:\n{text}"
            return self.write(path, text.replace(old, new))
        key = re.escape(line.partition(":")[0])
        edited, count = re.subn(rf"^(\s*(?:- )?){key}:.*$", lambda found: found[1] + line, text, flags=re.MULTILINE)
        assert count == 1, f"{count} lines of {path} have the key of {line!r}:\n{text}"
        return self.write(path, edited)

    def environ(self, **values: str) -> Self:
        """Set variables in the environment of the program."""
        self._environment.update(values)
        return self

    def secret(self, value: str) -> Self:
        """Name a value that must never be seen in an output or a label. A manifest's own secrets need no naming."""
        self._secrets.add(value)
        return self

    def by_hand(self, command: str) -> Self:
        """Change the engine behind the program's back: `by_hand("docker stop limits-web")`."""
        program, *arguments = shlex.split(command)
        assert program == "docker", f"by hand means the docker command line, not {program!r}"
        self.engine.docker(*arguments)
        return self

    # What the program does

    def run(self, *arguments: str, expect: int = 0) -> Self:
        """Run any command. Asserts its exit code, and what must hold after every run."""
        self.before = read_state(self.engine)
        self._run(arguments)
        self.after = read_state(self.engine)
        assert self.last.exit == expect, f"expected exit {expect}:\n{self.last}"
        self._assert_always()
        return self

    def plan(self, expect: Actions | None = None, *, args: Sequence[str] = ()) -> Self:
        """Plan. Asserts that nothing was touched and, where `expect` is given, the action of every address in it."""
        before = read_state(self.engine)
        planned = self._run(_plan(args))
        assert planned.exit in {0, 2}, f"planning failed:\n{planned}"
        assert _only_looked(planned), f"planning did something:\n{_told(planned)}"
        changed = touched(before, read_state(self.engine), "", frozenset())
        assert changed == (), f"planning touched the engine: {'; '.join(changed)}"
        self._assert_no_secret()
        actions = actions_of(planned.json())
        assert planned.exit == (2 if actions else 0), f"exit {planned.exit} with the changes {actions}"
        assert expect is None or actions == dict(expect), f"planned {actions}, expected {dict(expect)}:\n{planned}"
        return self

    def apply(self, *checks: Check, expect: int = 0, args: Sequence[str] = ()) -> Self:
        """Apply, then look at the engine with `checks`. After a success the next plan must be empty."""
        self.run("apply", "--yes", *args, expect=expect)
        if expect == 0:
            self._assert_settled(args)
        return self.check(*checks)

    def destroy(self, *checks: Check, expect: int = 0, args: Sequence[str] = ()) -> Self:
        """Destroy, then look at the engine with `checks`. After a success nothing of the project may be left."""
        self.run("destroy", "--yes", *args, expect=expect)
        if expect == 0:
            self._assert_gone(volumes_too="--volumes" in args)
        return self.check(*checks)

    def status(self, *, expect: int = 0, args: Sequence[str] = ()) -> Self:
        """Ask for the status; `last.json()` has the document."""
        return self.run("status", "--format", "json", *args, expect=expect)

    def check(self, *checks: Check) -> Self:
        """Look at the engine as it is now."""
        for check in checks:
            check(self)
        return self

    # What can be asked

    @property
    def last(self) -> Run:
        """What the newest step ran; the plan that follows an apply by itself is no step."""
        assert self._last, "nothing was run yet"
        return self._last

    def container(self, key: str) -> Json:
        """A container of the project as the engine inspects it now. Raises AssertionError where there is none."""
        found = read_state(self.engine).find(self.project, f"container.{key}")
        assert found is not None, f"there is no container.{key} of {self.project}"
        return found

    # What must always hold

    def _run(self, arguments: Sequence[str]) -> Run:
        done = run(self._program, arguments, engine=self.engine, folder=self.folder, environment=self._environment)
        self._last = done
        self.runs.append(done)
        return done

    def _assert_always(self) -> None:
        brought = self.after.images.keys() - self.before.images.keys()
        foreign = touched(self.before, self.after, self.project, self._own_images)
        self._own_images |= brought
        assert not foreign, f"touched what belongs to others: {'; '.join(foreign)}\n{self.last}"
        images = {**self.before.image_of(), **self.after.image_of()}
        wrong = order_violations(self.last.events, running=self.before.running(), image_of=images)
        assert not wrong, f"wrong order: {'; '.join(wrong)}\n{_told(self.last)}"
        self._assert_no_secret()

    def _assert_no_secret(self) -> None:
        labels = json.dumps(read_state(self.engine).all_labels(), ensure_ascii=False)
        places = {"the output": f"{self.last.stdout}\n{self.last.stderr}", "a label": labels}
        for value in self._secrets | set(self._manifest_secrets()):
            for form in (value, base64.b64encode(value.encode()).decode()):
                shown = [place for place, text in places.items() if form in text]
                assert not shown, f"the secret {value!r} is in {' and '.join(shown)}\n{self.last}"

    def _assert_settled(self, args: Sequence[str]) -> None:
        assert not self.after.temporary_names(), f"left temporary names: {self.after.temporary_names()}"
        applied = self.last
        before, after = self.before, self.after
        try:
            self.plan({}, args=_shared(args))
        except AssertionError as error:
            raise AssertionError(f"the plan after an apply must be empty: {error}\n{applied}") from error
        self.before, self.after, self._last = before, after, applied

    def _assert_gone(self, *, volumes_too: bool) -> None:
        left = [name for name in self.after.labelled(self.project) if volumes_too or not name.startswith("volume ")]
        assert not left, f"destroy left {left}\n{self.last}"
        assert not self.after.temporary_names(), f"left temporary names: {self.after.temporary_names()}"
        if not volumes_too:
            lost = [v for v in self.before.labelled(self.project) if v.startswith("volume ")]
            lost = [v for v in lost if v not in self.after.labelled(self.project)]
            assert not lost, f"destroy took {lost} without being asked to"

    def _manifest_secrets(self) -> list[str]:
        values: list[str] = []
        for path in sorted(self.folder.rglob("*.y*ml")):
            with suppress(yaml.YAMLError, UnicodeDecodeError):
                values += _declared_secrets(yaml.safe_load(path.read_text()), path.parent, self._environment)
        return values

    # Its end

    def clean(self) -> None:
        """Remove by force all that came since the scenario began."""
        now = read_state(self.engine)
        for kind, came, query in (
            ("containers", now.containers.keys() - self._found.containers.keys(), {"force": 1, "v": 1}),
            ("networks", now.networks.keys() - self._found.networks.keys(), {}),
            ("volumes", now.volumes.keys() - self._found.volumes.keys(), {"force": 1}),
            ("images", now.images.keys() - self._found.images.keys(), {"force": 1}),
        ):
            for one in came:
                with suppress(EngineRefusedError):
                    self.engine.api("DELETE", f"/{kind}/{one}", query=query)
        for tag in _tags(now) - _tags(self._found):  # also of an image that was there before
            with suppress(EngineRefusedError):
                self.engine.api("DELETE", f"/images/{tag}", query={"noprune": 1})
        _stock(self.engine)

    def evidence(self) -> str:
        """Writes the failure folder (outputs, plans, events, containers and their logs); gives the gist as text."""
        folder = self.folder / "failure"
        folder.mkdir(exist_ok=True)
        for number, done in enumerate(self.runs, 1):
            (folder / f"{number:02}-{done.arguments[0]}.txt").write_text(f"{done}\n\nevents:\n{_told(done)}\n")
        logs: dict[str, str] = {}
        for container in read_state(self.engine).containers.values():
            name = container["Name"].lstrip("/")
            with suppress(AssertionError):  # gone meanwhile
                logs[name] = self.engine.docker("logs", "--tail", "50", container["Id"])
                (folder / f"{name}.log").write_text(logs[name])
            (folder / f"{name}.json").write_text(json.dumps(container, indent=2))
        (folder / "engine.log").write_text(self.engine.log_tail(20_000))
        parts = [f"engine {self.engine.version}, folder {folder}", *(f"{done}" for done in self.runs[-3:])]
        parts += [f"events of the last run:\n{_told(self.last)}"] if self.runs else []
        return "\n\n".join(parts + [f"log of {name}:\n{text[-500:]}" for name, text in logs.items() if text.strip()])


class ScenarioMaker(Protocol):
    """What the fixture `scenario` gives: a scenario from tests/scenarios/NAME/, a manifest's text, or a folder."""

    def __call__(self, name: str, manifest: str | Path | None = None) -> Scenario:
        """A scenario that is ready for its first step."""


def actions_of(plan: Json) -> dict[str, str]:
    """Address to action of every change in a plan document; what stays as it is left out."""
    return {c["address"]: c["action"] for c in plan["changes"] if c["action"] != "none"}


def differing(plan: Json) -> dict[str, set[str]]:
    """The paths that differ, by address, of every change but a creation or a removal."""
    kept = (change for change in plan["changes"] if change["action"] not in ("none", "create", "remove"))
    return {change["address"]: {field["path"] for field in change["fields"]} for change in kept}


def _tags(state: EngineState) -> set[str]:
    return {tag for image in state.images.values() for tag in image["RepoTags"] or ()}


def _stock(engine: PrivateEngine) -> None:
    """The images that manifests may name without more ado; foreign to every project."""
    for reference, make in ((BUSYBOX, import_busybox), (WWW, import_http_server)):
        try:
            engine.api("GET", f"/images/{reference}/json")
        except EngineRefusedError:
            make(engine, reference)


def _plan(args: Sequence[str]) -> tuple[str, ...]:
    return ("plan", "--detailed-exitcode", "--format", "json", *args)


def _shared(args: Sequence[str]) -> list[str]:
    options = [word for option, value in pairwise(args) if option in SHARED_OPTIONS for word in (option, value)]
    return [*options, *(word for word in args if word in SHARED_FLAGS)]


def _only_looked(planned: Run) -> bool:
    # health checks go on meanwhile, and each is an exec
    return all(event.action.startswith(("exec_", "health_status")) for event in planned.events)


def _told(done: Run) -> str:
    return "\n".join(f"  {event}" for event in done.events)


def _declared_secrets(manifest: Json, folder: Path, environment: Mapping[str, str]) -> list[str]:
    declared = manifest.get("secrets") if isinstance(manifest, dict) else None
    entries = [e for e in declared.values() if isinstance(e, dict)] if isinstance(declared, dict) else []
    named = [environment.get(str(e["environment"]), "") for e in entries if "environment" in e]
    files = [folder / str(e["file"]) for e in entries if "file" in e]
    return [value for value in (*named, *(f.read_text().strip() for f in files if f.is_file())) if value]
