"""Traps 46 to 53: which image a reference means, what became of it, and what a container has of the old one."""

from __future__ import annotations

import platform
from collections.abc import Callable

from tests.support.images import SHELL, image_id, import_busybox
from tests.support.scenario import Scenario
from tests.support.traps import Forms, Found, Mended, trap

SPELLINGS = {"x86_64": ("amd64", "x86_64"), "aarch64": ("arm64/v8", "aarch64")}
HERE, HERE_TOO = SPELLINGS[platform.machine()]
ELSEWHERE = "arm64" if HERE == "amd64" else "amd64"


def _offered(reference: str, release: str) -> Callable[[Scenario], None]:
    "an image of its own, with an environment, a label and a command that tell its release"
    lines = (*SHELL[1:], f"ENV RELEASE={release}", f"LABEL release={release}", f'CMD ["sleep", "{release}"]')

    def offer(scenario: Scenario) -> None:
        import_busybox(scenario.engine, reference, lines)

    return offer


def _by_id(scenario: Scenario) -> None:
    "a container as another client makes it, from an image by its id"
    labels = {"dockerdecl.project": "traps", "dockerdecl.address": "container.by_id", "dockerdecl.format": "1"}
    body = {"Image": image_id(scenario.engine, "named:1"), "Labels": labels}
    scenario.engine.api("POST", "/containers/create", query={"name": "traps-by_id"}, body=body)


@trap(
    first=[_offered("named:1", "1"), "docker tag named:1 named:also", _by_id],
    named=Forms("image: named:1", again="image: named:also"),
    by_id=Forms("image: named:1", again="image: named:also"),
)
def test_trap_46_a_name_of_the_same_content_is_no_other_image(found: Found) -> None:
    """The engine keeps the reference as written, or the id; what counts is what the declared one means.

    hashicorp/terraform-provider-docker#242; kreuzwerker/terraform-provider-docker#711;
    ansible-collections/community.docker#703, #421, #428
    """
    assert found.live("named", "Config/Image") == "named:1"
    assert found.live("by_id", "Config/Image").startswith("sha256:")
    found.changes()
    assert "container.by_id" not in found.seen.touched


@trap(
    first=[_offered("moving:1", "1")],
    by_hand=[_offered("moving:1", "2")],
    behind=Forms("image: moving:1"),
)
def test_trap_48_a_tag_that_means_another_image_now_is_seen(found: Found) -> None:
    """Pulled or built by hand: the container's words are the same, and its content is the old one.

    docker/compose#9259, #9450
    """
    before, after = found.live("behind", "Image"), image_id(found.engine, "moving:1")
    assert before != after
    found.changes(behind={"image": (before[:19], after[:19])})
    assert found.action("behind") == "replace"


@trap(
    first=[_offered("fading:1", "1")],
    by_hand=["docker rmi -f fading:1"],
    holding=Forms("image: fading:1, command: sleep 9999, state: running, stop_signal: KILL"),
)
def test_trap_50_an_image_without_its_name_is_what_it_was(found: Found) -> None:
    """A container that runs needs no name of its image: that is given back, and nothing is pulled or made anew.

    Measured: what doesn't run loses the image itself to `rmi -f`; then what the image supplied is no difference
    (`image-gone-from-under-a-container` of the planning cases). docker/compose#14014
    """
    (restored,) = [c for c in found.seen.changed["changes"] if c["address"] == "image.fading:1"]
    assert (restored["action"], restored["code"]) == ("create", "missing")
    assert [s["verb"] for s in found.seen.changed["steps"] if s["address"] == "image.fading:1"] == ["tag"]
    found.changes()


@trap(
    short=Forms("image: busybox:1", again="image: docker.io/library/busybox:1"),
    legacy=Forms("image: index.docker.io/library/busybox:1", again="image: docker.io/busybox:1"),
)
def test_trap_51_a_reference_is_short_or_complete(found: Found) -> None:
    """The registry and `library/` that a short name leaves out are the same image's.

    kreuzwerker/terraform-provider-docker#744
    """
    found.changes()


@trap(
    first=[_offered("released:1", "1"), _offered("released:2", "2")],
    updated=Forms(
        "image: released:1, environment: {A: 1}, labels: {x: y}",
        changed="image: released:2, environment: {A: 1}, labels: {x: y}",
    ),
)
def test_trap_52_another_image_brings_its_own_values(found: Found, mended: Mended) -> None:
    """Only the image differs; what the old one supplied was never ours, and doesn't outlive it.

    portainer/portainer#2952, #4142, #4665, #8835, #12072
    """
    before, after = (image_id(found.engine, f"released:{n}") for n in (1, 2))
    found.changes(updated={"image": (before[:19], after[:19])})
    assert sorted(found.live("updated", "Config/Env")) == ["A=1", "PATH=/bin", "RELEASE=1"]
    config = mended.after["container.updated"]["Config"]
    assert sorted(config["Env"]) == ["A=1", "PATH=/bin", "RELEASE=2"]
    assert (config["Cmd"], config["Labels"]["release"], config["Labels"]["x"]) == (["sleep", "2"], "2", "y")


@trap(
    first=[_offered("pinned:1", "1")],
    pinned=Forms(f"image: pinned:1, platform: linux/{HERE}", again=f"image: pinned:1, platform: linux/{HERE_TOO}"),
)
def test_trap_53_a_platform_has_several_names_and_another_one_is_another_image(found: Found) -> None:
    """The engine keeps no platform with a container; its image has one, and that is compared by meaning.

    docker/compose#14011; ansible-collections/community.docker#654, #705
    """
    found.changes()
    s = found.seen.scenario
    text = f'containers: {{pinned: {{image: "pinned:1", platform: linux/{ELSEWHERE}, state: created}}}}\n'
    s.write("elsewhere.yaml", f"apiVersion: dockerdecl/v1\nproject: traps\n{text}")
    s.plan(args=["-f", "elsewhere.yaml", "--target", "container.pinned"])
    found_changes = {c["address"]: (c["action"], c["code"]) for c in s.last.json()["changes"]}
    assert found_changes["image.pinned:1"] == ("update", "platform-differs")
    assert found_changes["container.pinned"][0] == "replace"
