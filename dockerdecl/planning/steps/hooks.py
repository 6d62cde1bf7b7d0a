"""The steps of lifecycle hooks: commands that are run in a container after its start and before its stop.

An engine knows nothing of hooks, so a container carries a digest of those that are run after its start: others make
another container. That they were run to their end is written down on the engine. What is run before a stop is what the
manifest says by then.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from dockerdecl.planning.steps.draft import Draft, Key
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Undo
from dockerdecl.planning.verbs import PostStart, PreStop, RecordHooks, RemoveContainer, RemoveVolume, Target
from dockerdecl.resources.actual import Actual, LiveContainer
from dockerdecl.resources.container.lenses.hooks import hooks_differ
from dockerdecl.resources.container.parts import Hook
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import HOOKED_BY


def after_start(
    draft: Draft,
    container: DesiredContainer,
    target: Target,
    after: Iterable[Key],
    saga: str | None = None,
    *,
    name: str | None = None,
) -> list[Key]:
    """Run what belongs after a start, in what is called `name` by then; gives what comes next needs."""
    last, name = list(after), name or container.name
    for number, hook in enumerate(container.spec.post_start or (), 1):
        key = (str(container.address), f"post-start:{number}")
        last = [draft.add(key, PostStart(target, hook), f"run {_named(hook)} in {name}", last, saga=saga)]
    return last


def record_hooks(
    work: Work, container: DesiredContainer, target: Target, needs: Iterable[Key], saga: str | None = None
) -> None:
    """Write down that all of it was run, as the last thing: killed before, it is run again."""
    if container.spec.post_start:
        text = f"note that what belongs after the start of {container.name} was run"
        payload = RecordHooks(target, work.situation.project)
        work.draft.add((str(container.address), "record-hooks"), payload, text, needs, saga=saga)


def forget_hooks(draft: Draft, container: DesiredContainer, live: LiveContainer, needs: Iterable[Key]) -> list[Key]:
    """Before a container is started again, what was written down of its last start goes; gives what the start needs."""
    record = live.labels.get(HOOKED_BY)
    if record is None:
        return list(needs)
    key = (str(container.address), f"forget:{record}")
    return [draft.add(key, RemoveVolume(record, anonymous=True), f"forget {record}", needs)]


def forget_hooks_of_removed(draft: Draft, actual: Actual) -> None:
    """Before a container is removed, as the last thing: nobody would look for the record of one that is gone.

    Takes a draft whose needs are complete.
    """
    records = {live.id: live.labels.get(HOOKED_BY) for live in actual.containers}
    for key, entry in list(draft.entries.items()):
        record = records.get(entry.payload.target.id or "") if isinstance(entry.payload, RemoveContainer) else None
        if record is not None:
            payload = RemoveVolume(record, anonymous=True)
            draft.need(key, [draft.add((key[0], f"forget:{record}"), payload, f"forget {record}", entry.needs)])


def before_stop(
    draft: Draft,
    container: DesiredContainer | None,
    live: LiveContainer,
    needs: Iterable[Key],
    saga: str | None = None,
    *,
    part: str = "pre-stop",
) -> list[Key]:
    """Run what belongs before a stop, where a process can be started in the container; gives what the stop needs."""
    last = list(needs)
    hooks = container.spec.pre_stop or () if container is not None and live.state == "running" else ()
    for number, hook in enumerate(hooks, 1):
        assert container is not None, "without a container there are no hooks"
        address = str(container.address)
        text = f"run {_named(hook)} in {live.name}"
        payload = PreStop(Target(address, live.id), hook)
        last = [draft.add((address, f"{part}:{number}"), payload, text, last, saga=saga)]
    return last


def started_again(container: DesiredContainer, live: LiveContainer, target: Target) -> tuple[Undo, ...]:
    """What a container that is put back and started again had run after its start, as far as that is known."""
    if hooks_differ(container.spec, live.raw):
        return ()
    hooks = container.spec.post_start or ()
    return tuple(Undo(PostStart(target, hook), f"run {_named(hook)} in {live.name} again") for hook in hooks)


def _named(hook: Hook) -> str:
    "arguments may hold what nobody should see"
    return shlex.quote(hook.command[0]) if hook.command else "nothing"
