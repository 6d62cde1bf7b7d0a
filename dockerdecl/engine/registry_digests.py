"""What registries have under references now, asked by way of an engine, which knows how to reach them.

Takes references and the environment, gives digests. Pulls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from dockerdecl.engine.calls.images import distribution_digest
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import registry_auth
from dockerdecl.errors import DockerdeclError, Problem

_WORKERS = 8


def registry_digest(engine: Engine, reference: str, environ: Mapping[str, str]) -> str | Problem:
    """The digest of a reference, or why it can't be known."""
    try:
        return distribution_digest(engine, reference, registry_auth(reference, environ))
    except DockerdeclError as error:
        return error.problems[0]


def registry_digests(engine: Engine, references: Iterable[str], environ: Mapping[str, str]) -> dict[str, str | Problem]:
    """The digests of several references, several at a time."""
    wanted = sorted(references)
    with ThreadPoolExecutor(_WORKERS) as pool:
        found = pool.map(lambda reference: registry_digest(engine, reference, environ), wanted)
        return dict(zip(wanted, found, strict=True))
