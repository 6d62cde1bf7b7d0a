"""Commands that are run in a container after its start: what a label tells of them.

The engine can't say what was run, so the container carries a digest, made with a key of its own by a slow function: a
command may hold what must not be guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerdecl.resources.container.lenses.files import keyed_digest
from dockerdecl.resources.ownership import HOOKS
from dockerdecl.resources.rows import Raw, look_up

if TYPE_CHECKING:
    from dockerdecl.resources.container.spec import Container


def hooks_label(spec: Container, key: str) -> str:
    """What the label `dockerdecl.hooks` says of a container; nothing where it has no such commands."""
    if not spec.post_start:
        return ""
    written = "\n".join(hook.model_dump_json() for hook in spec.post_start)
    return f"{key}:{keyed_digest(written.encode(), key)}"


def hooks_differ(spec: Container, live: Raw) -> bool:
    """Whether other commands were run after the start of a live container than the declared ones."""
    held = (look_up(live, "Config.Labels") or {}).get(HOOKS) or ""
    return held != hooks_label(spec, held.partition(":")[0] or "none")
