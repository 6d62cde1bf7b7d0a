"""The words of Compose that have no meaning here (yet), so that they are told from misspelled ones.

A table by the part of the manifest that a word stands in, under the names of the JSON Schema's definitions. Beside a
word stands what to write instead, where there is something.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NOTHING = "take it out: what would silently not be done is refused"

TOP_LEVEL: Mapping[str, str] = MappingProxyType(
    {
        "services": "this is the word of a Compose file: here they are `containers`",
        "version": "this is the word of a Compose file: the format is `apiVersion: dockerdecl/v1`",
        "name": "this is the word of a Compose file: here it is `project`",
        "service": "write `containers`",
        "models": NOTHING,
    }
)

_A_CLUSTER = "take it out: only a cluster can do it"
_BUILD = (
    "additional_contexts cache_from cache_to entitlements extra_hosts isolation no_cache no_cache_filter privileged "
    "provenance pull sbom secrets shm_size ssh ulimits"
)

UNSUPPORTED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Container": {
            "develop": "take it out: watching sources is no state that an engine could have",
            **dict.fromkeys(("models", "provider"), "take it out: other programs than the engine make it"),
            "pre_start": "write a container with `state: completed`, and depend on it",
        },
        "Deploy": {
            **dict.fromkeys(("endpoint_mode", "placement"), _A_CLUSTER),
            "labels": "write `labels` beside `deploy`: there is no service here that could carry others",
            "rollback_config": "take it out: what fails is taken back as it was replaced, in the same order",
        },
        "UpdateConfig": {
            "delay": "write `monitor`: so long each batch is watched before the next one begins",
            "max_failure_ratio": "take it out: where one fails, all are taken back",
        },
        "ResourceReservations": {
            "cpus": "write `cpu_shares` beside `deploy`: an engine can't set CPUs aside",
            "generic_resources": _A_CLUSTER,
        },
        "RestartPolicy": dict.fromkeys(("delay", "window"), "take it out: an engine waits a time of its own"),
        "CredentialSpec": {"config": _A_CLUSTER},
        "Build": {
            **dict.fromkeys(_BUILD.split(), NOTHING),
            "platforms": "write `platform` beside `build`",
            "tags": "write `tags` beside `build`",
        },
        "FileSource": {
            "external": "say where it comes from: `file`, `environment` or `content`",
            **dict.fromkeys(("name", "labels"), "take it out: a file in a container has none"),
            **dict.fromkeys(("driver", "driver_opts", "template_driver"), _A_CLUSTER),
        },
    }
)
