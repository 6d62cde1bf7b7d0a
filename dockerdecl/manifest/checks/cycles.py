"""Cycles: containers that wait for one another could never be started.

Takes a document, gives one finding for every knot of containers that need each other, with the whole way around.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.resolve import shared_namespaces

Edges = Mapping[str, Mapping[str, Path]]
"""For each container those it needs, and where it says so."""


def check_cycles(subject: Subject) -> Iterator[Finding]:
    """One finding for each cycle, at the reference that begins it."""
    edges = {key: _needs(key, spec) for key, spec in subject.document.containers.items()}
    for cycle in _cycles(edges):
        where = edges[cycle[0]][cycle[1]]
        way = " → ".join(cycle)
        message = f"these containers wait for each other: {way}"
        hint = "take one of these references out; on a shared network, names are found without `links` and `depends_on`"
        yield Finding("dependency-cycle", where, message, hint, at_key=where[2] == "depends_on")


def _needs(key: str, spec: Container) -> dict[str, Path]:
    path: Path = ("containers", key)
    found: dict[str, Path] = {}
    for name in spec.depends_on or ():
        found.setdefault(name, (*path, "depends_on", name))
    for alias, name in (spec.links or {}).items():
        found.setdefault(name, (*path, "links", alias))
    for index, text in enumerate(spec.volumes_from or ()):
        if not text.startswith("container:"):
            found.setdefault(text.partition(":")[0], (*path, "volumes_from", index))
    for word, name in shared_namespaces(spec).items():
        found.setdefault(name, (*path, word))
    found.pop(key, None)
    return found


def _cycles(edges: Edges) -> Iterator[tuple[str, ...]]:
    """A cycle for every part of the graph that holds one, each beginning and ending with the same container.

    A search in depth, without recursion: chains may be as long as a manifest.
    """
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        way, on_way = [start], {start: iter(edges[start])}
        while way:
            following = next(on_way[way[-1]], None)
            if following is None:
                done.add(way[-1])
                del on_way[way.pop()]
            elif following in on_way:
                cycle = (*way[way.index(following) :], following)
                yield cycle
                done.update(cycle)
                break
            elif following in edges and following not in done:
                way.append(following)
                on_way[following] = iter(edges[following])
        done.update(way)
