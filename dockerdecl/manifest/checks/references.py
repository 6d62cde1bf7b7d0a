"""References: every name in a container must name something that can serve it.

Takes a document, gives findings. Knows no place and no file; cycles are looked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.manifest.checks.finding import STARTED_STATES, Finding, Path, Subject
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.resources.container.parts import Condition, Dependency
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.resolve import DEFAULT_NETWORK, shared_namespaces
from dockerdecl.values import dataclass

_NAMESPACES = {
    "network_mode": ("bridge", "host", "none", "default"),
    "pid": ("host",),
    "ipc": ("private", "shareable", "host", "none"),
    "uts": ("host",),
    "userns_mode": ("host",),
    "cgroup": ("host", "private"),
}
_SHARING = ("service:", "container:")


@dataclass(frozen=True, slots=True)
class _User:
    """A container and what it is checked in."""

    key: str
    spec: Container
    subject: Subject

    def path(self, *steps: str | int) -> Path:
        """The path of one of its fields."""
        return ("containers", self.key, *steps)

    def whole(self) -> bool:
        """Whether all that was written of it is known."""
        return self.subject.whole("containers", self.key)

    def starts(self) -> bool:
        """Whether it is ever started."""
        return self.spec.state in STARTED_STATES

    def target(self, key: str) -> Container | None:
        """The container `key`, where all of it is known."""
        return self.subject.document.containers.get(key) if self.subject.whole("containers", key) else None


def check_references(subject: Subject) -> Iterator[Finding]:
    """Every reference of a container that names nothing, itself, or something that can't serve it."""
    for key, spec in subject.document.containers.items():
        user = _User(key, spec, subject)
        yield from _image(user)
        yield from _networks(user)
        yield from _volumes(user)
        yield from _files(user)
        yield from _containers(user)
        yield from _namespaces(user)
        yield from _dependencies(user)


def _unknown(user: _User, kind: str, name: str, path: Path, *, at_key: bool = False) -> Finding:
    known = sorted(user.subject.declared[f"{kind}s"] - ({user.key} if kind == "container" else set()))
    otherwise = f"declare it under `{kind}s`" + (f"; there are {', '.join(known[:8])}" if known else "")
    hint = did_you_mean(name, known, otherwise)
    return Finding(f"unknown-{kind}", path, f"there is no {kind} `{name}`", hint, at_key)


def _image(user: _User) -> Iterator[Finding]:
    text, document = user.spec.image, user.subject.document
    if user.spec.state == "absent" or text in user.subject.declared["images"] - document.images.keys():
        return
    if not text:
        if user.whole():
            hint = "write `image`, the key of an entry of `images` or a reference such as `nginx:1.27`"
            yield Finding(
                "missing-field", user.path("image"), "a container needs an image, and none is given here", hint, True
            )
        return
    yield from _image_named(user, text, user.path("image"))
    for index, mount in enumerate(user.spec.volumes):
        if mount.type == "image" and mount.source:
            yield from _image_named(user, mount.source, user.path("volumes", index, "source"))


def _image_named(user: _User, text: str, path: Path) -> Iterator[Finding]:
    document = user.subject.document
    if text in document.images:
        absent = document.images[text].state == "absent"
    elif text in user.subject.declared["images"]:
        return
    else:
        try:
            reference = parse(text)
        except ValueError as error:
            known = user.subject.declared["images"]
            hint = did_you_mean(
                text, known, "write the key of an entry of `images`, or a reference such as `nginx:1.27`"
            )
            yield Finding("unknown-image", path, f"`{text}` names no image: {error}", hint)
            return
        absent = any(image.state == "absent" and parse(image.ref) == reference for image in document.images.values())
    if absent:
        hint = "take `state: absent` out of the image, or write it in the container as well"
        yield Finding("image-absent", path, f"the image `{text}` is declared absent", hint)


def _networks(user: _User) -> Iterator[Finding]:
    implied = (DEFAULT_NETWORK,) if user.spec.network_mode is None and user.whole() else ()
    for name in implied if user.spec.networks is None else user.spec.networks:
        path = user.path("networks", name)
        if name not in user.subject.declared["networks"]:
            if name != DEFAULT_NETWORK:
                yield _unknown(user, "network", name, path, at_key=True)
        elif user.spec.state != "absent" and _is_absent(user, "networks", name):
            yield _absent("network", name, path, at_key=True)


def _volumes(user: _User) -> Iterator[Finding]:
    for index, mount in enumerate(user.spec.volumes):
        name, path = mount.source, user.path("volumes", index, "source")
        if mount.type != "volume" or name is None:
            continue
        if name not in user.subject.declared["volumes"]:
            finding = _unknown(user, "volume", name, path)
            if "/" in name:
                hint = "a folder of the host begins with `./` or `/`, and is a mount of `type: bind` in the long form"
                finding = Finding(finding.code, path, finding.message, hint)
            yield finding
        elif user.spec.state != "absent" and _is_absent(user, "volumes", name):
            yield _absent("volume", name, path)


def _is_absent(user: _User, section: str, name: str) -> bool:
    declared = getattr(user.subject.document, section).get(name)
    return declared is not None and declared.state == "absent"


def _absent(kind: str, name: str, path: Path, *, at_key: bool = False) -> Finding:
    hint = f"take `state: absent` out of the {kind}, or the reference out here"
    return Finding(f"{kind}-absent", path, f"the {kind} `{name}` is declared absent", hint, at_key)


def _files(user: _User) -> Iterator[Finding]:
    for kind in ("secret", "config"):
        for index, grant in enumerate(getattr(user.spec, f"{kind}s") or ()):
            if grant.source not in user.subject.declared[f"{kind}s"]:
                yield _unknown(user, kind, grant.source, user.path(f"{kind}s", index, "source"))


