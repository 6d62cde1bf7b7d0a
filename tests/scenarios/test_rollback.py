"""A bad release goes back: by a command, or by itself; to the same manifest with the same images."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.busybox_image import busybox_rootfs_tar
from tests.support.checks import absent, environment, file_content, kept, replaced, running, same_container, says
from tests.support.engine_state import read_state
from tests.support.engines import PrivateEngine
from tests.support.history import told
from tests.support.image_checks import no_image, pulled
from tests.support.registry import Registry, registry
from tests.support.scenario import Check, Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
secrets: {password: {environment: PASSWORD}}
configs: {motd: {file: motd.txt}}
containers:
  web:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    environment: {LOG_LEVEL: info, API_TOKEN: "${API_TOKEN}"}
    configs: [{source: motd, target: /motd}]
    secrets: [password]
  db: {image: "busybox:1", command: sleep 9999, stop_grace_period: 0s}
"""
RELEASE = """
images:
  app: {ref: "REGISTRY/shop/app:1", pull: PULL}
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""
IMPORTED = """
secrets: {key: {file: key}}
images: {app: {ref: "app:1", import: root.tar, changes: ["LABEL v=1"]}}
containers:
  app: {image: app, command: sleep 9999, stop_grace_period: 0s}
"""
FAILING = 'healthcheck: {test: "false", interval: 100ms, retries: 1}'


@pytest.fixture(scope="module")
def hub(engine: PrivateEngine) -> Iterator[Registry]:
    """A registry beside the engine."""
    with registry(engine) as one:
        yield one


def test_a_rollback_brings_back_what_an_earlier_revision_declared(scenario: ScenarioMaker) -> None:
    """Files are as they were then, though they are others now; secrets are as they are now."""
    s = scenario("back", SHOP).write("motd.txt", "one\n").environ(PASSWORD="correct horse", API_TOKEN="abcdef-1")
    s.secret("abcdef-1").secret("abcdef-2").apply(running("web"))
    s.edit(old="LOG_LEVEL: info", new="LOG_LEVEL: debug").write("motd.txt", "two\n").environ(API_TOKEN="abcdef-2")
    s.edit(old="  db:", new="  cache:").apply(absent("container.db"))
    s.run("rollback", "--yes").check(running("db"), absent("container.cache"), file_content("web", "/motd", "one\n"))
    s.check(environment("web", LOG_LEVEL="info", API_TOKEN="abcdef-2"), replaced("web"))
    assert told(s)[0] == (3, "rollback", "succeeded")
    s.run("rollback", "1", "--yes").check(same_container("web"), says("No changes"))
    s.run("rollback", "--yes").check(running("cache"), environment("web", LOG_LEVEL="debug"))
    s.run("rollback", "9", "--yes", expect=1).check(says("has no revision 9"), running("cache"))


def test_a_rollback_needs_no_files_but_says_what_is_gone(scenario: ScenarioMaker) -> None:
    """On a host without a checkout the project's name is enough; what was secret is asked for before it begins."""
    s = scenario("bare", SHOP).write("motd.txt", "one\n").environ(PASSWORD="correct horse", API_TOKEN="abcdef-1")
    s.secret("abcdef-1").apply().edit(old="LOG_LEVEL: info", new="LOG_LEVEL: debug").apply()
    (s.folder / "dockerdecl.yaml").unlink()
    s.run("rollback", "--yes", expect=3).check(says("there is no `dockerdecl.yaml`"))
    s.run("rollback", "-p", "bare", "--yes").check(environment("web", LOG_LEVEL="info", API_TOKEN="abcdef-1"))
    s.by_hand("docker rm -f bare-web").environ(PASSWORD="")
    s.run("rollback", "2", "-p", "bare", "--yes", expect=1)
    s.check(says("needs a value for `containers.web.environment.API_TOKEN`"), absent("container.web"))


def test_a_rollback_after_a_destroy_brings_the_project_back(scenario: ScenarioMaker) -> None:
    """Taking a project down is no revision to go back to, but one to go back from."""
    s = scenario(
        "revived",
        "volumes: {data: {}}\n" + SHOP.partition("containers:")[1] + "\n  web: {image: busybox:1, "
        "command: sleep 9999, stop_grace_period: 0s, volumes: ['data:/data']}\n",
    ).apply()
    s.by_hand("docker exec revived-web touch /data/precious").run("destroy", "--yes")
    s.run("rollback", "--yes").check(running("web"))
    assert s.engine.docker("exec", "revived-web", "ls", "/data").strip() == "precious"
    s.run("rollback", "2", "--yes", expect=1).check(says("took revived down"))


