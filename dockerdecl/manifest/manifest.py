"""From files to a manifest: what was declared, what the files it names hold, and where each word of it stands.

The one way into this room. Takes what the user named, gives a `Manifest`, or one error with all that is wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from dockerdecl.errors import Problem, Where, invalid
from dockerdecl.manifest.active_profiles import inactive_containers, unknown_profiles
from dockerdecl.manifest.builds import with_builds
from dockerdecl.manifest.checks import Finding, Subject, check
from dockerdecl.manifest.checks.repetitions import check_repetitions
from dockerdecl.manifest.contents import Read, read_contents
from dockerdecl.manifest.explain import address_of
from dockerdecl.manifest.load import Loaded, read_nodes
from dockerdecl.manifest.nodes import Mapping as Tree
from dockerdecl.manifest.nodes import Sequence
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.schema import SECTIONS
from dockerdecl.manifest.validate import Checked, check_fields
from dockerdecl.resources.address import Address, Kind, parse_address
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.desired import Desired, DesiredImage
from dockerdecl.resources.document import Document
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.locked import lockable, with_digests
from dockerdecl.resources.resolve import Contents, mounted_images, resolve, resolve_images
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the user declared, valid.

    `document` has the containers' environments complete, env files and variables without a value included; `contents`
    what else was read. `warnings` are for people, in the order of the files. `unwanted` are the containers that are
    declared for profiles of which none is active, by key, not read further; the document is without them. `profiles`
    are the active ones, wherever they were named. `digests` say which image a reference must mean, where that is fixed.
    `bundle_locked` is for one that came in a bundle: whether a lock file has chosen its images.
    """

    document: Document
    contents: Contents = field(repr=False)
    warnings: tuple[Problem, ...]
    loaded: Loaded = field(repr=False)
    unwanted: Mapping[str, Container] = field(default_factory=dict, repr=False)
    profiles: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    bundle_locked: bool | None = None

    @property
    def inactive(self) -> frozenset[str]:
        """The keys of the containers that are declared for profiles of which none is active."""
        return frozenset(self.unwanted)

    def desired(self, key: str) -> Desired:
        """What should be on the engine; `key` salts the digests of files in labels that are written from now on."""
        desired = resolve(self.document, self.contents, key, self.inactive)
        return replace(desired, images=with_digests(desired.images, self.digests)) if self.digests else desired

    def lockable(self) -> dict[str, tuple[Address, ...]]:
        """The references that need a digest, whatever profiles are active, with the images that need them."""
        return lockable(self.every_image())

    def every_image(self) -> dict[Address, DesiredImage]:
        """The images as they are desired, whatever profiles are active, and by no lock file."""
        further = {key: spec for key, spec in self.unwanted.items() if self._names_images(spec)}
        containers = {**self.document.containers, **further}
        document = self.document.model_copy(update={"containers": containers})
        return resolve_images(document, self.contents)

    def _names_images(self, spec: Container) -> bool:
        "what no profile wants was not checked"
        named = {*filter(None, (spec.image,)), *mounted_images(spec)} - self.document.images.keys()
        return all(_is_reference(text) for text in named)

    def where(self, address: str, path: tuple[str, ...] = ()) -> tuple[Where | None, str | None]:
        """The place of a field of an address, or of the nearest thing around it, and the line that holds it.

        None for both where the manifest says nothing of the address.
        """
        found = self._path_of(address)
        if found is None:
            return None, None
        where = Places(self.loaded.root).key((*found, *path))
        (problem,) = self.loaded.with_lines((Problem("", "", where=where),))
        return where, problem.line

    def policies(self) -> tuple[tuple[Path, Where], ...]:
        """The policies that it names, and where it does."""
        written = self.loaded.root.get("policy")
        places = Places(self.loaded.root)
        return tuple(
            (Path(path), places.value(("policy", index) if isinstance(written, Sequence) else ("policy",)))
            for index, path in enumerate(self.document.policy)
        )

    def summary(self) -> dict[str, int]:
        """How many of each kind are declared, by the kind's name."""
        return {section.removesuffix("s"): len(getattr(self.document, section)) for section in SECTIONS}

    @property
    def digest(self) -> str:
        """The `sha256:` digest of what is declared, whatever its files, forms and order are; secrets left out."""
        document = self.document.model_copy(update={"policy": ()})
        declared = document.model_dump(mode="json", by_alias=True)
        for secret in declared["secrets"].values():
            del secret["content"]
        return f"sha256:{hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()}"

    def _path_of(self, text: str) -> tuple[str, ...] | None:
        address = parse_address(text)
        if address is None:
            return None
        section = f"{address.kind}s"
        if address.key in getattr(self.document, section):
            return section, address.key
        if address.kind is Kind.IMAGE:
            declared = {**self.document.containers, **self.unwanted}
            users = (key for key, user in declared.items() if _means(user.image, address.key))
            return next((("containers", key, "image") for key in users), None)
        return None


