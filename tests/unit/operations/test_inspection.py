"""What was given, what was supplied, and what is masked."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.operations.inspection import Thing, masked, thing_document
from dockerdecl.resources.address import Kind
from dockerdecl.resources.masking import MASK
from dockerdecl.resources.rows import Context

IMAGE = {"Cmd": ["serve"], "Env": ["PATH=/bin", "MODE=plain"], "Labels": {"team": "base"}}
RAW: dict[str, Any] = {
    "Id": "a" * 64,
    "Config": {
        "Image": "bb:1",
        "Cmd": ["serve"],
        "Env": ["MODE=fast", "DB_PASSWORD=hunter2", "PATH=/bin"],
        "Labels": {"team": "base", "tier": "web", "dockerdecl.project": "shop", "dockerdecl.claims": "init"},
    },
    "HostConfig": {"Memory": 64 << 20, "MemorySwap": 128 << 20, "Init": True, "ShmSize": 64 << 20, "Runtime": "runc"},
}


def thing() -> Thing:
    return Thing(Kind.CONTAINER, "shop-web", "a" * 64, RAW, "container.web", "shop", Context(image=IMAGE))


def test_values_stand_where_they_come_from() -> None:
    document = thing_document(thing(), show_sensitive=False)
    given, by_image, by_engine = document["given"], document["from_image"], document["from_engine"]
    assert given["image"] == "bb:1"
    assert given["environment"] == {"MODE": "fast", "DB_PASSWORD": MASK}
    assert (given["labels"], given["mem_limit"], given["init"]) == ({"tier": "web"}, "64m", True)
    assert (by_image["environment"], by_image["command"], by_image["labels"]) == (
        {"PATH": "/bin"},
        ["serve"],
        {"team": "base"},
    )
    assert (by_engine["shm_size"], by_engine["runtime"]) == ("64m", "runc")
    assert "hunter2" not in str(document)
    assert "hunter2" in str(thing_document(thing(), show_sensitive=True)["raw"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (["A=1", "API_KEY=abc", "API_KEY="], ["A=1", f"API_KEY={MASK}", "API_KEY="]),
        (["serve", "--db-password=x", "--port=80"], ["serve", f"--db-password={MASK}", "--port=80"]),
        (["serve", "--password", "x", "--port", "80"], ["serve", "--password", MASK, "--port", "80"]),
        (["--token", "--verbose", "-k", "x"], ["--token", "--verbose", "-k", "x"]),
        (["pull", "redis://:x@db/0", "git://me@host/a:b"], ["pull", f"redis://:{MASK}@db/0", "git://me@host/a:b"]),
        (
            ["sh", "-c", "a --pass 'x y' --n 1 --key=2 --api-key=x; b --token x"],
            ["sh", "-c", f"a --pass {MASK} --n 1 --key=2 --api-key={MASK}; b --token {MASK}"],
        ),
        (["a --token $T", 'b --pass "${P}" -t'], ["a --token $T", 'b --pass "${P}" -t']),
        ({"UPSTREAM": "http://me:x@y@host:80/z?a@b"}, {"UPSTREAM": f"http://me:{MASK}@host:80/z?a@b"}),
        ({"splunk-token": "x", "tag": "y", "Secret": True}, {"splunk-token": MASK, "tag": "y", "Secret": True}),
        ({"a": [{"DB_PASSWORD": "x"}]}, {"a": [{"DB_PASSWORD": MASK}]}),
        (None, None),
    ],
)
def test_what_looks_like_a_credential_is_masked(value: Any, shown: Any) -> None:
    assert masked(value) == shown
