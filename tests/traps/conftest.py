"""What the traps of a module share: the engine, and what the program said of them all on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.engines import PrivateEngine
from tests.support.images import BUSYBOX
from tests.support.scenario import Scenario
from tests.support.traps import Found, Mended, Seen, Trap, mend, see, traps_of

FULL = {
    "Entrypoint": ["/bin/sh", "-c"],
    "Cmd": ["sleep 99"],
    "Env": ["FROM_IMAGE=1", "PATH=/bin"],
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
    "Volumes": {"/image-data": {}},
    "Labels": {"from.image": "yes"},
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 7 * 10**9, "Retries": 2},
    "User": "1000",
    "WorkingDir": "/srv",
    "StopSignal": "SIGQUIT",
}


@pytest.fixture(scope="module")
def trap_engine(engine: PrivateEngine) -> PrivateEngine:
    """The engine that the traps of a module are tried on."""
    return engine


@pytest.fixture(scope="module")
def seen(
    request: pytest.FixtureRequest, trap_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """All traps of the module, applied and planned together."""
    scenario = Scenario(trap_engine, "traps", tmp_path_factory.mktemp("traps"))
    try:
        make_full_image(trap_engine)
        for path, text in getattr(request.module, "FILES", {}).items():
            scenario.write(path, text)
        yield see(trap_engine, list(traps_of(vars(request.module))), scenario)
    finally:
        scenario.clean()


@pytest.fixture(scope="module")
def mended(seen: Seen) -> Mended:
    """The project after its planned change was applied; for modules whose tests look at that."""
    return mend(seen)


@pytest.fixture
def found(request: pytest.FixtureRequest, seen: Seen) -> Found:
    """What there is to see of the test's own trap."""
    carried: Trap = request.function.trap
    return Found(carried, seen)


def make_full_image(engine: PrivateEngine) -> None:
    """`full:1`, an image that says all that an image can say of a container."""
    made = engine.api("POST", "/containers/create", body={"Image": BUSYBOX, **FULL})["Id"]
    engine.api("POST", "/commit", query={"container": made, "repo": "full", "tag": "1"})
    engine.api("DELETE", f"/containers/{made}", query={"force": 1, "v": 1})
