"""Tags as versions: which of the tags of a repository are newer than one of them, and by how much.

Takes tags, gives tags. Only those of the same form are compared: as many numbers, the same words before and behind
(`1.4-alpine` is never followed by `1.5`, nor `1.4` by `1.4.2`), and a pre-release only where the present one is, too.
A tag that begins with a date, or ends with one, is a version of year, month and day. Knows no registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Literal

from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

Level = Literal["patch", "minor", "major"]

_PREFIX = r"(?P<prefix>(?:(?![vV]\d)(?:[A-Za-z]+[-_.]|[A-Za-z][A-Za-z0-9]*[-_]))*[vV]?)"
_DATE = expression(
    _PREFIX + r"(?P<year>(?:19|20)\d\d)(?P<separator>[-._]?)(?P<month>0[1-9]|1[0-2])(?P=separator)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?P<rest>(?:[T._-]?\d+)*Z?)(?P<suffix>(?:[-_.].+)?)"
)
_VERSION = expression(_PREFIX + r"(?P<numbers>\d+(?:\.\d+){0,3})(?P<rest>(?:(?!\d).*)?)")
_PRE = expression(
    r"[-._]?(?P<stage>alpha|beta|milestone|preview|pre|ea|rc|cr|(?:a|b|m)(?=\d))"
    r"(?P<numbers>[.-]?\d+(?:\.\d+)*)?(?=[-_.+]|$)",
    re.IGNORECASE,
)
_REVISION = expression(r"(?P<words>(?:[-_.].*)?)[-_](?P<kind>r|ls|rev|build)\.?(?P<number>\d+)")
_BARE_REVISION = expression(r"(?P<words>)[-_](?P<kind>)(?P<number>\d+)")
_DATED = expression(r"(?P<words>(?:[-_.].*)?)[-_](?P<kind>)(?P<number>(?:19|20)\d{6})")

# What comes before what; a release is after all of them.
_STAGES = {"alpha": 0, "a": 0, "beta": 1, "b": 1, "milestone": 2, "m": 2, "pre": 3, "preview": 3, "ea": 3}
_CANDIDATE, _RELEASE = 4, 5
_YEARS = range(1990, 2100)
_LONGER = 2


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A tag that names a version. Those of one `form` are in order; `stage` says how far a pre-release is."""

    numbers: tuple[int, ...]
    stage: tuple[int, ...]
    revision: int
    form: tuple[object, ...] = field(compare=False)

    @property
    def is_release(self) -> bool:
        """Whether this is no pre-release."""
        return self.stage == (_RELEASE,)


@dataclass(frozen=True, slots=True)
class Newer:
    """The newest tag of each level; None where there is none that is newer."""

    patch: str | None = None
    minor: str | None = None
    major: str | None = None


def version_of(tag: str) -> Version | None:
    """The version that a tag names; None for words such as `latest`, and for what could be the digest of a commit."""
    if found := _DATE.fullmatch(tag):
        further = re.findall(r"\d+", found["rest"])
        shape = re.sub(r"\d+", "#", found["rest"])
        numbers = tuple(int(part) for part in (found["year"], found["month"], found["day"], *further))
        form = ("date", found["prefix"], found["separator"], shape, found["suffix"])
        return Version(numbers, (_RELEASE,), 0, form)
    found = _VERSION.fullmatch(tag)
    if found is None:
        return None
    rest: str = found["rest"]
    stage: tuple[int, ...] = (_RELEASE,)
    if pre := _PRE.match(rest):
        stage = _stage(pre)
        rest = rest[pre.end() :]
    words, kind, revision = _revision(rest)
    if words and words[0] not in "-_.":
        return None
    numbers = tuple(map(int, found["numbers"].split(".")))
    return Version(numbers, stage, revision, ("version", found["prefix"], len(numbers), words, kind))


def newer_tags(tag: str, tags: Iterable[str]) -> Newer:
    """What of `tags` is newer than `tag`, the newest of each level."""
    current = version_of(tag)
    found: dict[Level, tuple[Version, str]] = {}
    if current is None:
        return Newer()
    for other, version in _comparable(current, tags):
        level = _level(current, version)
        if level not in found or (version, other) > found[level]:
            found[level] = (version, other)
    return Newer(**{level: other for level, (_, other) in found.items()})


def alike_tags(tag: str, tags: Iterable[str]) -> list[str]:
    """Those of `tags` that `tag` is in one order with, the oldest first; pre-releases only where it is one itself."""
    current = version_of(tag)
    if current is None:
        return []
    found = ((version, other) for other in tags if (version := version_of(other)) is not None)
    return [
        other
        for version, other in sorted(
            found, key=lambda each: (each[0].numbers, each[0].stage, each[0].revision, each[1])
        )
        if version.form == current.form
        and (version.is_release or not current.is_release)
        and not (_is_another_scheme(current, version) or _is_another_scheme(version, current))
    ]


def _comparable(current: Version, tags: Iterable[str]) -> Iterator[tuple[str, Version]]:
    for other in tags:
        version = version_of(other)
        if version is None or version.form != current.form or version <= current:
            continue
        if (version.is_release or not current.is_release) and not _is_another_scheme(current, version):
            yield other, version


def _is_another_scheme(current: Version, other: Version) -> bool:
    "a year, or the number of a commit or a build, among versions: no version goes from 3 to 2019 or 48213"
    one, two = current.numbers[0], other.numbers[0]
    return (two in _YEARS and one not in _YEARS) or len(str(two)) - len(str(one)) > _LONGER


def _level(current: Version, other: Version) -> Level:
    if current.numbers[0] != other.numbers[0]:
        return "major"
    return "minor" if current.numbers[1:2] != other.numbers[1:2] else "patch"


def _stage(pre: re.Match[str]) -> tuple[int, ...]:
    numbers = re.findall(r"\d+", pre["numbers"] or "")
    return (_STAGES.get(pre["stage"].lower(), _CANDIDATE), *map(int, numbers))


def _revision(rest: str) -> tuple[str, str | None, int]:
    "a counter at the end, which is no part of the form"
    for pattern in (_REVISION, _BARE_REVISION, _DATED):
        if found := pattern.fullmatch(rest):
            return found["words"], found["kind"], int(found["number"])
    return rest, None, 0
