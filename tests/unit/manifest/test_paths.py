"""Which texts of a manifest are paths, and what they become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerdecl.manifest.nodes import Mapping, Positions, to_plain
from dockerdecl.manifest.paths import Base, resolve_paths
from dockerdecl.manifest.yaml_nodes import parse


def resolved(text: str) -> Any:
    root = parse(text.encode(), "f")
    assert isinstance(root, Mapping)
    return to_plain(resolve_paths(root, Base(Path("/srv/shop"), "/home/me")))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("./conf:/etc/conf:ro", "/srv/shop/conf:/etc/conf:ro"),
        ("../x/./y:/y", "/srv/x/y:/y"),
        (".:/app", "/srv/shop:/app"),
        (".env:/env", "/srv/shop/.env:/env"),
        ("~/keys:/keys", "/home/me/keys:/keys"),
        ("~:/home", "/home/me:/home"),
        ("/abs/../x:/x", "/abs/../x:/x"),
        ("data:/data", "data:/data"),
        ("/anonymous", "/anonymous"),
        ("./anonymous", "./anonymous"),
        ("{type: bind, source: conf, target: /x}", {"type": "bind", "source": "/srv/shop/conf", "target": "/x"}),
        ("{type: volume, source: conf, target: /x}", {"type": "volume", "source": "conf", "target": "/x"}),
        ("{type: bind, target: /x}", {"type": "bind", "target": "/x"}),
    ],
)
def test_mounts(written: str, meant: object) -> None:
    tree = resolved(f"containers:\n  web:\n    volumes:\n      - {written}\n")
    assert tree["containers"]["web"]["volumes"] == [meant]


@pytest.mark.parametrize(
    ("key", "written", "meant"),
    [
        ("env_file", "web.env", "/srv/shop/web.env"),
        ("env_file", "[a.env, /b.env]", ["/srv/shop/a.env", "/b.env"]),
        (
            "env_file",
            "[{path: a.env, required: false}]",
            [{"path": "/srv/shop/a.env", "required": "false"}],
        ),
        ("label_file", "[l]", ["/srv/shop/l"]),
        ("label_file", "l", "/srv/shop/l"),
        (
            "security_opt",
            "[seccomp=x.json, 'seccomp:y.json', seccomp=unconfined, apparmor=x]",
            ["seccomp=/srv/shop/x.json", "seccomp:/srv/shop/y.json", "seccomp=unconfined", "apparmor=x"],
        ),
        ("working_dir", "./x", "./x"),
        ("tmpfs", "./x", "./x"),
        ("image", "./x", "./x"),
    ],
)
def test_containers(key: str, written: str, meant: object) -> None:
    assert resolved(f"containers: {{web: {{{key}: {written}}}}}\n")["containers"]["web"] == {key: meant}


@pytest.mark.parametrize(
    ("section", "written", "meant"),
    [
        ("images", "{load: a.tar}", {"load": "/srv/shop/a.tar"}),
        ("images", "{import: ../a.tar}", {"import": "/srv/a.tar"}),
        ("images", "{build: tool}", {"build": "/srv/shop/tool"}),
        (
            "images",
            "{build: {context: ., dockerfile: d/Dockerfile}}",
            {"build": {"context": "/srv/shop", "dockerfile": "d/Dockerfile"}},
        ),
        ("images", "{build: 'https://x.org/a.git'}", {"build": "https://x.org/a.git"}),
        ("images", "{build: git@x.org:a.git}", {"build": "git@x.org:a.git"}),
        (
            "images",
            "{build: {additional_contexts: {a: ./a, b: 'docker-image://b'}}}",
            {"build": {"additional_contexts": {"a": "/srv/shop/a", "b": "docker-image://b"}}},
        ),
        (
            "images",
            "{build: {additional_contexts: [a=./a]}}",
            {"build": {"additional_contexts": ["a=/srv/shop/a"]}},
        ),
        ("secrets", "{file: s.txt}", {"file": "/srv/shop/s.txt"}),
        ("secrets", "{environment: s.txt}", {"environment": "s.txt"}),
        ("configs", "{file: ~/c}", {"file": "/home/me/c"}),
        ("configs", "{file: ''}", {"file": ""}),
        (
            "volumes",
            "{driver_opts: {o: 'bind,ro', device: ./data}}",
            {"driver_opts": {"o": "bind,ro", "device": "/srv/shop/data"}},
        ),
        (
            "volumes",
            "{driver_opts: {type: nfs, o: addr=x, device: ':/data'}}",
            {"driver_opts": {"type": "nfs", "o": "addr=x", "device": ":/data"}},
        ),
    ],
)
def test_other_sections(section: str, written: str, meant: object) -> None:
    assert resolved(f"{section}: {{one: {written}}}\n") == {section: {"one": meant}}


def test_wrong_shapes_are_left_to_validation() -> None:
    text = "containers: [web]\nsecrets: {a: {file: [x]}, b: c}\nimages: {a: {build: [x]}}\nvolumes:\n"
    assert resolved(text) == to_plain(parse(text.encode(), "f"))


def test_a_path_keeps_its_place() -> None:
    root = parse(b"secrets:\n  a: {file: x}\n", "f")
    assert isinstance(root, Mapping)
    path = ("secrets", "a", "file")
    assert Positions(resolve_paths(root, Base(Path("/"), None))).value(path) == Positions(root).value(path)
