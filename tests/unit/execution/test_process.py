"""Whether the process that holds a lock is still there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from dockerdecl.execution.process import is_gone, this_process

NAMED = "from dockerdecl.execution.process import this_process; print(this_process(), flush=True); input()"
OTHER_NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL")


def test_a_process_is_there_until_it_ends() -> None:
    """Also as one whose parent has not asked how it ended: that does nothing more."""
    with subprocess.Popen((sys.executable, "-c", NAMED), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        name = _printed(child)
        assert name and not is_gone(name)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(name)
    assert is_gone(name)


def test_an_id_that_is_used_again_is_another_process() -> None:
    """Ids are given again, and soon in containers: the start tells two apart."""
    place, pid, began = this_process().rsplit(" ", 2)
    assert not is_gone(f"{place} {pid} {began}")
    assert is_gone(f"{place} {pid} {int(began) - 1}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes PID namespaces without more ado")
def test_of_a_process_elsewhere_nothing_is_known() -> None:
    """A container has ids of its own, another machine too: there an id means another process."""
    command = (*OTHER_NAMESPACE, sys.executable, "-c", NAMED)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        elsewhere = _printed(child)
        child.send_signal(signal.SIGKILL)
    assert elsewhere and not is_gone(elsewhere)
    boot, rest = this_process().split(" ", 1)
    gone = f"{rest.rsplit(' ', 1)[0]} 1"
    assert is_gone(f"{boot} {gone}") and not is_gone(f"another-boot {gone}")


@pytest.mark.parametrize("name", ["", "nonsense", "a b c", "a b 1 2"])
def test_a_name_that_tells_nothing_claims_nothing(name: str) -> None:
    """A lock of an earlier version, or of a machine without /proc, is judged by its lease alone."""
    assert not is_gone(name)


def _printed(child: subprocess.Popen[bytes]) -> str:
    assert child.stdout
    return child.stdout.readline().decode().strip()
