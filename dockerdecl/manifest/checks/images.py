"""What containers say of the image that they share: platform and pull policy.

Takes a document, gives findings. An image is pulled once and for one platform, so whoever says something of it must say
the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.image.spec import Image

_SOURCES = {"load": "an archive", "import_": "a root file system", "build": "a build"}


def check_images(subject: Subject) -> Iterator[Finding]:
    """Every container that says something else of its image than what is said of it already."""
    said: dict[tuple[Address, str], tuple[str, str]] = {}
    for key, image in subject.document.images.items():
        address = subject.names.image(key)
        for word, value in (("pull_policy", image.pull), ("platform", image.platform)):
            if value is not None:
                said[address, word] = (value, f"images.{key}")
    for key, spec in subject.whole_containers():
        if not _names_an_image(spec.image, subject):
            continue
        address = subject.names.image(spec.image)
        yield from _policy_fits(spec, ("containers", key, "pull_policy"), subject.document.images.get(spec.image))
        for word in ("pull_policy", "platform"):
            value = getattr(spec, word)
            if value is None or value == "build":
                continue
            other, owner = said.setdefault((address, word), (value, f"containers.{key}"))
            if other != value:
                message = f"`{owner}` says `{other}` of the same image"
                hint = f"say the same in both, or leave `{word}` out here"
                yield Finding("image-choices-differ", ("containers", key, word), message, hint)


def _names_an_image(text: str, subject: Subject) -> bool:
    if not text or text in subject.document.images:
        return bool(text)
    try:
        parse(text)
    except ValueError:
        return False
    return text not in subject.declared["images"]


def _policy_fits(spec: Container, path: Path, image: Image | None) -> Iterator[Finding]:
    """A policy that can't hold for where the image comes from."""
    source = next((word for word in _SOURCES if image and getattr(image, word)), None)
    if spec.pull_policy == "build" and source != "build":
        hint = "write `build` in the container, or an entry of `images` with `build`"
        yield Finding("fields-conflict", path, "nothing says how this image is built", hint)
    elif spec.pull_policy not in (None, "build", "never", "missing") and source is not None:
        message = f"the image comes from {_SOURCES[source]}, and is never pulled"
        yield Finding("fields-conflict", path, message, "take `pull_policy` out")
