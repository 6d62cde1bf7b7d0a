"""The ten rules that follow from the traps: each is a property, beside this or where it was before it was a rule."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path

HELD_ELSEWHERE: Mapping[int, tuple[str, ...]] = {
    1: (
        "tests.engine.test_lens_law:test_a_field_reads_back_as_declared",
        "tests.engine.test_lens_law:test_fields_read_back_together",
        "tests.scenarios.test_random_manifests:test_any_manifest_follows_any_other",
        "tests.unit.planning.test_properties:test_applying_a_plan_in_any_order_leaves_nothing_to_do",
    ),
    10: (
        "tests.unit.planning.test_properties:test_a_plan_that_was_killed_is_finished_by_the_next",
        "tests.unit.planning.test_properties:test_a_plan_that_was_killed_can_be_undone_by_the_former_manifest",
        "tests.unit.planning.test_properties:test_what_fails_is_put_back_and_the_next_plan_finishes",
    ),
}


def test_every_rule_is_held() -> None:
    """A rule without a property would be a wish, and a test that was renamed would leave its rule open."""
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_rules_*.py")]
    here = {int(number) for text in texts for number in re.findall(r"^def test_rule_(\d+)_", text, re.MULTILINE)}
    assert here | HELD_ELSEWHERE.keys() == set(range(1, 11))
    for places in HELD_ELSEWHERE.values():
        for place in places:
            module, _, name = place.partition(":")
            assert callable(getattr(importlib.import_module(module), name)), place
