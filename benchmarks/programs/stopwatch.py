"""Runs one command and says what it took: stopwatch.py LOG COMMAND...

Gives JSON on stdout: seconds, CPU seconds, peak memory in KiB and exit code; what the command prints goes to LOG. It
is a program of its own, since a process begins with the peak memory of the one that started it: this one is small.
"""

from __future__ import annotations

import os
import sys
import time


def main(log: str, command: list[str]) -> None:
    """Run the command, and print the measures."""
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=streams)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    cpu = usage.ru_utime + usage.ru_stime
    sys.stdout.write(
        f'{{"seconds": {seconds:.6f}, "cpu": {cpu:.6f}, "memory": {usage.ru_maxrss}, '
        f'"exit": {os.waitstatus_to_exitcode(status)}}}\n'
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
