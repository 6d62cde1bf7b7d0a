"""Profiles: which containers are wanted in this run.

Takes containers and the profiles that are active, gives those that are not wanted. A container without profiles always
is; one that the user names brings its profiles along, as in Compose.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dockerdecl.errors import Problem
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.resources.container.spec import Container

EVERY = "*"


def inactive_containers(
    containers: Mapping[str, Container], profiles: Collection[str], named: Collection[str]
) -> frozenset[str]:
    """The keys of the containers none of whose profiles is active; `named` are keys that the user asked for."""
    if EVERY in profiles:
        return frozenset()
    brought = (containers[key].profiles or () for key in named if key in containers)
    active = {*profiles, *(profile for brings in brought for profile in brings)}
    return frozenset(key for key, spec in containers.items() if spec.profiles and not active & {*spec.profiles})


def unknown_profiles(containers: Mapping[str, Container], profiles: Collection[str]) -> tuple[Problem, ...]:
    """A warning for each profile that no container has: whoever names it expects something of it."""
    known = {profile for spec in containers.values() for profile in spec.profiles or ()}
    otherwise = f"there are {', '.join(sorted(known))}" if known else "no container has `profiles`"
    return tuple(
        Problem("unknown-profile", f"no container has the profile `{name}`", hint=did_you_mean(name, known, otherwise))
        for name in profiles
        if name not in {*known, EVERY}
    )
