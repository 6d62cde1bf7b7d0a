"""The judgement on the order of events."""

from __future__ import annotations

import pytest

from tests.support.events import Event, order_violations

RUNNING = frozenset({"web"})
IMAGES = {"web": "sha256:w", "job": "sha256:j"}


def told(text: str) -> list[Event]:
    """Events from "kind action id" separated by commas."""
    words = [event.split() for event in text.split(",")]
    return [Event(kind, action, id_) for kind, action, id_ in words]


@pytest.mark.parametrize(
    "order",
    [
        "container die web, container destroy web, image delete sha256:w",
        "container kill web, container die web, container destroy web",
        "container destroy job, image delete sha256:j",  # created, never started
        "container create new, container start new, container die new, container destroy new",
        "image delete sha256:other, container die web, container destroy web",
        "container die web, container start web, container die web, container destroy web",
    ],
)
def test_a_right_order_has_no_violation(order: str) -> None:
    assert order_violations(told(order), running=RUNNING, image_of=IMAGES) == ()


@pytest.mark.parametrize(
    ("order", "violation"),
    [
        ("container destroy web, container die web", "container web was destroyed before it died"),
        ("container die web, container start web, container destroy web", "container web was destroyed before it died"),
        ("container start job, container destroy job", "container job was destroyed before it died"),
        ("container die web, image delete sha256:w", "image sha256:w was deleted while container web used it"),
        (
            "container die web, image delete sha256:w, container destroy web",
            "container web was destroyed after its image",
        ),
    ],
)
def test_a_wrong_order_is_told(order: str, violation: str) -> None:
    assert violation in order_violations(told(order), running=RUNNING, image_of=IMAGES)
