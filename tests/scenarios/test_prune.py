"""What a project brought and needs no more is cleared away, and nothing else."""

from __future__ import annotations

import pytest

from scripts.busybox_image import busybox_rootfs_tar
from tests.support.checks import absent, present, running, says
from tests.support.engine_state import read_state
from tests.support.scenario import ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
images: {app: {ref: "app:1", import: root.tar, changes: ["LABEL v=1"]}}
volumes: {data: {}, old: {}}
containers:
  app: {image: app, command: sleep 9999, stop_grace_period: 0s, volumes: ["data:/data"]}
"""


def test_only_what_is_needed_no_more_goes(scenario: ScenarioMaker) -> None:
    """Images that lost their name to a later one; never a volume that was not named, and never what others brought."""
    s = scenario("pruned", SHOP).write("root.tar", busybox_rootfs_tar()).apply(running("app"))
    s.run("prune", "--yes").check(says("Nothing to clear away"))
    first = s.engine.docker("images", "-q", "--no-trunc", "app:1").strip()
    s.edit(old="v=1", new="v=2").edit(old=", old: {}", new="").apply()
    others = set(s.after.images) - {first}
    s.by_hand(f"docker create --name pruned-user {first} true")
    s.run("prune", "--yes").check(says("volume.old"), present("volume.old"))
    assert first in read_state(s.engine).images, "a container of others uses it"
    s.by_hand("docker rm pruned-user").run("prune", "--yes").check(says("remove the image sha256:"))
    assert set(read_state(s.engine).images) == others
    s.by_hand("docker run -d --name left --label dockerdecl.temporary-for=pruned app:1 sleep 99").plan({})
    s.run("prune", "--yes").check(says("container.left  remove"), says("still runs"))
    assert "left" not in s.engine.docker("ps", "-a", "--format", "{{.Names}}").split()
    s.run("prune", "--yes", "--volume", "volume.data", expect=1).check(says("volume.data is declared"), running("app"))
    s.run("prune", "--yes", "--volume", "volume.none", expect=1).check(says("there is no volume.none"))
    s.run("prune", "--yes", "--volume", "volume.old").check(absent("volume.old"), present("volume.data"))
    s.run("prune", "--yes").check(says("Nothing to clear away")).plan({})
