"""Which process this is, so that another one on the same machine can tell whether it is still there.

Takes and gives text that stands in a lock's label: where the process is (this boot of the machine, its namespaces),
which one it is there, and when it began, since ids are used again. Nothing is claimed where /proc doesn't tell.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_GONE = frozenset({"Z", "X", "x"})
"""States of a process that does nothing more, though its parent has not asked how it ended."""


def this_process() -> str:
    """What names this process; empty where that can't be told."""
    try:
        # The /proc of another PID namespace counts in ids that mean others to who has its own.
        if str(Path("/proc/self").readlink()) != str(os.getpid()):
            return ""
        return f"{_place()} {os.getpid()} {_began(os.getpid())[1]}"
    except (OSError, ValueError, IndexError):
        return ""


def is_gone(process: str) -> bool:
    """Whether a process that was named by `this_process` ended, for sure: one that ran elsewhere never is."""
    try:
        place, pid, began = process.rsplit(" ", 2)
        if not this_process().startswith(f"{place} "):
            return False
        with suppress(PermissionError):  # it is there, and another user's
            os.kill(int(pid), 0)
        state, since = _began(int(pid))
    except ProcessLookupError:
        return True
    except (OSError, ValueError, IndexError):  # a /proc that hides other users' processes
        return False
    return since != began or state in _GONE


def _place() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    # A time namespace tells other times of the same beginning.
    return " ".join((boot, *(_namespace(kind) for kind in ("pid", "time"))))


def _namespace(kind: str) -> str:
    try:
        return str(Path(f"/proc/self/ns/{kind}").readlink())
    except FileNotFoundError:  # a kernel without such namespaces
        return "-"


def _began(pid: int) -> tuple[str, str]:
    "the state of a process, and when it began in ticks since the boot"
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return words[0], words[19]
