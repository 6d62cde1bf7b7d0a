"""Each call on images, on real engines and a real registry."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerdecl.engine.calls import containers, images
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import registry_auth
from dockerdecl.engine.progress import Progress
from dockerdecl.errors import DockerdeclError
from scripts.busybox_image import busybox_rootfs_tar
from tests.support.engines import PrivateEngine
from tests.support.images import save
from tests.support.registry import PASSWORD, USER, registry


def failure(call: Callable[[], object]) -> DockerdeclError:
    with pytest.raises(DockerdeclError) as caught:
        call()
    return caught.value


def context(dockerfile: str) -> io.BytesIO:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        archive.addfile(entry, io.BytesIO(dockerfile.encode()))
    tar.seek(0)
    return tar


def test_an_import_gives_the_id_and_tells_how_far_it_is(connected: Engine) -> None:
    told: list[Progress] = []
    tar = busybox_rootfs_tar()
    image = images.import_image(
        connected, io.BytesIO(tar), "rootfs:1", changes=['CMD ["sh"]'], message="by hand", on_progress=told.append
    )
    found = images.inspect_image(connected, "rootfs:1")
    assert found is not None
    assert (found["Id"], found["Config"]["Cmd"], found["Comment"]) == (image, ["sh"], "by hand")
    assert told[-1] == Progress("sending", len(tar), len(tar))
    images.remove_image(connected, "rootfs:1")
    assert images.inspect_image(connected, "rootfs:1") is None


def test_an_upload_that_is_refused_early_gives_the_engines_reason(connected: Engine) -> None:
    far_too_much = io.BytesIO(bytes(64 << 20))
    error = failure(lambda: images.import_image(connected, far_too_much, "rootfs:2", changes=["RUN true"]))
    assert "run is not a valid change command" in str(error).lower()


def test_what_was_saved_is_loaded_compressed_or_not(connected: Engine, engine: PrivateEngine, busybox: str) -> None:
    images.tag(connected, busybox, "saved:1")
    archive = save(engine, ["saved:1"])
    images.remove_image(connected, "saved:1")
    told: list[Progress] = []
    assert images.load(connected, io.BytesIO(archive), told.append) == ("saved:1",)
    assert told[-1] == Progress("sending", len(archive), len(archive))
    images.remove_image(connected, "saved:1")
    assert images.load(connected, io.BytesIO(gzip.compress(archive, 1))) == ("saved:1",)
    images.remove_image(connected, "saved:1")


def test_an_image_without_a_name_is_loaded_by_its_id(connected: Engine, engine: PrivateEngine, busybox: str) -> None:
    found = images.inspect_image(connected, busybox)
    assert found is not None
    assert images.load(connected, io.BytesIO(save(engine, [found["Id"]]))) == (found["Id"],)


@pytest.mark.parametrize("content", [b"", b"no tar at all" * 1000])
def test_what_is_no_archive_is_said(connected: Engine, content: bytes) -> None:
    assert failure(lambda: images.load(connected, io.BytesIO(content))).code == "archive-invalid"


def test_an_image_that_a_container_uses_stays(connected: Engine, busybox: str) -> None:
    containers.create_container(connected, "web", {"Image": busybox, "Cmd": ["sh"]})
    assert failure(lambda: images.remove_image(connected, busybox)).code == "image-in-use"
    assert failure(lambda: images.remove_image(connected, "nope:1")).code == "not-found"
    assert images.remove_image(connected, "nope:1", missing_ok=True) == []


def test_a_build_gives_the_id_and_shows_what_it_prints(connected: Engine, busybox: str) -> None:
    told: list[Progress] = []
    dockerfile = f"FROM {busybox}\nARG WHO\nRUN echo hello $WHO\n"
    params = {"t": "built:1", "buildargs": {"WHO": "there"}, "labels": {"a": "1"}, "nocache": True}
    image = images.build(connected, context(dockerfile), params, told.append)
    found = images.inspect_image(connected, "built:1")
    assert found is not None
    assert (found["Id"], found["Config"]["Labels"]) == (image, {"a": "1"})
    assert Progress("hello there") in told
    images.remove_image(connected, "built:1")


def test_a_failed_build_says_what_it_printed_and_leaves_no_container(connected: Engine, busybox: str) -> None:
    dockerfile = f"FROM {busybox}\nRUN echo the reason; exit 3\n"
    error = failure(lambda: images.build(connected, context(dockerfile), {"t": "built:2"}))
    assert error.code == "build-failed"
    assert "returned a non-zero code: 3" in str(error)
    assert "the reason" in str(error)
    assert containers.list_containers(connected) == []


def test_a_dockerfile_that_is_none_is_refused(connected: Engine) -> None:
    assert "unknown instruction" in str(failure(lambda: images.build(connected, context("FROMM x\n"), {}))).lower()


def test_an_image_goes_to_a_registry_and_back(connected: Engine, engine: PrivateEngine, busybox: str) -> None:
    with registry(engine) as server:
        reference = f"{server.address}/shop/web:1"
        images.tag(connected, busybox, reference)
        pushed: list[Progress] = []
        digest = images.push(connected, reference, None, pushed.append)
        assert digest.startswith("sha256:")
        assert images.distribution_digest(connected, reference) == digest
        images.remove_image(connected, reference)
        pulled: list[Progress] = []
        images.pull(connected, f"{server.address}/shop/web@{digest}", None, pulled.append)
        images.pull(connected, reference)
        found = images.inspect_image(connected, reference)
        assert found is not None
        assert found["RepoDigests"] == [f"{server.address}/shop/web@{digest}"]
        assert pushed
        assert pulled
        images.remove_image(connected, reference, force=True)


def test_what_a_registry_does_not_have_is_said(connected: Engine, engine: PrivateEngine) -> None:
    with registry(engine) as server:
        reference = f"{server.address}/shop/nothing:1"
        codes = [
            failure(lambda: images.pull(connected, reference)).code,
            failure(lambda: images.distribution_digest(connected, reference)).code,
            failure(lambda: images.push(connected, reference)).code,
        ]
    assert codes == ["image-not-in-registry", "image-not-in-registry", "tag-missing"]


def test_a_dead_registry_is_said_of_all_calls(connected: Engine, busybox: str) -> None:
    reference = "127.0.0.1:9/shop/web:1"
    images.tag(connected, busybox, reference)
    codes = {
        failure(lambda: call(connected, reference)).code  # noqa: B023 - called at once
        for call in (images.pull, images.push, images.distribution_digest)
    }
    images.remove_image(connected, reference)
    assert codes == {"registry-unreachable"}


def test_a_protected_registry_takes_the_docker_clis_credentials(
    connected: Engine, engine: PrivateEngine, busybox: str, tmp_path: Path
) -> None:
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    with registry(engine, protected=True) as server:
        reference = f"{server.address}/shop/web:1"
        images.tag(connected, busybox, reference)
        codes = {
            failure(lambda: call(connected, reference)).code  # noqa: B023 - called at once
            for call in (images.push, images.pull, images.distribution_digest)
        }
        engine.docker("login", "-u", USER, "-p", PASSWORD, server.address)
        config = json.loads((engine.folder / "cli" / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps(config))
        auth = registry_auth(reference, environ)
        digest = images.push(connected, reference, auth)
        assert images.distribution_digest(connected, reference, auth) == digest
        images.pull(connected, reference, auth)
        images.remove_image(connected, reference)
    assert codes == {"registry-auth"}
    assert PASSWORD not in repr(auth)
