"""What a generated manifest and its .env file say is what was there, whatever is in it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.convert.credentials import Variables, env_text
from dockerdecl.convert.spelling import mounts, ports
from dockerdecl.convert.yaml_text import Template, yaml_text
from dockerdecl.manifest.env_file import parse_env_file
from dockerdecl.manifest.interpolation import Findings, interpolate
from dockerdecl.manifest.nodes import Mapping, to_plain
from dockerdecl.manifest.texts import SourceText
from dockerdecl.manifest.yaml_nodes import parse_text
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.rows import Context, rows

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=20)
TRAPS = st.sampled_from(
    ("no", "1e3", "22:22", "010", "~", "null", "0x1f", "- a", "a: b", "# c", "$HOME", "${X:-y}", "", "=", "<<")
)
VALUES = st.recursive(
    TEXTS | TRAPS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | TRAPS, inner, max_size=3)
)


def nothing(_: str) -> None:
    """No variable is set."""


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), VALUES, min_size=1, max_size=4))
def test_every_text_is_read_as_it_was_written(tree: dict[str, Any]) -> None:
    """No value may become something else on its way through YAML and the variables of manifests."""
    text = yaml_text(tree, {(): ["a comment"], (next(iter(tree)),): ["another"]})
    parsed = parse_text(text, "made.yaml")
    assert not parsed.problems, text
    source = SourceText("made.yaml", Path("made.yaml"), text, hashlib.sha256(text.encode()).hexdigest())
    findings = Findings()
    assert isinstance(parsed.root, Mapping)
    root = interpolate(parsed.root, source, nothing, findings)
    assert (to_plain(root), findings.problems) == (_read(tree), [])


def _read(value: Any) -> Any:
    match value:
        case dict():
            return {key: _read(part) for key, part in value.items()}
        case list():
            return [_read(part) for part in value]
    return value


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,6}", fullmatch=True), TEXTS | TRAPS, max_size=4))
def test_a_dot_env_file_gives_every_value_back(values: dict[str, str]) -> None:
    """Quotes, dollars, backslashes and line ends included."""
    text = env_text(values)
    read = parse_env_file(SourceText(".env", Path(".env"), text, "", shown=False), nothing, {})
    assert (read.values, read.problems) == (values, [])


def test_credentials_become_variables() -> None:
    """By the names of variables and options, and in URLs; the same value is one variable, another is another's."""
    variables = Variables()
    assert variables.map({"DB_PASSWORD": "a", "LEVEL": "info", "DB_PASSWORD_FILE": "/run/x", "TOKEN": ""}, "web") == {
        "DB_PASSWORD": "${DB_PASSWORD:?}",
        "LEVEL": "info",
        "DB_PASSWORD_FILE": "/run/x",
        "TOKEN": "",
    }
    assert variables.map({"DB_PASSWORD": "a"}, "db") == {"DB_PASSWORD": "${DB_PASSWORD:?}"}
    assert variables.map({"DB_PASSWORD": "b"}, "my.app") == {"DB_PASSWORD": "${MY_APP_DB_PASSWORD:?}"}
    assert variables.map({"o": "user=me,password=p$w"}, "share") == {"o": "user=me,password=${PASSWORD:?}"}
    words = variables.words(["serve", "--requirepass", "c", "--api-key=d", "amqp://me:e$@mq/$x"], "mq")
    assert words == ["serve", "--requirepass", "c", "--api-key=${API_KEY:?}", "amqp://${LOGIN:?}@mq/$$x"]
    assert isinstance(words[-1], Template)
    assert variables.values["LOGIN"] == "me:e$"


@pytest.mark.parametrize(
    "written",
    [
        ["80", "8080:80", "127.0.0.1:8080:80/udp", "[::1]:8080:80", "127.0.0.1::80", "8000-8010:80"],
    ],
)
def test_ports_are_spelled_as_they_are_read(written: list[str]) -> None:
    """The short form of what was published means just that."""
    lens = next(row.lens for row in rows(Container) if row.name == "ports")
    normal = lens.effective(_container(ports=written).ports, _container(), Context())
    again = _container(ports=ports(normal))
    assert lens.effective(again.ports, again, Context()) == normal


def test_mounts_are_spelled_as_they_are_read() -> None:
    """Short where that can say it, long else."""
    written = ["data:/data:ro", "/host:/host:rshared", "/anonymous", "data:/more:nocopy"]
    lens = next(row.lens for row in rows(Container) if row.name == "volumes")
    normal = lens.effective(_container(volumes=written).volumes, _container(), Context())
    assert mounts(normal) == written
    long = {"type": "bind", "source": "/a", "target": "/b", "read_only": True, "bind": {"create_host_path": False}}
    normal = lens.effective(_container(volumes=[long]).volumes, _container(), Context(api_version="1.45"))
    assert mounts(normal) == [long]


def _container(**words: Any) -> Container:
    return Container(image="busybox:1", **words)
