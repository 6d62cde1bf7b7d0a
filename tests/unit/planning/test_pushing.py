"""What of an image its registry still lacks, by how each kind of store tells of it."""

from __future__ import annotations

import pytest

from dockerdecl.planning.pushing import unpushed
from dockerdecl.resources.actual import Actual, LiveImage
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import DesiredImage, Pull

REFERENCE = "r.example/app:1"
IMAGE = DesiredImage(Address(Kind.IMAGE, "app"), REFERENCE, Pull("never"), pushed=(REFERENCE,))


@pytest.mark.parametrize(
    ("live", "lacks"),
    [
        (LiveImage("sha256:1", digests=("r.example/app@sha256:7",)), False),
        (LiveImage("sha256:1", digests=("other/app@sha256:7",)), True),
        (LiveImage("sha256:7", digests=("other/app@sha256:7",)), False),  # a containerd store's id is the digest
        (LiveImage("sha256:8", digests=("other/app@sha256:8",)), True),
    ],
)
def test_a_registry_lacks_what_it_has_under_another_digest(live: LiveImage, lacks: bool) -> None:
    actual = Actual(registry_digests={REFERENCE: "sha256:7"})
    assert (unpushed(IMAGE, live, actual) is not None) is lacks
