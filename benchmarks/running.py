"""Measures all in turn: takes competitors and what to measure, gives results.

Each competitor has an engine of its own, so that nobody's containers are in another's list. The works are done in one
order, from nothing to nothing, by one competitor after the other, another one first in each round: nobody's containers
run beside another's, and whatever else happens on the machine meets all of them alike. Looks after every change whether
it was made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import calls
from benchmarks.competitors import Competitor, Task
from benchmarks.host import IMAGE, MOST_STARTED, write_forms
from benchmarks.measuring import measured, timed
from benchmarks.results import Counted, Results
from benchmarks.works import ABOUT, ALONE, Work
from tests.support.engine_proxy import EngineProxy
from tests.support.engines import PrivateEngine
from tests.support.images import import_busybox

Say = Callable[[str], None]
NOBODY = 0


class NotDoneError(Exception):
    """A competitor that didn't do what was measured."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to measure. `say` is told what goes on, `keep` is given the results whenever there are more."""

    sizes: Sequence[int]
    rounds: int
    works: Sequence[Work]
    say: Say
    keep: Callable[[Results], None]
    most_started: int = MOST_STARTED


@dataclass(slots=True)
class Participant:
    """A competitor with its engine, and the containers that it had when it was last looked at."""

    competitor: Competitor
    engine: PrivateEngine
    folder: Path
    containers: Mapping[str, str] = field(default_factory=dict)

    def do(self, task: Task, results: Results | None) -> None:
        """Do a work, and take its measure where there is where to; look at what came of it. Raises NotDoneError."""
        command = self.competitor.command(task)
        if command is None and ABOUT[task.work].changes:
            command, results = self.competitor.prepare(task), None
        if command is None:
            return
        measure = measured(command, self.engine, self.folder)
        if ABOUT[task.work].changes:
            self._look(task)
        if results is not None:
            results.add(task.work, task.size, self.competitor.kind, self.competitor.name, measure)

    def _look(self, task: Task) -> None:
        before = self.containers
        found = {one["Names"][0]: one for one in self.engine.api("GET", "/containers/json", query={"all": 1})}
        self.containers = {name: str(one["Id"]) for name, one in found.items()}
        size = 0 if task.work is Work.DESTROY else task.size
        anew = {Work.APPLY: size, Work.APPLY_ONE: min(size, 1), Work.REPLACE: size}.get(task.work, 0)
        made = len(set(self.containers.values()) - set(before.values()))
        states = {one["State"] for one in found.values()}
        if (len(found), made) != (size, anew) or states - {"running" if task.started else "created"}:
            said = f"{len(found)} containers are there ({', '.join(states)}), {made} of them new"
            raise NotDoneError(f"{self.competitor.name}, {task.work}: {said}, where {anew} of {size} were to be new")

    def clean(self) -> None:
        """Whatever is left goes away, records too."""
        api = self.engine.api
        with ThreadPoolExecutor(4) as pool:
            left = [str(one["Id"]) for one in api("GET", "/containers/json", query={"all": 1})]
            list(pool.map(lambda one: api("DELETE", f"/containers/{one}", query={"force": 1, "v": 1}), left))
        for network in api("GET", "/networks"):
            if network["Name"] not in ("bridge", "host", "none"):
                api("DELETE", f"/networks/{network['Id']}")
        for volume in api("GET", "/volumes")["Volumes"] or ():
            api("DELETE", f"/volumes/{volume['Name']}")
        self.containers = {}


def run(order: Order, named: Callable[[Path], Sequence[Competitor]], binaries: Path) -> Results:
    """All of it. `named` gives the competitors, whose programs may be put in the folder that it is given."""
    results = Results()
    with tempfile.TemporaryDirectory(prefix="bm-", dir="/tmp") as place, ExitStack() as stack:
        folder = Path(place)
        found = [_joined(one, binaries, folder, stack) for one in named(folder)]
        results.surroundings["engine"] = found[0].engine.version
        order.say(f"engine {found[0].engine.version}: {', '.join(one.competitor.name for one in found)}")
        _Turns(order, found, None, folder).host(1, 0)  # loads everybody's files, and has byte code written
        for number in range(order.rounds):
            turns = _Turns(order, found, results, folder)
            turns.alone(number)
            for size in order.sizes:
                order.say(f"round {number + 1} of {order.rounds}, N = {size}")
                turns.host(size, number)
                order.keep(results)
        for one in found:
            if one.competitor.kind == "dockerdecl":
                results.counted += _Counting(order, one, folder).all()
                break
        order.keep(results)
    return results


def _joined(competitor: Competitor, binaries: Path, folder: Path, stack: ExitStack) -> Participant:
    engine = stack.enter_context(PrivateEngine(binaries))
    import_busybox(engine, IMAGE)
    return Participant(competitor, engine, folder)


@dataclass(frozen=True, slots=True)
class _Turns:
    """All participants, one after the other, another one first in each round.

    Each has the machine for itself from an empty host to an empty host: what many containers of others would cost it
    is not its own.
    """

    order: Order
    found: Sequence[Participant]
    results: Results | None
    folder: Path

    def alone(self, number: int) -> None:
        for work in ALONE:
            if work in self.order.works:
                for one in self._from(number):
                    self._do(one, Task(work, self.folder, NOBODY, started=True))

    def host(self, size: int, number: int) -> None:
        for one in self._from(number):
            for task, wanted in tasks(self.order, self.folder, size):
                self._do(one, task, measure=wanted)
            one.clean()

    def _from(self, number: int) -> Sequence[Participant]:
        first = number % len(self.found)
        return (*self.found[first:], *self.found[:first])

    def _do(self, one: Participant, task: Task, *, measure: bool = True) -> None:
        results = self.results if measure else None
        for _ in range(ABOUT[task.work].repeats if results is not None else 1):
            one.do(task, results)
        taken = results and results.measured.get((task.work, task.size, one.competitor.name))
        if taken:
            self.order.say(f"  {one.competitor.name:16} {task.work:9} {taken.measures[-1].seconds:8.3f} s")


def tasks(order: Order, folder: Path, size: int) -> Iterator[tuple[Task, bool]]:
    """What is done on a host of that size, in its order, and whether it is measured or just needed for the rest."""
    started = size <= order.most_started
    forms = write_forms(folder / f"host-{size}", size, started=started)
    last = max((index for index, work in enumerate(Work) if work in order.works), default=0)
    for index, work in enumerate(Work):
        if work in ALONE or index > last:
            continue
        wanted = work in order.works
        if wanted or (work is Work.APPLY and last > index):
            yield Task(work, forms, size, started), wanted


@dataclass(frozen=True, slots=True)
class _Counting:
    "the calls of one participant, through a proxy; nothing is measured meanwhile"

    order: Order
    one: Participant
    folder: Path

    def all(self) -> Iterator[Counted]:
        for size in self.order.sizes:
            self.order.say(f"counting calls, N = {size}")
            for task, wanted in tasks(self.order, self.folder, size):
                counted = self._counted(task)
                if wanted and counted is not None:
                    yield counted
            self.one.clean()

    def _counted(self, task: Task) -> Counted | None:
        "through a proxy in front of the same engine"
        if task.work not in calls.NEEDED:
            return None
        command = self.one.competitor.command(task)
        assert command is not None
        with EngineProxy(self.one.engine.socket, self.folder / "proxy.sock") as proxy:
            timed(command, proxy.host, self.folder)
            made = dict(calls.made(proxy.calls))
        return Counted(task.work, task.size, dict(calls.needed(task.work, task.size, started=task.started)), made)
