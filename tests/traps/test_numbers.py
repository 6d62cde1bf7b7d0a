"""Every trap of the list has a test named after its number, or a reason why it has none.

The list, told by numbers: 1 to 8 images, 9 to 29 daemons, 30 to 45 the same thing in other words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

NUMBERS = range(1, 46)
WITHOUT_A_TEST: Mapping[int, str] = {}


def test_every_trap_has_a_test_or_a_reason() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    tested = {int(number) for text in texts for number in re.findall(r"^def test_trap_(\d+)_", text, re.MULTILINE)}
    assert {number for number in NUMBERS if number not in tested | WITHOUT_A_TEST.keys()} == set()
    assert tested & WITHOUT_A_TEST.keys() == set()
