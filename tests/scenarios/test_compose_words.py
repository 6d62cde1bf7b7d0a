"""What Compose has words for beside the plain fields: hooks, profiles, builds, platforms, links to others."""

from __future__ import annotations

import pytest

from scripts.busybox_image import busybox_rootfs_tar
from tests.support.checks import (
    absent,
    environment,
    file_content,
    mounted,
    named,
    present,
    replaced,
    running,
    says,
)
from tests.support.scenario import ScenarioMaker

HOOKED = """
volumes: {data: {}}
containers:
  web:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    volumes: ["data:/data"]
    post_start:
      - {command: sh -c 'echo "$$A $$B" > /data/started', environment: {A: one, B: null}}
      - command: [sh, -c, "id -u > /data/user; pwd > /data/folder"]
        user: "0"
        working_dir: /tmp
    pre_stop: [{command: sh -c 'echo ended >> /data/ended'}]
    environment: {LOG_LEVEL: info}
"""

MANY = """
images: {tool: {ref: "tool:1", build: {context: tool}}}
containers:
  built: {build: built, command: sleep 9999, stop_grace_period: 0s, label_file: app.labels}
  scaled: {image: tool, scale: 2, deploy: {resources: {limits: {memory: 16m}}}, state: created}
  linked: {image: "busybox:1", state: created, external_links: ["others:db"], network_mode: bridge}
  talks: {image: "busybox:1", state: created, use_api_socket: true}
  seeing: {image: "busybox:1", state: created, security_opt: ["systempaths=unconfined", "no-new-privileges"]}
  debug: {image: "busybox:1", state: created, profiles: [debug]}
"""


@pytest.mark.newest
def test_hooks_run_after_each_start_and_before_each_stop(scenario: ScenarioMaker) -> None:
    """Commands must run as they are declared; others make another container; where one fails, the old one returns."""
    s = scenario("hooked", HOOKED).environ(B="two")
    s.apply(running("web"), file_content("web", "/data/started", "one two\n"))
    s.check(file_content("web", "/data/folder", "/tmp\n"), file_content("web", "/data/user", "0\n"))
    s.edit("environment: {LOG_LEVEL: debug}").apply(replaced("web"), file_content("web", "/data/ended", "ended\n"))
    s.by_hand("docker stop -t 0 hooked-web").by_hand("docker run --rm -v hooked_data:/d busybox:1 rm /d/started")
    s.apply(running("web"), file_content("web", "/data/started", "one two\n"))
    s.edit(old="echo ended", new="echo closed").plan({}).edit(old="id -u", new="echo no database; exit 3")
    s.plan({"container.web": "replace"})
    s.apply(says("exit code 3"), says("no database"), running("web"), named("web", "hooked-web"), expect=1)
    s.edit(old="echo no database; exit 3", new="id -u").plan({})
    s.destroy().by_hand("docker run --rm -v hooked_data:/d busybox:1 grep closed /d/ended")


FOREIGN = """
images: {arm: {ref: "arm:1", import: rootfs.tar, changes: ["CMD sleep 9"]}}
containers: {foreign: {image: arm, platform: linux/arm64, state: created}}
"""


def test_an_image_is_made_for_the_platform_that_is_declared(scenario: ScenarioMaker) -> None:
    """One for another platform must be made anew, with its containers, where the engine can."""
    s = scenario("platform", FOREIGN).write("rootfs.tar", busybox_rootfs_tar())
    if s.engine.version.startswith("20."):  # which makes every import one for its own platform
        s.apply(says("does not match the specified platform"), expect=1).edit(old="linux/arm64", new="linux/amd64")
        s.apply(present("container.foreign"))
        return
    s.apply(present("container.foreign"))
    assert s.engine.api("GET", "/images/arm:1/json")["Architecture"] == "arm64"
    s.edit(old="linux/arm64", new="linux/amd64").plan({"image.arm": "update", "container.foreign": "replace"})
    s.apply(replaced("foreign"))


def test_words_of_compose_do_what_they_say(scenario: ScenarioMaker) -> None:
    """Each must be carried out, and be no difference afterwards; what no profile asks for is left as it is."""
    s = scenario("words", MANY)
    s.write("tool/Dockerfile", "FROM busybox:1\nENV TOOL=1\n")
    s.write("built/Dockerfile", "FROM busybox:1\nENV BUILT=1\n").write("app.labels", "team=shop\n")
    s.by_hand("docker create --name others busybox:1 sleep 9999").by_hand("docker start others")
    s.apply(environment("built", BUILT="1"), environment("scaled[2]", TOOL="1"), absent("container.debug"))
    assert s.container("built")["Config"]["Labels"]["team"] == "shop"
    s.check(mounted("talks", "/var/run/docker.sock", source="/var/run/docker.sock"))
    assert s.container("scaled[1]")["HostConfig"]["Memory"] == 16 << 20
    seeing = s.container("seeing")["HostConfig"]
    assert (seeing["MaskedPaths"], seeing["ReadonlyPaths"]) == ([], [])
    assert s.container("linked")["HostConfig"]["Links"] == ["/others:/words-linked/db"]
    s.apply(present("container.debug"), args=["--profile", "debug"])
    s.plan({}).check(says("none of its profiles is active"), present("container.debug"))
    s.destroy(absent("container.debug"))
