"""Compose files where a manifest is expected: applied as they are, converted, and nothing differs after it."""

from __future__ import annotations

import pytest

from tests.support.checks import running
from tests.support.scenario import ScenarioMaker

pytestmark = pytest.mark.newest

COMPOSE = """
name: from-compose
services:
  web:
    image: busybox:1
    command: [sleep, "1000"]
    init: true
    environment: {MODE: 010, GREETING: "${GREETING}"}
    volumes: [data:/data, ./site:/site]
  second: {extends: web, depends_on: [web], deploy: {placement: {constraints: [a == b]}}}
volumes: {data: }
"""


def test_a_compose_file_and_its_manifest_are_the_same(scenario: ScenarioMaker) -> None:
    """After applying a Compose file, the manifest converted from it must plan nothing."""
    s = scenario("from-compose", "containers: {}\n").write("compose.yaml", COMPOSE).environ(GREETING="hello")
    s.apply(running("web"), running("second"), args=("-f", "compose.yaml"))
    s.run("convert", "compose.yaml", "--out", "converted.yaml").plan({}, args=("-f", "converted.yaml"))
    s.destroy(args=("-f", "compose.yaml", "--volumes"))
