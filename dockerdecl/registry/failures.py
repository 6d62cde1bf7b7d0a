"""What a registry, or the way to it, objects to: as an error with a code, a sentence and what to do.

Takes a status with a body, or the exception of a failed request; gives a `DockerdeclError`. No header of a request is
looked at here, so that no password can get into a message.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator

from dockerdecl.errors import DockerdeclError, fail

NOT_IN_REGISTRY = "image-not-in-registry"
"""The code of what a registry answers for a repository or a tag that it hasn't got."""

_LONGEST_WORDS = 300


def refusal(registry: str, what: str, status: int, body: bytes, *, logged_in: bool) -> DockerdeclError:
    """The error that an answer of status 400 and above means; `what` was asked for, such as `the tags of shop/web`."""
    codes, words = _said(body)
    said = f": {words}" if words else ""
    if status in (401, 403):
        return _not_allowed(registry, what, said, logged_in=logged_in)
    if status == 405 or (status == 400 and "UNSUPPORTED" in codes):
        return fail(
            "registry-refuses",
            f"{registry} doesn't do this ({what}){said}",
            hint="Where something is to be removed, the registry must allow it: REGISTRY_STORAGE_DELETE_ENABLED=true.",
        )
    if status == 404:
        hint = "Are the registry and the name spelled correctly, and was the image pushed?"
        return fail(NOT_IN_REGISTRY, f"{registry} hasn't got {what}{said}", hint=hint)
    if status == 429 or "TOOMANYREQUESTS" in codes:
        hint = f"Log in (`dockerdecl login {registry}`), or wait: the registry counts requests."
        return fail("registry-limit", f"{registry} takes no more requests for now{said}", hint=hint)
    message = f"{registry} answered {what} with status {status}{said}"
    return fail("registry-failed", message, hint="The registry's own log says why." if status >= 500 else None)


def _not_allowed(registry: str, what: str, said: str, *, logged_in: bool) -> DockerdeclError:
    if logged_in:
        message = f"{registry} doesn't take these credentials, or not for {what}{said}"
        hint = f"Log in with `dockerdecl login {registry}` as a user who may do this."
    else:
        message = f"{registry} wants a user and a password for {what}{said}"
        hint = f"Log in with `dockerdecl login {registry}`."
    return fail("registry-auth", message, hint=hint)


def bad_answer(registry: str, reason: str) -> DockerdeclError:
    """That what answers there is no registry, or one that is broken."""
    hint = "Does a registry of the distribution API (v2) answer there, with no login page before it?"
    return fail("registry-answer-invalid", f"{registry} gave an answer that is none: {reason}", hint=hint)


def no_answer(registry: str, error: Exception) -> DockerdeclError:
    """What a request to a registry died of."""
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(registry, cause.verify_message)
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and speaks_no_tls(error):
            return fail(
                "registry-plain-http",
                f"{registry} speaks no TLS",
                hint="Plain HTTP is used only where the engine says so: `insecure-registries` in its daemon.json.",
            )
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            reason = (cause.reason or str(cause)).replace("_", " ").lower()
            hint = f"A client certificate belongs into certs.d/{registry}/, as client.cert and client.key."
            return fail("registry-untrusted", f"TLS with {registry} failed: {reason}", hint=hint)
    return _unreachable(registry, causes)


def _unreachable(registry: str, causes: tuple[BaseException, ...]) -> DockerdeclError:
    hint = "This machine itself must reach it: is it running, and do its name, port, firewall and proxy allow it?"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return fail("registry-unreachable", f"the name of {registry} isn't known", hint="Is it spelled correctly?")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return fail("registry-unreachable", f"{registry} refused the connection", hint=hint)
    if any("timed out" in str(cause) for cause in causes):
        return fail("registry-unreachable", f"{registry} gave no answer in time", hint=hint)
    return fail("registry-unreachable", f"the connection to {registry} failed", hint=hint)


def _untrusted(registry: str, reason: str) -> DockerdeclError:
    return fail(
        "registry-untrusted",
        f"the certificate of {registry} is not trusted: {reason}",
        hint=f"Put its authority into /etc/docker/certs.d/{registry}/ca.crt, or name it with `--registry-ca`; "
        "the certificate must hold the name by which the registry is asked.",
    )


def speaks_no_tls(error: BaseException) -> bool:
    """Whether a request failed since the other side speaks plain HTTP."""
    words = ("wrong_version_number", "http_request", "record layer", "record_layer")
    return any(isinstance(c, ssl.SSLError) and any(w in str(c).lower() for w in words) for c in _causes(error))


def _said(body: bytes) -> tuple[frozenset[str], str]:
    "the codes and the first words of an error document; of anything else, such as a proxy's page, nothing"
    try:
        errors = json.loads(body)["errors"]
        codes = frozenset(str(each.get("code", "")) for each in errors)
        words = str(errors[0].get("message") or errors[0].get("code") or "")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return frozenset(), ""
    return codes, words[:_LONGEST_WORDS]


def _causes(error: BaseException) -> Iterator[BaseException]:
    # requests and urllib3 hand the real reason on in their arguments, in `reason`, or as the cause, layers deep.
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        current = queue.pop(0)
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            nested = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
            queue += [each for each in nested if isinstance(each, BaseException)]
