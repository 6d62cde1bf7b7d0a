"""A manifest as a whole: what it says of itself, and where each word of it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.manifest.loading import loaded

TEXT = """
images: {web: {ref: "web:1"}}
containers:
  web:
    image: web
    environment:
      - LOG_LEVEL=info
      - A=b
    ports: ["127.0.0.1:8080:80", {target: 90, published: 91}]
    volumes: ["/srv:/data:ro"]
    labels: {team: web}
  db:
    image: postgres:16
"""


@pytest.mark.parametrize(
    ("address", "path", "line", "column"),
    [
        ("container.web", (), 6, 3),
        ("container.web[2]", (), 6, 3),
        ("container.web", ("environment", "LOG_LEVEL"), 9, 9),
        ("container.web", ("environment", "NOWHERE"), 8, 5),
        ("container.web", ("ports", "80/tcp"), 11, 13),
        ("container.web", ("ports", "90/tcp"), 11, 34),
        ("container.web", ("volumes", "/data"), 12, 15),
        ("container.web", ("labels", "team"), 13, 14),
        ("container.web", ("restart",), 6, 3),
        ("image.web", ("ref",), 4, 16),
        ("image.postgres:16", (), 15, 5),
    ],
)
def test_a_field_is_found_where_it_was_written(
    tmp_path: Path, address: str, path: tuple[str, ...], line: int, column: int
) -> None:
    where, text = loaded(tmp_path, TEXT).where(address, path)
    assert str(where) == f"dockerdecl.yaml:{line}:{column}"
    assert text == (tmp_path / "dockerdecl.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize("address", ["container.other", "network.default", "image.other:1", "nonsense", ""])
def test_what_is_not_declared_is_nowhere(tmp_path: Path, address: str) -> None:
    assert loaded(tmp_path, TEXT).where(address, ()) == (None, None)


def test_the_summary_counts_what_is_declared(tmp_path: Path) -> None:
    counts = {"image": 1, "network": 0, "volume": 0, "secret": 0, "config": 0, "container": 2}
    assert loaded(tmp_path, TEXT).summary() == counts


def test_the_project_of_the_command_line_stands_above_the_written_one(tmp_path: Path) -> None:
    assert loaded(tmp_path, TEXT, project="other").document.project == "other"


def test_the_digest_tells_another_declaration_but_not_another_form(tmp_path: Path) -> None:
    digest = loaded(tmp_path, "containers: {a: {image: x, labels: {a: 1, b: 2}}, b: {image: x}}\n").digest
    same = "# the same\ncontainers:\n  b: {image: 'x'}\n  a:\n    labels: [b=2, a=1]\n    image: x\n"
    assert loaded(tmp_path, same).digest == digest
    assert loaded(tmp_path, same.replace("a=1", "a=2")).digest != digest
    assert digest.startswith("sha256:")


def test_the_digest_tells_nothing_of_a_secret(tmp_path: Path) -> None:
    digests = {loaded(tmp_path, f"secrets: {{a: {{content: {word}}}}}\n").digest for word in ("one", "other")}
    assert len(digests) == 1


def test_a_variable_that_is_not_set_is_a_warning_with_its_line(tmp_path: Path) -> None:
    (warning,) = loaded(tmp_path, "containers: {a: {image: 'x:1$TAG'}}\n").warnings
    assert (warning.code, warning.line) == ("variable-unset", "containers: {a: {image: 'x:1$TAG'}}")
