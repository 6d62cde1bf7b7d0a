"""The short forms in which a container's fields may be written, brought into their long one.

Takes what was written for one field, before or after pydantic has looked at it; gives what the field holds. Raises
ValueError with what is wrong and, after a semicolon, what would be right.
"""

from __future__ import annotations

from typing import Any

from dockerdecl.resources.container.parts import DeviceRequest
from dockerdecl.resources.image.spec import pull_policy
from dockerdecl.resources.words import as_list, read_text

_RESTART = ("no", "always", "unless-stopped", "on-failure")


def restart_policy(text: str) -> str:
    """A restart policy, checked. Raises ValueError."""
    name, colon, count = text.partition(":")
    if name not in _RESTART or (colon and (name != "on-failure" or not count.isdigit())):
        raise ValueError(f"{text!r} is no restart policy; there are {', '.join(_RESTART)} and on-failure:N")
    return text


def links(value: Any) -> Any:
    """`[db, db:database]` as `{alias: target}`, the way they are compared."""
    if not isinstance(value, list | tuple):
        return value
    pairs = (read_text(item).partition(":") for item in value)
    return {alias or target: target for target, _, alias in pairs}


def attachments(value: Any) -> Any:
    """`[back]` as `{back: {}}`, and an empty attachment as one that says nothing."""
    if isinstance(value, list | tuple):
        value = dict.fromkeys(read_text(item) for item in value)
    return {key: {} if item is None else item for key, item in value.items()} if isinstance(value, dict) else value


def dependencies(value: Any) -> Any:
    """`[db]` as `{db: {}}`."""
    return {read_text(key): {} for key in value} if isinstance(value, list | tuple) else value


def extra_hosts(value: Any) -> Any:
    """`name=address`, `name:address` or a map, as the engine's `name:address`."""
    if isinstance(value, dict):
        pairs = ((name, item if isinstance(item, list) else [item]) for name, item in value.items())
        value = [f"{name}:{read_text(address)}" for name, addresses in pairs for address in addresses]
    texts = [read_text(text).replace("=", ":", 1) for text in as_list(value) or ()]
    for text in texts:
        if not all(text.partition(":")[::2]):
            raise ValueError(f"`{text}` is no entry of /etc/hosts; write NAME=ADDRESS, such as db=10.0.0.5")
    return [text.replace("[", "").replace("]", "") for text in texts]


def gpus(value: Any) -> Any:
    """`all` as a request for every one."""
    return [{"count": "all"}] if value == "all" else value


def extends(value: Any) -> Any:
    """`web` as `{service: web}`."""
    return {"service": value} if isinstance(value, str) else value


def as_gpus(requests: tuple[DeviceRequest, ...]) -> tuple[DeviceRequest, ...]:
    """Requests for devices that must be GPUs, whatever else they must be able to do."""
    words = [tuple(dict.fromkeys(("gpu", *request.capabilities))) for request in requests]
    return tuple(r.model_copy(update={"capabilities": w}) for r, w in zip(requests, words, strict=True))


def external_links(value: Any) -> Any:
    """`[redis, database:mysql]`: the name on the engine, and the one that the container knows it by."""
    for text in as_list(value) or ():
        name, _, alias = read_text(text).partition(":")
        if not name or ":" in alias:
            raise ValueError(f"`{text}` is no link; write NAME or NAME:ALIAS, such as redis or database:mysql")
    return as_list(value)


def ulimits(value: Any) -> Any:
    """`{nofile: 1024}` as one number for both limits."""
    if not isinstance(value, dict):
        return value
    return {k: item if isinstance(item, dict) else {"soft": item, "hard": item} for k, item in value.items()}


def container_pull_policy(text: str) -> str:
    """A pull policy, or one that only a container can have: `build` and `refresh`."""
    return text if text in ("build", "refresh") else pull_policy(text)
