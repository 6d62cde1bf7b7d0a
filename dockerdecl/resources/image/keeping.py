"""Which tags of a repository are kept, and which have had their day.

Takes the tags of a repository with the digests that they mean, gives tags. Asks no registry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dockerdecl.resources.image.versions import alike_tags


def expired_tags(
    rules: Collection[tuple[str, int]],
    held: Mapping[str, str],
    *,
    declared: Collection[str] = (),
    pinned: Collection[str] = (),
) -> tuple[str, ...]:
    """The tags in `held` that go where, for each rule, the newest so many that are alike its tag stay.

    What any rule keeps stays, and so do tags that are `declared`, that are alike no rule's, or that mean a digest which
    is `pinned` or which a tag that stays means, too: a registry takes a manifest away with all its tags.
    """
    old: dict[str, None] = {}
    kept = {*declared}
    for tag, keep in rules:
        alike = alike_tags(tag, held)
        newest = max(0, len(alike) - keep)
        old |= dict.fromkeys(alike[:newest])
        kept |= {*alike[newest:]}
    going = [tag for tag in old if tag not in kept]
    staying = {digest for tag, digest in held.items() if tag not in going} | {*pinned}
    return tuple(tag for tag in going if held[tag] not in staying)
