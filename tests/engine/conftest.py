"""What the tests of the engine room share: a connection to a private engine, and an image on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerdecl.engine.client import Engine
from dockerdecl.engine.connection import connect
from tests.support.engines import PrivateEngine
from tests.support.images import BUSYBOX, import_busybox


@pytest.fixture
def connected(engine: PrivateEngine) -> Iterator[Engine]:
    """The private engine, reached by the product; containers that a test leaves are removed."""
    with connect(engine.host, None, {}) as connection:
        yield connection
    for container in engine.api("GET", "/containers/json", query={"all": 1}):
        engine.api("DELETE", f"/containers/{container['Id']}", query={"force": 1, "v": 1})


@pytest.fixture(scope="session")
def busybox(engine: PrivateEngine) -> str:
    """An image with a shell."""
    import_busybox(engine, BUSYBOX)
    return BUSYBOX
