"""Payloads that work on images, as calls: one engine call a verb, with the credentials of the registry that it needs.

Takes a payload and an engine; decides nothing. A build whose base is missing fetches it before, since the image is to
say what it was built from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from dockerdecl.engine.calls import images
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import registry_auth, registry_config
from dockerdecl.engine.progress import OnProgress
from dockerdecl.errors import fail
from dockerdecl.planning.images import build_label
from dockerdecl.planning.verbs import (
    BuildImage,
    ImportImage,
    LoadImage,
    PullImage,
    PushImage,
    RemoveImage,
    TagImage,
)
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import BUILD

ImagePayload = PullImage | LoadImage | ImportImage | BuildImage | TagImage | PushImage | RemoveImage


def carry_out(engine: Engine, payload: ImagePayload, environ: Mapping[str, str], on_progress: OnProgress) -> None:
    """Make the call that a payload describes. Raises DockerdeclError in the engine's own words."""
    match payload:
        case PullImage():
            _pull(engine, payload.reference, payload.platform, environ, on_progress)
        case LoadImage():
            _load(engine, payload, on_progress)
        case ImportImage():
            _import(engine, payload, on_progress)
        case BuildImage():
            _build(engine, payload, environ, on_progress)
        case TagImage():
            images.tag(engine, payload.image, payload.reference)
        case PushImage():
            images.push(engine, payload.reference, registry_auth(payload.reference, environ), on_progress)
        case RemoveImage():
            images.remove_image(engine, payload.reference, missing_ok=True)
        case _ as never:
            assert_never(never)


def _pull(
    engine: Engine, reference: str, platform: str | None, environ: Mapping[str, str], on_progress: OnProgress
) -> None:
    auth = registry_auth(reference, environ)
    images.pull(engine, reference, auth, on_progress=on_progress, platform=platform)


def _import(engine: Engine, payload: ImportImage, on_progress: OnProgress) -> None:
    with payload.source.content.open() as root:
        images.import_image(
            engine,
            root,
            payload.reference,
            changes=payload.source.changes,
            message=payload.message,
            platform=payload.platform,
            on_progress=on_progress,
        )


def _load(engine: Engine, payload: LoadImage, on_progress: OnProgress) -> None:
    with payload.source.content.open() as archive:
        loaded = images.load(engine, archive, on_progress)
    for known in (*sorted(payload.source.ids), *loaded):
        if images.inspect_image(engine, known) is not None:
            images.tag(engine, known, payload.reference)
            return
    names = ", ".join(loaded) or "nothing"
    raise fail("archive-lacks-image", f"the archive was loaded, but {payload.reference} was not in it: {names}")


def _build(engine: Engine, payload: BuildImage, environ: Mapping[str, str], on_progress: OnProgress) -> None:
    source, spec, platform = payload.source, payload.source.spec, payload.platform
    ids = {base: _base_id(engine, base, platform, environ, on_progress) for base in source.bases}
    parameters: dict[str, Any] = {
        "t": payload.reference,
        "dockerfile": source.dockerfile,
        "buildargs": dict(spec.args or {}),
        "labels": {**(spec.labels or {}), BUILD: build_label(source, ids)},
        "target": spec.target,
        "networkmode": spec.network,
        "platform": payload.platform,
    }
    given = {key: value for key, value in parameters.items() if value}
    auths = registry_config({parse(base).registry for base in source.bases}, environ)
    with source.content.open() as context:
        images.build(engine, context, given, on_progress, auths)


def _base_id(
    engine: Engine, base: str, platform: str | None, environ: Mapping[str, str], on_progress: OnProgress
) -> str:
    "what it was built from is written into the image, so the base must be known before"
    found = images.inspect_image(engine, base)
    if found is None:
        _pull(engine, base, platform, environ, on_progress)
        found = images.inspect_image(engine, base)
    return str(found["Id"]) if found else ""
