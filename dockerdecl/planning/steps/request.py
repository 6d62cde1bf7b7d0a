"""The request that creates a container: the fields of its spec, the labels of ownership, and what goes over from the
container that it replaces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dockerdecl.planning.compare import claims
from dockerdecl.planning.images import ImageOutcome
from dockerdecl.planning.values import Situation
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.container.lenses.files import carriers, files_label
from dockerdecl.resources.container.lenses.hooks import hooks_label
from dockerdecl.resources.container.lenses.mounts import VolumesLens, is_anonymous
from dockerdecl.resources.container.lenses.process import clean_path
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import CARRIED, CLAIMS, FILES, HOOKS, NEEDS, carried_label, ownership_labels
from dockerdecl.resources.rows import Context, Raw, look_up
from dockerdecl.resources.spec import write
from dockerdecl.values import dataclass

_SEVERAL_ENDPOINTS = "1.44"


@dataclass(frozen=True, slots=True)
class Request:
    """The body of the creation, and the endpoints that this engine takes only one by one, afterwards."""

    body: Raw
    later: Mapping[str, Raw]


def creation(
    container: DesiredContainer, image: ImageOutcome, reference: str, old: LiveContainer | None, situation: Situation
) -> Request:
    """The request for a container; `old` is the one that it replaces."""
    context = replace(situation.context, image=image.config)
    raw = write(container.spec, context)
    body: Raw = {**raw.pop("Config", {}), "Image": reference, **raw}
    carried = _carried(container, image, old)
    _carry(body, carried)
    body["Labels"] = {**(body.get("Labels") or {}), **_labels(container, carried, situation)}
    endpoints = look_up(body, "NetworkingConfig.EndpointsConfig") or {}
    if len(endpoints) < 2 or context.speaks(_SEVERAL_ENDPOINTS):
        return Request(body, {})
    first, *rest = endpoints
    body["NetworkingConfig"] = {"EndpointsConfig": {first: endpoints[first]}}
    return Request(body, {name: endpoints[name] for name in rest})


def _labels(
    container: DesiredContainer, carried: Mapping[str, tuple[str, bool]], situation: Situation
) -> dict[str, str]:
    needs = ",".join(sorted({str(dependence.on) for dependence in container.dependencies}))
    optional = {
        CLAIMS: claims(container.spec),
        NEEDS: needs,
        FILES: files_label(container.files, situation.desired.key) if container.files else "",
        HOOKS: hooks_label(container.spec, situation.desired.key or "none"),
        CARRIED: json.dumps(carried, sort_keys=True) if carried else "",
    }
    labels = ownership_labels(situation.project, container.address)
    return labels | {name: text for name, text in optional.items() if text}


def _carried(
    container: DesiredContainer, image: ImageOutcome, old: LiveContainer | None
) -> dict[str, tuple[str, bool]]:
    "the anonymous volumes that go over: by target, their name, and whether it is unsure that they are wanted"
    if old is None:
        return {}
    spec = container.spec
    declared = {clean_path(mount.target): mount for mount in spec.volumes}
    wanted = VolumesLens().effective(spec.volumes, spec, Context(image=image.config))
    found: dict[str, tuple[str, bool]] = {}
    for mount in old.raw.get("Mounts") or ():
        target, name = clean_path(mount.get("Destination")) or "/", _volume_name(mount)
        if mount.get("Type") != "volume" or not name or not is_anonymous(name) or target in carriers(spec):
            continue
        own = declared.get(target)
        if own is not None and (own.type != "volume" or own.source is not None):
            continue
        if target in wanted:
            found[target] = (name, False)
        elif image.config is None and target in _image_volumes(old):
            found[target] = (name, True)
    return found


def _image_volumes(old: LiveContainer) -> set[str]:
    return {clean_path(target) or "/" for target in look_up(old.raw, "Config.Volumes") or ()}


def _volume_name(mount: Mapping[str, Any]) -> str:
    "28 leaves the name of some anonymous volumes out; the source holds it"
    source = (mount.get("Source") or "").removesuffix("/_data")
    return mount.get("Name") or source.rpartition("/")[2]


def _carry(body: Raw, carried: Mapping[str, tuple[str, bool]]) -> None:
    if not carried:
        return
    host = body.setdefault("HostConfig", {})
    kept = [mount for mount in host.get("Mounts") or () if mount["Target"] not in carried]
    declared = {mount["Target"]: mount for mount in host.get("Mounts") or ()}
    sources = [
        {"Type": "volume", "Target": target, **declared.get(target, {}), "Source": name}
        for target, (name, _) in carried.items()
    ]
    host["Mounts"] = [*kept, *sources]


def carried_volumes(live: LiveContainer) -> tuple[str, ...]:
    """The anonymous volumes that a container got from its predecessor; the engine does not remove them with it."""
    return tuple(sorted(name for name, _ in carried_label(live.labels).values()))
