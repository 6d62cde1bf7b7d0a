"""Traps 1 to 83 and 89 to 102: each has a test named after its number, an older test that holds it, or a reason.

1 to 8 are what images supply, 9 to 29 what daemons supply, 30 to 45 other words, 46 to 53 images, 54 to 65 mounts and
volumes, 66 to 73 networks, 74 to 83 whole objects, 89 to 93 Swarm's services, 94 to 102 transport and what is left.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).parents[1]
NUMBERS = frozenset({*range(1, 84), *range(89, 103)})
SWARM = "a service is spread over the engines of a Swarm; a manifest is about one engine's own containers"

HELD_BY: Mapping[int, tuple[str, ...]] = {
    # An id under the containerd store is a manifest's digest; the second plan of one archive is empty on it.
    # docker/compose#14036, #14011, #14016, #14014, #9897, #9357; docker/cli#5526
    47: ("scenarios/test_images_load.py::test_an_archive_is_known_again_by_a_containerd_store",),
    # Without asking the registry a plan is not the truth, and what could not be asked is said.
    # ansible-collections/community.docker#813, #814, #1192
    49: (
        "scenarios/test_images_registry.py::test_a_new_digest_is_pulled_where_always_is_said",
        "scenarios/test_images_registry.py::test_a_registry_that_is_down_is_only_noted",
    ),
    # What a pull prints is no proof of a change: digests are, and a pull that brings nothing is not even made.
    # ansible-collections/community.docker#814, #1192
    95: ("scenarios/test_images_registry.py::test_a_new_digest_is_pulled_where_always_is_said",),
}

WITHOUT_A_TEST: Mapping[int, str] = {
    89: SWARM,
    90: SWARM,
    91: SWARM,
    92: SWARM,
    93: SWARM,
}


def test_every_trap_has_a_test_or_a_reason() -> None:
    """Exactly one of the three, so that none is forgotten and no reason outlives its cause."""
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    tested = {int(number) for text in texts for number in re.findall(r"^def test_trap_(\d+)_", text, re.MULTILINE)}
    found = sorted([*(tested & NUMBERS), *HELD_BY, *WITHOUT_A_TEST])
    assert found == sorted(NUMBERS)


def test_the_tests_that_are_named_are_there() -> None:
    """A test that was renamed or taken away would leave its trap open."""
    for node in (node for nodes in HELD_BY.values() for node in nodes):
        path, _, name = node.partition("::")
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}, node
