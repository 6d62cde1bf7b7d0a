"""A manifest as it is written down, to be read again when its files are others: one tree, without a secret.

What it took from files stands in it, but for secrets, which are looked up again; so are values whose names look like
credentials, and what came from variables with such names. Takes a manifest, gives a tree and what was left out of it;
and the way back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from dockerdecl.errors import DockerdeclError, Problem, Where
from dockerdecl.manifest.load import Loaded
from dockerdecl.manifest.manifest import Manifest, manifest_of
from dockerdecl.manifest.nodes import Mapping as Tree
from dockerdecl.manifest.nodes import from_plain, to_plain
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.desired import Source
from dockerdecl.resources.masking import (
    MASK,
    looks_like_a_credential,
    masked_text,
    masked_words,
    scrub,
    secret_texts,
    unmasked,
)
from dockerdecl.resources.record import RevisionDocument

_Steps = tuple[str | int, ...]
SOURCES = ("load", "import", "changes", "build", "pull")
_NOT_KEPT = ("policy", "include")


def whole_tree(manifest: Manifest) -> dict[str, Any]:
    """All that is declared in one tree, with what was read from env files, label files, profiles and configs."""
    tree = cast("dict[str, Any]", to_plain(manifest.loaded.root))
    kept = {key: part for key, part in tree.items() if not key.startswith("x-") and key not in _NOT_KEPT}
    kept |= {"project": manifest.document.project}
    for key, spec in manifest.document.containers.items():
        kept["containers"][key] = _whole(kept["containers"][key] or {}, spec)
    for key, content in manifest.contents.configs.items():
        text = _text(content)
        if text is not None:
            kept["configs"][key] = {"content": text}
    return kept


def _whole(written: dict[str, Any], spec: Container) -> dict[str, Any]:
    found = {word: part for word, part in written.items() if word not in ("env_file", "label_file")}
    if spec.environment:
        found["environment"] = dict(spec.environment)
    if spec.labels:
        found["labels"] = dict(spec.labels)
    if spec.security_opt and "security_opt" in found:
        found["security_opt"] = list(spec.security_opt)
    return found


def _text(content: bytes) -> str | None:
    "what can stand in a manifest; a config with other bytes is read again"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or all(c.isprintable() or c in "\n\t" for c in text) else None


def record_tree(manifest: Manifest) -> tuple[dict[str, Any], list[list[str | int]]]:
    """The whole tree with everything secret masked, and the paths of what was."""
    environment = manifest.loaded.environment
    named = (environment.get(name, "") for name in manifest.loaded.variables if looks_like_a_credential(name))
    texts = (value.encode("utf-8", "surrogateescape") for value in named)
    secrets = secret_texts([*texts, *manifest.contents.secrets.values()])
    hidden: list[list[str | int]] = []

    def masked(value: Any, path: _Steps) -> Any:
        if isinstance(value, dict):
            return {key: masked(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            pairs = enumerate(zip(value, masked_words(value), strict=True))
            return [
                told(item, after, (*path, index)) if isinstance(item, str) else masked(item, (*path, index))
                for index, (item, after) in pairs
            ]
        return told(value, _masked(value, path), path) if isinstance(value, str) else value

    def told(text: str, shown: str, path: _Steps) -> str:
        after = str(scrub(shown, secrets))
        if after != text:
            hidden.append([*path])
        return after

    return masked(whole_tree(manifest), ()), hidden


def _masked(text: str, path: _Steps) -> str:
    content = path[0] == "secrets" and path[-1] == "content"
    return MASK if content or (text and _is_credential(path)) else masked_text(text)


def _is_credential(path: _Steps) -> bool:
    "what a secret is called and where it comes from is none"
    return path[0] not in ("secrets", "apiVersion", "project") and looks_like_a_credential(str(path[-1]))


def manifest_from_record(
    record: RevisionDocument,
    sources: Mapping[str, Source],
    *,
    current: Manifest | None,
    held: Mapping[str, Mapping[str, str]],
    environ: Mapping[str, str],
    working_directory: Path,
) -> Manifest:
    """The manifest of a revision; the images in `sources` come from there, whatever it says.

    What is secret comes from the `current` manifest, else from what containers have: `held` gives their variables by
    key. Raises DockerdeclError with all that is gone.
    """
    number = record["revision"]["revision"]
    where = Where(f"revision {number}", 1, 1)
    tree, gone = _restored(record, whole_tree(current) if current else {}, held)
    for key, image in (tree.get("images") or {}).items():
        if key in sources:
            tree["images"][key] = {word: part for word, part in image.items() if word not in SOURCES}
    root = from_plain(tree, where)
    assert isinstance(root, Tree), "a record holds a mapping"
    loaded = Loaded(
        root=root,
        problems=(),
        warnings=(),
        failed=frozenset(),
        project_directory=current.loaded.project_directory if current else working_directory,
        files=(),
        variables=frozenset(),
        environment=current.loaded.environment if current else environ,
    )
    try:
        manifest = manifest_of(loaded, working_directory, profiles=tuple(record["profiles"]))
    except DockerdeclError as error:
        gone += [replace(p, where=None, line=None, message=f"revision {number}: {p.message}") for p in error.problems]
    if gone:
        raise DockerdeclError(*gone)
    contents = replace(manifest.contents, sources={**manifest.contents.sources, **sources})
    return replace(manifest, contents=contents)


def _restored(
    record: RevisionDocument, current: dict[str, Any], held: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, Any], list[Problem]]:
    tree: dict[str, Any] = json.loads(json.dumps(record["declared"]))
    gone: list[Problem] = []
    for path in record["hidden"]:
        if path[0] == "images" and "build" in path:
            continue  # what an image was built with is not needed to have the same one again
        value = next(_candidates(path, tree, current, held), None)
        if value is None:
            gone.append(_gone(path, record["revision"]["revision"]))
        else:
            _at(tree, path[:-1])[path[-1]] = value
    return tree, gone


def _candidates(path: list[str | int], tree: Any, current: Any, held: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    shown, last = str(_at(tree, path)), path[-1]
    there, before = _at(current, path[:-1]), _at(tree, path[:-1])
    texts: list[Any] = []
    if isinstance(last, int) and isinstance(there, list):
        texts += _alike(before, last, there)
    elif isinstance(there, dict):
        texts.append(there.get(last))
    if len(path) == 4 and path[0] == "containers" and path[2] == "environment":
        texts.append(held.get(str(path[1]), {}).get(str(last)))
    for text in texts:
        value = unmasked(shown, text) if isinstance(text, str) else None
        if value is not None:
            yield value


def _alike(before: list[Any], last: int, there: list[Any]) -> Iterator[Any]:
    "what may stand for an item of a list: of the same name, or after the same option, then what stands at its place"
    shown = str(before[last])
    for at, item in enumerate(there):
        option = bool(last and at and there[at - 1] == before[last - 1])
        if option if shown == MASK else str(item).partition("=")[0] == shown.partition("=")[0]:
            yield item
    if shown != MASK and last < len(there):
        yield there[last]


def _at(tree: Any, path: list[str | int]) -> Any:
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def _gone(path: list[str | int], number: int) -> Problem:
    field = ".".join(map(str, path))
    message = f"revision {number} needs a value for `{field}`, which is secret and was not kept"
    hint = "declare it in the manifest as it is now, and roll back with that manifest (`-f`)"
    return Problem("secret-gone", message, hint=hint)
