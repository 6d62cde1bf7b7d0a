"""The whole manifest as one spec: what the JSON Schema describes, and what resolves to the desired state."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Literal

from dockerdecl.expressions import expression
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.files.spec import FileSource
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.notes import AfterValidator, BeforeValidator
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.volume.spec import Volume
from dockerdecl.resources.words import Text, Texts

API_VERSION = "dockerdecl/v1"

_PROJECT = expression(r"[a-z0-9][a-z0-9_-]*")
_KEY = expression(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")


def _project(text: str) -> str:
    if not _PROJECT.fullmatch(text):
        raise ValueError(f"{text!r} is no project name; it begins with a-z or 0-9, followed by a-z, 0-9, _ and -")
    return text


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError(
            f"{text!r} is no key; it begins with a letter or digit, followed by letters, digits, _ . and -"
        )
    return text


def _empty(value: Any) -> Any:
    return {} if value is None else value


def _no_paths(value: Any) -> Any:
    return () if value is None else value


Key = Annotated[str, AfterValidator(_key)]
_OrNothing = BeforeValidator(_empty)


class Document(Spec):
    """A manifest: the images, networks, volumes and containers that should exist."""

    apiVersion: Literal["dockerdecl/v1"]  # noqa: N815 (the word that manifests use)
    """The format of this manifest."""
    project: Annotated[Text, AfterValidator(_project)]
    """The scope of ownership, and the beginning of every name on the engine, such as `shop`."""
    on_failure: Literal["keep", "rollback"] = "keep"
    """Where an apply fails: `keep` what was done of it, or `rollback` to the last revision that succeeded."""
    policy: Annotated[Texts, BeforeValidator(_no_paths)] = ()
    """Policies that the manifest is judged by, such as `[../policy.yaml]`."""
    images: Annotated[dict[Key, Image], _OrNothing] = field(default_factory=dict)
    """Images, by key."""
    networks: Annotated[dict[Key, Annotated[Network, _OrNothing]], _OrNothing] = field(default_factory=dict)
    """Networks, by key."""
    volumes: Annotated[dict[Key, Annotated[Volume, _OrNothing]], _OrNothing] = field(default_factory=dict)
    """Volumes, by key."""
    secrets: Annotated[dict[Key, FileSource], _OrNothing] = field(default_factory=dict)
    """Secrets, by key: given to containers as files, and never shown."""
    configs: Annotated[dict[Key, FileSource], _OrNothing] = field(default_factory=dict)
    """Configs, by key: given to containers as files."""
    containers: Annotated[dict[Key, Container], _OrNothing] = field(default_factory=dict)
    """Containers, by key, in the words of Compose services."""
