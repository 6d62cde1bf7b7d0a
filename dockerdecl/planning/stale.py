"""What a container holds by an id that is gone, though all its names are right: networks, and legacy links.

Takes a container as declared and as it is, gives the fields in which it is bound to what is no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.planning.compare import connects_in_place
from dockerdecl.planning.values import FieldChange, Situation
from dockerdecl.resources.actual import Actual, LiveContainer
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.rows import look_up

_GONE, _DECLARED = "(one that is gone)", "(the declared one)"


def stale_fields(container: DesiredContainer, live: LiveContainer, situation: Situation) -> Iterator[FieldChange]:
    """The fields that must be bound anew."""
    for name in sorted(stale_networks(container, live, situation.actual)):
        forces = "update" if connects_in_place(container.spec, (name,), situation.context) else "replace"
        yield FieldChange(("networks", name), _GONE, _DECLARED, forces=forces)
    for alias in sorted(stale_links(container, live, situation.actual)):
        yield FieldChange(("links", alias), _GONE, _DECLARED, forces="replace")


def stale_networks(container: DesiredContainer, live: LiveContainer, actual: Actual) -> Iterator[str]:
    """The networks that a container joins by an id that is gone: one that has run holds the id, not the name."""
    ids = actual.network_ids
    attached = (live.raw.get("NetworkSettings") or {}).get("Networks") or {}
    for name in container.networks:
        held = (attached.get(name) or {}).get("NetworkID")
        if held and held != ids.get(name):
            yield name


def stale_links(container: DesiredContainer, live: LiveContainer, actual: Actual) -> Iterator[str]:
    """The aliases of legacy links whose target was made anew: an inspection shows it by its name all the same.

    A target that is not there is made by this plan, which replaces who is linked to it anyway.
    """
    for text in look_up(live.raw, "HostConfig.Links") or ():
        target, _, path = text.partition(":")
        alias = path.rpartition("/")[2]
        declared = alias in (container.spec.links or {})
        if declared and target.lstrip("/") in actual.container_names and path.lstrip("/") not in actual.link_paths:
            yield alias
