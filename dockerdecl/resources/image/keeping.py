"""Which tags of a repository are kept, and which have had their day.

Takes the tags of a repository with the digests that they mean, gives tags. Asks no registry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dockerdecl.resources.image.versions import version_of


def expired_tags(tag: str, declared: Collection[str], held: Mapping[str, str], keep: int) -> tuple[str, ...]:
    """The tags in `held` that go where the newest `keep` of the form of `tag` stay; the oldest first.

    What is `declared` stays, and so does a tag of another form, or one that is no version. So does one that means the
    same digest as a tag that stays: a registry takes a manifest away with all its tags.
    """
    form = version_of(tag)
    versions = {other: version for other in held if (version := version_of(other)) is not None}
    alike = sorted((v, other) for other, v in versions.items() if form is not None and v.form == form.form)
    old = [other for _, other in alike[: max(0, len(alike) - keep)] if other not in declared]
    staying = {digest for other, digest in held.items() if other not in old}
    return tuple(other for other in old if held[other] not in staying)
