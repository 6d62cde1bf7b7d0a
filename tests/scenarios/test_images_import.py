"""Images made of a root file system: present when their layer is, with the same changes."""

from __future__ import annotations

import gzip

from scripts.busybox_image import busybox_rootfs_tar
from tests.support.checks import environment, replaced, running, same_container, says
from tests.support.image_checks import imported, nothing_stopped
from tests.support.images import BUSYBOX
from tests.support.scenario import ScenarioMaker

ROOT = busybox_rootfs_tar()
OTHER_ROOT = ROOT + bytes(10240)  # other bytes, the same files
APPLICATION = """
images:
  base:
    ref: base:1
    import: root.tar
    changes: ["ENV PATH=/bin RELEASE=1", 'CMD ["sleep", "9999"]', "EXPOSE 80", "LABEL made.by=hand"]
containers:
  app: {image: base, stop_signal: KILL, network_mode: bridge}
"""


def test_a_root_file_system_is_imported_once(scenario: ScenarioMaker) -> None:
    """Every import makes another image, so the same file must not be imported again."""
    s = scenario("once", APPLICATION).edit("ref: once/base:1").write("root.tar", ROOT)
    s.plan({"image.base": "create", "container.app": "create"})
    s.apply(imported(1), running("app"), environment("app", RELEASE="1"))
    s.apply(imported(0), same_container("app"))


def test_compressing_a_root_file_system_changes_nothing(scenario: ScenarioMaker) -> None:
    """The layer is of what is in the file."""
    s = scenario("compressed", APPLICATION).write("root.tar", ROOT).apply()
    s.write("root.tar", gzip.compress(ROOT)).apply(imported(0), same_container("app"))


def test_other_changes_make_another_image(scenario: ScenarioMaker) -> None:
    """The instructions are as much a part of the image as the files; what has them already only needs its tag back."""
    s = scenario("changes", APPLICATION).write("root.tar", ROOT).apply()
    s.edit(old="RELEASE=1", new="RELEASE=2").plan({"image.base": "update", "container.app": "replace"})
    s.check(says("image.base changes"))
    s.apply(imported(1), replaced("app"), environment("app", RELEASE="2"))
    s.edit(old="RELEASE=2", new="RELEASE=1").apply(imported(0), replaced("app"), environment("app", RELEASE="1"))


def test_another_root_file_system_makes_another_image(scenario: ScenarioMaker) -> None:
    """A changed file is another layer."""
    s = scenario("content", APPLICATION).write("root.tar", ROOT).apply()
    s.write("root.tar", OTHER_ROOT).plan({"image.base": "update", "container.app": "replace"})
    s.apply(imported(1), replaced("app"))


def test_a_tag_moved_by_hand_is_put_right(scenario: ScenarioMaker) -> None:
    """The import is still on the engine without a name, and gets it back."""
    s = scenario("moved", APPLICATION).write("root.tar", ROOT).apply()
    s.by_hand(f"docker tag {BUSYBOX} base:1").plan({"image.base": "update"})
    s.apply(imported(0), same_container("app"))


def test_an_instruction_that_the_engine_refuses_stops_nothing(scenario: ScenarioMaker) -> None:
    """An engine says only while importing which instructions it takes; nothing may have been stopped for it."""
    s = scenario("refused", APPLICATION).write("root.tar", ROOT).apply()
    s.edit(old='"EXPOSE 80"', new='"RUN true"').edit(old="app: {", new="app: {hostname: other, ")
    s.run("apply", "--yes", expect=1)
    s.check(says(r"(?i)run is not a valid change command"), says("image.base"), nothing_stopped(), running("app"))


def test_a_stop_signal_is_imported_where_the_engine_can(scenario: ScenarioMaker) -> None:
    """STOPSIGNAL is for engines after 20.10, which refuses it: a clear error, and nothing stopped."""
    s = scenario("signal", APPLICATION).write("root.tar", ROOT).apply()
    s.edit(old='"EXPOSE 80"', new='"STOPSIGNAL KILL"')
    if s.engine.version.startswith("20."):
        s.run("apply", "--yes", expect=1)
        s.check(says("stopsignal is not a valid change command"), says("image.base"), nothing_stopped(), running("app"))
    else:
        s.apply(imported(1), replaced("app"))
