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

_CONTAINER = (
    "attach credential_spec develop label_file models post_start pre_stop provider pull_refresh_after use_api_socket"
)
_BUILD = (
    "additional_contexts cache_from cache_to entitlements extra_hosts isolation no_cache no_cache_filter privileged "
    "provenance pull sbom secrets shm_size ssh ulimits"
)

UNSUPPORTED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Container": {
            **dict.fromkeys(_CONTAINER.split(), NOTHING),
            "build": "write an entry of `images` with `build`, and name its key as `image`",
            "deploy": "write `replicas`, `restart`, `mem_limit` and `cpus` beside it",
            "extends": "write an anchor and `<<`, or put what is common in a file that several `-f` share",
            "external_links": "write `links` to a container of this project, or share a network with `external: true`",
            "platform": "write `platform` in the entry of `images`",
            "profiles": "put what is not always wanted in a file of its own, and name it with `-f`",
            "pull_policy": "write `pull` in the entry of `images`",
            "scale": "write `replicas`",
        },
        "Attachment": dict.fromkeys(("mac_address", "interface_name"), NOTHING),
        "Build": {
            **dict.fromkeys(_BUILD.split(), NOTHING),
            "platforms": "write `platform` beside `build`",
            "tags": "write `tags` beside `build`",
        },
        "FileSource": {
            "external": "say where it comes from: `file`, `environment` or `content`",
            **dict.fromkeys(("name", "labels", "driver", "driver_opts", "template_driver"), NOTHING),
        },
        "Mount": dict.fromkeys(("consistency", "image"), NOTHING),
        "BindOptions": {"recursive": NOTHING},
        "VolumeOptions": {"labels": "write `labels` in the entry of `volumes`"},
    }
)
