"""What Compose's `deploy` says that one engine can carry out, and the plain fields that each word of it means. So it is
with other words that stand for plain ones.

Takes a container as it was written, gives it with the plain fields alone, so that nothing else needs to know which of
two words was used. What only a cluster can do has no attribute here: it is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from dockerdecl.resources.container.lenses.limits import is_for_system_paths
from dockerdecl.resources.container.mount_parts import Mount
from dockerdecl.resources.container.parts import DeviceRequest, Replace
from dockerdecl.resources.image.spec import pull_policy
from dockerdecl.resources.notes import AfterValidator, BeforeValidator
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Cpus, Duration, Integer, Size

if TYPE_CHECKING:
    from dockerdecl.resources.container.spec import Container


class ResourceLimits(Spec):
    """The most that each container may use."""

    cpus: Cpus | None = None
    """The most CPUs, as a decimal: the same as `cpus`."""
    memory: Size | None = None
    """The most memory: the same as `mem_limit`."""
    pids: Integer | None = None
    """The most processes, such as `100`: the same as `pids_limit`."""


class ResourceReservations(Spec):
    """What each container is to have at least."""

    memory: Size | None = None
    """Memory it is left with when the host runs short: the same as `mem_reservation`."""
    devices: tuple[DeviceRequest, ...] | None = None
    """Devices that a device driver gives, beside those of `gpus`, such as `[{capabilities: [tpu]}]`."""


class Resources(Spec):
    """Limits and reservations of each container."""

    limits: ResourceLimits | None = None
    """The most that it may use."""
    reservations: ResourceReservations | None = None
    """What it is to have at least."""


class RestartPolicy(Spec):
    """When the engine starts a container again: the same as `restart`."""

    condition: Literal["none", "on-failure", "any", "unless-stopped"] = "any"
    """`none`, `on-failure`, `any` or `unless-stopped`."""
    max_attempts: Integer | None = None
    """How often, with `on-failure`, such as `3`."""


def _failure_action(value: Any) -> Any:
    if value in ("pause", "continue"):
        raise ValueError(f"{value!r} can't be done: what fails is taken back; write `rollback`, or leave it out")
    return value


def _not_negative(count: int) -> int:
    if count < 0:
        raise ValueError(f"{count} is too few; write 1 or more, or 0 for all at once")
    return count


class UpdateConfig(Spec):
    """How containers are replaced: the same as `replace`."""

    order: Literal["stop-first", "start-first"] | None = None
    """`stop-first` or `start-first`: the same as `replace.order`."""
    parallelism: Annotated[Integer, AfterValidator(_not_negative)] | None = None
    """How many replicas at a time, such as `1`: the same as `replace.max_parallel`; `0` is all at once."""
    monitor: Duration | None = None
    """How long the new ones are watched: the same as `replace.monitor`."""
    failure_action: Annotated[Literal["rollback"], BeforeValidator(_failure_action)] | None = None
    """`rollback`, which is what happens also where it is left out."""


class Deploy(Spec):
    """Compose's `deploy`, as far as one engine can carry it out."""

    mode: Literal["replicated", "global"] = "replicated"
    """`replicated`, or `global`: one on every engine, which is one here."""
    replicas: Integer | None = None
    """So many containers of one definition, such as `3`: the same as `replicas`."""
    resources: Resources | None = None
    """Limits and reservations."""
    restart_policy: RestartPolicy | None = None
    """When the engine starts it again."""
    update_config: UpdateConfig | None = None
    """How it is replaced."""


API_SOCKET = "/var/run/docker.sock"
_CONDITIONS = {"none": "no", "on-failure": "on-failure", "any": "always", "unless-stopped": "unless-stopped"}


