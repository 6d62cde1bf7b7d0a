"""What a signal means while steps run, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys
from dockerdecl.cli.interruption import interruptible

number = int(sys.argv[1])
with interruptible(announce=lambda: print("finishing"), restore=lambda: print("restored")) as interrupt:
    print(interrupt.is_set())
    for _ in range(int(sys.argv[2])):
        os.kill(os.getpid(), number)
    print(interrupt.is_set())
print(signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler))
"""


def run(number: signal.Signals, times: int, *, ignored: bool = False) -> tuple[int, list[str]]:
    prefix = ["nohup"] if ignored else []
    done = subprocess.run(
        [*prefix, sys.executable, "-c", PROGRAM, str(number.value), str(times)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_lets_the_steps_finish(number: signal.Signals) -> None:
    assert run(number, 1) == (0, ["False", "finishing", "True", "True"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_the_process_at_once(number: signal.Signals) -> None:
    assert run(number, 2) == (130, ["False", "finishing", "restored"])


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    assert run(signal.SIGHUP, 2, ignored=True) == (0, ["False", "False", "False"])
