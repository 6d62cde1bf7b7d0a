"""One Docker engine, as raw requests and answers of its API.

Takes a way to the engine (`Transport`) and what was agreed on with it, gives answers and errors. Thread-safe for up to
`WORKERS` threads at once. Knows no call by name: those are in `calls`.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

from dockerdecl.engine.answers import Answer, Json
from dockerdecl.engine.errors import from_answer
from dockerdecl.engine.hosts import Endpoint
from dockerdecl.engine.reading import Reader, Single
from dockerdecl.engine.unreachable import CONNECTION_LOST, connection_error
from dockerdecl.errors import DockerdeclError

if TYPE_CHECKING:
    import requests

    from dockerdecl.engine.upgrading import Upgraded
    from dockerdecl.engine.wires import Wire

WORKERS = 16
READERS = 8
"""How many answers are read at once where they can't be asked for in a row."""

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 300.0
"""How long the engine may be silent: long, since a busy one has been seen to take minutes to remove a container."""

_LATELY_SECONDS = 10.0

Query = Mapping[str, str | int | bool | Sequence[str] | None]
"""Query parameters: None is left out, a sequence is given once per item."""

Body = bytes | Iterable[bytes] | BinaryIO


class Transport:
    """The way to one engine: a session of HTTP connections, and where there is a socket, a faster way beside it.

    `open_session` is called when it is used for the first time, which is where there is no socket, or something is sent
    as a stream: what it loads takes longer than to read all that an engine has. `dial` makes a connection beside them,
    within so many seconds. `close` lets go of everything that was opened.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        base_url: str,
        open_session: Callable[[], requests.Session],
        dial: Callable[[float], Wire],
        *,
        reader: Reader | None = None,
        and_then: Callable[[], None] = lambda: None,
    ) -> None:
        self.endpoint = endpoint
        self.base_url = base_url
        self._open_session = open_session
        self._dial = dial
        self._reader = reader
        self._and_then = and_then
        self._told: tuple[Answer, float] | None = None
        self._session: requests.Session | None = None
        self._opening = threading.Lock()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        data: Body | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        timeout: float | None = ANSWER_SECONDS,
    ) -> Answer:
        """The engine's answer, whatever it is; raises only where there is none.

        A GET or HEAD whose connection died is sent a second time: the engine closes idle connections, and asking
        twice harms nothing.
        """
        whole = data.getvalue() if isinstance(data, io.BytesIO) else data or b""
        if self._reader is not None and method != "HEAD" and isinstance(whole, bytes):
            request = Single(method, _target(path, params), headers or {}, whole)
            if method == "GET" and not (stream or headers or whole):
                return self.read_all((request.target,), timeout)[0]
            return self._send_single(self._reader, request, timeout, stream=stream)
        import requests

        for last_try in (method not in ("GET", "HEAD"), True):
            try:
                response = self.session.request(
                    method,
                    self.base_url + path,
                    params=_query(params or {}),
                    data=data,
                    headers=dict(headers or {}),
                    stream=stream,
                    timeout=(_connect_seconds(data, timeout), timeout),
                    allow_redirects=False,
                )
            except (requests.RequestException, OSError) as error:
                explained = self._explain(error)
                if last_try or explained.code != CONNECTION_LOST:
                    raise explained from error
            else:
                asked = f"{method} {response.request.path_url}"
                return self._noted(Answer(asked, response.status_code, response.headers, response, self._explain))
        raise AssertionError("the last try either answers or raises")

    def read_all(self, targets: Sequence[str], timeout: float | None = ANSWER_SECONDS) -> list[Answer]:
        """The answers to a GET of each target, whatever they are; raises only where there is none."""
        if self._reader is None:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(READERS) as pool:
                return list(pool.map(lambda target: self.send("GET", target, timeout=timeout), targets))
        try:
            read = self._reader.read_all(targets, timeout)
        except OSError as error:
            raise self._explain(error) from error
        return [
            self._noted(Answer(f"GET {target}", one.status, one.headers, one.body, self._explain))
            for target, one in zip(targets, read, strict=True)
        ]

    def _send_single(self, reader: Reader, request: Single, timeout: float | None, *, stream: bool) -> Answer:
        "as `send`"
        asked = f"{request.method} {request.target}"
        for last_try in (request.method != "GET", True):
            try:
                if stream:
                    streamed = reader.stream(request, timeout)
                    return self._noted(Answer(asked, streamed.status, streamed.headers, streamed, self._explain))
                read = reader.send(request, timeout)
                return self._noted(Answer(asked, read.status, read.headers, read.body, self._explain))
            except OSError as error:
                explained = self._explain(error)
                if last_try or explained.code != CONNECTION_LOST:
                    raise explained from error
        raise AssertionError("the last try either answers or raises")

    def _noted(self, answer: Answer) -> Answer:
        self._told = answer, time.monotonic()
        return answer

    def clock(self) -> int:
        """The engine's own time, in whole seconds since 1970, rounded down; asked for where no answer told it lately.

        An engine's answers say the second that they were given in, so that this may be a second behind.
        """
        told = self._told
        if told is None or time.monotonic() - told[1] > _LATELY_SECONDS:
            told = self.send("GET", "/_ping"), time.monotonic()
        return told[0].clock() + int(time.monotonic() - told[1])

    def upgrade(self, target: str, body: bytes) -> Upgraded:
        """The connection that a POST is answered with. Raises the engine's refusal, or what the connection died of."""
        from dockerdecl.engine.upgrading import upgrade

        try:
            wire = self._dial(CONNECT_SECONDS)
        except OSError as error:
            raise self._explain(error) from error
        try:
            return upgrade(wire, urlsplit(self.base_url).path + target, body, self._explain)
        except BaseException:
            wire.close()
            raise

    @property
    def session(self) -> requests.Session:
        """The session, opened with its first use."""
        with self._opening:
            if self._session is None:
                self._session = self._open_session()
            return self._session

    def close(self) -> None:
        """Let go of every connection."""
        if self._session is not None:
            self._session.close()
        if self._reader is not None:
            self._reader.close()
        self._and_then()

    def _explain(self, error: Exception) -> DockerdeclError:
        return connection_error(error, self.endpoint)


