"""Traps: what made other tools see a difference where there is none, or none where there is one.

A trap is a test that carries small definitions: what is declared, the same in other words, and a real change. All
definitions of a module make one manifest, so that the program runs a few times for a module and not for a trap: it
applies, plans again, plans the other words, and plans the change. Each test then looks at what is its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.support.engine_api import Json
from tests.support.engine_state import read_state
from tests.support.engines import PrivateEngine
from tests.support.scenario import MANIFEST, Scenario

Fields = Mapping[str, tuple[Any, Any]]
"""The fields that differ, by path: what the engine holds, and what the manifest says."""

KINDS = ("images", "containers", "networks", "volumes")
SECTIONS = (*KINDS, "configs")
UNLESS_WRITTEN = {"image": "busybox:1", "state": "created", "network_mode": "bridge"}
NUMBER = re.compile(r"test_trap_(\d+)_")


@dataclass(frozen=True, slots=True)
class Forms:
    """One resource, each form as the inside of a YAML flow mapping, `user: root, tty: true`.

    `again` says the same in other words, `changed` something else; where they are left out, `declared` stands there.
    `made` is a request by which another client makes the container first.
    """

    declared: str = ""
    again: str | None = None
    changed: str | None = None
    made: Json = None


Deed = str | Callable[[Scenario], object]
"""What is done without dockerdecl: a docker command, or a function that does it."""


@dataclass(frozen=True, slots=True)
class Trap:
    """The resources of one test, and what is done `first`, and `by_hand` before the change is planned."""

    containers: Mapping[str, Forms] = field(default_factory=dict)
    images: Mapping[str, Forms] = field(default_factory=dict)
    networks: Mapping[str, Forms] = field(default_factory=dict)
    volumes: Mapping[str, Forms] = field(default_factory=dict)
    configs: Mapping[str, Forms] = field(default_factory=dict)
    first: Sequence[Deed] = ()
    by_hand: Sequence[Deed] = ()

    def addresses(self) -> dict[str, str]:
        """Key to address of all that the trap declares."""
        return {key: f"{kind.removesuffix('s')}.{key}" for kind in KINDS for key in getattr(self, kind)}


Test = Callable[..., None]


def trap(
    *,
    images: Mapping[str, Forms] | None = None,
    networks: Mapping[str, Forms] | None = None,
    volumes: Mapping[str, Forms] | None = None,
    configs: Mapping[str, Forms] | None = None,
    first: Sequence[Deed] = (),
    by_hand: Sequence[Deed] = (),
    **containers: Forms,
) -> Callable[[Test], Test]:
    """Gives a test its resources. Keys are unique in a module; a container's is written without its project."""

    def carry(test: Test) -> Test:
        carried = Trap(containers, images or {}, networks or {}, volumes or {}, configs or {}, first, by_hand)
        test.trap = carried  # type: ignore[attr-defined]  # read by the collection
        return test

    return carry


def traps_of(namespace: Mapping[str, object]) -> Iterator[Trap]:
    """The traps of a module, in the order in which they are written."""
    for name, thing in namespace.items():
        if NUMBER.match(name) and (carried := getattr(thing, "trap", None)):
            yield carried


def manifest(traps: Sequence[Trap], form: str) -> str:
    """One manifest of all traps, in the form of that name."""
    lines = []
    for kind in SECTIONS:
        forms = [item for one in traps for item in getattr(one, kind).items()]
        assert len(forms) == len(dict(forms)), f"a key stands twice among {sorted(key for key, _ in forms)}"
        if forms:
            lines += [f"{kind}:", *(f"  {key}: {{{_text(kind, one, form)}}}" for key, one in forms)]
    return "\n".join(lines) + "\n"


def _text(kind: str, forms: Forms, form: str) -> str:
    chosen: str | None = getattr(forms, form)
    text = forms.declared if chosen is None else chosen
    if kind != "containers":
        return text
    written = yaml.load("{" + text + "}", yaml.BaseLoader) or {}
    unless = {**UNLESS_WRITTEN, **({"network_mode": ""} if "networks" in written else {})}
    implied = [f'{word}: "{value}"' for word, value in unless.items() if word not in written and value]
    return ", ".join([*implied, *([text] if text else [])])


@dataclass(frozen=True, slots=True)
class Seen:
    """What the program said of a module's traps, and what the engine held after the apply."""

    scenario: Scenario
    touched: frozenset[str]
    after_apply: Json = field(repr=False)
    in_other_words: Json = field(repr=False)
    changed: Json = field(repr=False)
    inspected: Mapping[str, Json] = field(repr=False)


def see(engine: PrivateEngine, traps: Sequence[Trap], scenario: Scenario) -> Seen:
    """Apply, and plan three times. FOLDER in a form stands for the scenario's folder."""
    _do(scenario, (deed for one in traps for deed in one.first))
    made = {key: forms.made for one in traps for key, forms in one.containers.items() if forms.made is not None}
    for key, body in made.items():
        _make(engine, scenario.project, key, body)
    _write(scenario, traps, "declared")
    scenario.run("apply", "--yes", "--format", "json")
    touched = frozenset(step["address"] for step in scenario.last.json()["steps"])
    after_apply = scenario.plan().last.json()
    inspected = inspections(scenario)
    _write(scenario, traps, "again")
    in_other_words = scenario.plan().last.json()
    _do(scenario, (deed for one in traps for deed in one.by_hand))
    _write(scenario, traps, "changed")
    return Seen(scenario, touched, after_apply, in_other_words, scenario.plan().last.json(), inspected)


