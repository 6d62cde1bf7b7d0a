"""What others made, seen as the manifest would say it: what its maker adds of itself is nobody's wish.

Takes the inspection of something that was adopted and its spec, gives the inspection without what Compose writes into
all that it makes, and with what the record of the adoption knows. Compares nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dockerdecl.resources.ownership import ADOPTED_BY, FILES, json_label
from dockerdecl.resources.rows import Context, Raw, look_up

if TYPE_CHECKING:
    from dockerdecl.resources.container.lenses.files import PlacedFile
    from dockerdecl.resources.container.spec import Container

COMPOSE_PREFIX = "com.docker.compose."
COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_NUMBER = "com.docker.compose.container-number"
COMPOSE_ONEOFF = "com.docker.compose.oneoff"


def is_adopted(labels: Mapping[str, str]) -> bool:
    """Whether something belongs to its project since it was adopted, by its labels with what the records add."""
    return ADOPTED_BY in labels


def plain_labels(
    labels: Mapping[str, str] | None, declared: Mapping[str, str] | None, inherited: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Labels without Compose's own, but for those that are declared; one that the image has too is the image's."""
    found = {}
    for name, text in (labels or {}).items():
        if not name.startswith(COMPOSE_PREFIX) or name in (declared or {}):
            found[name] = text
        elif name in (inherited or {}):
            found[name] = (inherited or {})[name]
    return found


def as_declared(raw: Raw, labels: Mapping[str, str], declared: Mapping[str, str] | None) -> Raw:
    """The inspection of a network or a volume, as it is compared."""
    return {**raw, "Labels": plain_labels(raw.get("Labels"), declared)} if is_adopted(labels) else raw


def container_as_declared(raw: Raw, labels: Mapping[str, str], spec: Container, context: Context) -> Raw:
    """The inspection of a container, as it is compared."""
    if not is_adopted(labels):
        return raw
    config, host = raw.get("Config") or {}, raw.get("HostConfig") or {}
    image_labels = (context.image or {}).get("Labels")
    own = plain_labels(config.get("Labels"), spec.labels, image_labels)
    recorded = {FILES: labels[FILES]} if FILES in labels else {}
    composed = COMPOSE_SERVICE in (config.get("Labels") or {})
    return {
        **raw,
        "Config": {**config, "Labels": {**own, **recorded}},
        "HostConfig": {
            **host,
            **_without_files(host, _made_as_declared(host.get("Mounts") or (), spec), labels),
            **_plain_legacy_links(host, spec, composed=composed),
        },
        "NetworkSettings": {
            **(raw.get("NetworkSettings") or {}),
            "Networks": {
                name: {
                    **(endpoint or {}),
                    "Aliases": _plain_aliases(endpoint or {}, name, raw, spec),
                    "Links": [*_plain_links((endpoint or {}).get("Links") or (), spec, context, composed=composed)],
                }
                for name, endpoint in (look_up(raw, "NetworkSettings.Networks") or {}).items()
            },
        },
    }


def _made_as_declared(mounts: Iterable[Raw], spec: Container) -> list[Raw]:
    "whether a missing host path would have been made says nothing of a container that exists"
    declared = {posixpath.normpath(mount.target): mount for mount in spec.volumes if mount.type == "bind"}
    found = []
    for raw in mounts:
        mount = declared.get(posixpath.normpath(raw["Target"])) if raw["Type"] == "bind" else None
        makes = mount is not None and (mount.bind is None or mount.bind.create_host_path)
        options = raw.get("BindOptions") or {}
        found.append({**raw, "BindOptions": {**options, "CreateMountpoint": makes}} if mount else raw)
    return found


def _without_files(host: Raw, mounts: list[Raw], labels: Mapping[str, str]) -> Raw:
    "secrets and configs that Compose has mounted are told by the record's label"
    files = json_label(labels, FILES).get("files")
    targets = {entry.get("target") for entry in files.values()} if isinstance(files, dict) else set()
    if not targets:
        return {"Mounts": mounts}
    return {
        "Binds": [text for text in host.get("Binds") or () if _target(text) not in targets],
        "Mounts": [mount for mount in mounts if posixpath.normpath(mount["Target"]) not in targets],
    }


def _target(bind: str) -> str:
    parts = bind.split(":")
    return posixpath.normpath(parts[1] if len(parts) > 1 else parts[0])


def _plain_aliases(endpoint: Raw, network: str, raw: Raw, spec: Container) -> list[str]:
    "an engine finds a container by its name on every network, so that an alias which is that name says nothing"
    attachment = (spec.networks or {}).get(network)
    declared = attachment.aliases if attachment else ()
    name, labels = (raw.get("Name") or "").lstrip("/"), look_up(raw, "Config.Labels") or {}
    parts = [labels.get(label, "") for label in (COMPOSE_PROJECT, COMPOSE_SERVICE, COMPOSE_NUMBER)]
    aliases = [alias for alias in endpoint.get("Aliases") or () if alias not in (name, "-".join(parts))]
    return [*aliases, *([name] if name in declared else [])]


def _plain_links(texts: Iterable[str], spec: Container, context: Context, *, composed: bool) -> Iterator[str]:
    for text in texts:
        target, _, alias = text.partition(":")
        if not (composed and _is_compose_s(target, alias, spec)):
            yield f"{context.renamed.get(target, target)}:{alias}"


def _plain_legacy_links(host: Raw, spec: Container, *, composed: bool) -> Raw:
    if not composed or not host.get("Links"):
        return {}
    pairs = ((text, *text.partition(":")[::2]) for text in host["Links"])
    kept = [t for t, target, path in pairs if not _is_compose_s(target.lstrip("/"), path.rpartition("/")[2], spec)]
    return {"Links": kept}


def _is_compose_s(target: str, alias: str, spec: Container) -> bool:
    return alias not in (spec.links or {}) and is_compose_link(target, alias)


def is_compose_link(target: str, alias: str) -> bool:
    """Whether Compose adds this link by itself: by the other's own name, whole and without the project's before it."""
    return alias == target or target.endswith((f"-{alias}", f"_{alias}"))


def given_files(files: Iterable[PlacedFile], raw: Raw) -> tuple[PlacedFile, ...]:
    """The declared secrets and configs that a container of Compose's has.

    Compose mounts what is a file, and copies what is not, of which an engine knows nothing: that is believed.
    """
    host = raw.get("HostConfig") or {}
    mounted = {_target(text): text.partition(":")[0] for text in host.get("Binds") or ()}
    mounted |= {
        posixpath.normpath(mount["Target"]): str(mount.get("Source"))
        for mount in host.get("Mounts") or ()
        if mount["Type"] == "bind"
    }
    return tuple(file for file in files if mounted.get(file.target) == file.path)


def has_compose_number(labels: Mapping[str, Any], index: int | None) -> bool:
    """Whether a container of Compose's is the one of this number; without a number, the first."""
    return bool(labels.get(COMPOSE_NUMBER, "1") == str(index or 1))
