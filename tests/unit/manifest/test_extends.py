"""Containers that begin from others: merged as Compose merges them, with the paths of the file that they come from."""

from __future__ import annotations

from pathlib import Path

from tests.unit.manifest.loading import loaded

COMPOSE = """
services:
  base:
    image: base
    env_file: base.env
    volumes: ["./data:/data", "./logs:/logs"]
    environment: {TZ: utc, PORT: "80"}
    cap_add: [NET_ADMIN]
    command: [serve]
  web:
    extends: base
    environment: [PORT=8080]
"""


def test_what_is_inherited_lies_beneath_what_is_written(tmp_path: Path) -> None:
    text = """
containers:
  base: {image: base, user: root, environment: {TZ: utc, PORT: 80}, profiles: [never], command: [a]}
  common: {extends: {service: base}, image: common, command: [b, c]}
  cli: {extends: common, environment: [PORT=8080], profiles: !reset null}
"""
    cli = loaded(tmp_path, text).document.containers["cli"]
    assert (cli.image, cli.user, cli.command) == ("common", "root", ("b", "c"))
    assert cli.environment == {"TZ": "utc", "PORT": "8080"}
    assert cli.extends is None


def test_a_compose_file_elsewhere_can_be_begun_from(tmp_path: Path) -> None:
    text = """
containers:
  app:
    extends: {file: shared/compose.yaml, service: web}
    volumes: ["./mine:/data:ro"]
    cap_add: [SYS_TIME]
"""
    files = {"shared/compose.yaml": COMPOSE, "shared/base.env": "FROM_FILE=1\n"}
    app = loaded(tmp_path, text, files).document.containers["app"]
    assert app.environment == {"TZ": "utc", "PORT": "8080", "FROM_FILE": "1"}
    assert [(mount.source, mount.target) for mount in app.volumes] == [
        (str(tmp_path / "mine"), "/data"),
        (str(tmp_path / "shared" / "logs"), "/logs"),
    ]
    assert app.cap_add == ("NET_ADMIN", "SYS_TIME")


def test_variables_of_the_other_file_are_replaced(tmp_path: Path) -> None:
    files = {"base.yaml": "containers: {web: {image: 'web:${TAG:-1}'}}"}
    text = "containers: {web: {extends: {file: base.yaml, service: web}}}\n"
    assert loaded(tmp_path, text, files, environ={"TAG": "7"}).document.containers["web"].image == "web:7"


def test_an_overlay_lies_over_what_is_inherited(tmp_path: Path) -> None:
    files = {"more.yaml": "containers: {web: {user: app}}"}
    text = "containers: {base: {image: base, user: root}, web: {extends: base}}\n"
    (tmp_path / "more.yaml").write_text(files["more.yaml"])
    (tmp_path / "dockerdecl.yaml").write_text("apiVersion: dockerdecl/v1\nproject: shop\n" + text)
    from dockerdecl.manifest.manifest import load

    named = (Path("dockerdecl.yaml"), Path("more.yaml"))
    manifest = load(named, environ={}, env_files=(), working_directory=tmp_path)
    web = manifest.document.containers["web"]
    assert (web.image, web.user) == ("base", "app")
