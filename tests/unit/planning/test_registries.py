"""Which references are pushed to a container of the same manifest, by what it publishes."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.planning.registries import serving
from tests.support.manifests import desired

CASES = (
    ("127.0.0.1:5000/app:1", "5000:5000", True),
    ("127.0.0.1:5000/app:1", "127.0.0.1:5000:5000", True),
    ("127.0.0.1:5000/app:1", "0.0.0.0:5000:5000", True),
    ("127.0.0.1:5000/app:1", "127.0.0.2:5000:5000", False),
    ("127.0.0.2:5000/app:1", "127.0.0.2:5000:5000", True),
    ("localhost:5000/app:1", "127.0.0.1:5000:5000", True),
    ("localhost:5000/app:1", "[::1]:5000:5000", True),
    ("[::1]:5000/app:1", "[::1]:5000:5000", True),
    ("[::1]:5000/app:1", "5000:5000", True),
    ("[::1]:5000/app:1", "0.0.0.0:5000:5000", False),
    ("[::1]:5000/app:1", "127.0.0.1:5000:5000", False),
    ("127.0.0.1:5000/app:1", "5001:5000", False),
    ("127.0.0.1:5000/app:1", "5000:5000/udp", False),
    ("127.0.0.1:5000/app:1", "5000", False),
    ("127.0.0.1:5000/app:1", "5000-5003:5000", False),
    ("127.0.0.1:5001/app:1", "5000-5003:5000-5003", True),
    ("10.0.0.1:5000/app:1", "10.0.0.1:5000:5000", True),
    ("10.0.0.1:5000/app:1", "5000:5000", False),
    ("registry.example:5000/app:1", "5000:5000", False),
    ("localhost/app:1", "443:5000", True),
    ("localhost/app:1", "5000:5000", False),
    ("library/app:1", "443:5000", False),
)


@pytest.mark.parametrize(("reference", "port", "served"), CASES)
def test_a_registry_is_the_container_that_publishes_its_port(reference: str, port: str, served: bool) -> None:
    assert [str(a) for a in serving(reference, manifest(ports=[port]))] == ["container.registry"] * served


@pytest.mark.parametrize("state", ["absent", "created", "stopped"])
def test_one_that_is_not_to_run_is_no_registry(state: str) -> None:
    assert serving("127.0.0.1:5000/app:1", manifest(ports=["5000:5000"], state=state)) == ()


def manifest(**container: Any) -> Any:
    return desired({"containers": {"registry": {"image": "registry:2", **container}}})
