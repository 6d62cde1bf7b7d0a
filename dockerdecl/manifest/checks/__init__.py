"""What must hold between the parts of a manifest, told without an engine: pure functions from a document to findings.

`references` and `cycles` look at names, `names` at what the engine will call things, `published` at host ports,
`subnets` at addresses, `combinations` at fields of one container, network or volume that exclude each other, `limits`
at numbers that every engine refuses, `texts` at words with a grammar, `images` at what is said of an image in several
places. Only what is certainly wrong is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.manifest.checks.combinations import check_combinations
from dockerdecl.manifest.checks.cycles import check_cycles
from dockerdecl.manifest.checks.finding import Finding, Subject
from dockerdecl.manifest.checks.images import check_images
from dockerdecl.manifest.checks.limits import check_limits
from dockerdecl.manifest.checks.names import check_names
from dockerdecl.manifest.checks.published import check_published
from dockerdecl.manifest.checks.references import check_references
from dockerdecl.manifest.checks.subnets import check_subnets
from dockerdecl.manifest.checks.texts import check_texts

__all__ = ["Finding", "Subject", "check"]

_CHECKS = (
    check_references,
    check_cycles,
    check_names,
    check_published,
    check_subnets,
    check_combinations,
    check_limits,
    check_texts,
    check_images,
)


def check(subject: Subject) -> Iterator[Finding]:
    """Everything that is wrong between the parts of a document."""
    for checker in _CHECKS:
        yield from checker(subject)
