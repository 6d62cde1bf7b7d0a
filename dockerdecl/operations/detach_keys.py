"""The keys that end an attachment and leave what runs to itself, written as Docker writes them: `ctrl-p,ctrl-q`.

Takes their text, then what is typed; says when they were. Holds nothing back: the engine looks for them too.
"""

from __future__ import annotations

import re

from dockerdecl.errors import ExitCode, fail
from dockerdecl.expressions import expression

DETACH_KEYS = "ctrl-p,ctrl-q"

_CONTROL = expression(r"ctrl-([a-z@\[\\\]^_])", re.IGNORECASE)


class DetachKeys:
    """The sequence, and how much of it was typed last."""

    def __init__(self, text: str) -> None:
        """Raises `detach-keys-invalid`."""
        self.typed = False
        self._sequence = bytes(_byte(key, text) for key in text.split(","))
        self._matched = 0

    def watch(self, data: bytes) -> None:
        """Look at what is typed; `typed` holds from then on where the whole sequence was."""
        for byte in data:
            if byte == self._sequence[self._matched]:
                self._matched += 1
                self.typed = self.typed or self._matched == len(self._sequence)
                self._matched %= len(self._sequence)
            else:
                self._matched = int(byte == self._sequence[0]) % len(self._sequence)


def _byte(key: str, text: str) -> int:
    if len(key) == 1 and key.isascii():
        return ord(key)
    control = _CONTROL.fullmatch(key)
    if not control:
        hint = "write keys separated by commas: a letter, or ctrl- and one of a-z @ [ \\ ] ^ _, such as ctrl-p,ctrl-q"
        raise fail("detach-keys-invalid", f"{text!r} are no keys to detach with", hint=hint, exit_code=ExitCode.USAGE)
    return ord(control[1].upper()) ^ 0x40
