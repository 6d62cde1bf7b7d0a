"""Docker Compose itself, as the one whose projects are taken over. Takes an engine and a folder, runs its command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.engines import PrivateEngine, available_engines

_PLUGIN = "root/usr/libexec/docker/cli-plugins/docker-compose"


def compose(engine: PrivateEngine, folder: Path, *arguments: str) -> None:
    """Run `docker compose` on a folder's compose.yaml. Raises AssertionError where it fails."""
    command = [str(compose_program()), *arguments]
    environment = {**os.environ, "DOCKER_HOST": engine.host}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip()}"


def compose_program() -> Path:
    """Compose itself, as it was unpacked beside some engine; skips the test where none was."""
    folders = [binaries.parent for binaries in available_engines().values()]
    found = [folder / _PLUGIN for folder in folders if (folder / _PLUGIN).exists()]
    if not found:
        pytest.skip("no engine was unpacked with docker-compose beside it")
    return found[0]
