"""What a user meets in a week: a change, something done by hand, a release that fails, somebody else's things."""

from __future__ import annotations

from tests.support.checks import (
    absent,
    environment,
    file_content,
    http_ok,
    log,
    memory,
    mounted,
    named,
    network_attached,
    present,
    replaced,
    running,
    same_container,
    says,
    state,
)
from tests.support.scenario import ScenarioMaker

ONE = """
containers:
  web:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    mem_limit: 32m
    environment: {LOG_LEVEL: info}
"""

SHOP = """
networks: {back: {}}
volumes: {data: {}}
secrets: {password: {environment: DB_PASSWORD}}
containers:
  store: {image: busybox:1, state: created, volumes: ["data:/data"]}
  db:
    image: www:1
    volumes_from: [store]
    secrets: [{source: password, target: db, mode: "0400", uid: "1000"}]
    networks: [back]
    stop_signal: KILL
  web:
    image: www:1
    links: ["db:database"]
    depends_on: {db: {condition: service_healthy}}
    ports: ["127.0.0.1:8080:80"]
    networks: [back]
    stop_signal: KILL
"""


def test_a_limit_changes_in_place(scenario: ScenarioMaker) -> None:
    """A changed memory limit must not replace or restart the container; taking it away has to."""
    s = scenario("limits", ONE).apply(running("web"), memory("web", "32m"))
    s.edit("mem_limit: 64m").plan({"container.web": "update"}).apply(same_container("web"), memory("web", "64m"))
    s.edit(old="    mem_limit: 64m\n", new="").plan({"container.web": "replace"}).apply(replaced("web"))


def test_an_application_comes_up_in_order_and_goes_down_whole(scenario: ScenarioMaker) -> None:
    """Link, data container, shared volume, secret and published port must work together, and leave nothing behind."""
    s = scenario("shop", SHOP).environ(DB_PASSWORD="correct horse")
    s.apply(state("store", "created"), running("db"), running("web"), http_ok(8080))
    s.check(mounted("db", "/data", source="shop_data"), network_attached("web", "back", alias="web"))
    s.check(file_content("db", "/run/secrets/db", "correct horse"))
    s.environ(DB_PASSWORD="battery staple").plan({"container.db": "replace"})
    s.apply(replaced("db"), same_container("web"), file_content("db", "/run/secrets/db", "battery staple"))
    s.destroy(present("volume.data")).destroy(absent("volume.data"), args=["--volumes"])


def test_what_is_done_by_hand_is_seen_and_mended(scenario: ScenarioMaker) -> None:
    """A stop, a rename, another limit and a lost network must each be named by the next plan and mended by apply."""
    s = scenario("drift", ONE).apply(running("web"))
    s.by_hand("docker stop -t 0 drift-web").plan({"container.web": "start"}).apply(running("web"))
    s.by_hand("docker rename drift-web other").plan({"container.web": "update"})
    s.apply(same_container("web"), named("web", "drift-web"))
    s.by_hand("docker update --memory 64m --memory-swap 64m drift-web").plan({"container.web": "update"})
    s.apply(same_container("web"), memory("web", "32m"))
    s.by_hand("docker network disconnect drift_default drift-web").plan({"container.web": "update"})
    s.apply(same_container("web"), network_attached("web", "default", alias="web"))
    s.by_hand("docker pause drift-web").plan({"container.web": "start"}).apply(same_container("web"), running("web"))
    s.by_hand("docker rm -f drift-web").plan({"container.web": "create"}).apply(running("web"))


def test_a_release_that_exits_gives_way_to_the_old_one(scenario: ScenarioMaker) -> None:
    """When the new container exits at once, the old one must run again, and the error must say why."""
    s = scenario("release", ONE).apply(running("web"))
    before = s.container("web")["Id"]
    s.edit("command: sh -c 'echo no database; exit 3'")
    s.apply(says("exit code 3"), says("no database"), running("web"), named("web", "release-web"), expect=1)
    assert s.container("web")["Id"] == before
    s.edit("command: 'true'").apply(says("a process that keeps running"), running("web"), expect=1)
    s.edit("command: nonesuch").apply(says("nonesuch"), running("web"), expect=1)
    s.edit("command: sleep 8888").apply(replaced("web"), running("web"))


def test_a_release_that_never_gets_healthy_gives_way(scenario: ScenarioMaker) -> None:
    """When the new container's check fails, the old one must run again."""
    healthy = ONE + "    healthcheck: {test: [CMD, 'true'], interval: 500ms, retries: 2}\n"
    s = scenario("health", healthy).apply(running("web"))
    s.edit(old="'true'", new="'false'").apply(says("unhealthy"), running("web"), expect=1)
    s.edit(old="'false'", new="'true'").plan({})


def test_a_job_runs_once_and_again_when_it_changes(scenario: ScenarioMaker) -> None:
    """A one-shot must have completed before its dependant starts, and must not run again without need."""
    s = scenario(
        "job",
        """
containers:
  migrate: {image: busybox:1, command: echo one, state: completed}
  app:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    depends_on: {migrate: {condition: service_completed_successfully}}
""",
    )
    s.apply(state("migrate", "exited"), log("migrate", "one"), running("app"))
    s.edit(old="echo one", new="echo two").apply(log("migrate", "two"), same_container("app"))
    s.edit(old="echo two", new="sh -c 'exit 4'").apply(says("exit code 4"), expect=1)


def test_others_things_are_named_and_can_be_adopted(scenario: ScenarioMaker) -> None:
    """A foreign container of the name must stop the plan, and adoption must not touch it."""
    s = scenario(
        "foreign", ONE.replace("    mem_limit: 32m\n    environment: {LOG_LEVEL: info}\n", "    network_mode: bridge\n")
    )
    s.by_hand("docker run -d --name foreign-web --stop-timeout 0 busybox:1 sleep 9999")
    s.run("apply", "--yes", expect=1).check(says("not-ours"), says("dockerdecl adopt container.web"))
    s.run("adopt", "container.web", "--yes").plan({})


def test_a_replacement_follows_a_changed_environment(scenario: ScenarioMaker) -> None:
    """A changed variable must replace the container, and a replacement must be found though nothing differs."""
    s = scenario("environment", ONE).apply(environment("web", LOG_LEVEL="info"))
    s.edit("environment: {LOG_LEVEL: debug}").apply(replaced("web"), environment("web", LOG_LEVEL="debug"))
    s.apply(replaced("web"), args=["--replace", "container.web"])


def test_a_container_may_leave_the_network_that_it_was_created_on(scenario: ScenarioMaker) -> None:
    """It moves in place as long as that network is there; once it is gone, engines connect it nowhere else."""
    s = scenario(
        "moving",
        "networks: {a: {}}\ncontainers:\n  web: {image: 'busybox:1', command: sleep 9999, stop_grace_period: 0s, "
        "networks: [a]}\n",
    ).apply(network_attached("web", "moving_a"))
    s.edit(old="networks: {a: {}}", new="networks: {b: {}}").edit(old="networks: [a]", new="networks: [b]")
    s.apply(same_container("web"), network_attached("web", "moving_b"))
    s.edit(old="networks: {b: {}}", new="networks: {a: {}, b: {}, c: {}}").edit(
        old="networks: [b]", new="networks: [b, c]"
    )
    s.apply(same_container("web"), network_attached("web", "moving_c"))
    s.edit(old="networks: {a: {}, b: {}, c: {}}", new="networks: {b: {}, d: {}}").edit(old="[b, c]", new="[b]").apply()
    s.edit(old="networks: [b]", new="networks: [b, d]").apply(replaced("web"), network_attached("web", "moving_d"))
