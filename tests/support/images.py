"""Images without a network. Takes an engine and a reference, gives an image made from Debian's static busybox."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.busybox_image import busybox_rootfs_tar
from tests.support.engines import PrivateEngine

BUSYBOX = "busybox:1"
WWW = "www:1"
SHELL = ('CMD ["/bin/sh"]', "ENV PATH=/bin")
# a trap, since `sh` as PID 1 ignores TERM and a stop would take its whole grace period
HTTP_SERVER = (
    'ENTRYPOINT ["/bin/sh","-c","trap \\"exit 0\\" TERM; httpd -f -p 80 -h /www & wait"]',
    "ENV PATH=/bin",
    "EXPOSE 80",
    "HEALTHCHECK --interval=1s --retries=3 CMD wget -q -O /dev/null http://127.0.0.1/ || exit 1",
)


def import_busybox(engine: PrivateEngine, reference: str, changes: Sequence[str] = SHELL) -> str:
    """The id of a new image of that reference: `docker import` with Dockerfile lines that make its configuration."""
    repository, tag = _split(reference)
    query = {"fromSrc": "-", "repo": repository, "tag": tag, "changes": changes}
    engine.api("POST", "/images/create", query=query, body=busybox_rootfs_tar())
    return image_id(engine, reference)


def import_http_server(engine: PrivateEngine, reference: str, *, page: str = "ok\n") -> str:
    """The id of a new image that serves `page` on port 80, and is healthy when it does."""
    import_busybox(engine, BUSYBOX)
    body = {"Image": BUSYBOX, "Cmd": ["/bin/sh", "-c", 'printf %s "$0" > /www/index.html', page]}
    builder = engine.api("POST", "/containers/create", body=body)["Id"]
    try:
        engine.api("POST", f"/containers/{builder}/start")
        engine.api("POST", f"/containers/{builder}/wait")
        repository, tag = _split(reference)
        query = {"container": builder, "repo": repository, "tag": tag, "changes": "\n".join(HTTP_SERVER)}
        return str(engine.api("POST", "/commit", query=query, body={})["Id"])
    finally:
        engine.api("DELETE", f"/containers/{builder}", query={"force": 1, "v": 1})


def save(engine: PrivateEngine, references: Sequence[str]) -> bytes:
    """A `docker save` tar in the layout of that engine (an OCI layout since engine 25)."""
    content = engine.api("GET", "/images/get", query={"names": references})
    assert isinstance(content, bytes)
    return content


def image_id(engine: PrivateEngine, reference: str) -> str:
    """The id that the engine has for a reference. Raises EngineRefusedError where there is none."""
    return str(engine.api("GET", f"/images/{reference}/json")["Id"])


def _split(reference: str) -> tuple[str, str]:
    repository, _, tag = reference.rpartition(":")
    return repository, tag
