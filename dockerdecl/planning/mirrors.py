"""What happens to an image that is mirrored: taken from one registry by its digest, to be put into another.

Takes a desired image and what engine and registries have, gives a change, and the image that is on the engine already.
Which digest the origin has now is asked at every plan; that an image came from there tells its own list of digests.
"""

from __future__ import annotations

from dockerdecl.errors import Problem
from dockerdecl.planning.values import Action, Change, FieldChange, Note, Reason
from dockerdecl.resources.actual import Actual, LiveImage
from dockerdecl.resources.desired import DesiredImage, Mirrored
from dockerdecl.resources.image.reference import parse


def plan_mirror(image: DesiredImage, source: Mirrored, actual: Actual) -> tuple[Change, LiveImage | None]:
    """What becomes of a mirrored image on the engine, and what is there of it: the image itself where it stays."""
    live, wanted = actual.image(image.reference), origin_by_digest(source, actual)
    held = actual.image(wanted) if wanted else live
    if live is not None and held is not None and live.id == held.id:
        return Change(image.address, Action.NONE, Reason.NONE, "is as declared"), live
    if live is None:
        return Change(image.address, Action.CREATE, Reason.MISSING, f"{image.reference} is not on the engine"), held
    before = next((text.rpartition("@")[2] for text in sorted(live.digests) if _is_of(text, source)), None)
    fields = (FieldChange(("mirror",), before, (wanted or "").rpartition("@")[2], forces="update"),)
    reason = f"{source.origin} is another image now" if before else f"it is not the image of {source.origin}"
    return Change(image.address, Action.UPDATE, Reason.MIRROR_OUTDATED, reason, fields), held


def origin_by_digest(source: Mirrored, actual: Actual) -> str | None:
    """The origin with the digest that it has now, which is how it is fetched; None where it could not be asked."""
    reference = parse(source.origin)
    digest = reference.digest or actual.registry_digests.get(source.origin)
    return f"{reference.familiar_name}@{digest}" if isinstance(digest, str) else None


def fetched_from(image: DesiredImage, source: Mirrored, actual: Actual) -> str:
    """What is pulled: the origin by its digest; the mirror itself, where the origin is out of reach."""
    found = origin_by_digest(source, actual)
    if found is not None:
        return found
    return image.reference if isinstance(actual.registry_digests.get(image.reference), str) else source.origin


def origin_note(image: DesiredImage, source: Mirrored, actual: Actual) -> Note | None:
    """That the origin could not be asked."""
    answer = actual.registry_digests.get(source.origin)
    if not isinstance(answer, Problem):
        return None
    return Note(str(image.address), answer.code, f"{source.origin} could not be asked for: {answer.message}")


def fetched_names(image: DesiredImage, live: LiveImage) -> list[str]:
    """The names by digest under which a mirrored image was fetched: they must go with its own names for it to go."""
    own = {image.reference, *image.tags}
    if not isinstance(image.source, Mirrored) or {*live.references} - own:
        return []
    repositories = {parse(text).name for text in own}
    return [text for text in live.digests if parse(text).name not in repositories]


def _is_of(text: str, source: Mirrored) -> bool:
    return parse(text).name == parse(source.origin).name