class Engine:
    """One Docker engine that was reached and speaks an API version we know."""

    def __init__(
        self,
        transport: Transport,
        api_version: str,
        server_version: str,
        system: str = "linux",
        product: str = "Docker",
    ) -> None:
        self._transport = transport
        self.host = transport.endpoint.host
        self.api_version = api_version
        self.server_version = server_version
        self.system = system
        self.product = product

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        body: Json | None = None,
        data: Body | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        timeout: float | None = ANSWER_SECONDS,
    ) -> Answer:
        """Make one call and give its answer; 304 ("already so") is one, 400 and above are raised.

        `path` begins with the slash after the version. `body` is sent as JSON, `data` as it is. With `stream`, the
        answer's body is left on the wire, to be read or closed. `timeout` is how long the engine may be silent, in
        seconds, None for as long as it likes. Raises the error of `errors` for a refusal, `connection-lost` and its
        like for a connection that failed.
        """
        sent = dict(headers or {})
        if body is not None:
            data = _as_json(body)
            sent["Content-Type"] = "application/json"
        answer = self._transport.send(
            method,
            f"/v{self.api_version}{path}",
            params=params,
            data=data,
            headers=sent,
            stream=stream,
            timeout=timeout,
        )
        return _accepted(answer)

    def read_each(self, paths: Sequence[str]) -> list[Answer | DockerdeclError]:
        """The answers to a GET of each path, the refusals among them; fast where there are many.

        Raises the error of a connection that failed.
        """
        answers = self._transport.read_all([f"/v{self.api_version}{path}" for path in paths])
        return [from_answer(one.status, one.content()) if one.status >= 400 else one for one in answers]

    def upgrade(self, path: str, *, params: Query | None = None, body: Json | None = None) -> Upgraded:
        """POST, and go on with the connection as a stream of bytes in both directions. Close it when done.

        Raises the error of `errors` for a refusal, `connection-lost` and its like for a connection that failed.
        """
        return self._transport.upgrade(
            f"/v{self.api_version}{_target(path, params)}", b"" if body is None else _as_json(body)
        )

    def clock(self) -> int:
        """The engine's own time, in whole seconds since 1970, rounded down, and a second behind at most."""
        return self._transport.clock()

    def close(self) -> None:
        """Let go of every connection, and of the ssh tunnel if there is one."""
        self._transport.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_json(body: Json) -> bytes:
    return json.dumps(body).encode()


def _accepted(answer: Answer) -> Answer:
    if answer.status >= 400:
        raise from_answer(answer.status, answer.content())
    return answer


def _target(path: str, params: Query | None) -> str:
    pairs = _query(params or {})
    return f"{path}?{urlencode(pairs)}" if pairs else path


def segment(text: str) -> str:
    """A name as one segment of a path."""
    return quote(text, safe="")


def filter_parameter(filters: Mapping[str, Sequence[str]] | None) -> str | None:
    """Filters of a list, as its query parameter wants them."""
    return json.dumps({key: list(values) for key, values in filters.items()}) if filters else None


def _connect_seconds(data: Body | None, timeout: float | None) -> float | None:
    # The connect timeout also bounds each piece that is sent, and an engine may stop reading an upload for a while.
    return CONNECT_SECONDS if data is None or isinstance(data, bytes) else timeout


def _query(params: Query) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in params.items():
        match value:
            case None:
                continue
            case bool():
                pairs.append((key, "1" if value else "0"))
            case str() | int():
                pairs.append((key, str(value)))
            case _:
                pairs += [(key, each) for each in value]
    return pairs
