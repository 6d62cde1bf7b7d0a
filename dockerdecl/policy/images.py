"""The rules about images that come from a registry, and about those that images are built upon.

Takes an image, gives breaches. One that is loaded, imported or built here has no registry, so these rules don't look at
it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.policy.breach import Breach
from dockerdecl.policy.spec import Registries, Setting
from dockerdecl.policy.subjects import Subject
from dockerdecl.resources.image.reference import DEFAULT_TAG


def without_digest(subject: Subject, setting: Setting) -> Iterator[Breach]:
    """References without a digest."""
    for reference in subject.pulled:
        if reference.digest is None:
            message = f"the image `{reference.familiar}` is named without a digest, so that what it is can change"
            hint = "write the digest behind it, `NAME:TAG@sha256:...`; or let `dockerdecl lock` do, and use `--locked`"
            yield Breach(subject.pulled_at, message, hint)


def registries(subject: Subject, setting: Registries) -> Iterator[Breach]:
    """References whose registry or repository is not on the list."""
    for reference in subject.pulled:
        allowed = (entry.rstrip("/") for entry in setting.allowed)
        if not any(reference.name == entry or reference.name.startswith(f"{entry}/") for entry in allowed):
            known = ", ".join(f"`{entry}`" for entry in setting.allowed) or "none"
            message = f"the image `{reference.name}` is from no registry of the list"
            yield Breach(subject.pulled_at, message, f"take an image from one of these: {known}")


def latest(subject: Subject, setting: Setting) -> Iterator[Breach]:
    """References with the tag `latest`, written or not, and without a digest."""
    for reference in subject.pulled:
        if reference.digest is None and reference.tag in (None, DEFAULT_TAG):
            message = f"the image `{reference.familiar}` is whatever is newest when it is pulled"
            yield Breach(subject.pulled_at, message, "write the tag of a version, or a digest")
