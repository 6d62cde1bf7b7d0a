"""What is asked, and which answers are a yes, on a terminal of the test's own."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError
from tests.unit.cli.screens import a_screen


def plan(*steps: tuple[str, str], **losses: str) -> dict[str, Any]:
    return {
        "project": "shop",
        "changes": [{"address": f"container.{key}", "loss": loss} for key, loss in losses.items()],
        "steps": [{"verb": verb, "address": address, "text": f"{verb} shop_{address}"} for verb, address in steps],
    }


DATA_GOES = plan(
    ("remove", "container.web"),
    ("remove-volume", "container.web"),  # an anonymous one, which goes with its container
    ("remove-image", "image.web"),
    ("remove-volume", "volume.data"),
    ("create-volume", "volume.kept"),
)


@pytest.mark.parametrize(
    ("answer", "agreed"),
    [("y\n", True), ("YES\n", True), (" y \n", True), ("\n", False), ("n\n", False), ("yo\n", False), ("\x04", False)],
)
def test_only_yes_is_a_yes(answer: str, agreed: bool) -> None:
    with a_screen() as screen:
        screen.type(answer)
        assert (
            confirm(Terminal(), plan(("start", "container.web")), "Apply these changes?", guarded=("volume",)) is agreed
        )
        screen.seen("Apply these changes? [y/N] ")


@pytest.mark.parametrize(("answer", "agreed"), [("shop\n", True), ("y\n", False), ("yes\n", False), ("\n", False)])
def test_data_goes_only_for_the_name_of_the_project(answer: str, agreed: bool) -> None:
    with a_screen() as screen:
        screen.type(answer)
        assert confirm(Terminal(), DATA_GOES, "Destroy these?", guarded=("volume", "image")) is agreed
        seen = screen.seen("Type the name of the project (shop)")
    assert seen.index("volume.data: remove-volume shop_volume.data") < seen.index("image.web")
    assert "container.web" not in seen
    assert "volume.kept" not in seen


@pytest.mark.parametrize(("answer", "agreed"), [("shop\n", True), ("y\n", False)])
def test_what_was_adopted_goes_only_for_the_name_of_the_project(answer: str, agreed: bool) -> None:
    """Whatever the command guards."""
    with a_screen() as screen:
        screen.type(answer)
        document = plan(("remove", "container.web"), web="old-web was adopted")
        assert confirm(Terminal(), document, "Apply these changes?", guarded=()) is agreed
        assert "container.web: old-web was adopted" in screen.seen("Type the name of the project (shop)")


def test_what_is_not_guarded_goes_for_a_yes() -> None:
    with a_screen() as screen:
        screen.type("y\n")
        assert confirm(Terminal(), plan(("remove-image", "image.web")), "Apply?", guarded=("volume",)) is True


def test_consent_beforehand_needs_no_terminal() -> None:
    require_answerable(Terminal(), yes=True)


def test_a_terminal_is_enough_to_ask() -> None:
    with a_screen():
        require_answerable(Terminal(), yes=False)


def test_without_a_terminal_consent_must_be_given() -> None:
    with pytest.raises(DockerdeclError) as caught:
        require_answerable(Terminal(), yes=False)
    assert (caught.value.code, caught.value.exit_code) == ("confirmation-needed", 64)
