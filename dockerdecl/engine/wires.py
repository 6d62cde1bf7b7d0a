"""Connections whose both directions stay open: what a terminal in a container needs, and HTTP has no word for.

Takes an endpoint, gives a `Wire`: bytes that never block, and a sending side that ends by itself. All of it belongs to
one thread, in TLS too, where the two directions of a socket can't be left to two.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from pathlib import Path

from dockerdecl.engine.contexts import Tls
from dockerdecl.engine.hosts import TcpEndpoint

_BLOCK_BYTES = 1 << 16


class Wire:
    """A connected socket that is read and written without waiting."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._unsent = bytearray()
        self._ends = False
        self._ended = False

    def fileno(self) -> int:
        """What to wait for: readable, and writable as long as something is `unsent`."""
        return self._socket.fileno()

    def settimeout(self, seconds: float) -> None:
        """How long to wait at most; 0 is not at all."""
        self._socket.settimeout(seconds)

    @property
    def unsent(self) -> int:
        """How many bytes are still to be sent."""
        return len(self._unsent)

    @property
    def pending(self) -> bool:
        """Whether more was received than was given: then there is nothing to wait for."""
        return False

    def send(self, data: bytes) -> None:
        """Take bytes to be sent, and send of them what goes at once. Raises OSError."""
        self._unsent += data
        self.flush()

    def flush(self) -> None:
        """Send more of what is unsent. Raises OSError."""
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        if self._ends and not self._unsent and not self._ended:
            self._ended = True
            self._end()

    def end(self) -> None:
        """Say that nothing more will be sent, once all was; what comes is still received. Raises OSError."""
        self._ends = True
        self.flush()

    def receive(self) -> bytes | None:
        """What has come; None where nothing has yet, `b""` at the end. Raises OSError."""
        try:
            return self._socket.recv(_BLOCK_BYTES)
        except BlockingIOError:
            return None

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def _end(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)


class TlsWire(Wire):
    """The same in TLS."""

    def __init__(self, connected: socket.socket, context: ssl.SSLContext, name: str) -> None:
        super().__init__(connected)
        # Between two buffers, since a TLS socket waits for the other side's end when its own is ended.
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._shake_hands()

    @property
    def pending(self) -> bool:
        """Whether more was received than was given: then there is nothing to wait for."""
        return bool(self._tls.pending() or self._incoming.pending)

    def send(self, data: bytes) -> None:
        """Take bytes to be sent, and send of them what goes at once. Raises OSError."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
        super().send(self._outgoing.read())

    def receive(self) -> bytes | None:
        """What has come; None where nothing has yet, `b""` at the end. Raises OSError."""
        while (found := self._decrypted()) is None:
            sealed = super().receive()
            if sealed is None:
                return None
            if not sealed:
                return b""
            self._incoming.write(sealed)
        return found

    def _decrypted(self) -> bytes | None:
        try:
            return self._tls.read(_BLOCK_BYTES)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return b""
        finally:
            if self._outgoing.pending:
                super().send(self._outgoing.read())

    def _end(self) -> None:
        # Our end is written at once; for that of the other side nobody waits here.
        with suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        self._unsent += self._outgoing.read()
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                self._socket.sendall(self._outgoing.read())
                return
            except ssl.SSLWantReadError:
                self._socket.sendall(self._outgoing.read())
                sealed = self._socket.recv(_BLOCK_BYTES)
                if not sealed:
                    raise ConnectionResetError("the engine hung up during the TLS handshake") from None
                self._incoming.write(sealed)


def dial_unix(path: str | Path, seconds: float) -> Wire:
    """A wire to a socket file. Raises OSError."""
    connected = socket.socket(socket.AF_UNIX)
    try:
        connected.settimeout(seconds)
        connected.connect(str(path))
    except BaseException:
        connected.close()
        raise
    return Wire(connected)


def dial_tcp(endpoint: TcpEndpoint, seconds: float) -> Wire:
    """A wire to a port, in TLS where the endpoint says so. Raises OSError."""
    connected = socket.create_connection((endpoint.name, endpoint.port), timeout=seconds)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return TlsWire(connected, _context(endpoint.tls), endpoint.name) if endpoint.tls else Wire(connected)
    except BaseException:
        connected.close()
        raise


def _context(tls: Tls) -> ssl.SSLContext:
    if tls.verify:
        context = ssl.create_default_context(cafile=str(tls.ca) if tls.ca else None)
    else:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.certificate and tls.key:
        context.load_cert_chain(tls.certificate, tls.key, password="")
    return context
