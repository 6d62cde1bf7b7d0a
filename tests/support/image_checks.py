"""What a scenario looks at after a step where it is about images. Each check reads the engine and its events."""

from __future__ import annotations

from tests.support.engine_api import EngineRefusedError
from tests.support.images import image_id
from tests.support.scenario import Check, Scenario


def loaded(times: int) -> Check:
    """How often the last run loaded an archive."""
    return _happened("load", times)


def imported(times: int) -> Check:
    """How often the last run imported a root file system."""
    return _happened("import", times)


def pulled(times: int) -> Check:
    """How often the last run pulled an image."""
    return _happened("pull", times)


def nothing_stopped() -> Check:
    """In the last run no container that was there before was stopped, renamed, removed or cut off."""

    def check(s: Scenario) -> None:
        disturbing = {"kill", "stop", "die", "pause", "rename", "destroy", "disconnect"}
        done = [e for e in s.last.events if e.kind in {"container", "network"} and e.action in disturbing]
        found = [str(e) for e in done if e.attributes.get("container", e.id) in s.before.containers]
        assert not found, f"the run disturbed what ran: {found}\n{s.last}"

    return check


def same_image(reference: str, other: str) -> Check:
    """Two references mean one image."""

    def check(s: Scenario) -> None:
        found = image_id(s.engine, reference), image_id(s.engine, other)
        assert found[0] == found[1], f"{reference} is {found[0]}, {other} is {found[1]}"

    return check


def same_image_as_before(reference: str) -> Check:
    """The last run left the reference to the image that it meant."""

    def check(s: Scenario) -> None:
        earlier = {tag: i for i, image in s.before.images.items() for tag in image["RepoTags"] or []}
        assert earlier[reference] == image_id(s.engine, reference), f"{reference} is another image now"

    return check


def labelled(reference: str, label: str, value: str) -> Check:
    """The image has that label."""

    def check(s: Scenario) -> None:
        found = s.engine.api("GET", f"/images/{reference}/json")["Config"]["Labels"] or {}
        assert found.get(label) == value, f"{reference} has the labels {found}"

    return check


def no_image(reference: str) -> Check:
    """The engine has nothing of that reference."""

    def check(s: Scenario) -> None:
        try:
            found = image_id(s.engine, reference)
        except EngineRefusedError as error:
            assert error.status == 404, error
        else:
            raise AssertionError(f"{reference} is there: {found}")

    return check


def _happened(action: str, times: int) -> Check:
    def check(s: Scenario) -> None:
        found = [str(e) for e in s.last.events if e.kind == "image" and e.action == action]
        assert len(found) == times, f"expected {times} times `{action}`, not {found}\n{s.last}"

    return check
