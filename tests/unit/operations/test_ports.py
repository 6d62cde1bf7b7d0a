"""Where ports are published, and why they are not."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.listing import container_document
from dockerdecl.operations.ports import ports_document

BOTH = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "", "HostPort": "81"}], "53/udp": None}


def container(state: str = "running", **raw: Any) -> FoundContainer:
    return FoundContainer("a" * 64, "shop-web", state, "www:1", raw=raw)


def inspected(ports: Any = None, mode: str = "bridge") -> dict[str, Any]:
    return {"NetworkSettings": {"Ports": ports}, "HostConfig": {"NetworkMode": mode}}


def test_a_port_stands_once_a_place() -> None:
    document = ports_document(container(), inspected(BOTH), "80")
    assert [(port["host_ip"], port["host_port"]) for port in document["ports"]] == [
        ("127.0.0.1", 8080),
        ("0.0.0.0", 81),
    ]
    assert ports_document(container(), inspected(BOTH), None) == document


@pytest.mark.parametrize(
    ("state", "raw", "wanted", "code", "hint"),
    [
        ("running", inspected(BOTH), "443", "port-not-published", "published are 80/tcp"),
        ("running", inspected(BOTH), "80/udp", "port-not-published", "published are 80/tcp"),
        ("running", inspected({}), "80", "port-not-published", "`ports` in the manifest"),
        ("exited", inspected({}), "80", "port-not-published", "it is exited"),
        ("running", inspected({}, "host"), "80", "port-not-published", "host's own network"),
        ("running", inspected({}, "container:abc"), "80", "port-not-published", "of that one"),
        ("running", inspected(BOTH), "http", "usage", "PORT/PROTOCOL"),
        ("running", inspected(BOTH), "70000", "usage", "PORT/PROTOCOL"),
        ("running", inspected(BOTH), "80/icmp", "usage", "PORT/PROTOCOL"),
    ],
)
def test_a_port_that_is_not_published_says_why(state: str, raw: Any, wanted: str, code: str, hint: str) -> None:
    with pytest.raises(DockerdeclError) as raised:
        ports_document(container(state), raw, wanted)
    problem = raised.value.problems[0]
    assert problem.code == code
    assert hint in (problem.hint or "")


NEVER = "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (
            {"Status": "running", "StartedAt": "2026-01-02T00:00:00Z", "Health": {"Status": "healthy"}, "ExitCode": 0},
            ("running", "healthy", "2026-01-02T00:00:00Z", None),
        ),
        (
            {"Status": "exited", "StartedAt": "2026-01-02T00:00:00Z", "FinishedAt": "2026-01-03T00:00:00Z",
             "Health": {"Status": "unhealthy"}, "ExitCode": 137},
            ("exited", None, "2026-01-03T00:00:00Z", 137),
        ),
        (
            {"Status": "created", "StartedAt": NEVER, "FinishedAt": NEVER, "ExitCode": 0},
            ("created", None, "2026-01-01T00:00:00Z", None),
        ),
    ],
)  # fmt: skip
def test_a_container_tells_since_when_it_is_as_it_is(state: dict[str, Any], shown: tuple[Any, ...]) -> None:
    document = container_document(container(), {"State": state, "Created": "2026-01-01T00:00:00Z"})
    assert (document["state"], document["health"], document["since"], document["exit_code"]) == shown
