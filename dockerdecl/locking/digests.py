"""What registries have under references now: by way of the engine, which will pull from them, or else directly.

Takes references and an engine, gives digests or what stood in the way. Pulls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dockerdecl.engine.calls.images import distribution_digest
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import registry_auth
from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.locking.asking import side_by_side
from dockerdecl.registry.failures import NOT_IN_REGISTRY
from dockerdecl.registry.opening import registry_for
from dockerdecl.resources.image.reference import parse

# An engine that may talk plain HTTP to a registry tells what came of that, though the registry had answered by TLS
# before: all the same whether the tag, the login or anything else is missing. Some products have no such call at all.
_TELLS_NOTHING = ("engine-failed", "api-unsupported", "not-found", "registry-tls-only")


def registry_digests(engine: Engine, references: Iterable[str], environ: Mapping[str, str]) -> dict[str, str | Problem]:
    """The digest of every reference, or why it can't be known; several are asked for at a time."""
    wanted = sorted(references)
    return dict(zip(wanted, side_by_side(lambda text: _digest(engine, text, environ), wanted), strict=True))


def _digest(engine: Engine, reference: str, environ: Mapping[str, str]) -> str | Problem:
    try:
        return distribution_digest(engine, reference, registry_auth(reference, environ))
    except DockerdeclError as error:
        told = error.problems[0]
    return _asked_directly(engine, reference, environ, told) if told.code in _TELLS_NOTHING else told


def _asked_directly(engine: Engine, text: str, environ: Mapping[str, str], told: Problem) -> str | Problem:
    "what the registry says itself, or what the engine `told` where this machine can't reach it"
    reference = parse(text)
    try:
        with registry_for(reference.registry, environ, engine) as registry:
            digest = registry.digest(reference.repository, reference.tag or "")
    except DockerdeclError as error:
        found = error.problems[0]
        return told if found.code == "registry-unreachable" else found
    message = f"{reference.registry} hasn't got {text}"
    hint = "Are the registry and the name spelled correctly, and was the image pushed?"
    return digest or Problem(NOT_IN_REGISTRY, message, hint=hint)
