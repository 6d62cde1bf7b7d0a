"""Which containers must be healthy, and which are found not to be.

Whoever declares a health check, waits for one or depends on it wants the container healthy; a check that only the image
brings is nobody's claim, and is only spoken of.
"""

from __future__ import annotations

from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.desired import Desired, DesiredContainer
from dockerdecl.resources.rows import look_up


def health_was_asked_for(container: DesiredContainer, desired: Desired) -> bool:
    """Whether the manifest wants this container healthy."""
    spec = container.spec
    declared = spec.healthcheck is not None and not spec.healthcheck.disable and spec.healthcheck.test != ("NONE",)
    return (
        declared
        or (spec.replace is not None and spec.replace.health_timeout is not None)
        or container.address in desired.wanted_healthy
    )


def is_unhealthy(container: DesiredContainer, live: LiveContainer) -> bool:
    """Whether it runs, as declared, and its check fails."""
    runs = container.state == "running" == live.state
    return runs and look_up(live.raw, "State.Health.Status") == "unhealthy"
