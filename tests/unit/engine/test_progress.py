"""Streams of layers as engines send them, and the one line they become."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.engine.calls.containers import demultiplex
from dockerdecl.engine.progress import Layers, Progress


def told(*messages: dict[str, Any]) -> list[Progress]:
    layers = Layers()
    return [layers.told(message) for message in messages]


def layer(name: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    detail = {"current": current, "total": total} if total else {}
    return {"id": name, "status": status, "progressDetail": detail}


def test_a_pull_adds_up_its_layers() -> None:
    assert told(
        {"id": "1.4", "status": "Pulling from shop/web"},
        layer("a", "Pulling fs layer"),
        layer("b", "Already exists"),
        layer("a", "Downloading", 10, 100),
        layer("c", "Downloading", 5, 50),
        layer("a", "Verifying Checksum"),
        layer("a", "Extracting", 7, 100),
        layer("a", "Pull complete"),
    ) == [
        Progress("Pulling from shop/web"),
        Progress("0 of 1 layers"),
        Progress("1 of 2 layers"),
        Progress("1 of 2 layers", 10, 100),
        Progress("1 of 3 layers", 15, 150),
        Progress("1 of 3 layers", 105, 150),
        Progress("1 of 3 layers", 105, 150),
        Progress("2 of 3 layers", 105, 150),
    ]


def test_a_push_that_sends_more_than_it_announced_stops_at_the_whole() -> None:
    assert told(layer("a", "Preparing"), layer("a", "Pushing", 130, 100), layer("a", "Pushed"))[1:] == [
        Progress("0 of 1 layers", 100, 100),
        Progress("1 of 1 layers", 100, 100),
    ]


def test_an_image_that_is_there_already_says_so() -> None:
    assert told({"status": "Status: Image is up to date for web:1"}) == [
        Progress("Status: Image is up to date for web:1")
    ]


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=20))))
def test_what_was_multiplexed_comes_back_in_its_order(frames: list[tuple[int, bytes]]) -> None:
    stream = b"".join(bytes([kind, 0, 0, 0]) + len(text).to_bytes(4) + text for kind, text in frames)
    assert demultiplex(stream) == b"".join(text for _, text in frames)
