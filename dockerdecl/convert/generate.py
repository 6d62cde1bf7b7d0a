"""A manifest from containers that are there: applied right away, it has nothing to do.

Takes what was found on an engine, gives the text, the variables that it asks for and their values, and what the project
then is to adopt. Reads nothing itself, and writes no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import field
from typing import Any

from dockerdecl.convert.container_words import Writer
from dockerdecl.convert.credentials import Variables, env_text
from dockerdecl.convert.found import Found
from dockerdecl.convert.keys import Keys, keys_of
from dockerdecl.convert.surrounding_words import network_words, volume_words
from dockerdecl.convert.yaml_text import Path, yaml_text
from dockerdecl.resources.document import API_VERSION
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.resolve import DEFAULT_NETWORK
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Generated:
    """The text of a manifest, and the values of the variables that it asks for."""

    text: str
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def env(self) -> str:
        """The text of a `.env` file that has the variables."""
        return env_text(self.variables)


def generate(found: Found, project: str, differences: Mapping[str, str] | None = None) -> Generated:
    """The manifest of what was found. `differences` says by a container's key what an apply would change of it all the
    same; that stands as a comment beside it.
    """
    keys, variables = keys_of(found, project), Variables()
    images = _Images(found)
    writer = Writer(found, keys, variables)
    comments: dict[Path, list[str]] = {}
    containers: dict[str, Any] = {}
    for raw in sorted(found.containers, key=lambda raw: keys.containers[raw["Id"]]):
        key = keys.containers[raw["Id"]]
        word, comment = images.word(raw)
        written = writer.written(raw, word)
        containers[key] = written.words
        told = [*written.comments, *([comment] if comment else []), *_differing(key, differences or {})]
        comments |= {("containers", key): told} if told else {}
    tree: dict[str, Any] = {"apiVersion": API_VERSION, "project": project, "images": images.entries}
    joined = {key for words in containers.values() for key in words.get("networks", (DEFAULT_NETWORK,))}
    tree["networks"] = _networks(found, keys, joined)
    tree["volumes"] = {
        key: volume_words(found.volumes[name], key, keys, variables) for name, key in sorted(keys.volumes.items())
    }
    comments[()] = [*_head(variables)]
    text = yaml_text({**{word: part for word, part in tree.items() if part}, "containers": containers}, comments)
    return Generated(text, dict(variables.values))


def _head(variables: Variables) -> Iterator[str]:
    yield "Written by `dockerdecl generate` from what was there."
    if variables.values:
        yield "Credentials are variables, from the environment, a .env file beside this one, or --env-file:"
        yield from (f"  {name}" for name in sorted(variables.values))


def _differing(key: str, differences: Mapping[str, str]) -> Iterator[str]:
    if key in differences:
        yield f"Not all of it can be told: an apply would change {differences[key]}."


def _networks(found: Found, keys: Keys, joined: Set[str]) -> dict[str, Any]:
    written = {}
    for name, key in sorted(keys.networks.items()):
        words = network_words(name, key, found, keys)
        if key not in joined or (key == DEFAULT_NETWORK and not words):
            continue
        written[key] = words
    return written


class _Images:
    """The images of the chosen containers; those that no registry knows, or that have no name, get an entry."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self.entries: dict[str, Any] = {}
        self._keys: dict[str, str] = {}

    def word(self, raw: Raw) -> tuple[str, str | None]:
        """What a container writes as its image, and what is to be said of it."""
        named, identity = str(look_up(raw, "Config.Image") or ""), str(raw["Image"])
        image = self._found.images.get(identity)
        reference = _reference(named)
        if image is None:
            return reference or identity, "The image that it was made from is gone."
        if reference and self._found.references.get(parse(reference).listed) == identity:
            return (reference if image.get("RepoDigests") else self._entry(reference)), None
        tags = [text for text in image.get("RepoTags") or () if "<none>" not in text]
        moved = f"It was made from {reference}, which means another image now." if reference else None
        if tags:
            return (tags[0] if image.get("RepoDigests") else self._entry(sorted(tags)[0])), moved
        return self._entry(identity, base=reference), moved or "Its image has no name."

    def _entry(self, reference: str, base: str | None = None) -> str:
        if reference not in self._keys:
            plain = parse(base or reference)
            name = plain.repository.rpartition("/")[2] or f"image-{reference.removeprefix('sha256:')[:12]}"
            taken = {*self._keys.values()}
            choices = (name, f"{name}-{plain.tag}", *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
            self._keys[reference] = next(choice for choice in choices if choice not in taken)
            self.entries[self._keys[reference]] = {"ref": reference, "pull": "never"}
        return self._keys[reference]


def _reference(text: str) -> str | None:
    try:
        return None if parse(text).is_id else text
    except ValueError:
        return None
