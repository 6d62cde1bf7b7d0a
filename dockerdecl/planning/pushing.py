"""Which references of an image its registry must be sent: what it was asked for, beside what the engine knows it has.

Takes a desired image that stays as it is on the engine, gives the references to push with a reason, and what is worth
saying. An engine keeps the digest that a push was given under the repository's name, so that a digest of the registry
among those is the same image.
"""

from __future__ import annotations

from dockerdecl.errors import Problem
from dockerdecl.planning.values import FieldChange, Note, Reason
from dockerdecl.resources.actual import Actual, LiveImage
from dockerdecl.resources.desired import DesiredImage
from dockerdecl.resources.image.reference import parse
from dockerdecl.values import dataclass

NOT_IN_REGISTRY = "image-not-in-registry"


@dataclass(frozen=True, slots=True)
class Unpushed:
    """References that the registry hasn't got as the engine has them, and what is said of that."""

    references: tuple[str, ...]
    code: Reason
    reason: str
    fields: tuple[FieldChange, ...] = ()


def unpushed(image: DesiredImage, live: LiveImage, actual: Actual) -> Unpushed | None:
    """What of an image is still to be pushed; None where the registry has all of it, or can't tell."""
    lacking = [reference for reference in image.pushed if _lacks(reference, live, actual)]
    if not lacking:
        return None
    others = {r: d for r in lacking if isinstance(d := actual.registry_digests.get(r), str)}
    if not others:
        reason = f"the registry hasn't got {', '.join(lacking)}"
        return Unpushed(tuple(lacking), Reason.NOT_PUSHED, reason)
    fields = tuple(FieldChange(("push", r), d, _known(r, live), forces="update") for r, d in others.items())
    reason = f"the registry has another image under {', '.join(others)}"
    return Unpushed(tuple(lacking), Reason.REGISTRY_DIFFERS, reason, fields)


def registry_notes(image: DesiredImage, live: LiveImage | None, actual: Actual) -> list[Note]:
    """The registries that could not be asked for an image; of one that is pushed to in any case, the push will tell."""
    notes = (registry_note(image, r, live, actual) for r in dict.fromkeys((image.reference, *image.pushed)))
    return [note for note in notes if note is not None]


def registry_note(image: DesiredImage, reference: str, live: LiveImage | None, actual: Actual) -> Note | None:
    """That a registry could not be asked for a reference of an image, where that is worth saying."""
    answer = actual.registry_digests.get(reference)
    sent = reference in image.pushed and (live is None or _lacks(reference, live, actual))
    if not isinstance(answer, Problem) or sent:
        return None
    return Note(str(image.address), answer.code, f"the registry could not be asked: {answer.message}")


def _lacks(reference: str, live: LiveImage, actual: Actual) -> bool:
    "one that can't be asked is believed to have what was pushed to it"
    answer = actual.registry_digests.get(reference)
    if isinstance(answer, str):
        # A containerd store gives an image one repository's digest, but its id is the digest that registries have too.
        return answer != live.id and f"{parse(reference).familiar_name}@{answer}" not in live.digests
    return (isinstance(answer, Problem) and answer.code == NOT_IN_REGISTRY) or _known(reference, live) is None


def _known(reference: str, live: LiveImage) -> str | None:
    name = parse(reference).familiar_name
    digests = (text.rpartition("@")[2] for text in sorted(live.digests) if text.rpartition("@")[0] == name)
    return next(digests, None)
