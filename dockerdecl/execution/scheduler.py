"""Runs the steps of a plan: each when its needs are met, several at a time, waits beside them.

A failed step stops what needs it; what doesn't need it goes on. The steps of a saga that can't be finished are taken
back, last first. Where the user interrupts, no new step begins and running ones finish.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import field, replace

from dockerdecl.engine.client import Engine
from dockerdecl.engine.progress import Progress
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.execution.events import Event, Listener, Outcome, StepFinished, StepProgress, StepStarted
from dockerdecl.execution.report import Report, StepResult
from dockerdecl.execution.runners import Runner, quiet
from dockerdecl.execution.urgency import Ready
from dockerdecl.execution.waiting import Waiting
from dockerdecl.planning.values import Plan, Step
from dockerdecl.planning.verbs import Rename, Stop
from dockerdecl.resources.masking import scrub
from dockerdecl.values import dataclass

PARALLELISM = 6
"""Measured on two cores, where the engine is what takes the time: 4 are a tenth slower, 8 and 12 no faster."""
INTERRUPTED = "interrupted"
_LOOK_SECONDS = 0.2


def execute(
    plan: Plan,
    engine: Engine,
    environ: Mapping[str, str],
    *,
    listener: Listener,
    interrupt: threading.Event,
    parallelism: int = PARALLELISM,
    fence: Callable[[], None] | None = None,
) -> Report:
    """Carry out a plan; gives what became of every step. `interrupt` is looked at before every step.

    `fence` is called before every step that takes something away, and raises where it must not be done.
    """
    with Waiting(engine) as waiting, ThreadPoolExecutor(parallelism, "dockerdecl-step") as pool:
        runner = Runner(engine, waiting, environ, fence) if fence else Runner(engine, waiting, environ)
        run = _Run(plan, runner, pool, listener, interrupt, parallelism)
        return run.report()


@dataclass(frozen=True, slots=True)
class _Graph:
    "what is walked at every end of a step, so that none of it takes a look at all the others"

    waiting: dict[int, set[int]]
    dependants: dict[int, list[int]]
    sagas: dict[str, list[Step]]

    @staticmethod
    def of(plan: Plan) -> _Graph:
        dependants: dict[int, list[int]] = {step.id: [] for step in plan.steps}
        sagas: dict[str, list[Step]] = {}
        for step in plan.steps:
            for need in step.needs:
                dependants[need].append(step.id)
            if step.saga is not None:
                sagas.setdefault(step.saga, []).append(step)
        return _Graph({step.id: set(step.needs) for step in plan.steps}, dependants, sagas)


@dataclass(slots=True)
class _Run:
    plan: Plan
    runner: Runner
    pool: ThreadPoolExecutor
    listener: Listener
    interrupt: threading.Event
    parallelism: int
    results: dict[int, StepResult] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)
    problems: list[DockerdeclError] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _running: dict[int, float] = field(default_factory=dict)
    _waits: set[int] = field(default_factory=set)
    _undoing: int = 0
    _doomed: set[str] = field(default_factory=set)
    _given_up: set[str] = field(default_factory=set)
    _steps: dict[int, Step] = field(init=False)
    _graph: _Graph = field(init=False)
    _ended: queue.SimpleQueue[tuple[int | str, StepResult]] = field(default_factory=queue.SimpleQueue)
    _telling: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._steps = {step.id: step for step in self.plan.steps}
        self._graph = _Graph.of(self.plan)

    def report(self) -> Report:
        ready = Ready(self.plan.steps)
        ready.add(step_id for step_id, needs in self._graph.waiting.items() if not needs)
        while True:
            self._begin(ready)
            if self.interrupt.is_set():
                self._abandon(ready)
            if not self._running and not self._undoing:
                break
            for key, result in self._ends():
                if isinstance(key, str):
                    self._undoing -= 1
                else:
                    self._settle(self._steps[key], result, ready)
        unfinished = any(self._outcome(step) is not Outcome.DONE for step in self.plan.steps)
        interrupted = self.interrupt.is_set() and unfinished
        return Report(self.plan, dict(self.results), interrupted, tuple(sorted(self.restored)), tuple(self.problems))

    def _settle(self, step: Step, result: StepResult, ready: Ready) -> None:
        del self._running[step.id]
        self._waits.discard(step.id)
        self._finish(step, result)
        if result.outcome is not Outcome.DONE:
            self._skip(self._graph.dependants[step.id])
            self._give_up(step)
            return
        if step.saga is not None and any(self._outcome(other) is Outcome.SKIPPED for other in self._members(step.saga)):
            self._give_up(step)
        for dependant in self._graph.dependants[step.id]:
            waiting = self._graph.waiting[dependant]
            waiting.discard(step.id)
            if not waiting and dependant not in self.results:
                ready.add((dependant,))

    def _outcome(self, step: Step) -> Outcome | None:
        result = self.results.get(step.id)
        return result.outcome if result else None

    def _members(self, saga: str) -> list[Step]:
        return self._graph.sagas[saga]

    def _begin(self, ready: Ready) -> None:
        while ready and not self.interrupt.is_set() and len(self._running) - len(self._waits) < self.parallelism:
            step = self._steps[ready.take()]
            if step.id in self.results:
                continue
            self._running[step.id] = time.monotonic()
            self._tell(StepStarted(step.id, step.payload.verb, step.address, step.text, time.monotonic() - self._began))
            if step.payload.verb.startswith("await"):
                self._waits.add(step.id)
            self.pool.submit(self._carry_out, step)

    def _carry_out(self, step: Step) -> None:
        began = time.monotonic()

        def tell(progress: Progress) -> None:
            self._tell(StepProgress(step.id, progress.text, progress.current, progress.total))

        def ended(future: Future[None]) -> None:
            error = future.exception()
            self._ended.put((step.id, self._result(began, error, ())))

        try:
            came = self.runner.run(step.payload, tell)
        except Exception as error:
            self._ended.put((step.id, self._result(began, error, ())))
            return
        if isinstance(came, Future):
            came.add_done_callback(ended)
        else:
            self._ended.put((step.id, self._result(began, None, came)))

    def _result(self, began: float, error: BaseException | None, warnings: tuple[str, ...]) -> StepResult:
        seconds = time.monotonic() - began
        if error is None:
            return StepResult(Outcome.DONE, seconds, note="; ".join(warnings) or None)
        if isinstance(error, DockerdeclError):
            if error.code == INTERRUPTED:
                return StepResult(Outcome.SKIPPED, seconds)
            return StepResult(Outcome.FAILED, seconds, error)
        unexpected = fail("bug", f"dockerdecl failed at this step: {error!r}", hint="please report it, with `--debug`")
        unexpected.__cause__ = error
        return StepResult(Outcome.FAILED, seconds, unexpected)

    def _ends(self) -> list[tuple[int | str, StepResult]]:
        "at least one end, or nothing for a moment, in which an interruption may have come"
        try:
            found = [self._ended.get(timeout=_LOOK_SECONDS)]
        except queue.Empty:
            return []
        while not self._ended.empty():
            found.append(self._ended.get())
        return found

    def _finish(self, step: Step, result: StepResult) -> None:
        if result.error is not None:
            result = replace(result, error=_scrubbed(result.error.at(step.address), self.plan.secrets))
        self.results[step.id] = result
        self._tell(StepFinished(step.id, result.outcome, result.seconds, result.error, result.note))

    def _skip(self, ids: list[int]) -> None:
        waiting, skipped = ids[::-1], list[Step]()
        while waiting:
            step_id = waiting.pop()
            if step_id not in self.results and step_id not in self._running:
                skipped.append(self._steps[step_id])
                self._finish(skipped[-1], StepResult())
                waiting += reversed(self._graph.dependants[step_id])
        for step in skipped:
            self._give_up(step)

    def _abandon(self, ready: Ready) -> None:
        ready.clear()
        self.runner.waiting.abandon(fail(INTERRUPTED, "interrupted while waiting"))
        for step in self._steps.values():
            if step.id not in self.results and step.id not in self._running:
                self._finish(step, StepResult())
        for step in self._steps.values():
            if self._outcome(step) is Outcome.SKIPPED:
                self._give_up(step)

    def _give_up(self, step: Step) -> None:
        "a saga that can't be finished begins nothing more, and is taken back as soon as nothing of it runs"
        saga = step.saga
        if saga is None or saga in self._given_up:
            return
        members = self._members(saga)
        if saga not in self._doomed:
            self._doomed.add(saga)
            self._skip([i for member in members for i in (member.id, *self._graph.dependants[member.id])])
        if saga in self._given_up or any(other.id in self._running for other in members):
            return
        self._given_up.add(saga)
        # A step whose answer was lost may have been done; what takes it back does no harm where it was not.
        begun = [m for m in members if self._outcome(m) in (Outcome.DONE, Outcome.FAILED) and m.undo]
        if begun:
            self._undoing += 1
            self.pool.submit(self._take_back, saga, begun)

    def _take_back(self, saga: str, begun: list[Step]) -> None:
        failures: list[DockerdeclError] = []
        for step in reversed(begun):
            for undo in step.undo:
                try:
                    came = self.runner.run(undo.payload, quiet)
                    if isinstance(came, Future):
                        came.result()
                except DockerdeclError as error:  # the rest still brings the old one closer to running again
                    if self._outcome(step) is Outcome.DONE and error.code != INTERRUPTED:
                        failures.append(error)
            if self._outcome(step) is Outcome.DONE:
                self.results[step.id] = replace(self.results[step.id], outcome=Outcome.UNDONE)
                self._tell(StepFinished(step.id, Outcome.UNDONE, self.results[step.id].seconds))
        if failures:
            self.problems.append(_not_restored(failures[0], saga))
        else:
            self.restored += {step.address for step in begun if took_away(step)}
        self._ended.put((saga, StepResult(Outcome.UNDONE)))

    def _tell(self, event: Event) -> None:
        with self._telling:
            self.listener(event)


def took_away(step: Step) -> bool:
    """Whether a step stops or renames what stood there before; what is new is only made beside it."""
    return isinstance(step.payload, (Stop, Rename)) and step.payload.target.id is not None


def _scrubbed(error: DockerdeclError, secrets: tuple[str, ...]) -> DockerdeclError:
    "an engine repeats commands, and a container's last lines may hold anything"
    problems = (replace(problem, message=scrub(problem.message, secrets)) for problem in error.problems)
    return DockerdeclError(*problems, exit_code=error.exit_code)


def _not_restored(error: DockerdeclError, saga: str) -> DockerdeclError:
    problem = error.problems[0]
    message = f"the old container could not be put back: {problem.message}"
    hint = "the next apply will finish or undo the replacement"
    return fail("not-restored", message, address=saga, hint=hint)