def load(
    files: tuple[Path, ...],
    *,
    environ: Mapping[str, str],
    env_files: tuple[Path, ...],
    working_directory: Path,
    project: str | None = None,
    profiles: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    need_contents: bool = True,
) -> Manifest:
    """The manifest in `files`, or in `dockerdecl.yaml` where none is named.

    `project` stands instead of the manifest's own. Containers with profiles are part of it where one of `profiles` is
    theirs, or where they are among the `named` keys. Without `need_contents`, no file that the manifest names is read:
    secrets are empty, and images have no source but a registry. Raises DockerdeclError (exit code 3) with every
    problem, in the order of the files.
    """
    loaded = read_nodes(files, environ=environ, env_files=env_files, working_directory=working_directory)
    if project is not None:
        _check_project(project)
    loaded = with_builds(loaded, project)
    return manifest_of(
        loaded, working_directory, project=project, profiles=profiles, named=named, need_contents=need_contents
    )


def manifest_of(
    loaded: Loaded,
    working_directory: Path,
    *,
    project: str | None = None,
    profiles: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    need_contents: bool = True,
) -> Manifest:
    """The manifest in a tree, as `load` gives it of files."""
    told = loaded.failed.union(problem.where for problem in loaded.problems if problem.where)
    checked = check_fields(loaded.root, project=project, told=told)
    if checked.document is None:
        raise loaded.refusal(*checked.problems)
    declared = checked.document.containers
    inactive = inactive_containers(declared, profiles, named)
    wanted = {key: spec for key, spec in declared.items() if key not in inactive}
    document = checked.document.model_copy(update={"containers": wanted}) if inactive else checked.document
    places = Places(loaded.root)
    found = _findings(loaded, replace(checked, document=document), inactive)
    problems = [*checked.problems, *(_problem(finding, places) for finding in found)]
    read = read_contents(document, loaded, places, working_directory) if need_contents else Read(document)
    problems += read.problems
    if problems or loaded.problems:
        raise loaded.refusal(*dict.fromkeys(problem for problem in problems if problem.where not in told))
    warnings = (*loaded.warnings, *read.warnings, *unknown_profiles(declared, profiles))
    unwanted = {key: declared[key] for key in sorted(inactive)}
    return Manifest(read.document, read.contents, warnings, loaded, unwanted, profiles)


def _findings(loaded: Loaded, checked: Checked, inactive: frozenset[str]) -> list[Finding]:
    assert checked.document is not None
    declared = {section: _keys(loaded.root, section) for section in SECTIONS}
    subject = Subject(checked.document, declared, checked.incomplete, inactive)
    return [*check(subject), *check_repetitions(loaded.root)]


def _keys(root: Tree, section: str) -> frozenset[str]:
    declared = root.get(section)
    return frozenset(entry.key for entry in declared.entries) if isinstance(declared, Tree) else frozenset()


def _problem(finding: Finding, places: Places) -> Problem:
    where = places.key(finding.path) if finding.at_key else places.value(finding.path)
    return Problem(finding.code, finding.message, address_of(finding.path), where, finding.hint)


def _check_project(project: str) -> None:
    checked = check_fields(Tree((), Where("", 1, 1)), project=project)
    if checked.problems:
        raise invalid(*(replace(problem, where=None) for problem in checked.problems))


def _means(text: str, reference: str) -> bool:
    return _is_reference(text) and parse(text).familiar == reference


def _is_reference(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
