"""Random manifests, and random drift of what they made.

A *gene* is what a container would be if nothing forbade it; `express` makes a valid manifest of some genes, leaving out
what a manifest may not say (a cycle, a host port taken twice, a link to what never runs). So a gene can be changed
without regard to the others, and a manifest and its predecessor can have most of their genes in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st

from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_things import RefusedError, hexadecimal

KEYS = ("ant", "bee", "cat", "dog")
STATES = ("running",) * 6 + ("created", "stopped", "paused", "completed", "absent")
REPLACE: tuple[dict[str, Any] | None, ...] = (
    None,
    None,
    None,
    {"monitor": "100ms"},
    {"max_parallel": 1},
    {"max_parallel": 2},
    {"order": "start-first"},
    {"order": "start-first", "monitor": "100ms"},
    {"order": "start-first", "max_parallel": 1},
)
BONDS = ("depends_on", "healthy", "completed", "restart", "link", "namespace", "volumes_from")

Gene = dict[str, Any]
Manifest = dict[str, Any]


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), strategy)


genes: st.SearchStrategy[Gene] = st.fixed_dictionaries(
    {
        "there": st.sampled_from((True, True, True, False)),
        "image": st.sampled_from(("app", "app", "tool", "other:1")),
        "environment": st.sampled_from(("0", "0", "1")),
        "mem_limit": st.sampled_from((None, "32m", "64m")),
        "restart": st.sampled_from((None, "always")),
        "state": st.sampled_from(STATES),
        "mode": st.sampled_from(("default", "networks", "networks", "bridge", "bridge", "host")),
        "networks": st.sets(st.sampled_from(("back", "front", "fixed")), min_size=1).map(sorted),
        "address": st.sampled_from((None, "10.9.0.5", "10.9.0.6")),
        "alias": st.sampled_from((None, "x")),
        "volumes": st.sets(st.sampled_from(("data:/data", "more:/more", "/anonymous", "/other")), max_size=2).map(
            sorted
        ),
        "port": st.sampled_from((None, "8001", "8002", "8001-8002")),
        "name": st.sampled_from((None, None, None, "fixed-1", "fixed-2")),
        "check": st.booleans(),
        "hook": st.sampled_from((None, None, None, "true", "echo")),
        "secret": st.sampled_from((None, None, "s", "t")),
        "replicas": st.sampled_from((None, None, None, None, 1, 2, 3)),
        "replace": st.sampled_from(REPLACE),
        "bonds": st.lists(st.tuples(st.sampled_from(BONDS), st.integers(0, len(KEYS) - 1)), max_size=4),
    }
)

surroundings: st.SearchStrategy[Manifest] = st.fixed_dictionaries(
    {
        "internal": st.booleans(),
        "label": st.sampled_from((None, "1")),
        "rank": st.permutations(range(len(KEYS))),
        "context": st.sampled_from((".", "other")),
        "secret": st.sampled_from(("one", "two")),
    }
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Manifest, Manifest]:
    """A manifest and what was applied before it."""
    old = [draw(genes) for _ in KEYS]
    around = draw(surroundings)
    new = [{**gene, **draw(_changes)} for gene in old]
    later = draw(st.one_of(st.just(around), surroundings))
    return express(old, around), express(new, later)


_changes = st.one_of(
    st.just({}),
    genes,
    genes.flatmap(lambda gene: st.sampled_from(sorted(gene)).map(lambda key: {key: gene[key]})),
)


def express(found: list[Gene], around: Mapping[str, Any]) -> Manifest:
    """The valid manifest that some genes make."""
    manifest: Manifest = {
        "images": {"app": {"ref": "app:1"}, "tool": {"ref": "tool:1", "build": {"context": around["context"]}}},
        "networks": {
            "back": {"internal": around["internal"]},
            "front": {},
            "fixed": {"ipam": {"config": [{"subnet": "10.9.0.0/24"}]}},
        },
        "volumes": {"data": {}, "more": {"labels": {"l": around["label"]}} if around["label"] else {}},
        "secrets": {"s": {"content": around["secret"]}, "t": {"content": "t"}},
        "containers": {},
    }
    taken: set[str] = set()
    ranks = dict(zip(KEYS, around["rank"], strict=True))
    for key in sorted(KEYS, key=lambda key: ranks[key]):
        gene = found[KEYS.index(key)]
        if gene["there"]:
            manifest["containers"][key] = _container(gene, manifest["containers"], taken)
    return manifest


def _container(gene: Gene, earlier: Mapping[str, Manifest], taken: set[str]) -> Manifest:
    spec: Manifest = {"image": gene["image"], "environment": {"A": gene["environment"]}, "state": gene["state"]}
    spec |= {word: gene[word] for word in ("mem_limit", "restart", "replace") if gene[word]}
    spec |= {"volumes": gene["volumes"]} if gene["volumes"] else {}
    spec |= {"secrets": [gene["secret"]]} if gene["secret"] else {}
    spec |= {"healthcheck": {"test": "true"}} if gene["check"] else {}
    spec |= {"replicas": gene["replicas"]} if gene["replicas"] else {}
    if gene["hook"] and gene["state"] != "completed":
        spec |= {"post_start": [{"command": gene["hook"]}], "pre_stop": [{"command": "true"}]}
    if gene["state"] == "completed":
        spec.pop("restart", None)
    if not gene["replicas"] and gene["name"] and _take(taken, gene["name"]):
        spec["container_name"] = gene["name"]
    _networking(spec, gene, taken)
    for bond, position in gene["bonds"]:
        other = KEYS[position]
        if other in earlier and earlier[other]["state"] != "absent":
            _bind(spec, bond, other, earlier[other])
    if "network_mode" not in spec or spec["network_mode"] == "bridge":
        _publish(spec, gene, taken)
    return spec


def _take(taken: set[str], *names: str) -> bool:
    if taken & {*names}:
        return False
    taken |= {*names}
    return True


def _networking(spec: Manifest, gene: Gene, taken: set[str]) -> None:
    match gene["mode"]:
        case "networks":
            spec["networks"] = {name: {} for name in gene["networks"]}
            if gene["alias"]:
                spec["networks"][gene["networks"][0]] = {"aliases": [gene["alias"]]}
            fixed = gene["address"] and not gene["replicas"] and "fixed" in gene["networks"]
            if fixed and _take(taken, gene["address"]):
                spec["networks"]["fixed"] = {"ipv4_address": gene["address"]}
        case "bridge" | "host" as mode:
            spec["network_mode"] = mode


def _publish(spec: Manifest, gene: Gene, taken: set[str]) -> None:
    port = gene["port"]
    if not port or gene["replicas"]:
        return
    if _take(taken, *("8001", "8002") if "-" in port else (port,)):
        spec["ports"] = [f"{port}:{port}"]


def _bind(spec: Manifest, bond: str, other: str, target: Manifest) -> None:
    runs = target["state"] == "running"
    alone = "replicas" not in target
    match bond:
        case "depends_on" | "restart" if runs:
            spec.setdefault("depends_on", {})[other] = {"restart": True} if bond == "restart" else {}
        case "healthy" if runs and "healthcheck" in target:
            spec.setdefault("depends_on", {})[other] = {"condition": "service_healthy"}
        case "completed" if target["state"] == "completed":
            spec.setdefault("depends_on", {})[other] = {"condition": "service_completed_successfully"}
        case "link" if runs and alone and spec.get("network_mode") == target.get("network_mode") != "host":
            spec["links"] = [f"{other}:l"]
        case "namespace" if runs and alone and "links" not in spec and target.get("network_mode") != "host":
            if not str(target.get("network_mode", "")).startswith("service:"):
                spec.pop("networks", None)
                spec["network_mode"] = f"service:{other}"
        case "volumes_from" if alone:
            spec["volumes_from"] = [other]


drifts = st.lists(
    st.tuples(
        st.sampled_from(
            ("stop", "fail", "start", "pause", "remove", "disconnect", "tag", "network", "rename", "volume")
        ),
        st.integers(0, 7),
    ),
    max_size=3,
)


def drift(engine: SimulatedEngine, changes: list[tuple[str, int]]) -> None:
    """Do by hand what an engine allows; what it refuses is left alone."""
    for what, position in changes:
        containers = sorted(engine.containers.values(), key=lambda container: container.name)
        if not containers:
            return
        container = containers[position % len(containers)]
        with suppress(RefusedError):
            _drift(engine, what, container.id, position)


def _drift(engine: SimulatedEngine, what: str, container_id: str, position: int) -> None:
    container = engine.container(container_id)
    match what:
        case "stop" | "fail":
            engine.stop(container_id, exit_code=int(what == "fail"))
        case "start" | "pause" as verb:
            getattr(engine, verb)(container_id)
        case "remove":
            engine.remove(container_id, force=True)
        case "disconnect" if container.endpoints and not container.host["NetworkMode"].startswith("host"):
            engine.disconnect(container_id, sorted(container.endpoints)[0])
        case "rename":
            engine.rename(container_id, f"{container.name}-renamed")
        case _:
            _drift_around(engine, what, position)


def _drift_around(engine: SimulatedEngine, what: str, position: int) -> None:
    match what:
        case "tag":
            engine.add_image("sha256:" + hexadecimal(f"moved {position}"), "app:1", {"Cmd": ["moved"]})
        case "network" if engine.networks:
            engine.remove_network(sorted(engine.networks)[position % len(engine.networks)])
        case "volume" if engine.volumes:
            engine.remove_volume(sorted(engine.volumes)[position % len(engine.volumes)])
