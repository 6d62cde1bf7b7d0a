"""Apply and destroy in front of a person, on a real engine: what is asked, shown and done, and what Ctrl-C means."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.support.engine_state import read_state
from tests.support.scenario import Scenario, ScenarioMaker
from tests.unit.cli.screens import Screen

QUESTION = "Apply these changes? [y/N] "
FINISHING = "Finishing the running steps; press Ctrl-C again to stop at once."
SHOP = """
volumes: {data: {}}
containers:
  web: {image: "busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, volumes: ["data:/data"]}
"""
NEVER_HEALTHY = """
containers:
  db:
    image: "busybox:1"
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    healthcheck: {test: [CMD, "false"], interval: 60s}
  web:
    image: "busybox:1"
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    depends_on: {db: {condition: service_healthy}}
"""
SLOW_TO_STOP = """
containers:
  web: {image: "busybox:1", command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"], stop_grace_period: 20s}
"""


class Conversation(Screen):
    """One run of the program whose terminal is the test's."""

    def __init__(self, person: int, process: subprocess.Popen[str]) -> None:
        super().__init__(person)
        self._process = process

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def exit_code(self, within: float = 30) -> int:
        return self._process.wait(timeout=within)

    def rest(self) -> str:
        """What is left on the screen of a program that has ended; a terminal without a program can't be read."""
        text = b""
        with suppress(OSError):
            while part := os.read(self._person, 4096):
                text += part
        return text.decode()

    def results(self) -> dict[str, Any]:
        """The document on stdout."""
        document: dict[str, Any] = json.loads(self._process.communicate(timeout=30)[0])
        return document


@contextmanager
def conversation(scenario: Scenario, *words: str) -> Iterator[Conversation]:
    """Starts the program with a terminal for its input and its messages; its results go to a pipe."""
    person, program = os.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER", "NO_COLOR"))}
    environment |= {"DOCKER_HOST": scenario.engine.host, "DOCKER_CONFIG": str(scenario.folder), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "dockerdecl", *words],
        cwd=scenario.folder,
        env=environment,
        stdin=program,
        stdout=subprocess.PIPE,
        stderr=program,
        text=True,
    )
    os.close(program)
    try:
        with os.fdopen(person, "wb", buffering=0):
            yield Conversation(person, process)
    finally:
        process.kill()
        process.communicate()


def test_a_no_changes_nothing(scenario: ScenarioMaker) -> None:
    shop = scenario("shop", SHOP)
    with conversation(shop, "apply") as person:
        person.seen(QUESTION)
        person.type("n\n")
        person.seen("Nothing was changed.")
        assert person.exit_code() == 1
    assert not read_state(shop.engine).labelled("shop")


def test_ctrl_c_at_a_question_changes_nothing(scenario: ScenarioMaker) -> None:
    shop = scenario("shop", SHOP)
    with conversation(shop, "apply") as person:
        person.seen(QUESTION)
        person.interrupt()
        assert person.exit_code() == 130
        assert "Traceback" not in person.rest()
    assert not read_state(shop.engine).labelled("shop")


def test_a_yes_applies_the_plan_that_was_shown(scenario: ScenarioMaker) -> None:
    shop = scenario("shop", SHOP)
    with conversation(shop, "apply", "--format", "json") as person:
        assert "container.web" in person.seen(QUESTION)
        person.type("y\n")
        report = person.results()
    assert report["outcome"] == "succeeded"
    shop.plan({})


def test_data_goes_only_for_the_name_of_the_project(scenario: ScenarioMaker) -> None:
    shop = scenario("shop", SHOP).apply()
    with conversation(shop, "destroy", "--volumes") as person:
        assert "shop_data" in person.seen("to go on: ")
        person.type("y\n")
        assert person.exit_code() == 1
    shop.plan({})
    with conversation(shop, "destroy", "--volumes") as person:
        person.seen("to go on: ")
        person.type("shop\n")
        assert person.exit_code() == 0
    assert not read_state(shop.engine).labelled("shop")


def test_what_was_adopted_goes_only_for_the_name_of_the_project(scenario: ScenarioMaker) -> None:
    """A question that names what goes stands in for `--allow-loss`; any other answer changes nothing."""
    shop = scenario("shop", "networks: {back: {}}\n")
    shop.by_hand("docker network create shop_back").run("adopt", "network.back", "--yes")
    shop.edit(old="networks: {back: {}}\n", new="networks: {}\n")
    for answer, exit_code in (("y\n", 1), ("shop\n", 0)):
        with conversation(shop, "apply") as person:
            assert "network.back: shop_back was adopted" in person.seen("to go on: ")
            person.type(answer)
            assert person.exit_code() == exit_code
        assert ("network shop_back" in read_state(shop.engine).names()) is (exit_code == 1)


def test_ctrl_c_ends_a_wait_and_begins_nothing_more(scenario: ScenarioMaker) -> None:
    shop = scenario("shop", NEVER_HEALTHY)
    with conversation(shop, "apply", "--format", "json") as person:
        person.seen(QUESTION)
        person.type("y\n")
        person.seen("wait until shop-db is healthy")
        person.interrupt()
        person.seen(FINISHING)
        report = person.results()
        assert person.exit_code() == 130
    assert report["outcome"] == "interrupted"
    outcomes = {(step["verb"], step["address"]): step["outcome"] for step in report["steps"]}
    assert outcomes["start", "container.db"] == "done"
    assert outcomes["start", "container.web"] == "skipped"
    shop.plan({"container.web": "start"})


def test_a_second_ctrl_c_waits_for_nothing(scenario: ScenarioMaker) -> None:
    shop = scenario("shop", SLOW_TO_STOP).apply()
    with conversation(shop, "destroy", "--yes") as person:
        person.seen("stop shop-web")
        person.interrupt()
        person.seen(FINISHING)
        person.interrupt()
        assert person.exit_code(within=3) == 130
        assert "\x1b[?25h" in person.seen("\x1b[?25h")
