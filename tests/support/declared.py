"""Containers as an engine would show them: random images, random daemons, and what comes of a spec on them."""

from __future__ import annotations

from hypothesis import strategies as st

from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.rows import Context, Raw
from dockerdecl.resources.spec import write
from tests.support import read_back
from tests.support.read_back import API_VERSIONS, Release

OTHER = "ab" * 32
IMAGE: Raw = {"Env": ["PATH=/bin"], "Cmd": ["sleep", "99"]}

images = st.sampled_from(
    (
        IMAGE,
        {},
        {
            "Entrypoint": ["/bin/sh", "-c"],
            "Cmd": ["sleep 99"],
            "Env": ["FROM_IMAGE=1", "PATH=/bin"],
            "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
            "Volumes": {"/image-data/": {}},
            "Labels": {"from.image": "yes"},
            "Healthcheck": {"Test": ["CMD", "true"], "Interval": 7 * 10**9, "Retries": 2},
            "User": "1000",
            "WorkingDir": "/srv",
            "StopSignal": "3",
        },
    )
)
releases = st.builds(
    Release,
    version=st.sampled_from(sorted(API_VERSIONS)),
    log_driver=st.sampled_from(("json-file", "journald")),
    log_options=st.sampled_from(({}, {"max-size": "9m", "tag": "t"})),
    shm_size=st.sampled_from((2**26, 2**20)),
    ipc=st.sampled_from(("private", "shareable")),
    cgroup=st.sampled_from(("host", "private")),
    ulimits=st.sampled_from(((), (("nofile", 9), ("nproc", 7)))),
)


def shown(spec: Container, image: Raw, release: Release) -> tuple[Raw, Context]:
    """What an engine shows of a container made from a spec."""
    seen = Context(image, {OTHER: "lens-target"}, release.api_version)
    raw = write(spec, seen)
    body = {**raw.pop("Config", {}), **raw}
    config, host = read_back.container_config(body, image, release), read_back.host_config(body, release)
    config["Hostname"] = config.get("Hostname") or OTHER[:12]
    host["Links"] = [f"/{t}:/web/{a}" for t, _, a in (text.partition(":") for text in host["Links"] or ())] or None
    mode = "bridge" if host["NetworkMode"] == "default" else host["NetworkMode"]
    given = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {mode: {}}
    endpoints = {name: read_back.endpoint(settings, release) for name, settings in given.items()}
    return {"Id": OTHER, "Config": config, "HostConfig": host, "NetworkSettings": {"Networks": endpoints}}, seen
