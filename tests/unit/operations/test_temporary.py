"""What `debug` makes for a while is told as such, and is no part of what is there."""

from __future__ import annotations

import pytest

from dockerdecl.cli.render.container_list_text import owner_words
from dockerdecl.generating import Wanted, is_meant
from dockerdecl.operations.found import COMPOSE_PROJECT, FoundContainer
from dockerdecl.operations.listing import container_document
from dockerdecl.resources.ownership import TEMPORARY_FOR

IMAGE = {COMPOSE_PROJECT: "shop", "team": "base"}


@pytest.mark.parametrize("project", ["shop", ""])
def test_a_toolbox_is_shown_as_one_and_not_generated(project: str) -> None:
    """Though it has the labels of its image."""
    toolbox = FoundContainer("a1", "box", "running", "bb:1", {**IMAGE, TEMPORARY_FOR: project})
    other = FoundContainer("a2", "web", "running", "bb:1", IMAGE)
    assert [owner_words(container_document(one, {})) for one in (toolbox, other)] == ["debug", "compose:shop"]
    for wanted in (Wanted(everything=True), Wanted(labels=("team",)), Wanted(compose_project="shop")):
        assert [is_meant(one, wanted) for one in (toolbox, other)] == [False, True]
