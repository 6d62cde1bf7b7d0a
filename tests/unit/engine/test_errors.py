"""What engines 20.10, 26.1 and 28.5 were recorded to answer, and the code that each answer gets."""

from __future__ import annotations

import json

import pytest

from dockerdecl.engine.errors import RULES, from_answer, from_message
from dockerdecl.errors import ExitCode

ID = "0123456789abcdef" * 4
RUNC = (
    "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)
ENDPOINT = f"driver failed programming external connectivity on endpoint ff ({ID}): "
SETUP = "failed to set up container networking: "

RECORDED: tuple[tuple[str, int, str], ...] = (
    ("not-found", 500, f"unrecognized image ID sha256:{ID}"),
    ("not-found", 404, "No such container: nope"),
    ("not-found", 404, "No such image: nope:latest"),
    ("not-found", 404, "no such image: nope:1: No such image: nope:1"),
    ("not-found", 404, "network nope not found"),
    ("not-found", 404, SETUP + "network nope not found"),
    ("not-found", 404, "get nope: no such volume"),
    ("dependency-not-found", 400, "could not get container for nope: No such container: nope"),
    ("dependency-not-found", 500, "joining network namespace of container: No such container: nope"),
    ("file-not-found", 404, f"Could not find the file /nope in container {ID}"),
    (
        "name-in-use",
        409,
        f'Conflict. The container name "/aa" is already in use by container "{ID}". You have to remove (or rename) '
        "that container to be able to reuse that name.",
    ),
    (
        "name-in-use",
        409,
        'Error when allocating new name: Conflict. The container name "/aa" is already in use by container',
    ),
    ("name-in-use", 409, "network with name n0 already exists"),
    ("name-ambiguous", 400, "network n0 is ambiguous (2 matches found on name)"),
    ("name-unchanged", 400, "Renaming a container with the same name as its current name"),
    ("name-invalid", 400, "Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
    ("name-invalid", 400, "create x: volume name is too short, names should be at least two alphanumeric characters"),
    (
        "name-invalid",
        400,
        'create a b: "a b" includes invalid characters for a local volume name, only "[a-z]" are allowed',
    ),
    ("reference-invalid", 400, "invalid reference format: repository name (library/A) must be lowercase"),
    (
        "platform-mismatch",
        404,
        "image with reference bb:1 was found but does not match the specified platform: wanted arm64, actual: amd64",
    ),
    (
        "platform-mismatch",
        404,
        "image with reference bb:1 was found but its platform (linux/amd64) does not match the specified platform",
    ),
    ("archive-invalid", 200, "Error processing tar file(exit status 1): archive/tar: invalid tar header"),
    (
        "archive-invalid",
        500,
        "open /var/lib/docker/tmp/docker-import-2543752134/repositories: no such file or directory",
    ),
    (
        "image-in-use",
        409,
        "conflict: unable to delete a (must be forced) - container b is using its referenced image",
    ),
    (
        "image-in-use",
        409,
        "conflict: unable to delete abc (cannot be forced) - image is being used by running container def",
    ),
    ("image-has-children", 409, "conflict: unable to delete abc (cannot be forced) - image has dependent child images"),
    (
        "image-has-more-names",
        409,
        "conflict: unable to delete abc (must be forced) - image is referenced in multiple repositories",
    ),
    ("registry-auth", 500, 'Head "http://H/v2/shop/web/manifests/1": no basic auth credentials'),
    ("registry-auth", 500, "unauthorized: authentication required"),
    ("registry-auth", 500, "login attempt to http://H/v2/ failed with status: 401 Unauthorized"),
    ("registry-tls-only", 500, "read tcp 127.0.0.1:4->127.0.0.1:5: read: connection reset by peer"),
    ("registry-auth", 404, "pull access denied for x, repository does not exist or may require 'docker login'"),
    ("registry-auth", 200, "denied: requested access to the resource is denied"),
    ("registry-limit", 500, "toomanyrequests: You have reached your pull rate limit."),
    ("registry-untrusted", 500, 'Get "https://H/v2/": x509: certificate signed by unknown authority'),
    (
        "registry-untrusted",
        500,
        'Get "https://H/v2/": tls: failed to verify certificate: x509: certificate signed by ...',
    ),
    ("registry-plain-http", 500, 'Get "https://H/v2/": http: server gave HTTP response to HTTPS client'),
    ("image-not-in-registry", 404, "manifest for H/shop/web:nope not found: manifest unknown: manifest unknown"),
    ("image-not-in-registry", 404, "manifest unknown: manifest unknown"),
    ("tag-missing", 200, "tag does not exist: 127.0.0.1:5000/x:1"),
    ("tag-missing", 200, "An image does not exist locally with the tag: 127.0.0.1:5000/x"),
    ("registry-read-only", 200, "unsupported: The operation is unsupported."),
    ("registry-unreachable", 500, 'Get "http://H/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'),
    (
        "registry-unreachable",
        500,
        'Get "https://no.such.invalid:5000/v2/": dial tcp: lookup no.such.invalid: no such host',
    ),
    ("port-in-use", 500, SETUP + ENDPOINT + "Bind for 0.0.0.0:18099 failed: port is already allocated"),
    (
        "port-in-use",
        500,
        ENDPOINT + "Error starting userland proxy: listen tcp4 0.0.0.0:18098: bind: address already in use",
    ),
    (
        "port-in-use",
        500,
        ENDPOINT + "failed to bind host port for 0.0.0.0:18098:10.0.0.2:80/tcp: address already in use",
    ),
    (
        "host-address-missing",
        500,
        ENDPOINT + "Error starting userland proxy: listen tcp4 10.9.9.9:80: bind: cannot assign requested address",
    ),
    ("port-invalid", 400, 'invalid port specification: "zz"'),
    ("address-in-use", 403, "Address already in use"),
    ("address-in-use", 403, SETUP + "Address already in use"),
    (
        "address-invalid",
        400,
        "invalid config for network n6: invalid endpoint settings:\n"
        "no configured subnet or ip-range contain the IP address 10.99.0.9",
    ),
    ("address-invalid", 500, "Invalid address 10.99.0.9: It does not belong to any of this network's subnets"),
    ("address-invalid", 400, "user specified IP address is supported on user defined networks only"),
    ("alias-invalid", 400, "network-scoped alias is supported only for containers in user defined networks"),
    ("pool-overlap", 403, "invalid pool request: Pool overlaps with other one on this address space"),
    (
        "pool-overlap",
        403,
        f"cannot create network {ID} (zzbr0): conflicts with network {ID} (zzbr0): networks have same bridge name",
    ),
    ("pool-invalid", 400, "invalid network config:\ninvalid subnet 10.78.0.5/24: it should be 10.78.0.0/24"),
    ("network-in-use", 403, f"error while removing network: network n1 id {ID} has active endpoints"),
    ("network-in-use", 403, 'error while removing network: network n1 has active endpoints (name:"c1" id:"0123")'),
    ("network-predefined", 403, "operation is not permitted on predefined host network"),
    ("network-predefined", 403, "bridge is a pre-defined network and cannot be removed"),
    ("already-connected", 403, "endpoint with name c1 already exists in network n2"),
    ("not-connected", 500, f"container {ID} is not connected to network n2"),
    ("not-connected", 500, f"container {ID} is not connected to the network n2"),
    ("network-combination", 400, "Container cannot be created with multiple network endpoints: n2, n1"),
    ("network-combination", 400, "Container cannot be connected to network endpoints: n2, n1"),
    (
        "network-combination",
        400,
        "container sharing network namespace with another container or host cannot be connected to any other network",
    ),
    ("volume-in-use", 409, f"remove v1: volume is in use - [{ID}]"),
    ("mount-source-missing", 400, 'invalid mount config for type "bind": bind source path does not exist: /p'),
    ("mount-source-missing", 404, "cannot access path /var/lib/docker/volumes/v/_data/www: no such file or directory"),
    ("mount-read-only", 500, "container rootfs is marked read-only"),
    ("mount-read-only", 400, "mounted volume is marked read-only"),
    ("mount-duplicate", 400, "Duplicate mount point: /x"),
    (
        "mount-kind",
        400,
        RUNC
        + "error mounting: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?",
    ),
    ("mount-invalid", 400, 'invalid mount config for type "image": mount type unknown'),
    ("mount-invalid", 500, "invalid mode: zzz"),
    ("command-not-found", 400, RUNC + 'exec: "nonesuch": executable file not found in $PATH: unknown'),
    ("command-not-found", 400, RUNC + 'exec: "/nonesuch": stat /nonesuch: no such file or directory: unknown'),
    ("command-not-executable", 400, RUNC + 'exec: "/etc/passwd": permission denied: unknown'),
    ("command-missing", 400, "No command specified"),
    ("user-not-found", 500, "unable to find user ghost: no matching entries in passwd file"),
    ("link-not-running", 500, "Cannot link to a non running container: /np AS /ff/x"),
    ("ipc-not-shareable", 500, f"can't join IPC of container {ID}: non-shareable IPC (hint: use IpcMode:shareable)"),
    ("shared-not-running", 409, f"cannot join network of a non running container: {ID}"),
    ("shared-not-running", 409, "cannot join network namespace of a non running container: container np is created"),
    ("shared-not-running", 500, f"failed to join PID namespace: container {ID} is not running"),
    ("plugin-not-found", 404, 'plugin "nope" not found'),
    ("plugin-not-found", 400, 'error looking up logging plugin nope: plugin "nope" not found'),
    ("plugin-not-found", 500, 'could not select device driver "nvidia" with capabilities: [[gpu]]'),
    ("runtime-not-found", 400, "unknown or invalid runtime name: nope"),
    ("runtime-not-found", 400, "Unknown runtime specified nope"),
    ("already-paused", 409, f"Container {ID} is already paused"),
    ("not-paused", 500, f"Container {ID} is not paused"),
    ("paused", 409, "cannot start a paused container, try unpause instead"),
    ("paused", 409, 'cannot remove container "aa": container is paused and must be unpaused first'),
    ("running", 409, 'cannot remove container "/aa": container is running: stop the container before removing'),
    ("running", 409, f"You cannot remove a running container {ID}. Stop the container before attempting removal"),
    ("removal-in-progress", 409, "removal of container aa is already in progress"),
    ("removal-in-progress", 409, "can not get logs from container which is dead or marked for removal"),
    ("not-running", 409, f"Cannot kill container: aa: Container {ID} is not running"),
    (
        "update-conflict",
        409,
        f"Cannot update container {ID}: Memory limit should be smaller than already set memoryswap limit",
    ),
    (
        "memory-in-use",
        500,
        f"Cannot update container {ID}: runc did not terminate successfully: exit status 1: unable to set memory limit "
        "to 16777216 (current usage: 42377216, peak usage: 43896832)\n: unknown",
    ),
    ("limit-invalid", 400, "Minimum memory limit allowed is 6MB"),
    ("limit-invalid", 400, "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"),
    ("logs-unreadable", 500, "configured logging driver does not support reading"),
    ("disk-full", 500, "write /var/lib/docker/tmp/x: no space left on device"),
    ("api-mismatch", 400, "client version 1.99 is too new. Maximum supported API version is 1.45"),
    ("api-unsupported", 404, "page not found"),
    ("not-a-swarm-manager", 503, "This node is not a swarm manager. Use docker swarm init to connect this node."),
)


@pytest.mark.parametrize(("code", "status", "message"), RECORDED)
def test_recorded_answers_get_their_code_and_keep_the_engines_words(code: str, status: int, message: str) -> None:
    error = from_answer(status, json.dumps({"message": message}).encode())
    assert (error.code, error.problems[0].message) == (code, message)


def test_every_rule_is_provoked_by_a_recorded_answer() -> None:
    assert {rule.code for rule in RULES} == {code for code, _, _ in RECORDED}


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "refused"), (403, "forbidden"), (404, "not-found"), (409, "conflict"), (500, "engine-failed")],
)
def test_unknown_words_get_the_code_of_their_status(status: int, code: str) -> None:
    error = from_message(status, "something new")
    assert (error.code, error.exit_code) == (code, ExitCode.FAILED)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the engine answered with status 500 and no reason"),
        (b"plain words\n", "plain words"),
        (b'["a list"]', '["a list"]'),
        (b'{"message": null}', '{"message": null}'),
        (b"\xff\xfe", "��"),
    ],
)
def test_an_answer_of_any_shape_gives_a_message(body: bytes, message: str) -> None:
    assert from_answer(500, body).problems[0].message == message
