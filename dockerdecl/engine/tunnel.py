"""A Unix socket here that is an engine's socket on another machine: one `ssh -N -L` for the whole run.

Takes an ssh endpoint, gives the path of a socket and closes it again. ssh reads its own configuration (Port, User,
keys, jump hosts) as always, and its own words are in the error when it fails.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from dockerdecl.engine.hosts import SshEndpoint
from dockerdecl.engine.unreachable import unreachable
from dockerdecl.errors import DockerdeclError

OPENING_SECONDS = 30.0
"""How long ssh may take to log in. It gives up on a silent machine by itself after 10 seconds."""

_OPTIONS = (
    *("-N", "-T", "-a", "-x"),
    *("-o", "ConnectTimeout=10"),
    *("-o", "ServerAliveInterval=15"),
    # A shared master would do the forwarding and outlive us.
    *("-o", "ControlMaster=no", "-o", "ControlPath=none"),
    # Another forward of the user's configuration may be taken already by a session of theirs.
    *("-o", "ExitOnForwardFailure=no"),
)

_HINTS = (
    ("host key verification failed", "Run `ssh {name}` once by hand to look at its key and accept it."),
    ("permission denied", "ssh needs a key that it can use without asking: `ssh {name} true` must work as it stands."),
    ("could not resolve", "Is the name spelled correctly, or is it a Host of your ~/.ssh/config?"),
    ("connection refused", "Does an ssh server listen there, on this port? Write ssh://NAME:PORT for another."),
    ("timed out", "Is the machine up, and does no firewall swallow what is sent to its ssh port?"),
)


class Tunnel:
    """An open tunnel; `socket` is its end here. Close it, or the end of the program does."""

    def __init__(self, endpoint: SshEndpoint, environ: Mapping[str, str]) -> None:
        """Open it. Raises `ssh-missing`, `ssh-failed` with ssh's own words, or `connect-timeout`."""
        self._endpoint = endpoint
        self._folder = Path(tempfile.mkdtemp(prefix="dockerdecl-ssh-"))
        self.socket = self._folder / "docker.sock"
        atexit.register(self.close)
        try:
            self._process = self._start(environ)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            atexit.unregister(self.close)
            raise unreachable(
                "ssh-missing",
                f"the engine at {endpoint.host} needs the program `ssh`: {error.strerror}",
                "Install an OpenSSH client (`apt install openssh-client`).",
            ) from error
        try:
            self._wait_until_open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End ssh and take the socket away. Does nothing the second time."""
        atexit.unregister(self.close)
        if self._process.poll() is None:
            # The group, since a jump host is another ssh; without mercy, since ssh has nothing to lose and was seen
            # to take its time over a TERM.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def first_use_failed(self) -> DockerdeclError:
        """Why the very first request died: ssh is logged in, so the far end of the tunnel isn't there."""
        if self._process.poll() is not None:
            return self._failed()
        endpoint = self._endpoint
        # ssh says the same of a socket that is missing, of one that the user may not use, and of forbidden forwarding.
        return unreachable(
            "ssh-socket-unreachable",
            f"ssh reached {endpoint.name}, but not the engine's socket {endpoint.path} there",
            f"On {endpoint.name}: the engine must run; the user must be in the docker group; sshd must allow "
            f"AllowStreamLocalForwarding; and for another socket, write ssh://NAME/PATH/OF/docker.sock.",
        )

    def _start(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        endpoint = self._endpoint
        port = ("-p", str(endpoint.port)) if endpoint.port else ()
        user = ("-l", endpoint.user) if endpoint.user else ()
        forward = ("-L", f"{self.socket}:{endpoint.path}")
        with (self._folder / "stderr").open("wb") as stderr:
            return subprocess.Popen(
                ("ssh", *_OPTIONS, *port, *user, *forward, "--", endpoint.name),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=dict(environ),
                # Ctrl-C stops new steps only; those that run still need the tunnel.
                start_new_session=True,
            )

    def _wait_until_open(self) -> None:
        deadline = time.monotonic() + OPENING_SECONDS
        while not self._listens():
            if self._process.poll() is not None:
                raise self._failed()
            if time.monotonic() > deadline:
                raise unreachable(
                    "connect-timeout",
                    f"ssh did not open the way to {self._endpoint.host} in {OPENING_SECONDS:.0f} s: {self._words()}",
                    f"`ssh {self._endpoint.name} true` must work as it stands, without asking for anything.",
                )
            time.sleep(0.01)

    def _listens(self) -> bool:
        # The file is there a moment before it can be connected to.
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True

    def _failed(self) -> DockerdeclError:
        words = self._words() or f"exit code {self._process.returncode}"
        name = self._endpoint.name
        fitting = (hint.format(name=name) for sign, hint in _HINTS if sign in words.lower())
        hint = next(fitting, f"`ssh {name} true` must work as it stands, without asking for anything.")
        return unreachable("ssh-failed", f"ssh to {self._endpoint.host} failed: {words}", hint)

    def _words(self) -> str:
        try:
            text = (self._folder / "stderr").read_text(errors="replace")
        except OSError:
            return ""
        return "; ".join(line.strip() for line in text.splitlines()[-3:] if line.strip())