def _containers(user: _User) -> Iterator[Finding]:
    for alias, name in (user.spec.links or {}).items():
        legacy = user.spec.network_mode is not None
        yield from _needed(user, name, user.path("links", alias), must_run=legacy)
    for index, text in enumerate(user.spec.volumes_from or ()):
        path = user.path("volumes_from", index)
        name, _, mode = text.removeprefix("container:").partition(":")
        if mode not in ("", "ro", "rw"):
            hint = f"write `{name}:ro` or `{name}:rw`"
            yield Finding("wrong-value", path, f"`{mode}` is no way to mount what `{name}` has", hint)
        if not text.startswith("container:"):
            yield from _needed(user, name, path, must_run=False)
            yield from _shareable(user, name, path)
        elif not name:
            yield Finding("wrong-value", path, "`container:` names no container", "write `container:NAME`")


def _shareable(user: _User, name: str, path: Path) -> Iterator[Finding]:
    """Mounts of another container that no engine can hand on (measured on 20.10, 26.1 and 28.5: 404 at creation)."""
    target = user.target(name)
    for mount in target.volumes if target else ():
        if mount.type in ("tmpfs", "image"):
            message = f"engines can't hand on the volumes of `{name}`, since it has a mount of type {mount.type}"
            hint = f"write `{mount.target}` under its `tmpfs`" if mount.type == "tmpfs" else "mount the volumes here"
            yield Finding("mounts-not-shareable", path, message, hint)
            return


def _namespaces(user: _User) -> Iterator[Finding]:
    for word, plain in _NAMESPACES.items():
        mode = getattr(user.spec, word)
        sharing = _SHARING if word in ("network_mode", "pid", "ipc") else ()
        if mode is None or mode in plain or (mode.startswith(sharing) and mode.partition(":")[2]):
            continue
        choices = [f"`{choice}`" for choice in plain] + [f"`{prefix}NAME`" for prefix in sharing]
        hint = f"write one of {', '.join(choices)}"
        if word == "network_mode" and mode in user.subject.declared["networks"]:
            hint = f"write `networks: [{mode}]` to join a network"
        yield Finding("wrong-value", user.path(word), f"`{mode}` is no {word}", hint)
    for word, name in shared_namespaces(user.spec).items():
        if name:
            yield from _needed(user, name, user.path(word), must_run=True)


def _needed(user: _User, name: str, path: Path, *, must_run: bool) -> Iterator[Finding]:
    """What is wrong with a container that has to be there for `user`, and to run where `must_run`."""
    if name == user.key:
        yield _self(user, path)
    elif name not in user.subject.declared["containers"]:
        yield _unknown(user, "container", name, path)
    elif name in user.subject.inactive:
        yield _inactive(name, path)
    elif target := user.target(name):
        if target.replicas == 0 or (target.state == "absent" and user.spec.state != "absent"):
            yield _gone(name, target, path)
        elif must_run and user.starts() and target.state in ("created", "stopped", "completed"):
            hint = "set its `state` to `running`, or this container's to `created`"
            message = f"this needs `{name}` to run, which is declared {target.state}"
            yield Finding("container-not-running", path, message, hint)


def _self(user: _User, path: Path, *, at_key: bool = False) -> Finding:
    return Finding(
        "self-reference", path, f"`{user.key}` names itself here", "name another container, or take it out", at_key
    )


def _inactive(name: str, path: Path, *, at_key: bool = False) -> Finding:
    message = f"the container `{name}` is not part of this run: none of its profiles is active"
    hint = "activate one with `--profile`, or give both containers the same profiles"
    return Finding("container-inactive", path, message, hint, at_key)


def _gone(name: str, target: Container, path: Path, *, at_key: bool = False) -> Finding:
    if target.replicas == 0:
        hint = "give it one replica or more, or take the reference out here"
        return Finding("container-absent", path, f"the container `{name}` has no replicas", hint, at_key)
    return _absent("container", name, path, at_key=at_key)


def _dependencies(user: _User) -> Iterator[Finding]:
    for name, dependency in (user.spec.depends_on or {}).items():
        path = user.path("depends_on", name)
        if name == user.key:
            yield _self(user, path, at_key=True)
        elif name not in user.subject.declared["containers"]:
            if dependency.required:
                yield _unknown(user, "container", name, path, at_key=True)
        elif name in user.subject.inactive:
            if dependency.required:
                yield _inactive(name, path, at_key=True)
        elif target := user.target(name):
            if user.spec.state != "absent" and target.state == "absent" and dependency.required:
                yield _gone(name, target, path, at_key=True)
            elif user.starts() and (why := _never_met(name, target, dependency)):
                hint = "ask for another `condition`, or change what is said of it there"
                yield Finding("condition-never-met", (*path, "condition"), why, hint)


def _never_met(name: str, target: Container, dependency: Dependency) -> str | None:
    """Why a condition can never come true; None where it can."""
    if target.state in ("created", "stopped"):
        return f"`{name}` is declared {target.state}, so `{dependency.condition}` never comes true"
    check = target.healthcheck
    unchecked = check is not None and (check.disable or (check.test or ())[:1] == ("NONE",))
    if dependency.condition is Condition.HEALTHY and unchecked:
        return f"`{name}` has its health check turned off, so it never becomes healthy"
    restarting = target.restart in ("always", "unless-stopped")
    if dependency.condition is Condition.COMPLETED and restarting:
        return f"`{name}` is restarted whenever it ends (`restart: {target.restart}`), so it never completes"
    return None
