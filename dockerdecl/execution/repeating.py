"""Which calls are made again where their answer was lost, or where the engine failed without saying why.

Holds the one table of that, and the patience with which it is done. Takes calls, gives their results; knows no engine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import TypeVar

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.planning import verbs
from dockerdecl.planning.verbs import Payload
from dockerdecl.values import dataclass

T = TypeVar("T")

PAUSES = (0.1, 0.5, 1.5, 4.0)
"""Seconds before each further try: an engine that is restarted is back after 1 to 3 of them."""
_UNEXPLAINED = frozenset({"engine-failed", "engine-busy"})
_SILENT = "engine-timeout"  # it has been waited for, long enough


class Repeat(StrEnum):
    """How a call is made again of which nobody knows whether the engine did it."""

    SAME = "the same once more"
    LOOK = "looked at first"
    NEVER = "never"


REPEATING: Mapping[type[Payload], tuple[Repeat, str]] = {
    verbs.PullImage: (Repeat.SAME, "what is there already is not fetched again"),
    verbs.LoadImage: (Repeat.SAME, "an image's content is its name"),
    verbs.ImportImage: (Repeat.NEVER, "each import makes another image, and the first would stay without a name"),
    verbs.BuildImage: (Repeat.SAME, "what was built is taken from the cache"),
    verbs.TagImage: (Repeat.SAME, "a reference that is there already is set to the same image"),
    verbs.PushImage: (Repeat.SAME, "what the registry has already is not sent again"),
    verbs.RemoveImage: (Repeat.SAME, "one that is gone is no error"),
    verbs.CreateNetwork: (Repeat.LOOK, "20.10 might make a second one, later engines refuse the name"),
    verbs.RemoveNetwork: (Repeat.SAME, "it is named by its id, and one that is gone is no error"),
    verbs.CreateVolume: (Repeat.SAME, "where one of the name exists, the engine gives that one"),
    verbs.RemoveVolume: (Repeat.SAME, "one that is gone is no error"),
    verbs.Adopt: (Repeat.SAME, "it is a volume that is created"),
    verbs.Checkpoint: (Repeat.SAME, "it asks nothing of the engine"),
    verbs.CreateContainer: (Repeat.LOOK, "the name is taken by the one that was made"),
    verbs.PutFiles: (Repeat.SAME, "the same files are written again, before anybody reads them"),
    verbs.Connect: (Repeat.LOOK, "one that runs and is connected is refused"),
    verbs.Disconnect: (Repeat.SAME, "one that is not connected is no error"),
    verbs.Rename: (Repeat.SAME, "its own name is no error"),
    verbs.Update: (Repeat.SAME, "the same values are set again"),
    verbs.Start: (Repeat.LOOK, "one that came to its end meanwhile would be run a second time"),
    verbs.Stop: (Repeat.SAME, "one that is stopped is left as it is"),
    verbs.PostStart: (Repeat.NEVER, "what a command does twice only its author knows"),
    verbs.RecordHooks: (Repeat.SAME, "it is a volume that is created"),
    verbs.PreStop: (Repeat.NEVER, "what a command does twice only its author knows"),
    verbs.Pause: (Repeat.SAME, "one that is paused is left as it is"),
    verbs.Unpause: (Repeat.SAME, "one that isn't paused is left as it is"),
    verbs.AwaitRunning: (Repeat.SAME, "it only looks"),
    verbs.AwaitHealthy: (Repeat.SAME, "it only looks"),
    verbs.AwaitSteady: (Repeat.SAME, "it only looks"),
    verbs.AwaitCompleted: (Repeat.SAME, "it only looks"),
    verbs.RemoveContainer: (Repeat.SAME, "it is named by its id, and one that is gone is no error"),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """Makes calls again for a while. Once that was in vain, calls are tried once, until one comes through."""

    _in_vain: threading.Event = field(default_factory=threading.Event)

    def __call__(self, first: Callable[[], T], again: Callable[[], T]) -> T:
        """What `first` gives, or else `again`, as often as there are pauses.

        Raises the last error: at once one that says what is wrong, and after one more try one of an engine that failed
        and does not say why.
        """
        call, unexplained = first, False
        for pause in PAUSES:
            try:
                return self._through(call())
            except DockerdeclError as error:
                if not is_lost(error) and (unexplained or error.code not in _UNEXPLAINED):
                    raise
                unexplained = not is_lost(error)
                if self._in_vain.is_set():
                    raise
            time.sleep(pause)
            call = again
        try:
            return self._through(call())
        except DockerdeclError as error:
            if is_lost(error):
                self._in_vain.set()
            raise

    def _through(self, result: T) -> T:
        self._in_vain.clear()
        return result


def is_lost(error: DockerdeclError) -> bool:
    """Whether the engine gave no answer, so that it may be another time."""
    return error.exit_code is ExitCode.UNREACHABLE and error.code != _SILENT