@pytest.mark.parametrize("pull", ["missing", "always"])
def test_a_rollback_takes_the_very_image_of_then(scenario: ScenarioMaker, hub: Registry, pull: str) -> None:
    """A tag that moved means the old image again; one that is gone is pulled by its digest, or its absence is said."""
    app = f"{hub.address}/shop/app:1"
    s = scenario(f"pinned-{pull}", RELEASE.replace("REGISTRY", hub.address).replace("PULL", pull))
    hub.offer(app, "one")
    s.apply(environment("app", RELEASE="one"))
    hub.offer(app, "two")
    s.by_hand(f"docker pull {app}").apply(environment("app", RELEASE="two"))
    s.run("rollback", "--yes").check(pulled(0), environment("app", RELEASE="one"))
    s.run("destroy", "--yes")
    for image in s.engine.docker("images", "-q", f"{hub.address}/shop/app").split():
        s.by_hand(f"docker rmi -f {image}")
    s.check(no_image(app)).run("rollback", "3", "--yes").check(pulled(1), environment("app", RELEASE="one"))


def test_an_image_that_is_gone_is_told_before_anything_is_touched(scenario: ScenarioMaker) -> None:
    """What was imported or built here can't be had from anywhere else."""
    s = (
        scenario("gone", IMPORTED)
        .write("key", "correct horse")
        .write("root.tar", busybox_rootfs_tar())
        .apply(running("app"))
    )
    first = s.engine.docker("images", "-q", "--no-trunc", "app:1").strip()
    s.edit(old="v=1", new="v=2").apply(replaced("app")).by_hand(f"docker rmi -f {first}")
    s.run("rollback", "--yes", expect=1).check(says("the image that app:1 was .* is no longer"), same_container("app"))
    (s.folder / "key").unlink()
    s.edit(old="key: {file: key}", new="key: {content: other}").run("rollback", "1", "--yes", expect=1)
    s.check(says("revision 1: the file .*key does not exist"), says("app:1 was .* is no longer"))


def test_the_images_that_a_project_brought_go_with_it(scenario: ScenarioMaker) -> None:
    """Also those that lost their name to a later one, or whose reference is declared no more; nobody else's do."""
    s = scenario("brought", IMPORTED).write("key", "correct horse").write("root.tar", busybox_rootfs_tar()).apply()
    before = set(s.before.images)
    s.edit(old="v=1", new="v=2").apply().edit(old="app:1", new="other:1").edit(old="v=2", new="v=3").apply()
    s.run("destroy", "--yes", "--images").check(present_images(before))


def test_a_failed_apply_goes_back_by_itself(scenario: ScenarioMaker) -> None:
    """Health that doesn't come in time is a failure; all of the project is as before, and the exit code tells of it."""
    s = (
        scenario("self", SHOP)
        .write("motd.txt", "one\n")
        .environ(PASSWORD="correct horse", API_TOKEN="abcdef-1")
        .apply()
    )
    s.edit(
        old="  db: {",
        new="  new: {image: busybox:1, command: sleep 9, stop_grace_period: 0s}\n  db: {" + FAILING + ", ",
    )
    s.apply(expect=1, args=["--rollback", "--format", "json"])
    report = s.last.json()
    assert (report["outcome"], report["revision"]) == ("rolled-back", 2)
    assert (report["rollback"]["back_to"], report["rollback"]["revision"]) == (1, 3)
    s.check(running("web"), running("db"), absent("container.new"))
    assert told(s)[:2] == [(3, "rollback", "succeeded"), (2, "apply", "failed")]
    s.edit(old="secrets: {password", new="on_failure: rollback\nsecrets: {password").apply(expect=1)
    s.check(says("Rolled back to revision 3"), running("db"), absent("container.new"), kept("web"))


def test_a_first_apply_that_fails_has_nothing_to_go_back_to(scenario: ScenarioMaker) -> None:
    """It says so, and leaves what was done for the next apply."""
    s = scenario("first", "containers:\n  web: {image: 'busybox:1', command: /nowhere}\n")
    s.apply(expect=1, args=["--rollback"]).check(says("could not be rolled back: first has no earlier revision"))


def present_images(ids: set[str]) -> Check:
    """Just these images are on the engine."""

    def check(s: Scenario) -> None:
        assert set(read_state(s.engine).images) == ids, f"there are other images than before:\n{s.last}"

    return check
