"""What a case of tests/cases/planning says: a manifest, what the engine has, and the plan that is expected, as text.

about: the behaviour, in a sentence
engines: ["20.10"]           where it holds on one engine only
desired: {...}               a manifest; `apiVersion` and `project: shop` may be left out
before: {...}                what differed in the manifest that was applied before; left out: nothing was
interrupted: 3               the present manifest was being applied, and was killed after so many steps
by_hand: [{stop: shop-web}]  what was done to the engine since
options: {replace: [...]}    also `targets`, `allow_loss`, `destroy: [volumes, images]`,
                             `registry: {reference: digest, same or silent}`, and
                             `locked: {reference: any word, or pulled for what a pull brings}`
because: why nothing is to be done; needed where the plan has no change
expected: |                  a line a change, its fields, the notes, a line a step; or the problems
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.planning.destroying import make_destroy_plan
from dockerdecl.planning.document import plan_document, plan_lines
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Action, Options, Plan
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, parse_address
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.locked import with_digests
from tests.support.manifests import desired
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import Run
from tests.support.simulated_things import SERVE, hexadecimal

Case = Mapping[str, Any]
EXPECTED = "\nexpected: |\n"


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of a case: the plan, or the problems; and the engine that it was made for."""

    engine: SimulatedEngine
    plan: Plan | None
    text: str


def engine_of(case: Case, version: str) -> SimulatedEngine:
    """The engine as the case says that it is."""
    engine = SimulatedEngine(Release(version), registry=deepcopy(case.get("images", {})))
    if "before" in case:
        Run(engine, make_plan(desired(patched(case["desired"], case["before"])), engine.actual())).go()
    for deed in case.get("by_hand", ()):
        for verb, given in deed.items():
            by_hand(engine, verb, given)
    if "interrupted" in case:
        plan = make_plan(desired(case["desired"]), engine.actual(), options_of(case))
        Run(engine, plan, kill_after=case["interrupted"]).go()
    return engine


def patched(whole: Any, patch: Any) -> Any:
    """A manifest with parts of it replaced; null takes a part away."""
    if not isinstance(whole, Mapping) or not isinstance(patch, Mapping):
        return patch
    found = {**whole, **{key: patched(whole.get(key), value) for key, value in patch.items()}}
    return {key: value for key, value in found.items() if value is not None or patch.get(key, ...) is not None}


def by_hand(engine: SimulatedEngine, verb: str, given: Any) -> None:
    """Something done without dockerdecl."""
    match verb:
        case "stop" | "start" | "pause" | "remove_network" | "remove_volume" | "pull":
            getattr(engine, verb)(given)
        case "rename" | "disconnect" | "tag":
            getattr(engine, verb)(*given)
        case "remove":
            engine.remove(given, force=True)
        case "lose":
            del engine.images[engine.image(given).id]
        case "untag":
            engine.image(given).references.remove(given)
        case "update":
            engine.update(given["name"], given["body"])
        case "run":
            engine.start(engine.create(given["name"], {"Labels": {}, **given["body"]}))
        case "fail" | "die":
            engine.stop(given, exit_code=1)
            engine.container(given).state = "exited" if verb == "fail" else "dead"
        case "sicken":
            engine.container(given).health = "unhealthy"
        case _:
            _make_by_hand(engine, verb, given)


def _make_by_hand(engine: SimulatedEngine, verb: str, given: str) -> None:
    match verb:
        case "image":
            engine.add_image("sha256:" + hexadecimal(given), given, SERVE)
        case "other_image":
            engine.add_image("sha256:" + hexadecimal(f"another {given}"), given, {**SERVE, "Cmd": ["another"]})
        case "network":
            engine.create_network({"Name": given, "Labels": {}})
        case "volume":
            engine.create_volume({"Name": given})
        case _:
            raise ValueError(verb)


