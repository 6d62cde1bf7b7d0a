"""A registry as a user of an engine would reach it: with the stored login, and as secure as the engine wants it.

Takes a registry's name, an environment and an engine; gives a `Registry`. Where there is no engine to ask, only a
registry on this machine's own loopback is insecure, as every engine has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dockerdecl.engine.calls.registries import InsecureRegistries, insecure_registries
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import login_of
from dockerdecl.registry.client import Registry, open_registry

_OF_EVERY_ENGINE = InsecureRegistries(networks=("127.0.0.0/8",))


def insecure_everywhere(name: str) -> bool:
    """Whether every engine would ask this registry for no trusted certificate."""
    return _OF_EVERY_ENGINE.holds(name)


@contextmanager
def registry_for(
    name: str, environ: Mapping[str, str], engine: Engine | None = None, *, authority: Path | None = None
) -> Iterator[Registry]:
    """A registry by the name that references have (`Reference.registry`); `authority` as for `open_registry`.

    Raises what `login_of` and `open_registry` do.
    """
    insecure = insecure_registries(engine).holds(name) if engine else insecure_everywhere(name)
    login = login_of(name, environ)
    with open_registry(name, environ, login=login, authority=authority, insecure=insecure) as registry:
        yield registry
