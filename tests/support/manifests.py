"""Manifests without files, for tests of what comes after reading them.

Takes the mapping that a manifest's text would give, and gives the desired state. The contents of secrets and configs
are what their `content` says; archives, root file systems and build contexts are what their path says, so that
another path is another content.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from dockerdecl.resources.desired import Built, Desired, Import, Load, Source
from dockerdecl.resources.document import API_VERSION, Document
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.resolve import Contents, resolve
from tests.support.simulated_things import hexadecimal

PROJECT = "shop"


@dataclass(frozen=True, slots=True)
class NoContent:
    """Content that nobody asks for."""

    def open(self) -> BinaryIO:
        """Nothing."""
        return io.BytesIO()


def desired(manifest: Mapping[str, Any], *, key: str = "salt") -> Desired:
    """The desired state of a manifest; `apiVersion` and `project` may be left out."""
    document = Document.model_validate({"apiVersion": API_VERSION, "project": PROJECT, **manifest})
    contents = Contents(
        secrets={name: (source.content or "").encode() for name, source in document.secrets.items()},
        configs={name: (source.content or "").encode() for name, source in document.configs.items()},
        sources={name: source for name, spec in document.images.items() if (source := _source(spec)) is not None},
    )
    return resolve(document, contents, key)


def _source(spec: Image) -> Source | None:
    if spec.load:
        return Load(spec.load, frozenset({"sha256:" + hexadecimal(spec.load)}), NoContent())
    if spec.import_:
        return Import(spec.import_, "sha256:" + hexadecimal(spec.import_), spec.changes, NoContent())
    if spec.build:
        text = spec.build.dockerfile_inline or "FROM base:1"
        bases = tuple(line.split()[1] for line in text.splitlines() if line.startswith("FROM "))
        digest = hexadecimal(spec.build.model_dump_json())
        return Built(spec.build, digest, bases, text, NoContent())
    return None
