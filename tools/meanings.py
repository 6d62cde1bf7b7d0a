"""What error codes mean whose message is made elsewhere: by the engine, or while the program runs.

Every other code is told by the message at the place where it arises. A code that needs a sentence here and has none,
and a sentence that nothing needs, are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGINE: Mapping[str, str] = MappingProxyType(
    {
        "address-in-use": "another container of the network has this address",
        "address-invalid": "a fixed address does not lie in a subnet that was declared for the network",
        "alias-invalid": "aliases need a network other than the engine's own bridge",
        "already-connected": "the container is on this network already",
        "already-paused": "the container is paused already",
        "api-mismatch": "the engine refuses the version of the API that was spoken",
        "api-unsupported": "the engine has no such call",
        "archive-invalid": "what was sent is no tar, or not one of the kind that is wanted",
        "command-missing": "neither the container nor its image has a command",
        "command-not-executable": "the program can't be run: it has no permission, or is for another machine",
        "command-not-found": "the image holds no such program",
        "conflict": "the engine refuses, since the state of something stands in the way",
        "dependency-not-found": "something that the call names does not exist",
        "disk-full": "the engine's disk is full",
        "engine-busy": "the engine can't take the call now",
        "engine-failed": "the engine failed at the call",
        "file-not-found": "there is no such file in the container",
        "forbidden": "the engine, or something before it, forbids the call",
        "host-address-missing": "the host has no such address to publish a port on",
        "image-has-children": "other images are built upon this one",
        "image-has-more-names": "the image has further references, so it can't be removed by its id",
        "image-in-use": "a container is made from the image",
        "image-not-in-registry": "the registry has no such image",
        "ipc-not-shareable": "the container whose IPC namespace is to be shared does not share it",
        "limit-invalid": "a limit is out of the range that the engine takes",
        "link-not-running": "the container that is linked to does not run",
        "logs-unreadable": "the log driver can't be read from",
        "memory-in-use": "the container uses more memory now than `mem_limit` allows, so that it can't change in place",
        "mount-duplicate": "two mounts have the same target",
        "mount-invalid": "a mount is not written as the engine takes it",
        "mount-kind": "a folder can't be mounted on a file, nor a file on a folder",
        "mount-read-only": "the file system to write to is read-only",
        "mount-source-missing": "what is to be mounted does not exist on the engine's machine",
        "name-ambiguous": "several networks have this name",
        "name-in-use": "something else on the engine has this name",
        "name-invalid": "the engine takes no such name",
        "name-unchanged": "the container has this name already",
        "network-combination": "these networks can't be had together",
        "network-in-use": "containers are on the network",
        "network-predefined": "the network is one of the engine's own",
        "not-a-swarm-manager": "the call needs a swarm manager, and the engine is none",
        "not-connected": "the container is not on this network",
        "not-found": "what the call is about does not exist",
        "not-paused": "the container is not paused",
        "not-running": "the container does not run",
        "paused": "the container is paused",
        "platform-mismatch": "the image does not exist for the platform",
        "plugin-not-found": "the engine has no such plugin or driver",
        "pool-invalid": "the address pools of the network are not ones that the engine takes",
        "pool-overlap": "another network has these addresses",
        "port-in-use": "something else listens on the host port",
        "port-invalid": "a port is not written as the engine takes it",
        "reference-invalid": "the engine takes no such image reference",
        "refused": "the engine does not take what it was sent",
        "registry-auth": "the registry wants a login, or one that may do this",
        "registry-limit": "the registry lets no more be pulled for now",
        "registry-plain-http": "the registry speaks no TLS",
        "registry-read-only": "the registry takes no push",
        "registry-tls-only": "the engine tried plain HTTP last with a registry that speaks TLS, and tells nothing else",
        "registry-unreachable": "the engine can't reach the registry",
        "registry-untrusted": "the engine does not trust the registry's certificate",
        "removal-in-progress": "the container is being removed already",
        "running": "the container runs",
        "runtime-not-found": "the engine has no such OCI runtime",
        "shared-not-running": "the container whose namespace is to be shared does not run",
        "tag-missing": "the engine has no such tag to push",
        "update-conflict": "the container can't be changed in place",
        "user-not-found": "the image knows no such user or group",
        "volume-in-use": "containers have the volume",
    }
)
"""What an engine's answer means: the codes of `engine/errors.py`."""

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "bug": "something happened that nobody foresaw",
        "build-failed": "what the engine says of the build, and its last output",
        "bundle-damaged": "the bundle is cut off, damaged or altered, or changed while it was used",
        "condition-invalid": "a condition of a policy's rule names no field, or has a value that its field can't have",
        "condition-never-met": "a container waits for what another one will never reach",
        "context-unreadable": "something in the build context can't be read",
        "dockerfile-variable-invalid": "a variable in the Dockerfile can't be replaced",
        "dockerignore-invalid": "a line of the `.dockerignore` is no pattern",
        "exited": "the container exited, with its exit code and its last output",
        "policy-RULE": "a rule of a policy does not want what is declared",
        "unhealthy": "the container did not become healthy, or stopped being so: what its health check said",
        "usage": "what is wrong with the command line",
        "variable-syntax": "a variable is not written as it must be",
        "wrong-key": "a key has a form that keys can't have",
    }
)
"""What is told with the codes whose whole message is put together while the program runs."""
