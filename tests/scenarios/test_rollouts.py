"""Replacements without an outage: the new one first, in batches, watched, and taken back as a whole."""

from __future__ import annotations

import pytest

from tests.support.checks import environment, kept, mounted, named, replaced, running, same_container, says
from tests.support.eventually import eventually
from tests.support.scenario import Check, Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

# A server that ends well: it takes nothing new, and has a moment for what it has begun. What it answers is its version.
# The client does what most do: it tries one address of the name after the other.
WEB = """
containers:
  web:
    image: busybox:1
    stop_grace_period: 1s
    environment: {VERSION: "1", MODE: serve}
    command:
      - sh
      - -c
      - |
        [ $$MODE = silent ] && exec sleep 9999
        echo $$VERSION > /www/index.html
        httpd -f -p 80 -h /www & server=$$!
        trap 'kill $$server; sleep 0.5; exit 0' TERM
        [ $$MODE = serve ] && wait
        until [ -e /healthy ]; do sleep 0.1; done
        sleep 0.5; echo out of luck; exit 7
    volumes: [/state]
    healthcheck:
      test: wget -q -O /healthy http://127.0.0.1/
      interval: 300ms
      retries: 2
    replace: {order: start-first, monitor: 2s}
  client:
    image: busybox:1
    stop_grace_period: 0s
    command:
      - sh
      - -c
      - |
        ask() {
          for address in $$(nslookup web | sed -n '/^Name/,$$ s/^Address[ 0-9]*: *//p'); do
            timeout 2 wget -q -O - http://$$address/ 2>/dev/null && return
          done
          echo FAILED
        }
        until ask | grep 1; do :; done
        while :; do ask; sleep 0.02; done
"""


def answered(version: str) -> Check:
    """Every request since the beginning was answered, and the newest ones by this version."""

    def check(s: Scenario) -> None:
        before = len(answers(s))
        eventually(lambda: _further(s, before))
        found = answers(s)
        assert "FAILED" not in found, f"{found.count('FAILED')} of {len(found)} requests failed"
        assert {*found[-3:]} == {version}, found[-3:]

    return check


def _further(s: Scenario, before: int) -> None:
    assert len(answers(s)) > before + 5


def answers(s: Scenario) -> list[str]:
    return s.engine.docker("logs", f"{s.project}-client").split()


def state_volume(s: Scenario, key: str = "web") -> str:
    return next(str(mount["Name"]) for mount in s.container(key)["Mounts"] if mount["Destination"] == "/state")


def test_a_release_without_an_outage(scenario: ScenarioMaker) -> None:
    """No request must fail, whether the new version never becomes healthy, dies while it is watched, or stands."""
    s = scenario("outage", WEB).apply(running("web"), running("client"), answered("1"))
    volume = state_volume(s)
    s.edit('environment: {VERSION: "2", MODE: silent}')
    s.apply(same_container("web"), says("is unhealthy"), says("Connection refused"), answered("1"), expect=1)
    s.edit('environment: {VERSION: "3", MODE: unlucky}')
    s.apply(same_container("web"), says("ended while it was watched"), says("exit code 7"), expect=1)
    s.check(says("out of luck"), named("web", "outage-web"), answered("1"))
    s.edit('environment: {VERSION: "4", MODE: serve}')
    s.apply(replaced("web"), same_container("client"), mounted("web", "/state"), answered("4"))
    assert state_volume(s) == volume, "the anonymous volume did not go over"
    client = s.container("client")["Id"]
    assert s.engine.docker("exec", client, "wget", "-q", "-O", "-", "http://outage-web/").split() == ["4"]


# The first of a version stands, and every other one fails. What has an address takes part in the same runs.
REPLICAS = """
volumes: {shared: {}}
networks: {fixed: {ipam: {config: [{subnet: 10.217.0.0/24}]}}}
containers:
  web:
    image: busybox:1
    replicas: 3
    stop_grace_period: 0s
    environment: {WEB: "1"}
    command: sh -c '[ $$WEB = 1 ] || mkdir /shared/$$WEB || exit 9; sleep 9999'
    volumes: ["shared:/shared"]
    replace: {max_parallel: 1, order: stop-first}
  static:
    image: busybox:1
    stop_grace_period: 0s
    environment: {STATIC: "1"}
    command: sleep 9999
    networks: {fixed: {ipv4_address: 10.217.0.5}}
    volumes: [/state]
    replace: {order: start-first}
"""


def test_a_rollout_stops_at_the_batch_that_fails_and_goes_back(scenario: ScenarioMaker) -> None:
    """All replicas must run the old version again, in either order, and those after the failing batch are untouched.

    With a static address in common the old one must stop first, with another one it must not.
    """
    s = scenario("batches", REPLICAS).apply(*(running(f"web[{number}]") for number in (1, 2, 3)))
    volume = state_volume(s, "static")
    old, older = s.container("web[2]")["Id"], s.container("static")["Id"]
    s.edit(old='WEB: "1"', new='WEB: "2"').edit(old='STATIC: "1"', new='STATIC: "2"')
    s.apply(says("exit code 9"), kept("web[1]"), kept("web[2]"), same_container("web[3]"), expect=1)
    s.check(*all_of_version("1"), replaced("static"), says("need the address 10.217.0.5"))
    static = s.container("static")["Id"]
    assert moment(s, older, "die") < moment(s, static, "start")
    assert moment(s, old, "start") - moment(s, old, "die") < 10, "the old one was not back at once"
    assert state_volume(s, "static") == volume
    s.edit(old="order: stop-first", new="order: start-first").edit(old='WEB: "2"', new='WEB: "3"')
    s.edit(old='STATIC: "2"', new='STATIC: "3"').edit(old="10.217.0.5", new="10.217.0.6")
    s.apply(says("exit code 9"), kept("web[1]"), same_container("web[2]"), same_container("web[3]"), expect=1)
    s.check(*all_of_version("1"), replaced("static"))
    assert moment(s, s.container("static")["Id"], "start") < moment(s, static, "die")
    assert state_volume(s, "static") == volume


def all_of_version(version: str) -> list[Check]:
    keys = [f"web[{number}]" for number in (1, 2, 3)]
    return [check for key in keys for check in (running(key), environment(key, WEB=version))]


def moment(s: Scenario, container_id: str, action: str) -> float:
    """When the last run did this to a container, in seconds."""
    return next(event.time for event in s.last.events if (event.id, event.action) == (container_id, action)) / 10**9
