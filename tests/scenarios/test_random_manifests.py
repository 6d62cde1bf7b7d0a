"""Random manifests on real engines: whatever was applied before, an apply is followed by an empty plan, and a destroy
leaves nothing. More of them: DOCKERDECL_TEST_EXAMPLES=40.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from dockerdecl import reconcile
from dockerdecl.reconcile import Prepared, Request
from tests.support.engines import PrivateEngine
from tests.support.images import BUSYBOX, SHELL, import_busybox
from tests.support.random_manifests import pairs

EXAMPLES = int(os.environ.get("DOCKERDECL_TEST_EXAMPLES", "3"))
DOCKERFILE = f"FROM {BUSYBOX}\nCOPY release /release\nVOLUME /built\nENV RELEASE=%s\n"


@pytest.fixture(scope="module")
def prepared(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """An engine with the images that random manifests name."""
    import_images(engine)
    yield engine
    for reference in ("app:1", "other:1"):
        engine.api("DELETE", f"/images/{reference}", query={"force": "true"})


def import_images(engine: PrivateEngine) -> None:
    for reference, changes in ((BUSYBOX, SHELL), ("app:1", ('CMD ["sh"]', "VOLUME /image-data")), ("other:1", ())):
        import_busybox(engine, reference, changes)


def write_contexts(folder: Path) -> None:
    for context in (".", "other"):
        (folder / context).mkdir(exist_ok=True)
        (folder / context / "Dockerfile").write_text(DOCKERFILE % len(context))
        (folder / context / "release").write_text(context)


def runnable(manifest: dict[str, Any]) -> str:
    """A random manifest with commands that stay, or end where they must; and nothing that would lose a volume."""
    containers = {key: _runnable(container) for key, container in manifest["containers"].items()}
    head = {"apiVersion": "dockerdecl/v1", "project": "random"}
    text: str = yaml.safe_dump({**head, **manifest, "volumes": {"data": {}, "more": {}}, "containers": containers})
    return text


def _runnable(container: dict[str, Any]) -> dict[str, Any]:
    check = {"healthcheck": {"test": "true", "interval": "500ms"}} if "healthcheck" in container else {}
    command = "true" if container["state"] == "completed" else "sleep 99999"
    return {**json.loads(json.dumps(container)), **check, "command": command, "stop_grace_period": "0s"}


def carried_out(plan: Prepared) -> None:
    with plan:
        report = reconcile.apply(plan, listener=lambda _: None, interrupt=threading.Event())
    assert report.outcome == "succeeded", [str(error) for error in report.errors]


def test_any_manifest_follows_any_other(prepared: PrivateEngine, tmp_path: Path) -> None:
    """Nothing may be left to do after an apply, whatever stood there before."""
    write_contexts(tmp_path)
    manifest = tmp_path / "dockerdecl.yaml"
    request = Request(working_directory=tmp_path, host=prepared.host, settle_seconds=0.1, volumes=True)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
        database=None,
    )
    @given(pairs())
    def follow(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        for one in pair:
            manifest.write_text(runnable(one))
            carried_out(reconcile.plan(request))
            with reconcile.plan(request) as again:
                assert again.document()["changes"] == []
        carried_out(reconcile.plan_destroy(request))
        labelled = {"filters": json.dumps({"label": ["dockerdecl.project=random"]})}
        assert prepared.api("GET", "/containers/json", query={"all": "true", **labelled}) == []
        assert prepared.api("GET", "/networks", query=labelled) == []

    follow()
