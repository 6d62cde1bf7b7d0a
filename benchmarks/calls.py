"""Which API calls dockerdecl makes: a specification, as data. Takes a work and a size, gives the calls that it needs.

Every call beyond these is one too many: none is made twice, and none of `/info`, `/version` and `/system/df`, which
are slow, and which no plan needs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.works import Work
from tests.support.engine_proxy import Call

LOOK_AT_LOCK = "GET /volumes (the lock)"


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of call, and how often it is made: so many times whatever the host, for each container, for each that is
    made anew; `running` are made only where containers run."""

    call: str
    once: int = 0
    each: int = 0
    anew: int = 0
    running: bool = False


# What is there: one list a kind, then each container, since a list shows no more than a part of it, and the image
READING = (
    Row("GET /_ping", once=1),
    Row("GET /containers/json", once=1),
    Row("GET /images/json", once=1),
    Row("GET /networks", once=1),
    Row("GET /volumes", once=1),
    Row("GET /containers/{id}/json", each=1),
    Row("GET /images/{id}/json", once=1),
)
# On a host without containers of the project
READING_NOTHING = tuple(row for row in READING if not row.each)
# Who has the project; it is claimed, seen to be ours, and given back if it still is
LOCKING = (
    Row(LOOK_AT_LOCK, once=3),
    Row("POST /volumes/create", once=1),
    Row("DELETE /volumes/{id}", once=1),
)
# What was done is written down, in a volume
RECORDING = (Row("POST /volumes/create", once=1),)
CREATING = (
    Row("POST /networks/create", once=1),
    Row("POST /containers/create", each=1),
    Row("POST /containers/{id}/start", each=1, running=True),
)
REPLACING = (
    Row("POST /containers/create", anew=1),
    Row("POST /containers/{id}/stop", anew=1, running=True),
    Row("POST /containers/{id}/rename", anew=2),
    Row("POST /containers/{id}/start", anew=1, running=True),
    Row("DELETE /containers/{id}", anew=1),
)
DESTROYING = (
    Row("POST /containers/{id}/stop", each=1, running=True),
    Row("DELETE /containers/{id}", each=1),
    Row("DELETE /networks/{id}", once=1),
)
NEEDED: Mapping[Work, tuple[Row, ...]] = {
    Work.APPLY: (*READING_NOTHING, *LOCKING, *CREATING, *RECORDING),
    Work.PLAN: READING,
    Work.PLAN_ONE: READING,
    Work.PLAN_ALL: READING,
    Work.APPLY_ONE: (*READING, *LOCKING, *REPLACING, *RECORDING),
    Work.REPLACE: (*READING, *LOCKING, *REPLACING, *RECORDING),
    Work.DESTROY: (*READING, *LOCKING, *DESTROYING, *RECORDING),
}


def needed(work: Work, size: int, *, started: bool = True) -> Counter[str]:
    """How often each kind of call is needed, on a host of that size."""
    anew = {Work.APPLY_ONE: min(size, 1), Work.REPLACE: size}.get(work, 0)
    found: Counter[str] = Counter()
    for row in NEEDED[work]:
        if started or not row.running:
            found[row.call] += row.once + row.each * size + row.anew * anew
    return +found


def made(calls: Iterable[Call]) -> Counter[str]:
    """How often each kind of call was made, but for those that keep the lock while the work lasts.

    They come by the clock: a look once in a second at most, before what takes something away, and a renewal in twenty.
    """
    listed = list(calls)
    begin, end = _work(listed)
    return Counter(_kind(call) for n, call in enumerate(listed) if not begin < n < end or not _of_volumes(call))


def _work(calls: Sequence[Call]) -> tuple[int, int]:
    "where the first step is, and the last; to write down what was done is one, and gives back nothing"
    steps = [n for n, call in enumerate(calls) if call.changes and not _of_volumes(call)]
    if not steps:
        return 0, 0
    written = [n for n, call in enumerate(calls) if call.method == "POST" and n > steps[-1]]
    return steps[0], (written or steps)[-1]


def _of_volumes(call: Call) -> bool:
    return call.path.startswith("/volumes")


def _kind(call: Call) -> str:
    path, _, query = call.path.partition("?")
    if path == "/volumes" and "dockerdecl.lock-for" in query:
        return LOOK_AT_LOCK
    named = re.fullmatch(r"/(containers|images|networks|volumes)/(?!json$|create$)(?:.+?)(/[a-z]+)?", path)
    return f"{call.method} /{named[1]}/{{id}}{named[2] or ''}" if named else f"{call.method} {path}"
