"""A manifest as it stands in a bundle: one tree, paths relative, and a variable in the place of everything secret.

Takes a manifest, gives the tree, what must be given for it, and the contents that are no text. Every `$` that is no
such variable is escaped, since the tree is read as any manifest is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from dockerdecl.errors import fail
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.paths import relative_paths
from dockerdecl.manifest.recorded import SOURCES, whole_tree
from dockerdecl.resources.bundle import BundleNeed, BundlePath
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.masking import looks_like_a_credential, secret_texts
from dockerdecl.values import dataclass

_NOT_KEPT = (*SOURCES, "mirror", "push", "keep")  # its images come from it, and no registry is reached with it
_NO_CREDENTIALS = ("secrets", "apiVersion", "project", "images")
_Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class BundleTree:
    """What a bundle says of a manifest. `configs` are those that are no text, by key."""

    tree: dict[str, Any]
    needs: tuple[BundleNeed, ...]
    host_paths: tuple[BundlePath, ...]
    configs: dict[str, bytes] = field(repr=False)


def bundle_tree(manifest: Manifest) -> BundleTree:
    """The tree of a manifest for a bundle. Raises DockerdeclError for an image that is named by its id."""
    folder = manifest.loaded.project_directory
    loaded = replace(manifest.loaded, root=relative_paths(manifest.loaded.root, folder))
    tree = whole_tree(replace(manifest, loaded=loaded))
    given = _Given(manifest)
    tree["secrets"] = {key: given.secret(key, spec) for key, spec in (tree.get("secrets") or {}).items()}
    configs: dict[str, bytes] = {}
    for key, content in manifest.contents.configs.items():
        if "content" not in tree["configs"][key]:
            configs[key], tree["configs"][key] = content, {"content": ""}
    _name_images(tree)
    tree = {section: given.hidden(part, (section,)) for section, part in tree.items() if part not in ({}, None)}
    return BundleTree(tree, tuple(given.needs.values()), tuple(_host_paths(manifest, folder)), configs)


def bundled_reference(text: str) -> str:
    """What an image is called where no registry says what a digest is: by its tag, else by one made of the digest."""
    reference = parse(text)
    if reference.is_id:
        message = f"the image {text} is named by its id, which differs from engine to engine"
        raise fail("bundle-image-by-id", message, hint="give it a reference, and name that in the manifest")
    if not reference.digest:
        return reference.familiar
    tag = reference.tag or reference.digest.replace(":", "-")[:19]
    return f"{reference.familiar_name}:{tag}"


def _name_images(tree: dict[str, Any]) -> None:
    declared = tree.get("images") or {}
    for key, spec in declared.items():
        kept = {word: part for word, part in spec.items() if word not in _NOT_KEPT}
        tags = [bundled_reference(tag) for tag in kept.get("tags") or ()]
        declared[key] = {**kept, "ref": bundled_reference(kept["ref"]), **({"tags": tags} if tags else {})}
    for spec in (tree.get("containers") or {}).values():
        if spec.get("image") and spec["image"] not in declared:
            spec["image"] = bundled_reference(spec["image"])
        spec.pop("pull_policy", None)
        for mount in spec.get("volumes") or ():
            if isinstance(mount, dict) and mount.get("type") == "image" and mount.get("source") not in declared:
                mount["source"] = bundled_reference(mount["source"])


def _host_paths(manifest: Manifest, folder: Path) -> Iterator[BundlePath]:
    for key, spec in sorted(manifest.document.containers.items()):
        for mount in spec.volumes:
            if mount.type == "bind" and mount.source:
                inside = Path(mount.source).is_relative_to(folder)
                path = f"./{os.path.relpath(mount.source, folder)}" if inside else mount.source
                yield {"path": path, "address": f"container.{key}"}


class _Given:
    """What is secret in a manifest, and the variable or file that it is given by."""

    def __init__(self, manifest: Manifest) -> None:
        self.needs: dict[tuple[str, str], BundleNeed] = {}
        self._names: dict[str, str] = {}  # of values
        self._values: dict[str, str] = {}  # of names
        environment = manifest.loaded.environment
        for name in sorted(manifest.loaded.variables):
            if looks_like_a_credential(name) and environment.get(name):
                self._name(environment[name], name)
        for key, source in manifest.document.secrets.items():
            content = manifest.contents.secrets.get(key, b"").decode(errors="ignore").strip()
            if content:
                self._name(content, source.environment or _variable(key))

    def secret(self, key: str, spec: dict[str, Any]) -> dict[str, Any]:
        """What a secret says in the bundle: where it comes from, and never what it is."""
        kept = {word: part for word, part in spec.items() if word != "content"}
        if spec.get("file"):
            self._need("file", spec["file"], f"secrets.{key}")
            return kept
        name = spec.get("environment") or self._names.get(str(spec.get("content") or "").strip()) or _variable(key)
        self._need("variable", name, f"secrets.{key}")
        return {**kept, "environment": name}

    def hidden(self, value: Any, path: _Steps) -> Any:
        """The same value with variables for what is secret in it, and every other `$` escaped."""
        match value:
            case dict():
                return {key: self.hidden(item, (*path, key)) for key, item in value.items()}
            case list():
                return [self.hidden(item, (*path, index)) for index, item in enumerate(value)]
            case str():
                return self._text(value, path)
        return value

    def _text(self, text: str, path: _Steps) -> str:
        if path[0] == "secrets":
            return text.replace("$", "$$")
        name, equals, rest = text.partition("=")
        if isinstance(path[-1], int) and equals and looks_like_a_credential(name):
            return f"{name}={self._credential(rest, name, path)}"
        if path[0] not in _NO_CREDENTIALS and looks_like_a_credential(str(path[-1])):
            return self._credential(text, str(path[-1]), path)
        return self._with_variables(text, path)

    def _credential(self, text: str, name: str, path: _Steps) -> str:
        if not text:
            return text
        if text not in self._names:
            wanted = _variable(name)
            taken = self._values.get(wanted, text) != text
            self._name(text, _variable(f"{path[1]}_{name}") if taken else wanted)
        variable = self._names[text]
        self._need("variable", variable, ".".join(map(str, path)))
        return f"${{{variable}:?}}"

    def _with_variables(self, text: str, path: _Steps) -> str:
        known = secret_texts(value.encode() for value in self._names)
        if not any(value in text for value in known):
            return text.replace("$", "$$")
        parts = re.split("(" + "|".join(map(re.escape, known)) + ")", text)
        found = []
        for part in parts:
            variable = self._names.get(part) if part in known else None
            if variable is not None:
                self._need("variable", variable, ".".join(map(str, path)))
            found.append(f"${{{variable}:?}}" if variable else part.replace("$", "$$"))
        return "".join(found)

    def _name(self, value: str, name: str) -> None:
        self._names.setdefault(value, name)
        self._values.setdefault(name, value)

    def _need(self, kind: Any, name: str, where: str) -> None:
        self.needs.setdefault((kind, name), {"kind": kind, "name": name, "field": where})


def _variable(key: str) -> str:
    name = re.sub(r"\W", "_", key, flags=re.ASCII).upper()
    return f"_{name}" if name[:1].isdigit() else name