def registry_digests(case: Case, engine: SimulatedEngine) -> dict[str, str | Problem]:
    """What a registry says of references: `same` is what the engine has, `silent` is one that can't be reached."""
    silent = Problem("registry-unreachable", "connection refused")
    asked = case.get("options", {}).get("registry", {})
    return {
        reference: silent
        if word == "silent"
        else engine.image(reference).digests[0].partition("@")[2]
        if word == "same"
        else word
        for reference, word in asked.items()
    }


def wanted(case: Case, manifest: Mapping[str, Any], engine: SimulatedEngine) -> Desired:
    """What a manifest wants, by the digests of a lock file where the case has one."""
    locked = case.get("options", {}).get("locked", {})
    digests = {
        r: engine.digest(r) if word == "pulled" else "sha256:" + hexadecimal(f"{word} {r}")
        for r, word in locked.items()
    }
    found = desired(manifest)
    return replace(found, images=with_digests(found.images, digests))


def options_of(case: Case) -> Options:
    """What the user asked for."""
    given = case.get("options", {})
    return Options(
        targets=_addresses(given.get("targets", ())),
        replace=_addresses(given.get("replace", ())),
        allow_loss=_addresses(given.get("allow_loss", ())),
    )


def _addresses(texts: Any) -> tuple[Address, ...]:
    return tuple(address for text in texts if (address := parse_address(text)) is not None)


def planned(case: Case, version: str, seed: int | None = None) -> Planned:
    """The plan of a case. With a seed, manifest and engine tell the same things in another order."""
    engine = engine_of(case, version)
    manifest, actual = case["desired"], engine.actual(registry_digests(case, engine))
    if seed is not None:
        chance = random.Random(seed)
        manifest, actual = shuffled_manifest(manifest, chance), shuffled_actual(actual, chance)
    try:
        plan = plan_of(case, wanted(case, manifest, engine), actual)
    except DockerdeclError as error:
        return Planned(engine, None, "\n".join(_problems(error)) + "\n")
    return Planned(engine, plan, "\n".join(_lines(plan)) + "\n")


def plan_of(case: Case, wanted: Desired, actual: Actual) -> Plan:
    """The plan that a case asks for: to apply, or to take down."""
    named = case.get("options", {}).get("destroy")
    if named is None:
        return make_plan(wanted, actual, options_of(case))
    return make_destroy_plan(wanted, actual, options_of(case), volumes="volumes" in named, images="images" in named)


def _problems(error: DockerdeclError) -> Iterator[str]:
    for problem in error.problems:
        yield f"{problem.address or '-'} {problem.code}: {problem.message}"
        if problem.hint:
            yield f"  hint: {problem.hint}"


def _lines(plan: Plan) -> Iterator[str]:
    document = plan_document(plan)
    for change in document["changes"]:
        yield f"{change['address']} {change['action']}, {change['code']}: {change['reason']}"
        if change["blocked"]:
            yield f"  blocked: {change['blocked']}"
        for field in change["fields"]:
            forced = f" [{field['forces']}]" if field["forces"] != change["action"] else ""
            yield f"  {field['path']}: {field['before']} -> {field['after']}{forced}"
    if not document["changes"]:
        yield from (f"{c.address} is left alone: {c.reason}" for c in plan.changes if c.action is Action.NONE)
    yield from (f"note {note['address']} {note['code']}: {note['message']}" for note in document["notes"])
    yield from plan_lines(plan).splitlines() or ["nothing to do"]


def shuffled_manifest(manifest: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same manifest with its resources in another order."""
    return {
        kind: dict(chance.sample(list(found.items()), len(found))) if isinstance(found, Mapping) else found
        for kind, found in chance.sample(list(manifest.items()), len(manifest))
    }


def shuffled_actual(actual: Actual, chance: random.Random) -> Actual:
    """The same engine, telling what it has in another order."""
    return replace(
        actual,
        images=dict(chance.sample(list(actual.images.items()), len(actual.images))),
        volumes=dict(chance.sample(list(actual.volumes.items()), len(actual.volumes))),
        networks=tuple(chance.sample(actual.networks, len(actual.networks))),
        containers=tuple(chance.sample(actual.containers, len(actual.containers))),
    )
