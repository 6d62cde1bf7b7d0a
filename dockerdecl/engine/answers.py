"""One answer of the engine: its status and headers, and a body that is read whole, by chunks or by JSON lines.

Takes a response whose body may still be on the wire, and the translation of what can go wrong while it is read.
Judges nothing: refusals are raised by `client` before an answer gets here.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dockerdecl.engine.errors import NOT_FOUND
from dockerdecl.engine.reading import Streamed
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    import requests

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = expression(rf"\w+, (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT")

Json = dict[str, Any]
"""One object of the Engine API as it is on the wire: keys in the engine's spelling, values of any JSON type."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered. A streamed one must be read to its end or closed.

    `asked` is the method and the path; a `status` of 400 and above is raised before anybody gets to see it. `headers`
    are found by their names in small letters. `body` is on the wire still, or whole.
    """

    asked: str
    status: int
    headers: Mapping[str, str]
    body: bytes | Streamed | requests.Response
    explain: Callable[[Exception], DockerdeclError]

    def header(self, name: str) -> str:
        """The value of a header, `""` if the engine sent none; case of `name` doesn't matter."""
        return self.headers.get(name.lower(), "")

    def clock(self) -> int:
        """The engine's own time when it answered, in seconds since 1970. Raises `bad-answer` where it doesn't say."""
        # "Thu, 26 Nov 2026 23:35:08 GMT"; the modules that know this form take longer to load than a plan to be made.
        found = _DATE.fullmatch(self.header("Date"))
        if found is None:
            raise self._unexpected()
        day, month, year, hour, minute, second = found.groups()
        at = (int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
        return int(datetime(*at, tzinfo=UTC).timestamp())

    def content(self) -> bytes:
        """The body as bytes. Raises `connection-lost` when it ends early."""
        return b"".join(self.chunks())

    def json_object(self) -> Json:
        """The body as a JSON object. Raises `bad-answer` if it is none."""
        value = self._decoded()
        if not isinstance(value, dict):
            raise self._unexpected()
        return value

    def json_list(self) -> list[Json]:
        """The body as a list of JSON objects, empty for `null`. Raises `bad-answer` if it is no list."""
        value = self._decoded()
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._unexpected()
        return value

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives, and nothing left open after it. Raises `connection-lost` when it is cut."""
        if isinstance(self.body, bytes):
            yield self.body
            return
        if isinstance(self.body, Streamed):
            try:
                yield from self.body.chunks()
            except OSError as error:
                raise self.explain(error) from error
            finally:
                self.body.close()
            return
        import requests

        try:
            yield from self.body.iter_content(chunk_size=None)
        except (requests.RequestException, OSError) as error:
            raise self.explain(error) from error
        finally:
            self.body.close()

    def lines(self) -> Iterator[Json]:
        """The JSON objects of a streamed body, each as soon as it is there.

        Raises `connection-lost` when the stream is cut, `bad-answer` if it isn't JSON.
        """
        rest = b""
        for chunk in self.chunks():
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (self._line(line) for line in whole if line.strip())
        if rest.strip():
            yield self._line(rest)

    def interrupt(self) -> None:
        """Wake a thread that waits for more of the body: for it, the connection ends. Safe from any thread."""
        if isinstance(self.body, bytes):
            return
        if isinstance(self.body, Streamed):
            self.body.interrupt()
            return
        connection = getattr(self.body.raw, "connection", None)
        wire = getattr(connection, "sock", None)
        if wire is not None:
            with suppress(OSError):
                # Of the plain socket, since an SSLSocket's own shutdown pulls its state from under the reader.
                socket.socket.shutdown(wire, socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection, whatever is left of the body."""
        if not isinstance(self.body, bytes):
            self.body.close()

    def _decoded(self) -> object:
        try:
            value: object = json.loads(self.content())
        except ValueError as error:
            raise self._unexpected() from error
        return value

    def _line(self, text: bytes) -> Json:
        try:
            value = json.loads(text)
        except ValueError as error:
            raise self._unexpected() from error
        if not isinstance(value, dict):
            raise self._unexpected()
        return value

    def _unexpected(self) -> DockerdeclError:
        return fail(
            "bad-answer",
            f"the answer to {self.asked} is not what the Docker Engine API says",
            hint="Is something between dockerdecl and the engine, a proxy perhaps, that answers in its place?",
        )


def accepted(answer: Answer | DockerdeclError) -> Answer:
    """The answer, where it is one. Raises the refusal where it is none."""
    if isinstance(answer, DockerdeclError):
        raise answer
    return answer


def found(answer: Answer | DockerdeclError) -> Json | None:
    """The object that was asked for, None where the engine hasn't got it. Raises any other refusal."""
    if isinstance(answer, Answer):
        return answer.json_object()
    if answer.code == NOT_FOUND:
        return None
    raise answer