def inspections(scenario: Scenario) -> dict[str, Json]:
    """The project's containers as the engine inspects them now, by address."""
    return {
        thing["Config"]["Labels"]["dockerdecl.address"]: thing
        for name, thing in read_state(scenario.engine).labelled(scenario.project).items()
        if name.startswith("container ")
    }


def _do(scenario: Scenario, deeds: Iterable[Deed]) -> None:
    for deed in deeds:
        if isinstance(deed, str):
            scenario.by_hand(deed)
        else:
            deed(scenario)


def _write(scenario: Scenario, traps: Sequence[Trap], form: str) -> None:
    text = manifest(traps, form).replace("FOLDER", str(scenario.folder))
    scenario.write(MANIFEST, f"apiVersion: dockerdecl/v1\nproject: {scenario.project}\n{text}")


def _make(engine: PrivateEngine, project: str, key: str, body: Json) -> None:
    "as another client would make it; the labels say that it is ours"
    labels = {"dockerdecl.project": project, "dockerdecl.address": f"container.{key}", "dockerdecl.format": "1"}
    wanted = {"Image": UNLESS_WRITTEN["image"], **body, "Labels": {**body.get("Labels", {}), **labels}}
    engine.api("POST", "/containers/create", query={"name": f"{project}-{key}"}, body=wanted)


@dataclass(frozen=True, slots=True)
class Mended:
    """The project's containers before the change was applied and after it, by address."""

    before: Mapping[str, Json] = field(repr=False)
    after: Mapping[str, Json] = field(repr=False)

    def kept(self, key: str) -> bool:
        """Whether the container is the one that stood before."""
        address = f"container.{key}"
        return bool(self.before[address]["Id"] == self.after[address]["Id"])

    def mounts(self, key: str) -> tuple[Json, Json]:
        """What was mounted into it, and what is, by target."""
        earlier, now = (side[f"container.{key}"]["Mounts"] for side in (self.before, self.after))
        return {m["Destination"]: m for m in earlier}, {m["Destination"]: m for m in now}


def mend(seen: Seen) -> Mended:
    """Apply the change that was planned last; nothing may be left to do."""
    before = inspections(seen.scenario)
    seen.scenario.apply()
    return Mended(before, inspections(seen.scenario))


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to see of one trap."""

    trap: Trap
    seen: Seen

    def changes(self, **expected: Fields) -> None:
        """Nothing to do after the apply, nor for the same in other words; of the change, exactly what is expected.

        What another client made was not touched by the apply. Where nothing is expected of a key, nothing is found.
        """
        addresses = self.trap.addresses()
        made = {addresses[key] for key, forms in self.trap.containers.items() if forms.made is not None}
        assert not made & self.seen.touched, f"the apply touched {sorted(made & self.seen.touched)}"
        for plan, words in ((self.seen.after_apply, "an apply"), (self.seen.in_other_words, "the same in other words")):
            for key, address in addresses.items():
                assert not (change := _change(plan, address)), f"{key} must be settled after {words}: {change}"
        for key, address in addresses.items():
            change = _change(self.seen.changed, address)
            found = {f["path"]: (f["before"], f["after"]) for f in change["fields"]} if change else {}
            wanted = {path: tuple(map(_plain, pair)) for path, pair in expected.get(key, {}).items()}
            assert found == wanted, f"{key}: found {found}, expected {wanted}"
        assert expected.keys() <= addresses.keys(), "what is expected must be declared"

    def action(self, key: str) -> str:
        """What the planned change of `key` is, `none` where nothing is."""
        change = _change(self.seen.changed, self.trap.addresses()[key])
        return str(change["action"]) if change else "none"

    def notes(self, key: str) -> list[str]:
        """What is told of `key` after the apply beside changes."""
        return [note["message"] for note in self.seen.after_apply["notes"] if note["address"] == self._address(key)]

    def live(self, key: str, path: str) -> Any:
        """What the engine showed of a container after the apply; a slash in a key of its is written as `|`."""
        value = self.seen.inspected[self._address(key)]
        for word in path.split("/"):
            value = value.get(word.replace("|", "/")) if value else None
        return value

    @property
    def engine(self) -> PrivateEngine:
        """The engine that was looked at."""
        return self.seen.scenario.engine

    def _address(self, key: str) -> str:
        return self.trap.addresses()[key]


def _change(plan: Json, address: str) -> Json | None:
    return next((c for c in plan["changes"] if c["address"] == address and c["action"] != "none"), None)


def _plain(value: Any) -> Any:
    "as a JSON document gives it"
    return list(value) if isinstance(value, tuple) else value
