"""Every project of the awesome-compose collection, brought up by Compose with images that stand in, changes hands.

CI takes one; all of them: `pytest -m slow tests/scenarios/test_awesome_taken.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.compose import compose
from tests.support.engine_state import read_state
from tests.support.engines import PrivateEngine
from tests.support.images import BUSYBOX, import_busybox
from tests.support.program import PROGRAM, Run, run

FOLDER = Path(__file__).parents[1] / "cases" / "compose" / "awesome"
NOT_HERE = {"wasmedge-kafka-mysql", "wasmedge-mysql-nginx"}  # of a platform that needs another runtime
PROJECTS = sorted({path.name for path in FOLDER.iterdir() if path.is_dir()} - NOT_HERE)
IN_CI = "nginx-flask-mysql"
STAND_IN = "stand-in:1"
ANSWERS = ("/bin/mysqladmin", "/bin/curl", "/bin/pg_isready", "/opt/mssql-tools/bin/sqlcmd")
PREPARATION = "; ".join(
    [
        "mkdir -p /etc /opt/mssql-tools/bin; echo postgres:x:70:70::/:/bin/sh > /etc/passwd",
        *(f"printf '#!/bin/sh\\n' > {name}; chmod +x {name}" for name in ANSWERS),
        "printf '#!/bin/sh\\ntrap \"exit 0\" TERM; while :; do sleep 1; done\\n' > /bin/bash; chmod +x /bin/bash",
    ]
)
STAYS = 'ENTRYPOINT ["/bin/bash"]\nENV PATH=/bin'


@pytest.fixture(scope="module")
def stand_in(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """An engine with an image that stays up whatever it is told, and says yes to every health check."""
    import_busybox(engine, BUSYBOX)
    made = engine.api("POST", "/containers/create", body={"Image": BUSYBOX, "Cmd": ["/bin/sh", "-c", PREPARATION]})[
        "Id"
    ]
    engine.api("POST", f"/containers/{made}/start")
    assert engine.api("POST", f"/containers/{made}/wait")["StatusCode"] == 0
    repository, _, tag = STAND_IN.partition(":")
    engine.api("POST", "/commit", query={"container": made, "repo": repository, "tag": tag, "changes": STAYS}, body={})
    engine.api("DELETE", f"/containers/{made}")
    yield engine
    engine.docker("rmi", "-f", STAND_IN)


@pytest.mark.newest
@pytest.mark.parametrize(
    "project", [pytest.param(name, marks=() if name == IN_CI else pytest.mark.slow) for name in PROJECTS]
)
def test_a_project_changes_hands(
    stand_in: PrivateEngine, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is made anew, and the plan is empty afterwards."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    folder = tmp_path / project
    shutil.copytree(FOLDER / project, folder)
    declared = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").unlink()
    references = _prepared(stand_in, folder, declared)
    try:
        compose(stand_in, folder, "up", "-d", "--pull", "never")
        before = {*read_state(stand_in).containers}
        assert before
        done = _dockerdecl(stand_in, folder, "apply", "--yes", "--adopt")
        assert done.exit == 0, f"{done}"
        assert {*read_state(stand_in).containers} == before, f"{done}"
        after = _dockerdecl(stand_in, folder, "plan", "--detailed-exitcode")
        assert after.exit == 0, f"{after}"
    finally:
        _dockerdecl(stand_in, folder, "destroy", "--yes", "--volumes")
        compose(stand_in, folder, "down", "-v", "--remove-orphans", "--rmi", "local")
        for reference in references:
            stand_in.docker("rmi", "-f", reference)


def _dockerdecl(engine: PrivateEngine, folder: Path, *words: str) -> Run:
    return run(PROGRAM, words, engine=engine, folder=folder, environment={})


def _prepared(engine: PrivateEngine, folder: Path, declared: Any) -> list[str]:
    """What the project needs: its images and the bases of its builds; gives the references."""
    references = []
    for service in declared["services"].values():
        if "build" in service:
            _write_context(folder, service["build"])
        elif "image" in service:
            references.append(service["image"])
            engine.docker("tag", STAND_IN, service["image"])
        for mount in service.get("volumes", ()):
            if mount["type"] == "bind" and mount["source"].startswith("/awesome/"):
                _write_source(folder / mount["source"].removeprefix(f"/awesome/{folder.name}/"))
    for secret in declared.get("secrets", {}).values():
        _write_source(folder / secret["file"].removeprefix(f"/awesome/{folder.name}/"))
    return references


def _write_context(folder: Path, build: Any) -> None:
    context = Path(str(folder) + build["context"].removeprefix(f"/awesome/{folder.name}"))
    file = context / build.get("dockerfile", "Dockerfile")
    file.parent.mkdir(parents=True, exist_ok=True)
    stage = f" AS {build['target']}" if build.get("target") else ""
    file.write_text(f"FROM {STAND_IN}{stage}\nLABEL project={folder.name} context={context.name}\n")


def _write_source(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix and not path.exists():
        path.write_text("stand-in\n")
