"""Who we are at a registry: challenges, and the header that answers one.

Takes a `WWW-Authenticate` header and a login, gives an `Authorization` header; a token is fetched by the function that
is handed in. A password is in that header and in no message, error or representation.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

_SCHEME = expression(r"(?:^|,)\s*(Basic|Bearer)\s+", re.IGNORECASE)
_PARAMETER = expression(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registry wants to see: `basic`, or a `bearer` token and where it is to be had."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """How a token is asked for: with GET and our name, or with POST and a form that holds the identity token."""

    url: str
    query: tuple[tuple[str, str], ...]
    authorization: str | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a `WWW-Authenticate` header that we know how to answer."""
    starts = list(_SCHEME.finditer(header))
    ends = [*(match.start() for match in starts[1:]), len(header)][: len(starts)]
    return tuple(
        Challenge(
            start[1].lower(), {m[1].lower(): m[2] or m[3] or "" for m in _PARAMETER.finditer(header[start.end() : end])}
        )
        for start, end in zip(starts, ends, strict=True)
    )


def basic(user: str, password: str) -> str:
    """The header of a user with a password."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def token_request(challenge: Challenge, scope: str, login: Mapping[str, str] | None) -> TokenRequest | None:
    """How the token that a challenge wants is asked for; None where it doesn't say where.

    `login` has `username` and `password`, or an `identitytoken`; None asks as nobody.
    """
    realm = challenge.parameters.get("realm", "")
    if urlsplit(realm).scheme not in ("http", "https"):
        return None
    service = challenge.parameters.get("service", "")
    named = challenge.parameters.get("scope") or scope
    query = tuple((key, value) for key, value in (("service", service), ("scope", named)) if value)
    if login and "identitytoken" in login:
        form = {"grant_type": "refresh_token", "client_id": "dockerdecl", "refresh_token": login["identitytoken"]}
        return TokenRequest(realm, (), form={**form, **dict(query)})
    if login:
        query = (*query, ("account", login["username"]))
        return TokenRequest(realm, query, authorization=basic(login["username"], login["password"]))
    return TokenRequest(realm, query)
