"""What is changed by hand around containers: networks, volumes and tags that mean something else now, things that are
not the project's any more, and updates that the engine refuses for what it finds.
"""

from __future__ import annotations

from typing import Any

from tests.support.checks import (
    absent,
    kept,
    log,
    memory,
    network_attached,
    replaced,
    running,
    same_container,
    says,
    state,
)
from tests.support.drift import changes_of
from tests.support.engine_api import Json
from tests.support.images import SHELL, import_busybox
from tests.support.scenario import Scenario, ScenarioMaker

SHOP = """
images: {app: {ref: "drift-app:1"}}
networks:
  back: {labels: {team: shop}}
  side: {}
volumes: {data: {labels: {team: shop}}}
containers:
  web: {image: busybox:1, command: sleep 9999, stop_grace_period: 0s, networks: [back]}
  job: {image: busybox:1, command: "true", state: completed, networks: [side]}
  store: {image: busybox:1, state: created, networks: [side], volumes: ["data:/data"]}
  app: {image: app, state: created, networks: [side]}
"""
HOG = """
containers:
  hog:
    image: busybox:1
    command: sh -c 'head -c 40m /dev/zero >/dev/shm/x; echo full; sleep 9999'
    stop_grace_period: 0s
    mem_limit: 128m
"""


def test_networks_and_tags_that_mean_something_else_are_seen(scenario: ScenarioMaker) -> None:
    """Networks made anew by hand, unlike and alike, and a moved tag: each is seen where it matters, and mended."""
    s = scenario("around", SHOP)
    was = import_busybox(s.engine, "drift-app:1")
    s.apply()
    by_hand(s, "network disconnect around_back around-web", "network rm around_back around_side")
    by_hand(s, f"network create --internal --label team=other {ours('network.back')} around_back")
    by_hand(s, "network connect --alias web around_back around-web")
    by_hand(s, f"network create {ours('network.side')} around_side")
    now = import_busybox(s.engine, "drift-app:1", (*SHELL, "LABEL moved=yes"))
    assert changes_of(s.run("plan", "--format", "json").last.json()) == {
        "network.back": changed("replace", internal=[True, None], **{"labels.team": ["other", "shop"]}),
        "container.web": {
            **changed("update", **{"networks.back": ["(the one there is)", "(the one made anew)"]}),
            "code": "network-replaced",
            "reason": "network.back is made anew",
        },
        "container.job": changed("update", **{"networks.side": ["(one that is gone)", "(the declared one)"]}),
        "container.app": {
            **changed("replace", image=[was[:19], now[:19]]),
            "code": "image-moved",
            "reason": "image.app is another image now",
        },
    }
    s.apply(kept("web"), same_container("job"), same_container("store"), replaced("app"))
    s.check(running("web"), network_attached("web", "back", alias="web"))


def test_a_volume_made_anew_by_hand_keeps_its_data_until_asked(scenario: ScenarioMaker) -> None:
    """A volume with other labels can't be mended without losing what is in it: it must be shown beside what else was
    changed, and nothing of it all be done, before the user decides.
    """
    s = scenario("around", SHOP)
    import_busybox(s.engine, "drift-app:1")
    s.apply()
    by_hand(s, "rm around-store", "volume rm around_data", "stop around-web")
    by_hand(s, f"volume create --label team=other {ours('volume.data')} around_data")
    s.run("plan", "--detailed-exitcode", "--format", "json", expect=2)
    shown = changes_of(s.last.json())
    assert shown.keys() == {"volume.data", "container.store", "container.web"}
    assert shown["volume.data"] == {
        **changed("replace", **{"labels.team": ["other", "shop"]}),
        "reason": "differs, and can't change without losing its data",
    }
    s.run("status").check(says("apply would change nothing"))
    s.run("plan", "--out", "plan.json", expect=1).check(says("blocked"), says("volume-differs"))
    s.run("apply", "--yes", expect=1).check(says("volume-differs"), says("`--allow-loss volume.data`"))
    s.check(state("web", "exited"), absent("container.store"))
    s.apply(running("web"), args=["--allow-loss", "volume.data"])
    by_hand(s, "rm -f around-web", "network rm around_back", "run -d --name around-web busybox:1 sleep 9999")
    by_hand(s, "network create around_back", "rm around-store", "volume rm around_data", "volume create around_data")
    s.run("plan", expect=1)
    s.check(*(says(f"dockerdecl adopt {address}") for address in ("container.web", "network.back", "volume.data")))


def test_a_limit_below_what_is_in_use_is_refused_with_the_way_out(scenario: ScenarioMaker) -> None:
    """An update that the engine refuses for the moment's state must fail, say why, and leave the container alone."""
    s = scenario("hog", HOG).apply(log("hog", "full"))
    s.edit("mem_limit: 16m").plan({"container.hog": "update"})
    s.apply(says("current usage"), says("--replace"), same_container("hog"), memory("hog", "128m"), expect=1)
    s.edit("mem_limit: 256m").apply(same_container("hog"), memory("hog", "256m"))


def changed(action: str, **fields: Any) -> Json:
    return {"action": action, "code": "differs", "reason": "differs", "fields": fields}


def by_hand(s: Scenario, *commands: str) -> None:
    for command in commands:
        s.by_hand(f"docker {command}")


def ours(address: str) -> str:
    """The labels that the project gives."""
    labels = {"project": "around", "address": address, "format": "1"}
    return " ".join(f"--label dockerdecl.{name}={value}" for name, value in labels.items())
