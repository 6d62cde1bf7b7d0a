"""Who is interrupted waits for no answer that may never come."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from dockerdecl.locking.asking import side_by_side

SILENT = """
import os, signal, threading, time
from dockerdecl.locking.asking import side_by_side

threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    side_by_side(time.sleep, [30, 30])
except KeyboardInterrupt:
    print("interrupted")
"""


def test_answers_come_in_the_order_of_the_questions() -> None:
    assert side_by_side(lambda number: number * number, range(20)) == [number * number for number in range(20)]
    assert side_by_side(str, []) == []


def test_an_error_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda number: 1 // number, [1, 0])


def test_an_interruption_waits_for_no_one() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
    assert time.monotonic() - began < 10