def with_plain_fields(container: Container) -> Container:
    """The container with `scale`, `deploy` and the like told by the plain fields that mean the same.

    Raises ValueError where both are written and differ.
    """
    found: dict[str, Any] = {}
    for word, (plain, value) in _meant(container).items():
        declared = found.get(plain, getattr(container, plain))
        if declared is not None and declared != value and plain != "gpus":
            raise ValueError(f"`{word}` and `{plain}` say different things of one and the same; keep one of them")
        found[plain] = value
    if container.deploy and container.deploy.mode == "global" and found.get("replicas", container.replicas or 1) != 1:
        raise ValueError("`deploy.mode: global` is one container on an engine; take its replicas out")
    found |= {
        **_replaced_by(container),
        **_pulled_by(container),
        **_with_socket(container),
        **_with_system_paths(container),
    }
    spent = {word: None for word in ("scale", "deploy", "pull_refresh_after") if getattr(container, word) is not None}
    return container.model_copy(update={**found, **spent}) if found or spent else container


def _replaced_by(container: Container) -> dict[str, Any]:
    "word by word, since one of the two may say what the other leaves open"
    config = container.deploy.update_config if container.deploy else None
    if config is None:
        return {}
    meant = {"order": ("order", config.order), "monitor": ("monitor", config.monitor)}
    meant["parallelism"] = ("max_parallel", config.parallelism or None)
    given = {word: meant[word] for word in sorted(meant) if getattr(config, word) is not None}
    settings = container.replace or Replace()
    for word, (plain, value) in given.items():
        if plain in settings.model_fields_set and getattr(settings, plain) != value:
            both = f"`deploy.update_config.{word}` and `replace.{plain}`"
            raise ValueError(f"{both} say different things of one and the same; keep one of them")
    return {"replace": settings.model_copy(update=dict(given.values()))} if given else {}


def _pulled_by(container: Container) -> dict[str, Any]:
    after = container.pull_refresh_after
    if (container.pull_policy == "refresh") != (after is not None):
        raise ValueError("`pull_policy: refresh` and `pull_refresh_after` go together; write both, or `every_12h`")
    return {} if after is None else {"pull_policy": pull_policy(f"every_{after}")}


def _with_socket(container: Container) -> dict[str, Any]:
    if not container.use_api_socket or any(mount.target == API_SOCKET for mount in container.volumes):
        return {}
    socket = Mount(type="bind", source=API_SOCKET, target=API_SOCKET)
    return {"volumes": (*container.volumes, socket), "use_api_socket": False}


def _with_system_paths(container: Container) -> dict[str, Any]:
    "a client's word for paths that are neither masked nor read-only; engines refuse it as a security option"
    if not any(is_for_system_paths(option) for option in container.security_opt or ()):
        return {}
    if container.masked_paths or container.readonly_paths:
        raise ValueError("`systempaths=unconfined` is no `masked_paths` and no `readonly_paths`; keep one of them")
    return {"masked_paths": (), "readonly_paths": ()}


def _meant(container: Container) -> dict[str, tuple[str, Any]]:
    """What is written in other words, by that word: the plain field and its value."""
    found: dict[str, tuple[str, Any]] = {"scale": ("replicas", container.scale)}
    if deploy := container.deploy:
        found["deploy.replicas"] = ("replicas", deploy.replicas)
        limits = deploy.resources.limits if deploy.resources else None
        reservations = deploy.resources.reservations if deploy.resources else None
        if limits:
            found["deploy.resources.limits.cpus"] = ("cpus", limits.cpus)
            found["deploy.resources.limits.memory"] = ("mem_limit", limits.memory)
            found["deploy.resources.limits.pids"] = ("pids_limit", limits.pids)
        if reservations:
            found["deploy.resources.reservations.memory"] = ("mem_reservation", reservations.memory)
            devices = (*(container.gpus or ()), *(reservations.devices or ()))
            found["deploy.resources.reservations.devices"] = ("gpus", devices or None)
        if policy := deploy.restart_policy:
            found["deploy.restart_policy"] = ("restart", _restart(policy))
    return {word: (plain, value) for word, (plain, value) in found.items() if value is not None}


def _restart(policy: RestartPolicy) -> str:
    name = _CONDITIONS[policy.condition]
    attempts = policy.max_attempts if name == "on-failure" else None
    return f"{name}:{attempts}" if attempts else name
