"""Fixtures that all tests share: private engines by version, and scenarios on them."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.support.engines import EXPECTED, EnginePool, PrivateEngine, wanted_engines, why_not
from tests.support.scenario import FOLDERS, Scenario, ScenarioMaker

FOLLOWED = frozenset({"docs", "examples"})
MADE = pytest.StashKey[list[Scenario]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever starts an engine carries the mark, so that `-m "not engine"` holds without anyone's care.

    Tests that look at what one preparation made of an engine stay on one worker, or it would be made on each. Documents
    and examples are followed on the newest engine in CI; on the others they are slow tests. So is whatever is marked
    `newest`: what it tries hardly depends on the engine.
    """
    for item in items:
        version = _version(item)
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)
        if "seen" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{version}"))
        on_the_newest = item.path.parent.name in FOLLOWED or item.get_closest_marker("newest")
        if version not in (None, EXPECTED[-1]) and on_the_newest:
            item.add_marker(pytest.mark.slow)


def _version(item: pytest.Item) -> str | None:
    """The engine that a test runs on, where it does on one of several."""
    parameters = getattr(item, "callspec", None)
    return parameters.params.get("engine") if parameters else None


@pytest.fixture(scope="session")
def engine_pool() -> Iterator[EnginePool]:
    """Engines by version, started when first asked for, kept until the end of this worker."""
    pool = EnginePool()
    yield pool
    pool.close()


@pytest.fixture(scope="session", params=wanted_engines())
def engine(request: pytest.FixtureRequest, engine_pool: EnginePool) -> PrivateEngine:
    """A private engine; each test that takes it runs once on every engine version."""
    reason = why_not(request.param)
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    return engine_pool[request.param]


@pytest.fixture
def scenario(request: pytest.FixtureRequest, engine: PrivateEngine, tmp_path: Path) -> Iterator[ScenarioMaker]:
    """`scenario("limits")` starts from tests/scenarios/limits/; a manifest's text or another folder can be given."""
    made: list[Scenario] = []
    request.node.stash[MADE] = made

    def make(name: str, manifest: str | Path | None = None) -> Scenario:
        folder = tmp_path / name
        folder.mkdir()
        made.append(Scenario(engine, name, folder))
        return made[-1].start_from(manifest or FOLDERS / name)

    yield make
    for one in reversed(made):
        one.clean()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed scenario leaves its evidence while the engine still has it."""
    report = yield
    if report.when == "call" and report.failed:
        report.sections += [(f"scenario {one.project}", _evidence(one)) for one in item.stash.get(MADE, [])]
    return report


def _evidence(failed: Scenario) -> str:
    try:
        return failed.evidence()
    except (OSError, AssertionError) as error:  # a dead engine must not hide why the test failed
        return f"no evidence: {error}\n{failed.engine.log_tail()}"
